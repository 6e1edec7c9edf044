// How the manager above is reached, for health and metrics: cheap enough to be asked for by everybody, every second.

import { isSyncOverdue, type Upstream } from "../premises/upstream.ts";
import type { Readers } from "../storage-ports.ts";

export type UpstreamState = {
  /** Of the last synchronisation that succeeded; null while there was none. */
  readonly lastSyncAtMs: number | null;
  readonly connectedAtMs: number;
  readonly waitingReports: number;
  /** Attempts in a row. */
  readonly failures: number;
  readonly isOverdue: boolean;
};

export async function upstreamStates(
  now: number,
  read: Pick<Readers, "premises" | "ledger" | "audit">,
): Promise<readonly UpstreamState[]> {
  const states: UpstreamState[] = [];
  for (const { smartAccountId, upstream } of await read.premises.listPremises()) {
    if (upstream === null) continue;
    const { lastSyncAtMs, connectedAtMs, failure } = upstream;
    const waitingReports = await countWaitingReports(smartAccountId, upstream, read);
    const isOverdue = isSyncOverdue(upstream, now);
    states.push({ lastSyncAtMs, connectedAtMs, waitingReports, failures: failure?.times ?? 0, isOverdue });
  }
  return states;
}

/** Every leaf that is no act is a report; so the bodies that wait, a month's of them, need not be looked at. */
export async function countWaitingReports(
  smartAccountId: number,
  { syncedThrough }: Pick<Upstream, "syncedThrough">,
  { ledger, audit }: Pick<Readers, "ledger" | "audit">,
): Promise<number> {
  // Acts are counted first: what is appended meanwhile may be counted for the time being, and never makes less than none.
  const acts = await audit.countAuditEntries(smartAccountId, syncedThrough);
  const { size } = await ledger.readHead(smartAccountId);
  return Math.max(0, size - syncedThrough - acts);
}
