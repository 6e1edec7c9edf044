// PKCS#10 requests. The library that writes them is loaded when the first one is needed: most starts need none.

import { createPublicKey, type KeyObject } from "node:crypto";

/** Base64 of DER. The subject repeats the UDI; what the certificate will say is the manager's decision. */
export async function createCertificateRequest(
  privateKey: KeyObject,
  subject: { readonly pid: string; readonly serialNumber: string },
): Promise<string> {
  const { Pkcs10CertificateRequestGenerator } = await import("@peculiar/x509");
  const algorithm =
    privateKey.asymmetricKeyType === "rsa"
      ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
      : { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = {
    privateKey: privateKey.toCryptoKey(algorithm, false, ["sign"]),
    publicKey: createPublicKey(privateKey).toCryptoKey(algorithm, true, ["verify"]),
  };
  const name = [{ CN: [`PID:${subject.pid},SN:${subject.serialNumber}`] }];
  const request = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
  return Buffer.from(request.rawData).toString("base64");
}
