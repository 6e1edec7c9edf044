// For tests that recompute a ledger: the leaves of administrative acts from their texts, and all leaves in order.

import assert from "node:assert/strict";
import { auditLeaf, type Hash, sha256Hex } from "@countersign/protocol";
import type { Storage } from "../storage-ports.ts";

/** Leaf index and hash of every act in the ledger. */
export async function auditLeavesOf(
  storage: Pick<Storage, "read">,
  smartAccountId: number,
): Promise<readonly (readonly [number, Hash])[]> {
  const wish = { smartAccountId, virtualAccountIds: null, fromMs: null, toMs: null, operator: null, act: null };
  const entries = await storage.read.audit.listAuditEntries({ ...wish, page: { limit: 10_000, after: null } });
  return entries.map(({ leafIndex, entry }) => [leafIndex, auditLeaf(Buffer.from(sha256Hex(entry), "hex"))]);
}

/** The leaves from the first to the last of `size`; fails where one is missing or there are more. */
export function allLeaves(leaves: ReadonlyMap<number, Hash>, size: number): readonly Hash[] {
  assert.equal(leaves.size, size, "every leaf is a report or an act");
  return Array.from({ length: size }, (_, at) => {
    const leaf = leaves.get(at);
    assert.ok(leaf, `leaf ${at} is neither a report nor an act`);
    return leaf;
  });
}
