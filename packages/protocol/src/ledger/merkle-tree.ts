// The ledger's tree: RFC 9162 hashing. A leaf is SHA-256(0x00 ‖ data), a node SHA-256(0x01 ‖ left ‖ right).
// Appending needs only the frontier: the roots of the complete subtrees of which the tree consists, largest first.

import { hash } from "node:crypto";

export type Hash = Uint8Array;
/** One hash for every bit that is set in the size, from the highest bit down. */
export type Frontier = readonly Hash[];
export type TreeState = { readonly size: number; readonly frontier: Frontier };

export const hashBytes = 32;
export const emptyTree: TreeState = { size: 0, frontier: [] };

/** Tells the kinds of ledger entries apart, so that one can never be passed off as another. */
const reportEntry = Buffer.from([0x01]);
const auditEntry = Buffer.from([0x02]);
const leafPrefix = Buffer.from([0x00]);

/** The leaf of an accepted report: its payload's SHA-256. The payload may be purged, the proof stays. */
export function reportLeaf(payloadSha256: Uint8Array): Hash {
  return hash("sha256", Buffer.concat([leafPrefix, reportEntry, payloadSha256]), "buffer");
}

/** The leaf of an administrative act: the SHA-256 of its entry's exact text (UTF-8). */
export function auditLeaf(entrySha256: Uint8Array): Hash {
  return hash("sha256", Buffer.concat([leafPrefix, auditEntry, entrySha256]), "buffer");
}

/** A leaf over any data, as RFC 9162 defines it. */
export function leafHash(data: Uint8Array): Hash {
  return hash("sha256", Buffer.concat([leafPrefix, data]), "buffer");
}

export function nodeHash(left: Hash, right: Hash): Hash {
  const bytes = Buffer.allocUnsafe(1 + 2 * hashBytes);
  bytes[0] = 0x01;
  bytes.set(left, 1);
  bytes.set(right, 1 + hashBytes);
  return hash("sha256", bytes, "buffer");
}

/** Appends leaves; amortised one hash per leaf. The size must stay a safe integer. */
export function appendLeaves(tree: TreeState, leaves: readonly Hash[]): TreeState {
  const frontier = [...tree.frontier];
  let size = tree.size;
  for (const leaf of leaves) {
    let node = leaf;
    // Each trailing one-bit of the size is a complete subtree that the new node joins.
    for (let bits = size; bits % 2 === 1; bits = Math.floor(bits / 2)) node = nodeHash(frontier.pop() as Hash, node);
    frontier.push(node);
    size += 1;
  }
  return { size, frontier };
}

/** The head of the tree; of an empty one SHA-256 of nothing. O(log n). */
export function rootOf(tree: TreeState): Hash {
  let root: Hash | undefined;
  for (let at = tree.frontier.length - 1; at >= 0; at -= 1) {
    const subtree = tree.frontier[at] as Hash;
    root = root === undefined ? subtree : nodeHash(subtree, root);
  }
  return root ?? hash("sha256", "", "buffer");
}
