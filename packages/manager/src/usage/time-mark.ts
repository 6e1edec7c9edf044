// Claimed times are never corrected, only marked where they cannot be right (domain decision 2).

import { clockToleranceMs, dayMs } from "@countersign/protocol";

export const timeMarks = ["plausible", "before_trust", "after_receipt"] as const;
export type TimeMark = (typeof timeMarks)[number];

const yearMs = 365 * dayMs;

export type ClaimedTimes = { readonly startsAtSeconds: number; readonly endsAtSeconds: number };

/** `before_trust`: earlier than the first trust minus a year; `after_receipt`: later than receipt plus an hour. */
export function markTimes(claimed: ClaimedTimes, firstTrustAtMs: number, receivedAtMs: number): TimeMark {
  if (claimed.endsAtSeconds * 1000 > receivedAtMs + clockToleranceMs) return "after_receipt";
  return claimed.startsAtSeconds * 1000 < firstTrustAtMs - yearMs ? "before_trust" : "plausible";
}
