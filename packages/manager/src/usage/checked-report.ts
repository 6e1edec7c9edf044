// A report after everything that can be checked without the database's current state.

import {
  latestMeasurement,
  type Measurement,
  parseIdRanges,
  type ReportRefusal,
  type RumReport,
} from "@countersign/protocol";

export type SoundReport = {
  readonly outcome: "sound";
  readonly reportId: number;
  readonly payloadSha256: string;
  /** Exact text that was signed, and its signature member as JSON text. */
  readonly payload: string;
  readonly signature: string;
  readonly tag: string;
  readonly count: number;
  readonly startsAtSeconds: number;
  readonly endsAtSeconds: number;
  readonly measurements: number;
  readonly isVerified: boolean;
  /** Ids whose usage stands in this report. */
  readonly mergedIds: readonly (readonly [number, number])[];
};

export type RefusedReport = {
  readonly outcome: "refused";
  readonly reportId: number | null;
  readonly payloadSha256: string;
  readonly code: ReportRefusal;
};

export type CheckedReport = SoundReport | RefusedReport;

export type ReportBytes = Pick<SoundReport, "payload" | "payloadSha256" | "signature" | "isVerified">;

/** Takes out of a report what is stored beside its bytes. */
export function summarizeReport(report: RumReport, bytes: ReportBytes): SoundReport {
  const latest = latestMeasurement(report);
  const merged = report.meta.merged_report_ids;
  return {
    outcome: "sound",
    ...bytes,
    reportId: latest.reportId,
    tag: report.meta.entitlement_tag,
    count: latest.count,
    startsAtSeconds: earliestStart(report.measurements),
    endsAtSeconds: latest.endsAtSeconds,
    measurements: report.measurements.length,
    mergedIds: merged === undefined ? [] : parseIdRanges(merged),
  };
}

function earliestStart(measurements: readonly Measurement[]): number {
  return measurements.reduce(
    (earliest, measurement) => Math.min(earliest, measurement.start_time),
    Number.MAX_SAFE_INTEGER,
  );
}
