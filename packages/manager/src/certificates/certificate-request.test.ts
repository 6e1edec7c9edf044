import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { ProtocolError } from "@countersign/protocol";
import fc from "fast-check";
import { certificateRequestBytesMax, verifyCertificateRequest } from "./certificate-request.ts";

const ec = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
const p384 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"];
const rsa = (bits: number) => [`rsa:${bits}`];

/** A request as OpenSSL writes it, so that reader and writer are not the same mind. */
function requestOf(newKey: readonly string[]): { readonly der: Buffer; readonly publicKeyPem: string } {
  const wish = ["req", "-new", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=what the device wishes"];
  const der = execFileSync("openssl", [...wish, "-newkey", ...newKey, "-outform", "DER"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const publicKeyPem = execFileSync("openssl", ["req", "-inform", "DER", "-pubkey", "-noout"], {
    input: der,
    encoding: "utf8",
  });
  return { der, publicKeyPem };
}

function refuses(bytes: Uint8Array): Promise<void> {
  return assert.rejects(verifyCertificateRequest(bytes), (error) => {
    return error instanceof ProtocolError && error.code === "certificate_request_invalid";
  });
}

test("takes the public key of a request whose own signature is right", async () => {
  for (const newKey of [ec, rsa(2048)]) {
    const { der, publicKeyPem } = requestOf(newKey);
    const key = await verifyCertificateRequest(der);
    assert.equal(key.export({ type: "spki", format: "pem" }), publicKeyPem);
  }
});

test("refuses a request in which any byte was changed", async () => {
  const { der } = requestOf(ec);
  for (let at = 0; at < der.byteLength; at += 1) {
    const changed = Buffer.from(der);
    changed[at] = (changed[at] as number) ^ 0x01;
    await refuses(changed);
  }
});

test("refuses keys that are too small, too large or of another kind", async () => {
  await refuses(requestOf(rsa(1024)).der);
  await refuses(requestOf(p384).der);
});

test("refuses a request that is cut, padded or larger than the limit", async () => {
  const { der } = requestOf(ec);
  for (let size = 0; size < der.byteLength; size += 1) await refuses(der.subarray(0, size));
  await refuses(Buffer.concat([der, Buffer.from([0])]));
  await refuses(Buffer.alloc(certificateRequestBytesMax + 1, 0x30));
});

test("refuses arbitrary bytes with its own code, never with another error", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), (bytes) => refuses(bytes)),
    { numRuns: 300 },
  );
});
