// The server certificate of a ceiling: self-signed, for localhost, good for a day.

import { generateKeyPairSync, sign } from "node:crypto";
import { subjectPublicKeyOf } from "../load/certificate-request.ts";
import { bitString, der, nameOf, sequence, signatureAlgorithmOf } from "../load/der.ts";

const localhostNames = Buffer.from("301630140603551d11040d300b82096c6f63616c686f7374", "hex");
const dayMs = 86_400_000;

/** PEM of a new P-256 key and its certificate. `now` is epoch milliseconds. */
export function createSelfSignedCertificate(now: number): { readonly key: string; readonly certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const name = nameOf("localhost");
  const content = sequence(
    der(0xa0, Buffer.from("020102", "hex")),
    Buffer.from("020101", "hex"),
    signatureAlgorithmOf.ec,
    name,
    sequence(utcTime(now - dayMs), utcTime(now + dayMs)),
    name,
    subjectPublicKeyOf(publicKey),
    der(0xa3, localhostNames),
  );
  const certificate = sequence(content, signatureAlgorithmOf.ec, bitString(sign("sha256", content, privateKey)));
  const body = certificate.toString("base64").replace(/.{1,64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`,
  };
}

function utcTime(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
