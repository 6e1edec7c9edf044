// The manager above, as an account on premises knows it: where it is, what has reached it, and when it is next spoken to.

import { dayMs } from "@countersign/protocol";
import type { AuthorizedCount } from "./lower-manager.ts";

export type Upstream = {
  /** Null where files are carried and nobody is called. */
  readonly url: string | null;
  /** PEM of the licensing root. */
  readonly rootPem: string;
  /** Of this manager, as it is known above. */
  readonly identifier: string;
  readonly smartAccount: string;
  readonly virtualAccount: string;
  readonly connectedAtMs: number;
  readonly intervalDays: number;
  /** Leaves of the own ledger below this one are acknowledged above. */
  readonly syncedThrough: number;
  readonly purchaseIdSeen: number;
  readonly policyVersionSeen: number;
  readonly lastSyncAtMs: number | null;
  /** `answered_at` of the newest answer, by the clock of the manager above; absent before the first one. */
  readonly answeredAtMs?: number;
  /** What codes hold there of the purchases that are known here too, as of that answer. */
  readonly authorizedAbove?: readonly AuthorizedCount[];
  /** Reports that were not taken above, since the beginning. */
  readonly refused: number;
  readonly failure: UpstreamProblem | null;
};

export type UpstreamProblem = {
  readonly atMs: number;
  readonly code: string;
  /** In a row. */
  readonly times: number;
};

type SyncTimes = Pick<Upstream, "lastSyncAtMs" | "connectedAtMs" | "intervalDays" | "failure">;

/**
 * Whether the manager above was restored from a backup: it does not know of the newest answer that it gave. Answers may come out
 * of order, and one that was lost is known above and not here; neither says anything.
 */
export function hasForgotten(
  { answeredAtMs = 0 }: Pick<Upstream, "answeredAtMs">,
  answer: { readonly answered_at: number; readonly previous_answered_at: number | null },
): boolean {
  return answer.answered_at > answeredAtMs && (answer.previous_answered_at ?? 0) < answeredAtMs;
}

/** Monthly contact, as in the field (ONP-6). */
export const syncIntervalDaysDefault = 30;
export const syncIntervalDaysMax = 90;
const minuteMs = 60_000;
const retryMinutes = [1, 5, 15, 60, 360] as const;

/**
 * When the manager above is next spoken to: a month after the last time, or after a failure with growing waits. Where files are
 * carried, when the next one is due.
 */
export function nextSyncAtMs(upstream: SyncTimes): number {
  const { lastSyncAtMs, connectedAtMs, intervalDays, failure } = upstream;
  if (failure !== null) {
    const minutes = retryMinutes[Math.min(failure.times, retryMinutes.length) - 1] as number;
    return failure.atMs + minutes * minuteMs;
  }
  return lastSyncAtMs === null ? connectedAtMs : lastSyncAtMs + intervalDays * dayMs;
}

/** Also when the last time lies in the future: the clock was set back since, and nothing waits for it to come there again. */
export function isSyncDue(upstream: SyncTimes, now: number): boolean {
  const { lastSyncAtMs, connectedAtMs, failure } = upstream;
  return nextSyncAtMs(upstream) <= now || now < (failure?.atMs ?? lastSyncAtMs ?? connectedAtMs);
}

/** Overdue once a whole retry of a day has passed beyond what was planned. */
export function isSyncOverdue({ lastSyncAtMs, connectedAtMs, intervalDays }: Upstream, now: number): boolean {
  return now > (lastSyncAtMs ?? connectedAtMs) + (intervalDays + 1) * dayMs;
}
