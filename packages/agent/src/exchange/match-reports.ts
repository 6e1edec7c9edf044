// Which reports of the store an ACK names, by id and by content hash (I7).

import { type AcknowledgedReport, isAcknowledgedBy } from "@countersign/protocol";
import type { HeldReport, ReceivedAcknowledgement } from "../lifecycle/event.ts";
import type { ReportEntry, ReportStore } from "../ports.ts";

type HeldReports = Pick<ReportStore, "find" | "entries">;
type Matched = Pick<ReceivedAcknowledgement, "taken" | "refused">;

export function matchReports(named: readonly AcknowledgedReport[], store: HeldReports): Matched {
  const taken: HeldReport[] = [];
  const refused: Matched["refused"][number][] = [];
  for (const entry of named) {
    const held = entry.report_id === null ? findByHash(entry.payload_sha256, store) : store.find(entry.report_id);
    if (held === undefined || held.payloadSha256 !== entry.payload_sha256 || held.status === "open") continue;
    const report: HeldReport = { reportId: held.reportId, status: held.status };
    if (entry.outcome === "refused") refused.push({ ...report, code: entry.code, remedy: entry.remedy });
    else if (isAcknowledgedBy(entry, held.reportId, held.payloadSha256)) taken.push(report);
  }
  return { taken, refused };
}

/** Only for a report that was unreadable to the manager; those that were sent are among the oldest. */
function findByHash(payloadSha256: string, store: HeldReports): ReportEntry | undefined {
  for (const entry of store.entries()) if (entry.payloadSha256 === payloadSha256) return entry;
  return undefined;
}
