// The independent model: what the committed reports say, added up the slow and obvious way, without any of the manager's or
// the agent's own arithmetic. It reads nothing but payloads.

import { formatUdi, type Measurement, type RumReport, udiOf } from "@countersign/protocol";
import type { CommittedReport } from "./journal.ts";

export type InUseNow = { readonly count: number; readonly endsAtSeconds: number; readonly reportId: number };
type Deciding = InUseNow & { readonly isVerified: boolean };

/** In use per installation and tag: of all measurements the verified one that ends last, then the one of the greatest id. */
export function inUseNow(rows: readonly CommittedReport[]): Map<number, Map<string, Deciding>> {
  const byInstallation = new Map<number, Map<string, Deciding>>();
  for (const { installationId, reportId, isVerified, report } of rows) {
    const byTag = byInstallation.get(installationId) ?? new Map<string, Deciding>();
    byInstallation.set(installationId, byTag);
    for (const measurement of report.measurements) {
      const one = { count: countOf(measurement), endsAtSeconds: measurement.end_time, reportId, isVerified };
      const known = byTag.get(tagOf(report));
      // Of equal ends within one report the last one stands.
      if (known === undefined || rank(one) >= rank(known)) byTag.set(tagOf(report), one);
    }
  }
  return byInstallation;
}

/** Verified before unverified, then end, then id, as one number: ends have ten digits, ids as many. */
function rank({ isVerified, endsAtSeconds, reportId }: Deciding): bigint {
  return (isVerified ? 10n ** 40n : 0n) + BigInt(endsAtSeconds) * 10n ** 16n + BigInt(reportId);
}

/** Ids between the least and the greatest that an installation reported, which no report and no merged report brought. */
export function missingIds(rows: readonly CommittedReport[], installationId: number): readonly number[] {
  const brought = new Set<number>();
  for (const row of rows) {
    if (row.installationId !== installationId) continue;
    brought.add(row.reportId);
    for (const id of mergedIdsOf(row.report)) brought.add(id);
  }
  if (brought.size === 0) return [];
  const [least, greatest] = [Math.min(...brought), Math.max(...brought)];
  // A replaced device counts from its own clock: a hole of millions is compared by its ends, not one by one.
  const sorted = [...brought].sort((one, other) => one - other);
  const missing: number[] = [];
  for (let at = 1; at < sorted.length; at += 1) {
    const [before, after] = [sorted[at - 1] ?? least, sorted[at] ?? greatest];
    if (after - before > 1) missing.push(before + 1, after - 1);
  }
  return missing;
}

/** Reports of a product, each payload once, however often and wherever it was taken. */
export function reportsOf(rows: readonly CommittedReport[], udis: ReadonlySet<string>): readonly RumReport[] {
  const byContent = new Map<string, RumReport>();
  for (const { payloadSha256, report } of rows) {
    if (udis.has(formatUdi(udiOf(report.asset_identification.instance.sudi)))) byContent.set(payloadSha256, report);
  }
  return [...byContent.values()];
}

/**
 * What the reports say was in use at a second: of the measurements over it that of the greatest report id. Null when none
 * covers it, "coarse" when it was merged with others and only its sum is exact.
 */
export function inUseAt(reports: readonly RumReport[], tag: string, atSeconds: number): number | "coarse" | null {
  let found: { readonly id: number; readonly measurement: Measurement } | null = null;
  for (const report of reports) {
    const id = idOf(report);
    if (tagOf(report) !== tag || (found !== null && id < found.id)) continue;
    for (const measurement of report.measurements) {
      if (measurement.start_time <= atSeconds && atSeconds < measurement.end_time) found = { id, measurement };
    }
  }
  if (found === null) return null;
  return found.measurement.meta.merged_measurements === undefined ? countOf(found.measurement) : "coarse";
}

/** Sum of count times seconds over all reports of a tag, leaving out those that live on in another. */
export function countSeconds(reports: readonly RumReport[], tag: string): bigint {
  const merged = new Set(reports.flatMap((report) => [...mergedIdsOf(report)]));
  let sum = 0n;
  for (const report of reports) {
    if (tagOf(report) !== tag || merged.has(idOf(report))) continue;
    for (const { start_time: start, end_time: end, meta, value } of report.measurements) {
      sum +=
        meta.merged_count_seconds === undefined
          ? BigInt(end - start) * BigInt(value.value)
          : BigInt(meta.merged_count_seconds);
    }
  }
  return sum;
}

export function mergedIdsOf(report: RumReport): readonly number[] {
  const ranges = report.meta.merged_report_ids?.split(",") ?? [];
  return ranges.flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}

function idOf(report: RumReport): number {
  return report.asset_identification.report_id;
}

function tagOf(report: RumReport): string {
  return report.meta.entitlement_tag;
}

function countOf(measurement: Measurement): number {
  return Number(measurement.value.value);
}
