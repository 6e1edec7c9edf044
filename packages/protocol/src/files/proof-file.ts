// The proof file: one accepted report with everything that shows it, in one JSON text. Whoever has the licensing root can
// verify it offline, long after the certificates in it have ended (spec/files.md, section 4).

import type { X509Certificate } from "node:crypto";
import * as v from "valibot";
import { type AcknowledgedReport, type Acknowledgement, decodeAcknowledgement } from "../acknowledgement.ts";
import { namesDevice, parseCertificate, serialNumberOf, type TrustAnchors, verifyChain } from "../certificate.ts";
import { ProtocolError } from "../errors.ts";
import { isSameUdi, type Sudi, udiOf } from "../identity.ts";
import { decodeText, parseJson } from "../json.ts";
import { verifyInclusion } from "../ledger/merkle-proof.ts";
import { reportLeaf } from "../ledger/merkle-tree.ts";
import {
  decodeTreeHead,
  hashOfHex,
  isConsistent,
  proofHashesSchema,
  type SignedTreeHead,
} from "../ledger/tree-head.ts";
import { chainCertificatesMax, messageBytesMax } from "../limits.ts";
import { decodeRumReport, type RumReport } from "../rum-report.ts";
import { base64, check, sha256Hex as sha256HexText, wholeNumber } from "../schema.ts";
import { sha256Hex } from "../signature.ts";
import {
  type ManagerObject,
  managerObjectSchema,
  type ReportAuthenticity,
  type SignedReport,
  signedReportSchema,
  verifyManagerObject,
  verifyRepeatedObject,
  verifyReport,
} from "../signed-object.ts";

const proofFileSchema = v.strictObject({
  countersign_proof: v.literal("1.0"),
  payload_sha256: sha256HexText,
  /** Null when the manager has purged the body. */
  report: v.nullable(signedReportSchema),
  /** ID certificate of the key that signed the report, then its issuing CA; none without body or for a builtin signature. */
  device_certificates: v.pipe(v.array(base64), v.maxLength(chainCertificatesMax)),
  acknowledgement: managerObjectSchema,
  leaf_index: wholeNumber,
  inclusion_proof: proofHashesSchema,
  /** From the head inside the ACK to `tree_head`. */
  consistency_proof: proofHashesSchema,
  tree_head: managerObjectSchema,
  root_certificate: base64,
});
export type ProofFile = v.InferOutput<typeof proofFileSchema>;

export function encodeProofFile(file: ProofFile): string {
  return JSON.stringify(file);
}

/** Reads the file and verifies nothing. Throws `message_too_large`, `invalid_utf8`, what JSON deserves, or `envelope_invalid`. */
export function decodeProofFile(bytes: Uint8Array): ProofFile {
  return check(proofFileSchema, parseJson(decodeText(bytes, messageBytesMax)), "envelope_invalid");
}

/** What a proof file shows. */
export type ProvedReport = {
  readonly payloadSha256: string;
  readonly leafIndex: number;
  /** `absent`: the body was purged, and only its hash is proved. */
  readonly authenticity: ReportAuthenticity | "absent";
  readonly report: RumReport | null;
  readonly acknowledgement: Acknowledgement;
  readonly treeHead: SignedTreeHead;
  /** SHA-256 of the DER of the root that everything rests on, lower-case hex. */
  readonly rootSha256: string;
  /** False when the root came from the file itself: whoever reads it must know its fingerprint from elsewhere. */
  readonly isRootTrusted: boolean;
};

/**
 * Verifies a proof. Signatures are verified as of the times that the ACK and the tree head name, for which the manager's
 * signature vouches. `anchors` null: the root of the file is taken, and its fingerprint has to be compared by the reader.
 * Throws `certificate_…`, `signature_…`, `payload_…`, `identity_mismatch`, `proof_mismatch` or `proof_invalid`.
 */
export async function verifyProofFile(file: ProofFile, anchors: TrustAnchors | null): Promise<ProvedReport> {
  const root = readProofRoot(file.root_certificate, anchors);
  const acknowledgement = decodeAcknowledgement(requireType(file.acknowledgement, "ack").payload);
  const treeHead = decodeTreeHead(requireType(file.tree_head, "tree-head").payload);
  const entry = requireEntry(file, acknowledgement);
  requirePath(file, acknowledgement, treeHead);
  await verifyRepeatedObject(file.acknowledgement, [root], acknowledgement.acknowledged_at);
  await verifyManagerObject(file.tree_head, [root], treeHead.signed_at);
  const { report, authenticity } = await readReport(file, entry, { root, now: acknowledgement.acknowledged_at });
  return {
    payloadSha256: file.payload_sha256,
    leafIndex: file.leaf_index,
    authenticity,
    report,
    acknowledgement,
    treeHead,
    rootSha256: sha256Hex(root.raw),
    isRootTrusted: anchors !== null,
  };
}

