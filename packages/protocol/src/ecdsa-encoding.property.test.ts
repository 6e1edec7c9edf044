// The conversion against the library's own, which it replaces.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { ecdsaSignatureFromDer, ecdsaSignatureToDer } from "./ecdsa-encoding.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const half = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  // Short numbers, and numbers whose first bit is set, are where the two forms differ in length.
  fc.nat(31).chain((zeros) =>
    fc.uint8Array({ minLength: 32 - zeros, maxLength: 32 - zeros }).map((rest) => {
      const bytes = new Uint8Array(32);
      bytes.set(rest, zeros);
      return bytes;
    }),
  ),
);

test("any pair of numbers survives the way to DER and back", () => {
  fc.assert(
    fc.property(half, half, (r, s) => {
      const value = Buffer.concat([r, s]);
      assert.deepEqual(ecdsaSignatureFromDer(ecdsaSignatureToDer(value)), value);
    }),
  );
});

test("both forms verify as the library's own forms do", () => {
  const plain = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const der = sign("sha256", bytes, privateKey);
      const value = ecdsaSignatureFromDer(der);
      assert.ok(verify("sha256", bytes, plain, value));
      assert.deepEqual(ecdsaSignatureToDer(value), der);
    }),
  );
});
