// Ledger heads and acknowledgements from their rows, the same for every adapter.

import { emptyTree } from "@countersign/protocol";
import { splitTile } from "../../ledger/tiles.ts";
import type { LedgerHead } from "../../storage-ports.ts";
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
