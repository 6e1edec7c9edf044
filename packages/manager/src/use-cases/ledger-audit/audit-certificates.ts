// Every certificate that the manager keeps of a device: given by this installation, for that key and that device. Without this, whoever can
// write into the database could bring a certificate along with what it signs.

import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import {
  chainCertificatesMax,
  isMeantFor,
  namesDevice,
  ProtocolError,
  serialNumberOf,
  verifyChain,
} from "@countersign/protocol";
import type { LicensingAuthorities } from "../../ports.ts";
import type { AuditedCertificate, AuditReader } from "../../storage-ports.ts";
import { readCertificate } from "./audit-signatures.ts";
import { type Findings, type Progress, progressEvery } from "./findings.ts";

/** Answers their number. */
export async function auditCertificates(
  reader: AuditReader,
  smartAccountId: number,
  tell: { readonly authorities: LicensingAuthorities; readonly findings: Findings; readonly progress: Progress },
): Promise<number> {
  let count = 0;
  for await (const one of reader.certificates(smartAccountId)) {
    count += 1;
    if (!isSound(one, tell.authorities)) tell.findings.add("certificate_altered", `certificate ${one.serialNumber}`);
    if (count % progressEvery === 0) tell.progress(count, "certificates");
  }
  return count;
}

function isSound({ serialNumber, publicKey, certificate: der, udi }: AuditedCertificate, of: LicensingAuthorities) {
  const certificate = readCertificate(der);
  return (
    certificate !== undefined &&
    udi !== null &&
    serialNumberOf(certificate) === serialNumber &&
    namesDevice(certificate, udi) &&
    isSameKey(certificate.publicKey, publicKey) &&
    isOfAuthorities(certificate, of)
  );
}

function isSameKey(key: KeyObject, der: Uint8Array): boolean {
  try {
    return createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" }).equals(key);
  } catch {
    return false;
  }
}

/** As of the certificate's last moment, which no issuer of ours ends before: a chain does not become false by time that passes. */
function isOfAuthorities(leaf: X509Certificate, { root, issuing }: LicensingAuthorities): boolean {
  try {
    const now = Date.parse(leaf.validTo);
    const purpose = isMeantFor(leaf, "relay") ? "relay" : "product-instance";
    // Of many managers below only the one that gave it belongs to the chain, with what it was renewed by.
    const intermediates = issuing.filter((one) => leaf.checkIssued(one)).slice(0, chainCertificatesMax);
    verifyChain({ leaf, intermediates, anchors: [root], purpose, now });
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
