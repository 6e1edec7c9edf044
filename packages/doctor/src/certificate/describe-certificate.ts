// What a certificate says of itself, whoever showed it. Nothing is verified here.

import { X509Certificate } from "node:crypto";
import { readElements } from "@countersign/protocol";

export type SeenCertificate = {
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly revocationLists: readonly string[];
};

/** Throws what OpenSSL throws for bytes that are no certificate. */
export function describeCertificate(der: Uint8Array): SeenCertificate {
  const certificate = new X509Certificate(der);
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    revocationLists: revocationListsOf(certificate.raw),
  };
}

function oneLine(name: string): string {
  return name.replaceAll("\n", ", ");
}

/** Content octets of id-ce-cRLDistributionPoints, 2.5.29.31. */
const distributionPoints = Buffer.from([0x55, 0x1d, 0x1f]);
const uniformResourceIdentifier = 0x86;

/** http addresses of the extension (RFC 5280 section 4.2.1.13); none where it cannot be read. */
function revocationListsOf(der: Uint8Array): readonly string[] {
  const found: string[] = [];
  const walk = (bytes: Uint8Array, isInside: boolean): void => {
    const elements = elementsOf(bytes);
    const isExtension = elements[0]?.tag === 0x06 && Buffer.from(elements[0].content).equals(distributionPoints);
    for (const { tag, content } of elements) {
      if (tag === uniformResourceIdentifier && isInside) found.push(Buffer.from(content).toString("latin1"));
      const isOctets = tag === 0x04 && isExtension;
      if (isOctets || (tag & 0x20) !== 0) walk(content, isInside || isOctets);
    }
  };
  walk(der, false);
  return found.filter((url) => /^http:\/\/[\x21-\x7e]{1,500}$/.test(url));
}

function elementsOf(bytes: Uint8Array) {
  try {
    return readElements(bytes);
  } catch {
    return [];
  }
}
