// The chain root → issuing CA → ID certificate or manager signing certificate, and nothing longer.
// Time and anchors are arguments; issuing is the manager's business.

import { X509Certificate } from "node:crypto";
import { ProtocolError } from "./errors.ts";
import { formatUdi, type Udi } from "./identity.ts";
import { chainCertificatesMax, intermediatesPerPathMax } from "./limits.ts";
import { decodeBase64 } from "./signature.ts";

/** What a certificate may be used for, told by its extended key usage (spec/protocol.md, section 4). */
export type CertificatePurpose = "product-instance" | "manager-signing" | "relay";

/**
 * Extended key usages: clientAuth for ID certificates, documentSigning (RFC 9336) for the manager's signing certificate, cmcRA
 * (RFC 6402), for whoever passes on the requests of others, for a relay's.
 */
export const extendedKeyUsageOf: Readonly<Record<CertificatePurpose, string>> = {
  "product-instance": "1.3.6.1.5.5.7.3.2",
  "manager-signing": "1.3.6.1.5.5.7.3.36",
  relay: "1.3.6.1.5.5.7.3.28",
};

/**
 * How many certificates are remembered with their texts. Every object and answer of a manager carries the same chain, and reading
 * and checking that chain again costs more than everything else about a small message. It is no trust: a certificate means the
 * same whenever it is read, and time, purpose and anchors are checked each time.
 */
const rememberedMax = 32;
const remembered = new Map<string, X509Certificate>();
/** Signatures that were found right; both sides are unchangeable. */
const issuersOf = new WeakMap<X509Certificate, WeakSet<X509Certificate>>();

/** The licensing roots a device or verifier has from its image or trustpoint. */
export type TrustAnchors = readonly X509Certificate[];

/**
 * Reads PEM text, or base64 of DER as it travels; throws `certificate_malformed`. Whatever would make a later step
 * fail on a foreign certificate (its key, serial number, dates) is read here once, so that it fails with this code.
 */
export function parseCertificate(text: string): X509Certificate {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const certificate = readCertificate(text);
  if (remembered.size >= rememberedMax) remembered.delete(remembered.keys().next().value ?? "");
  remembered.set(text, certificate);
  return certificate;
}

function readCertificate(text: string): X509Certificate {
  try {
    const isPem = text.startsWith("-----BEGIN");
    const der = isPem ? null : decodeBase64(text);
    const certificate = new X509Certificate(der ?? text);
    // OpenSSL reads over what follows the certificate, so one certificate could travel as many texts.
    if (der !== null && !certificate.raw.equals(der)) throw new Error("bytes follow the certificate");
    requireReadable(certificate);
    return certificate;
  } catch (cause) {
    throw new ProtocolError("certificate_malformed", "", [], { cause });
  }
}

function requireReadable(certificate: X509Certificate): void {
  serialNumberOf(certificate);
  const isDated = !Number.isNaN(Date.parse(certificate.validFrom)) && !Number.isNaN(Date.parse(certificate.validTo));
  if (!isDated || certificate.publicKey.type !== "public") throw new Error("dates or key are unreadable");
}

/** Base64 of DER, one line: the form certificates have inside messages and files. */
export function encodeCertificate(certificate: X509Certificate): string {
  return certificate.raw.toString("base64");
}

/** The serial number as messages write it: decimal (`signature.key`, `cert_sn`). */
export function serialNumberOf(certificate: X509Certificate): string {
  return BigInt(`0x${certificate.serialNumber}`).toString(10);
}

/** An ID certificate's subject has an attribute whose text is the UDI. */
export function namesDevice({ subject }: X509Certificate, udi: Udi): boolean {
  const text = formatUdi(udi);
  const textOf = (line: string) => line.slice(line.indexOf("=") + 1).replace(/\\(.)/g, "$1");
  return subject.split("\n").some((line) => textOf(line) === text);
}

export type ChainQuestion = {
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
  readonly anchors: TrustAnchors;
  readonly purpose: CertificatePurpose;
  /** Epoch milliseconds. */
  readonly now: number;
};

/**
 * Walks from the leaf to one of the anchors and checks name, signature, validity, CA flag and purpose at each step.
 * Throws `certificate_wrong_purpose`, `certificate_expired`, `certificate_not_yet_valid` or `certificate_foreign`.
 */
export function verifyChain(question: ChainQuestion): void {
  const { leaf, intermediates, anchors, purpose, now } = question;
  if (intermediates.length > chainCertificatesMax)
    throw new ProtocolError("certificate_foreign", "The chain is too long.");
  if (leaf.ca || !isMeantFor(leaf, purpose)) throw new ProtocolError("certificate_wrong_purpose");
  let current = leaf;
  for (let above = 0; above <= intermediatesPerPathMax; above += 1) {
    requireCertificateValidAt(current, now);
    const anchor = anchors.find((candidate) => isIssuedBy(current, candidate));
    if (anchor !== undefined) {
      requireCertificateValidAt(anchor, now);
      return;
    }
    const issuer = intermediates.find((candidate) => candidate.ca && isIssuedBy(current, candidate));
    if (issuer === undefined) break;
    current = issuer;
  }
  throw new ProtocolError("certificate_foreign");
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  const known = issuersOf.get(certificate);
  if (known?.has(issuer)) return true;
  const isIssued = issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  if (isIssued) issuersOf.set(certificate, (known ?? new WeakSet()).add(issuer));
  return isIssued;
}

/** Whether its extended key usage is that of the purpose alone; who issued it is another question. */
export function isMeantFor(certificate: X509Certificate, purpose: CertificatePurpose): boolean {
  return hasOnlyUsage(certificate, extendedKeyUsageOf[purpose]);
}

function hasOnlyUsage(certificate: X509Certificate, usage: string): boolean {
  const usages: readonly string[] = certificate.keyUsage ?? [];
  return usages.length === 1 && usages[0] === usage;
}

/** `now` in epoch milliseconds. Throws `certificate_not_yet_valid` or `certificate_expired`. */
export function requireCertificateValidAt(certificate: X509Certificate, now: number): void {
  if (now < Date.parse(certificate.validFrom)) {
    throw new ProtocolError("certificate_not_yet_valid", `Valid from ${certificate.validFrom}.`);
  }
  if (now > Date.parse(certificate.validTo)) {
    throw new ProtocolError("certificate_expired", `Valid to ${certificate.validTo}.`);
  }
}
