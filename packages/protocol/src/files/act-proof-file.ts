// The proof file of an administrative act: the act's entry with everything that shows that it stands in the ledger, in one JSON
// text. Whoever has the licensing root can verify it offline (spec/files.md, section 4).

import { hash } from "node:crypto";
import * as v from "valibot";
import type { TrustAnchors } from "../certificate.ts";
import { ProtocolError } from "../errors.ts";
import { decodeText, parseJson } from "../json.ts";
import { verifyInclusion } from "../ledger/merkle-proof.ts";
import { auditLeaf } from "../ledger/merkle-tree.ts";
import { decodeTreeHead, hashOfHex, proofHashesSchema, type SignedTreeHead } from "../ledger/tree-head.ts";
import { messageBytesMax } from "../limits.ts";
import { base64, check, nonEmptyText, wholeNumber } from "../schema.ts";
import { sha256Hex } from "../signature.ts";
import { managerObjectSchema, verifyManagerObject } from "../signed-object.ts";
import { readProofRoot, requireType } from "./proof-file.ts";

const actProofFileSchema = v.strictObject({
  countersign_act_proof: v.literal("1.0"),
  /** The entry as the manager keeps it: the leaf is over exactly these characters in UTF-8. */
  entry: v.pipe(v.string(), v.nonEmpty()),
  leaf_index: wholeNumber,
  inclusion_proof: proofHashesSchema,
  tree_head: managerObjectSchema,
  root_certificate: base64,
});
export type ActProofFile = v.InferOutput<typeof actProofFileSchema>;

const numberOrNull = v.nullable(wholeNumber);
const partNumber = v.pipe(wholeNumber, v.minValue(1));
const actEntrySchema = v.strictObject({
  version: v.literal("1.0"),
  act: nonEmptyText,
  part: partNumber,
  parts: partNumber,
  /** RFC 3339, milliseconds, UTC. */
  at: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "is not a time")),
  by: v.variant("kind", [
    v.strictObject({ kind: v.literal("operator"), name: v.string(), operator_id: numberOrNull }),
    v.strictObject({ kind: v.literal("local") }),
    v.strictObject({ kind: v.literal("message"), product_instance_identifier: v.string() }),
    v.strictObject({ kind: v.literal("system"), name: v.string() }),
  ]),
  reason: v.nullable(v.string()),
  /** Of the licence file that a person carried; null for an act without one. */
  file_sha256: v.nullable(v.string()),
  changes: v.array(
    v.strictObject({
      event: nonEmptyText,
      virtual_account_id: numberOrNull,
      installation_id: numberOrNull,
      before: v.unknown(),
      after: v.unknown(),
    }),
  ),
});
export type ActEntry = v.InferOutput<typeof actEntrySchema>;

export function encodeActProofFile(file: ActProofFile): string {
  return JSON.stringify(file);
}

/** Reads the file and verifies nothing. Throws `message_too_large`, `invalid_utf8`, what JSON deserves, or `envelope_invalid`. */
export function decodeActProofFile(bytes: Uint8Array): ActProofFile {
  return check(actProofFileSchema, parseJson(decodeText(bytes, messageBytesMax)), "envelope_invalid");
}

/** What the proof file of an act shows. */
export type ProvedAct = {
  readonly entry: ActEntry;
  readonly entrySha256: string;
  readonly leafIndex: number;
  readonly treeHead: SignedTreeHead;
  /** SHA-256 of the DER of the root that everything rests on, lower-case hex. */
  readonly rootSha256: string;
  /** False when the root came from the file itself: whoever reads it must know its fingerprint from elsewhere. */
  readonly isRootTrusted: boolean;
};

/**
 * Verifies the proof of an act, the tree head's signature as of the time that it names. `anchors` null: the root of the file is
 * taken, and its fingerprint has to be compared by the reader. Throws `certificate_…`, `signature_…`, `payload_invalid`,
 * `envelope_invalid` or `proof_invalid`.
 */
export async function verifyActProofFile(file: ActProofFile, anchors: TrustAnchors | null): Promise<ProvedAct> {
  const root = readProofRoot(file.root_certificate, anchors);
  const treeHead = decodeTreeHead(requireType(file.tree_head, "tree-head").payload);
  const isIncluded = verifyInclusion({
    leaf: auditLeaf(hash("sha256", file.entry, "buffer")),
    leafIndex: file.leaf_index,
    size: treeHead.size,
    root: hashOfHex(treeHead.root_sha256),
    proof: file.inclusion_proof.map(hashOfHex),
  });
  if (!isIncluded) throw new ProtocolError("proof_invalid", "The act is not in the tree of the signed head.");
  await verifyManagerObject(file.tree_head, [root], treeHead.signed_at);
  return {
    entry: check(actEntrySchema, parseJson(file.entry), "payload_invalid"),
    entrySha256: sha256Hex(file.entry),
    leafIndex: file.leaf_index,
    treeHead,
    rootSha256: sha256Hex(root.raw),
    isRootTrusted: anchors !== null,
  };
}
