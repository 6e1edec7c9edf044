// show license rum id all | <id> [detail]

import { formatUdi } from "@countersign/protocol";
import type { ReportDetailView, ReportRowView } from "../license-view.ts";
import { dateOrNone, oneLine, type ShowOptions } from "./show-text.ts";

const rule = "=".repeat(36);

/** Four words a row, no blank inside the feature: readers split at blanks. */
export function renderRumList(rows: readonly ReportRowView[]): string {
  const lines = rows.map((row) =>
    `${row.reportId}`
      .padEnd(20)
      .concat(row.state.padEnd(10), row.isPurged ? "P     " : "N     ", oneWord(row.featureName)),
  );
  return ["Smart Licensing Usage Report:", rule, "Report Id,          State,    Flag, Feature Name", ...lines].join(
    "\n",
  );
}

function oneWord(name: string): string {
  return name.replace(/\s+/g, "_");
}

export function renderRumDetail(report: ReportDetailView, options: ShowOptions): string {
  const date = (atMs: number | null) => dateOrNone(atMs, options.zone);
  const isAcknowledged = report.state === "ACK";
  const reason = isAcknowledged ? "State Change Reason: ACKED" : `Close Reason: ${report.closeReason ?? "<none>"}`;
  return [
    "Smart Licensing Usage Report Detail:",
    rule,
    `Report Id: ${report.reportId}`,
    "  Metric Name: ENTITLEMENT",
    `  Feature Name: ${report.featureName}`,
    `  Metric Value: ${report.tag}`,
    `  UDI: ${formatUdi(report.udi)}`,
    `  Previous Report Id: ${report.previousReportId ?? 0},    Next Report Id: ${report.nextReportId ?? 0}`,
    `  State: ${report.state},      ${reason}`,
    `  Start Time: ${date(report.startedAtMs)},      End Time: ${date(report.endedAtMs)}`,
    `  Storage State: ${report.isStored ? "EXIST" : "DELETED"}`,
    "  Transaction ID: 0",
    `  Transaction Message: ${report.refusal === null ? "<none>" : oneLine(report.refusal)}`,
  ].join("\n");
}
