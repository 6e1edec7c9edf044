import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import { createSigner, decodeBase64, verifySignature, verifySignatureNow } from "./signature.ts";
import { createKeys, type KeyKind } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";

const message = Buffer.from("exactly these bytes");
const keysOf = { "p-256": createKeys("p-256"), "rsa-2048": createKeys("rsa-2048") };
const otherKeysOf = { "p-256": createKeys("p-256"), "rsa-2048": createKeys("rsa-2048") };
const named = { "p-256": "ES256", "rsa-2048": "SHA256" } as const;

async function signedBy(kind: KeyKind): Promise<Buffer> {
  return Buffer.from(await keysOf[kind].signer.sign(message));
}

describe("a signature", () => {
  for (const kind of ["p-256", "rsa-2048"] as const) {
    const { publicKey, signer } = keysOf[kind];
    const verify = (value: Buffer | string, algorithm: string = named[kind], key: KeyObject = publicKey) =>
      verifySignature(algorithm, key, message, typeof value === "string" ? value : value.toString("base64"));

    it(`of a ${kind} key is accepted over its bytes, on either thread`, async () => {
      assert.equal(signer.algorithm, named[kind]);
      const value = await signedBy(kind);
      await verify(value);
      verifySignatureNow(named[kind], publicKey, message, value.toString("base64"));
    });

    it(`of a ${kind} key is refused over other bytes, by another key, and when it is nought`, async () => {
      const value = await signedBy(kind);
      const text = value.toString("base64");
      const other = otherKeysOf[kind].publicKey;
      await assertRefused("signature_mismatch", () => verify(value, named[kind], other));
      await assertRefused("signature_mismatch", () => verify(Buffer.alloc(value.length)));
      const longer = Buffer.concat([message, Buffer.from(" ")]);
      await assertRefused("signature_mismatch", () => verifySignature(named[kind], publicKey, longer, text));
      assert.throws(() => verifySignatureNow(named[kind], other, message, text), { code: "signature_mismatch" });
    });

    it(`of a ${kind} key is refused under an algorithm that is unknown or another key's`, async () => {
      const value = await signedBy(kind);
      for (const algorithm of ["none", "", "HS256", "RS256", "sha256", "SHA1", "ES256K", "toString"]) {
        await assertRefused("signature_algorithm_unknown", () => verify(value, algorithm), algorithm);
      }
      const wrong = kind === "p-256" ? "SHA256" : "ES256";
      await assertRefused("signature_algorithm_mismatch", () => verify(value, wrong));
    });

    it(`of a ${kind} key is refused when it is shorter, longer or not base64`, async () => {
      const value = await signedBy(kind);
      const text = value.toString("base64");
      const malformed = [
        "",
        text.slice(0, -4),
        `${text}AAAA`,
        text.replace(/=+$/, ""),
        text.replaceAll("A", "-"),
        ` ${text}`,
        `${text}=`,
        Buffer.concat([Buffer.from([0]), value]).toString("base64"),
        value.subarray(1).toString("base64"),
      ].filter((candidate) => candidate !== text);
      for (const candidate of malformed) {
        await assertRefused("signature_malformed", () => verify(candidate), candidate);
      }
    });
  }

  it("[MSG-8] may have line feeds inside its base64, as servers of the field write it", async () => {
    const text = (await signedBy("rsa-2048")).toString("base64");
    const wrapped = text.replace(/.{64}/g, "$&\n");
    await verifySignature("SHA256", keysOf["rsa-2048"].publicKey, message, wrapped);
    await verifySignature("SHA256", keysOf["rsa-2048"].publicKey, message, wrapped.replaceAll("\n", "\r\n"));
  });

  it("in DER, as OpenSSL writes it by itself, is not taken for P-256", async () => {
    const value = await signedBy("p-256");
    const integer = (bytes: Buffer) => Buffer.concat([Buffer.from([2, 33, 0]), bytes]);
    const body = Buffer.concat([integer(value.subarray(0, 32)), integer(value.subarray(32))]);
    const der = Buffer.concat([Buffer.from([0x30, body.length]), body]).toString("base64");
    await assertRefused("signature_malformed", () => verifySignature("ES256", keysOf["p-256"].publicKey, message, der));
  });

  it("is taken from RSA of 2048 bits or more and P-256 only", async () => {
    const weak = [
      generateKeyPairSync("rsa", { modulusLength: 1024 }),
      generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
      generateKeyPairSync("ec", { namedCurve: "secp384r1" }),
      generateKeyPairSync("ed25519"),
    ];
    for (const { publicKey, privateKey } of weak) {
      await assertRefused("signature_algorithm_unknown", () => verifySignature("SHA256", publicKey, message, "AAAA"));
      await assertRefused("signature_algorithm_unknown", () => createSigner(privateKey));
    }
  });
});

describe("base64", () => {
  it("has one spelling: no spare bits, no missing or further padding, no other alphabet", async () => {
    assert.deepEqual(decodeBase64("QQ=="), Buffer.from("A"));
    for (const text of ["", "QR==", "QQ", "QQ=", "QQ===", "QUJ=", "Q Q==", "_-8=", "QQ==QQ==", "\n"]) {
      await assertRefused("signature_malformed", () => decodeBase64(text), text);
    }
  });
});
