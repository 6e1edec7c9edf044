// Ledger heads, acknowledgements and audit entries from their rows, the same for every adapter.

import { emptyTree } from "@countersign/protocol";
import type { AdministrativeAct, StoredAuditEntry } from "../../audit/audit-entry.ts";
import { splitTile } from "../../ledger/tiles.ts";
import type { LedgerHead, OldLeavesQuery } from "../../storage-ports.ts";
import type { StoredAcknowledgement } from "../../usage/stored-report.ts";
import type { Row } from "./row.ts";

/** A ledger without a row has no leaf yet. */
export function ledgerHeadOf(smartAccountId: number, row: Row | undefined): LedgerHead {
  if (row === undefined) return { smartAccountId, ...emptyTree, nextAcknowledgementId: 1 };
  return {
    smartAccountId,
    size: row.size as number,
    frontier: splitTile(row.frontier as Uint8Array),
    nextAcknowledgementId: row.next_acknowledgement_id as number,
  };
}

export function treeHeadOf(row: Row): { readonly rootSha256: string; readonly atMs: number } {
  return { rootSha256: Buffer.from(row.root_sha256 as Uint8Array).toString("hex"), atMs: row.at_ms as number };
}

export function acknowledgementOf(row: Row): StoredAcknowledgement {
  return {
    smartAccountId: row.smart_account_id as number,
    acknowledgementId: row.acknowledgement_id as number,
    installationId: row.installation_id as number,
    instanceId: row.instance_id as number,
    atMs: row.at_ms as number,
    withPolicy: row.with_policy === 1,
    accepted: row.accepted as number,
    payload: row.payload as string,
  };
}

export function auditEntryOf(row: Row): StoredAuditEntry {
  return {
    smartAccountId: row.smart_account_id as number,
    leafIndex: row.leaf_index as number,
    atMs: row.at_ms as number,
    act: row.act as AdministrativeAct,
    operator: row.operator as string | null,
    entry: row.entry as string,
  };
}

/** From the tree heads after `from`, smallest first: a leaf is as old as the first head that has it. */
export function endOfOldLeaves(heads: readonly Row[], { from, receivedBeforeMs, leavesMax }: OldLeavesQuery): number {
  let end = from;
  for (const head of heads) {
    if ((head.at_ms as number) >= receivedBeforeMs || end >= from + leavesMax) break;
    end = Math.min(head.size as number, from + leavesMax);
  }
  return end;
}
