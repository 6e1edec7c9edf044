// Tree heads: what a ledger was at one moment. One stands inside every ACK; one that is signed by itself can be handed to
// anybody. Two heads of one ledger are of one history if the larger tree begins with the smaller one (spec/protocol.md, section 13).

import * as v from "valibot";
import type { TrustAnchors } from "../certificate.ts";
import { ProtocolError } from "../errors.ts";
import { parseJson } from "../json.ts";
import { proofHashesMax } from "../limits.ts";
import { check, epochMs, sha256Hex, uuid, wholeNumber } from "../schema.ts";
import { type ManagerObject, verifyManagerObject } from "../signed-object.ts";
import { verifyConsistency } from "./merkle-proof.ts";
import type { Hash } from "./merkle-tree.ts";

/** A ledger's number of leaves and the root over them (RFC 9162 hashing). */
export const treeHeadSchema = v.strictObject({ ledger_id: uuid, size: wholeNumber, root_sha256: sha256Hex });
export type TreeHead = v.InferOutput<typeof treeHeadSchema>;

/** Hashes of an inclusion or consistency proof, in the order of RFC 9162. */
export const proofHashesSchema = v.pipe(v.array(sha256Hex), v.maxLength(proofHashesMax));

const signedTreeHeadSchema = v.strictObject({
  version: v.literal("1.0"),
  ...treeHeadSchema.entries,
  /** When the manager signed it, by the manager's clock. */
  signed_at: epochMs,
});
/** Payload of the signed object `tree-head`. */
export type SignedTreeHead = v.InferOutput<typeof signedTreeHeadSchema>;

export function encodeTreeHead(head: SignedTreeHead): string {
  return JSON.stringify(head);
}

/** Parses a payload whose signature has been verified. */
export function decodeTreeHead(payload: string): SignedTreeHead {
  return check(signedTreeHeadSchema, parseJson(payload), "payload_invalid");
}

export type TreeHeadQuestion = {
  readonly object: ManagerObject;
  readonly anchors: TrustAnchors;
  /** Epoch milliseconds. */
  readonly now: number;
};

/** Throws `envelope_invalid`, `certificate_…`, `signature_…` or `payload_invalid`. */
export async function verifyTreeHead({ object, anchors, now }: TreeHeadQuestion): Promise<SignedTreeHead> {
  if (object.header.type !== "tree-head") throw new ProtocolError("envelope_invalid", "It is not a tree head.");
  await verifyManagerObject(object, anchors, now);
  return decodeTreeHead(object.payload);
}

/**
 * How a head that is offered stands to the one that is kept of the same ledger. `rewritten`: no append can have led from one
 * to the other. `unproved`: it is larger, and nobody has shown that it goes on from the kept one.
 */
export type HeadComparison = "same" | "grown" | "unproved" | "rewritten";

/** `proof` leads from the kept head to the offered one; null when none was given. */
export function compareHeads(kept: TreeHead, offered: TreeHead, proof: readonly string[] | null): HeadComparison {
  if (offered.size < kept.size) return "rewritten";
  if (offered.size === kept.size) return offered.root_sha256 === kept.root_sha256 ? "same" : "rewritten";
  if (proof === null) return kept.size === 0 ? "grown" : "unproved";
  return isConsistent(kept, offered, proof) ? "grown" : "rewritten";
}

/** True if the proof shows that the tree of `second` begins with the tree of `first`; ledger ids are not looked at. */
export function isConsistent(
  first: Pick<TreeHead, "size" | "root_sha256">,
  second: Pick<TreeHead, "size" | "root_sha256">,
  proof: readonly string[],
): boolean {
  return verifyConsistency({
    first: first.size,
    second: second.size,
    firstRoot: hashOfHex(first.root_sha256),
    secondRoot: hashOfHex(second.root_sha256),
    proof: proof.map(hashOfHex),
  });
}

export function hashOfHex(hex: string): Hash {
  return Buffer.from(hex, "hex");
}

export function hexOfHash(hash: Hash): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString("hex");
}
