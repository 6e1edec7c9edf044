// A certificate as `show crypto pki` prints it, and one as it was pasted.

import { createHash, X509Certificate } from "node:crypto";
import type { CertificateView } from "../network-view.ts";
import { revocationListsOf } from "./revocation-list.ts";

/** Throws what node throws for what is no certificate. */
export function viewCertificate(pem: string): CertificateView {
  const certificate = new X509Certificate(pem);
  const digest = (name: "md5" | "sha1"): string => createHash(name).update(certificate.raw).digest("hex").toUpperCase();
  return {
    serialNumber: certificate.serialNumber,
    issuer: certificate.issuer,
    subject: certificate.subject,
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
    fingerprintMd5: digest("md5"),
    fingerprintSha1: digest("sha1"),
    revocationLists: revocationListsOf(certificate),
  };
}

/** PEM, or its base64 alone: PEM of the first certificate in it; null for what is none. */
export function readPastedCertificate(text: string): string | null {
  const inside = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/.exec(text)?.[1] ?? text;
  const base64 = inside.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]{40,}={0,2}$/.test(base64)) return null;
  try {
    return new X509Certificate(Buffer.from(base64, "base64")).toString();
  } catch {
    return null;
  }
}