/** A proof's root: one of the anchors, or by itself at least a CA that signed itself. Throws `certificate_…`. */
export function readProofRoot(certificate: string, anchors: TrustAnchors | null): X509Certificate {
  const root = parseCertificate(certificate);
  const isKnown =
    anchors === null
      ? root.ca && root.checkIssued(root) && root.verify(root.publicKey)
      : anchors.some((anchor) => anchor.raw.equals(root.raw));
  if (!isKnown) throw new ProtocolError("certificate_foreign", "The root in the file is not a trusted one.");
  return root;
}

/** Throws `envelope_invalid` for an object of another type. */
export function requireType(object: ManagerObject, type: "ack" | "tree-head"): ManagerObject {
  if (object.header.type !== type)
    throw new ProtocolError("envelope_invalid", `A ${object.header.type} stands for ${type}.`);
  return object;
}

type TakenEntry = Exclude<AcknowledgedReport, { readonly outcome: "refused" }>;

/** The line of the ACK that countersigns this content at this leaf. */
function requireEntry({ payload_sha256, leaf_index }: ProofFile, { reports }: Acknowledgement): TakenEntry {
  for (const entry of reports) {
    if (entry.payload_sha256 !== payload_sha256 || entry.outcome === "refused") continue;
    if (entry.leaf_index === leaf_index) return entry;
  }
  throw new ProtocolError("proof_mismatch", "The acknowledgement does not name this report at this leaf.");
}

/** Leaf → signed head, and ACK's head → signed head. */
function requirePath(file: ProofFile, acknowledgement: Acknowledgement, treeHead: SignedTreeHead): void {
  const { tree_head: acknowledgedHead } = acknowledgement;
  if (acknowledgedHead === null || acknowledgedHead.size <= file.leaf_index)
    throw new ProtocolError("proof_mismatch", "The acknowledgement's tree does not hold the leaf.");
  const isIncluded = verifyInclusion({
    leaf: reportLeaf(hashOfHex(file.payload_sha256)),
    leafIndex: file.leaf_index,
    size: treeHead.size,
    root: hashOfHex(treeHead.root_sha256),
    proof: file.inclusion_proof.map(hashOfHex),
  });
  if (!isIncluded) throw new ProtocolError("proof_invalid", "The report is not in the tree of the signed head.");
  if (!isConsistent(acknowledgedHead, treeHead, file.consistency_proof))
    throw new ProtocolError("proof_invalid", "The signed head does not go on from the acknowledgement's.");
}

type At = { readonly root: X509Certificate; readonly now: number };

async function readReport(
  file: ProofFile,
  entry: TakenEntry,
  at: At,
): Promise<Pick<ProvedReport, "report" | "authenticity">> {
  const signed = file.report;
  if (signed === null || signed.signature.signing_type === "builtin") {
    if (file.device_certificates.length > 0)
      throw new ProtocolError("proof_mismatch", "There are device certificates and nothing that they signed.");
  }
  if (signed === null) return { report: null, authenticity: "absent" };
  if (sha256Hex(signed.payload) !== file.payload_sha256)
    throw new ProtocolError("proof_mismatch", "The report has another content than the one that is proved.");
  const authenticity = await verifyReport(signed, () => requireSigner(file, signed, at).publicKey);
  const report = decodeRumReport(signed.payload);
  if (report.asset_identification.report_id !== entry.report_id)
    throw new ProtocolError("proof_mismatch", "The report has another id than the acknowledgement names.");
  requireMember(report, signed.signature.sudi);
  return { report, authenticity };
}

/** The certificate of the key that signed the report: of this root, of the serial number that the signature names, for its UDI. */
function requireSigner(file: ProofFile, { signature }: SignedReport, { root, now }: At): X509Certificate {
  const [leaf, ...intermediates] = file.device_certificates.map(parseCertificate);
  if (leaf === undefined || serialNumberOf(leaf) !== signature.key) throw new ProtocolError("certificate_unknown");
  verifyChain({ leaf, intermediates, anchors: [root], purpose: "product-instance", now });
  if (!namesDevice(leaf, udiOf(signature.sudi))) throw new ProtocolError("identity_mismatch");
  return leaf;
}

/** Whoever signed is the device that reports, or one of its installation. */
function requireMember({ asset_identification: { instance }, meta }: RumReport, signer: Sudi): void {
  const named = [instance.sudi, ...meta.ha_udi.map(({ sudi }) => sudi)];
  if (!named.some((sudi) => isSameUdi(udiOf(sudi), udiOf(signer))))
    throw new ProtocolError("identity_mismatch", "The report was signed by a device that it does not name.");
}
