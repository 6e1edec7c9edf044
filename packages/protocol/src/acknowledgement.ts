// The ACK: the manager's countersignature. It names what it acknowledges by content hash, so that no other report
// can be deleted on its account. Shape: spec/protocol.md, section 6.

import * as v from "valibot";
import type { TrustAnchors } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { isSameUdi, sudiSchema, type Udi, udiOf } from "./identity.ts";
import { parseJson } from "./json.ts";
import { treeHeadSchema } from "./ledger/tree-head.ts";
import { reportsPerRelayMessageMax } from "./limits.ts";
import { check, epochMs, sha256Hex as sha256HexText, text, uuid, wholeNumber } from "./schema.ts";
import { sha256Hex } from "./signature.ts";
import { type ManagerObject, type SignedReport, verifyManagerObject } from "./signed-object.ts";

/** Why one report of a message was refused while the others were taken. */
export const reportRefusals = {
  report_conflict: {
    meaning: "Another report with this id and other content is already acknowledged.",
    remedy: "Keep the report and show it to the manager's administrator; both are kept as evidence.",
  },
  report_signature_invalid: {
    meaning: "The report's signature does not fit its bytes or its signer.",
    remedy: "Check what altered the report; re-establish trust if the key is lost.",
  },
  report_signer_unknown: {
    meaning: "The certificate that signed the report is unknown, revoked or another device's.",
    remedy: "Re-establish trust, then report again.",
  },
  report_malformed: {
    meaning: "The report's payload cannot be read.",
    remedy: "Compare with spec/protocol.md, section 5.",
  },
  report_of_other_installation: {
    meaning: "The report names a device that does not belong to the sender's installation.",
    remedy: "Send it from its own installation, or run a trust sync for new members.",
  },
  report_untrusted_not_allowed: {
    meaning: "The report was signed before trust, and the account takes only verified reports.",
    remedy: "Ask the account's administrator to allow untrusted reports.",
  },
} as const;
export type ReportRefusal = keyof typeof reportRefusals;

const acknowledgedReportSchema = v.variant("outcome", [
  v.strictObject({
    report_id: wholeNumber,
    payload_sha256: sha256HexText,
    outcome: v.picklist(["accepted", "known"]),
    leaf_index: wholeNumber,
  }),
  v.strictObject({
    report_id: v.nullable(wholeNumber),
    payload_sha256: sha256HexText,
    outcome: v.literal("refused"),
    code: v.picklist(Object.keys(reportRefusals) as [ReportRefusal, ...ReportRefusal[]]),
    remedy: text,
  }),
]);
export type AcknowledgedReport = v.InferOutput<typeof acknowledgedReportSchema>;

const acknowledgementSchema = v.strictObject({
  version: v.literal("1.0"),
  product_instance_identifier: uuid,
  sudi: sudiSchema,
  /** Grows with each ACK for this product instance, and skips numbers after a restore; never goes back (I10's twin for ACKs). */
  sequence: wholeNumber,
  acknowledged_at: epochMs,
  policy_version: wholeNumber,
  reports: v.pipe(v.array(acknowledgedReportSchema), v.maxLength(reportsPerRelayMessageMax)),
  /** The newest head of the account's ledger when the ACK was made. */
  tree_head: v.nullable(treeHeadSchema),
});
export type Acknowledgement = v.InferOutput<typeof acknowledgementSchema>;

export function encodeAcknowledgement(acknowledgement: Acknowledgement): string {
  return JSON.stringify(acknowledgement);
}

/** Parses a payload whose signature has been verified. */
export function decodeAcknowledgement(payload: string): Acknowledgement {
  return check(acknowledgementSchema, parseJson(payload), "payload_invalid");
}

/** What a report is named by in an ACK. */
export function reportHash(report: SignedReport): string {
  return sha256Hex(report.payload);
}

export type AcknowledgementQuestion = {
  readonly object: ManagerObject;
  readonly anchors: TrustAnchors;
  readonly now: number;
  readonly productInstanceIdentifier: string;
  readonly udi: Udi;
  /** Sequence of the newest ACK that was installed, or -1. An equal one is a repetition and harmless. */
  readonly newestSequence: number;
};

/**
 * Verifies an ACK for one device: signature and chain, identity, sequence.
 * Throws `certificate_…`, `signature_…`, `payload_invalid`, `identity_mismatch` or `acknowledgement_replayed`.
 * Deleting a report needs `isAcknowledgedBy` besides.
 */
export async function verifyAcknowledgement(question: AcknowledgementQuestion): Promise<Acknowledgement> {
  const { object, udi } = question;
  if (object.header.type !== "ack") throw new ProtocolError("envelope_invalid", "It is not an acknowledgement.");
  await verifyManagerObject(object, question.anchors, question.now);
  const acknowledgement = decodeAcknowledgement(object.payload);
  if (
    acknowledgement.product_instance_identifier !== question.productInstanceIdentifier ||
    !isSameUdi(udiOf(acknowledgement.sudi), udi)
  ) {
    throw new ProtocolError("identity_mismatch");
  }
  if (acknowledgement.sequence < question.newestSequence) throw new ProtocolError("acknowledgement_replayed");
  return acknowledgement;
}

/** True if this entry allows a device to delete its report: same id, same bytes, taken. */
export function isAcknowledgedBy(entry: AcknowledgedReport, reportId: number, payloadSha256: string): boolean {
  return entry.outcome !== "refused" && entry.report_id === reportId && entry.payload_sha256 === payloadSha256;
}
