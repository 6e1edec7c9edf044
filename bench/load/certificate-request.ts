// PKCS#10 certificate requests, in the least code that makes them.

import { type KeyObject, sign } from "node:crypto";
import { bitString, nameOf, sequence, signatureAlgorithmOf } from "./der.ts";
import type { DeviceKey } from "./device-keys.ts";

const version = Buffer.from("020100", "hex");
const noAttributes = Buffer.from("a000", "hex");

/** DER of a request for the given common name, signed with the key it asks a certificate for. */
export function encodeCertificateRequest(commonName: string, key: DeviceKey): Buffer {
  const information = sequence(version, nameOf(commonName), subjectPublicKeyOf(key.publicKey), noAttributes);
  const algorithm = key.publicKey.asymmetricKeyType === "rsa" ? signatureAlgorithmOf.rsa : signatureAlgorithmOf.ec;
  return sequence(information, algorithm, bitString(sign("sha256", information, key.privateKey)));
}

export function subjectPublicKeyOf(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}
