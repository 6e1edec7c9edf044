// One report read the slow and obvious way, with nothing of the code that accepted it.

import { createHash } from "node:crypto";
import type { AuditedReport } from "../../storage-ports.ts";

type Raw = {
  readonly asset_identification: { readonly report_id: number };
  readonly meta: { readonly entitlement_tag: string };
  readonly measurements: readonly { readonly end_time: number; readonly value: { readonly value: string } }[];
};

/** What does not fit between a report's row and its body; null when all does. */
export function auditBody(report: AuditedReport, payload: string): "body_altered" | "report_altered" | null {
  if (createHash("sha256").update(payload).digest("hex") !== report.payloadSha256) return "body_altered";
  const raw = readRaw(payload);
  if (raw === null) return "report_altered";
  const { asset_identification: asset, meta, measurements } = raw;
  const endsAtSeconds = Math.max(...measurements.map(({ end_time: end }) => end));
  const latest = measurements.filter(({ end_time: end }) => end === endsAtSeconds).at(-1);
  const isSame =
    asset.report_id === report.reportId &&
    meta.entitlement_tag === report.tag &&
    endsAtSeconds === report.endsAtSeconds &&
    Number(latest?.value.value) === report.count;
  return isSame ? null : "report_altered";
}

/** Null for a text that is no report, which only somebody at the database can have put there. */
function readRaw(payload: string): Raw | null {
  try {
    const raw = JSON.parse(payload);
    const isReport =
      raw?.asset_identification !== undefined && raw.meta !== undefined && Array.isArray(raw.measurements);
    return isReport && raw.measurements.every((one: Raw["measurements"][number] | null) => one?.value !== undefined)
      ? raw
      : null;
  } catch {
    return null;
  }
}
