// PKCS#10 (RFC 2986): a public key that asks for a certificate, signed by its own private key.

import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { formatUdi, type Udi } from "@countersign/protocol";
import { bits, der, integer, nothing, objectIdentifier, sequence, set, utf8 } from "./der.ts";

const commonName = "2.5.4.3";
const sha256WithRsa = "1.2.840.113549.1.1.11";
const ecdsaWithSha256 = "1.2.840.10045.4.3.2";

/** Base64 of DER. The subject repeats the UDI; what the certificate will say is the manager's decision. */
export function createCertificateRequest(privateKey: KeyObject, udi: Udi): string {
  const information = sequence(
    integer(Buffer.from([0])),
    distinguishedName(formatUdi(udi)),
    createPublicKey(privateKey).export({ type: "spki", format: "der" }),
    // No attributes: an empty set, tagged [0].
    der(0xa0),
  );
  const signature = sign("sha256", information, privateKey);
  return sequence(information, signatureAlgorithm(privateKey), bits(signature)).toString("base64");
}

export function distinguishedName(name: string): Buffer {
  return sequence(set(sequence(objectIdentifier(commonName), utf8(name))));
}

/** RSA names its parameters as null, ECDSA leaves them out (RFC 4055, RFC 5758). */
export function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === "rsa"
    ? sequence(objectIdentifier(sha256WithRsa), nothing())
    : sequence(objectIdentifier(ecdsaWithSha256));
}
