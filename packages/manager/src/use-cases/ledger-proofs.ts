// Proofs out of the stored ledger. Each reads a handful of tiles, however long the ledger is.

import {
  consistencyRanges,
  emptyTree,
  type Hash,
  hexOfHash,
  inclusionRanges,
  type LeafRange,
  rootOf,
  type TreeHead,
} from "@countersign/protocol";
import { rangeRoot, readTilesOf, tilesOf } from "../ledger/range-roots.ts";
import type { LedgerReader } from "../storage-ports.ts";
import type { StoredAcknowledgement } from "../usage/stored-report.ts";

/** The ledger of one smart account. */
export type LedgerOfAccount = { readonly ledger: LedgerReader; readonly smartAccountId: number };

/** The root over the first `size` leaves, lower-case hex. `size` must not exceed the ledger's. */
export async function rootAt(of: LedgerOfAccount, size: number): Promise<string> {
  if (size === 0) return hexOfHash(rootOf(emptyTree));
  const [root] = await rootsOf(of, [{ start: 0, end: size }]);
  return hexOfHash(root as Hash);
}

/** Leads from the tree of `first` leaves to that of `second`, which must not exceed the ledger's size. */
export async function proveConsistency(of: LedgerOfAccount, first: number, second: number): Promise<string[]> {
  return (await rootsOf(of, consistencyRanges(first, second))).map(hexOfHash);
}

/** The leaf's hash, whatever kind of entry it is, and what leads from it to the root of the tree of `size` leaves. */
export async function proveInclusion(
  of: LedgerOfAccount,
  leafIndex: number,
  size: number,
): Promise<{ readonly leafHash: string; readonly hashes: string[] }> {
  const leafItself = { start: leafIndex, end: leafIndex + 1 };
  const [leaf, ...path] = await rootsOf(of, [leafItself, ...inclusionRanges(leafIndex, size)]);
  return { leafHash: hexOfHash(leaf as Hash), hashes: path.map(hexOfHash) };
}

async function rootsOf(
  { ledger, smartAccountId }: LedgerOfAccount,
  ranges: readonly LeafRange[],
): Promise<readonly Hash[]> {
  const tiles = await Promise.all(
    tilesOf(ranges).map(async (position) => {
      const tile = await ledger.readTile(smartAccountId, position);
      return [position, tile ?? new Uint8Array(0)] as const;
    }),
  );
  const read = readTilesOf(tiles);
  return ranges.map((range) => rangeRoot(range, read));
}

/**
 * What an answer says of the ledger to a device that named the head it knows: nothing where the ACK's tree is not a larger one
 * of the same ledger, and nothing is read then.
 */
export async function consistencyEntry(
  known: TreeHead | undefined,
  stored: StoredAcknowledgement,
  ledger: LedgerReader,
): Promise<{ readonly consistency_proof?: string[] }> {
  if (known === undefined) return {};
  const head = (JSON.parse(stored.payload) as { readonly tree_head: TreeHead | null }).tree_head;
  if (head === null || head.ledger_id !== known.ledger_id || head.size <= known.size) return {};
  const of = { ledger, smartAccountId: stored.smartAccountId };
  return { consistency_proof: await proveConsistency(of, known.size, head.size) };
}
