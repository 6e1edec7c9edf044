// The issuing CA's list of revoked certificates (RFC 5280, section 5). It lists nothing: a manager replaces its HTTPS
// certificate together with the key and forgets the old one, and devices are known by the ledger, not by this list. What it
// tells a device is that the CA stands behind what it issued, signed and in time (BET-25).

import type { KeyObject, X509Certificate } from "node:crypto";
import { certificateListOf, issuerOf } from "./certificate-encoding.ts";
import type { KeyWithCertificate } from "./identity-file.ts";

const hourMs = 3_600_000;
/** A list stands so long; a new one is signed when half of it is over. */
export const revocationListMs = 7 * 24 * hourMs;

export type RevocationLists = {
  /** DER of the list that stands now. */
  current(issuing: KeyWithCertificate, now: number): Promise<Buffer>;
};

/** One list is signed for many questions: the path is open to everybody. */
export function createRevocationLists(): RevocationLists {
  let made: { readonly certificate: X509Certificate; readonly atMs: number; readonly der: Promise<Buffer> } | null =
    null;
  return {
    current({ certificate, privateKey }, now) {
      const isFresh = made !== null && now >= made.atMs && now - made.atMs < revocationListMs / 2;
      if (made === null || made.certificate !== certificate || !isFresh)
        made = { certificate, atMs: now, der: sign(certificate, privateKey, now) };
      return made.der;
    },
  };
}

function sign(certificate: X509Certificate, privateKey: KeyObject, now: number): Promise<Buffer> {
  const issuer = issuerOf(certificate, privateKey);
  // A device whose clock is a little behind must be able to use it at once.
  return certificateListOf({ number: now, issuedAtMs: now - hourMs, nextUpdateMs: now + revocationListMs }, issuer);
}
