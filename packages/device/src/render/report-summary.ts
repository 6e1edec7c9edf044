// The Usage Report Summary of show license all and show license tech support. The two blanks stand where readers look.

import type { ReportCounts } from "../license-view.ts";
import { underlined } from "./show-text.ts";

export type ReportTotals = {
  readonly total: number;
  readonly purged: number;
  readonly acknowledged: number;
  readonly waiting: number;
  readonly available: number;
  readonly collecting: number;
  readonly unfinished: number;
};

/** `available` may still be sent (open ones are closed for it), `unfinished` is everything no ACK has answered. */
export function reportTotals(counts: ReportCounts): ReportTotals {
  const waiting = counts.pending + counts.unacknowledged;
  const available = counts.open + counts.closed;
  return {
    total: waiting + available + counts.refused,
    purged: counts.purgedTotal,
    acknowledged: counts.acknowledgedTotal,
    waiting,
    available,
    collecting: counts.open,
    unfinished: waiting + available,
  };
}

export function reportSummaryBlock(counts: ReportCounts): readonly string[] {
  const totals = reportTotals(counts);
  return [
    ...underlined("Usage Report Summary:"),
    `Total: ${totals.total},  Purged: ${totals.purged}`,
    `Total Acknowledged Received: ${totals.acknowledged},  Waiting for Ack: ${totals.waiting}`,
    `Available to Report: ${totals.available}  Collecting Data: ${totals.collecting}`,
  ];
}

/** Tech support adds second numbers: reports merged into others, and all reports that no ACK has answered. */
export function reportSummaryDetailBlock(counts: ReportCounts): readonly string[] {
  const totals = reportTotals(counts);
  return [
    ...underlined("Usage Report Summary:"),
    `Total: ${totals.total},  Purged: ${totals.purged}(${counts.mergedTotal})`,
    `Total Acknowledged Received: ${totals.acknowledged},  Waiting for Ack: ${totals.waiting}(${totals.unfinished})`,
    `Available to Report: ${totals.available}  Collecting Data: ${totals.collecting}`,
    `Maximum Display: ${totals.total}  In Storage: ${totals.total},  MIA: 0(0)`,
    "Report Module Status: Ready",
  ];
}
