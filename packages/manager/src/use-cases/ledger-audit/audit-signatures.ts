// The devices' signatures under stored bodies, verified anew. Whoever writes another count into a report and makes hash, leaf,
// heads and acknowledgements fit still has not the device's key. One thread does
// it: the other processors are the manager's.

import { type KeyObject, X509Certificate } from "node:crypto";
import { namesDevice, ProtocolError, type SignedReport, udiOf, verifyReportNow } from "@countersign/protocol";
import type { AuditedReport, AuditReader } from "../../storage-ports.ts";
import { BoundedCache } from "../../trust/bounded-cache.ts";
import type { FindingCode } from "./findings.ts";

/** Of the reports of a ledger: their sum is all of them, but for those whose body is missing. */
export type SignatureCounts = {
  /** Signed with a key for which the manager gave a certificate, which it still has. */
  readonly verified: number;
  /** Made before trust: a hash over bytes and device's name is all that they bear. It was right, and proves nobody's identity. */
  readonly unverifiable: number;
  /** Body and signature were purged; the hash is in the tree. */
  readonly purged: number;
};

/** About 6 kB each with an RSA key. A larger fleet that reports in turn costs a look-up a report. */
const signersMax = 16_384;
type Signer = { readonly key: KeyObject; readonly certificate: X509Certificate };
type Verdict = "verified" | "unverified" | "signature_false" | "signer_unknown" | "report_altered";
type Body = AuditedReport & { readonly payload: string };

export class SignatureAudit {
  verified = 0;
  unverifiable = 0;
  readonly #reader: Pick<AuditReader, "findCertificate">;
  readonly #signers = new BoundedCache<string, Signer>(signersMax);

  constructor(reader: Pick<AuditReader, "findCertificate">) {
    this.#reader = reader;
  }

  /** What is wrong with a report's signature; null when nothing is, and then it is counted. */
  async audit(report: Body): Promise<FindingCode | null> {
    const signed = signedReportOf(report);
    const signer = signed === null ? undefined : await this.#signerOf(signed, report.smartAccountId);
    const verdict = judge(report, signed, signer);
    if (verdict === "verified") this.verified += 1;
    else if (verdict === "unverified") this.unverifiable += 1;
    else return verdict;
    return null;
  }

  async #signerOf({ signature }: SignedReport, smartAccountId: number): Promise<Signer | undefined> {
    if (signature.signing_type !== "trust") return undefined;
    const serial = String(signature.key);
    const known = this.#signers.get(serial);
    if (known !== undefined) return known;
    const found = await this.#reader.findCertificate(serial);
    if (found === undefined || found.smartAccountId !== smartAccountId) return undefined;
    const certificate = readCertificate(found.certificate);
    if (certificate === undefined) return undefined;
    // The certificate's own key and not the one beside it: all certificates are judged by `auditCertificates`.
    const signer = { key: certificate.publicKey, certificate };
    this.#signers.set(serial, signer);
    return signer;
  }
}

/** Undefined for bytes that are none. */
export function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** Null for a text that is no signature at all. */
function signedReportOf({ payload, signature }: Body): SignedReport | null {
  try {
    const value = JSON.parse(signature ?? "");
    const isSignature = typeof value?.value === "string" && typeof value.sudi === "object" && value.sudi !== null;
    return isSignature ? { payload, header: { type: "rum" }, signature: value } : null;
  } catch {
    return null;
  }
}

function judge(report: AuditedReport, signed: SignedReport | null, signer: Signer | undefined): Verdict {
  if (signed === null) return "signature_false";
  try {
    const authenticity = verifyReportNow(signed, (_serial, sudi) =>
      signer !== undefined && namesDevice(signer.certificate, udiOf(sudi)) ? signer.key : undefined,
    );
    // Usage that nobody signed must not stand over usage that somebody did.
    return (authenticity === "verified") === report.isVerified ? authenticity : "report_altered";
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.code === "certificate_unknown" ? "signer_unknown" : "signature_false";
  }
}
