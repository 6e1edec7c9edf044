// Merging of reports that no ACK has taken, when the store is full. Usage is never lost: totals of count times seconds stay
// exact, the usage of now stays untouched, and only the resolution of the past becomes coarser.
//
// Why this is safe whatever has become of the reports before: the merged report stands under the newest id among them (or
// one that is newer still), and of two measurements that overlap the later report id stands. So if an older report did
// reach the manager and only its ACK was lost, the merged one says the same time again under a later id and is counted
// once; if it did not, `merged_report_ids` explains the hole in the sequence. What must never happen is that a report
// changes under an id whose bytes were handed out: the same id with other bytes is refused as a conflict. So the id that
// the result takes must belong to a report that nobody has seen.

import {
  assert,
  type Measurement,
  measurementsPerReportMax,
  parseIdRanges,
  type RumReport,
  type Sudi,
  sampleCount,
} from "@countersign/protocol";

/** Characters that `merged_report_ids` may have. */
const mergedIdsCharactersMax = 4096;

export type MergeOptions = {
  /** The id of the result; by default the newest among the reports, which nobody may have seen then. */
  readonly reportId?: number;
  /** At least 2: the newest measurement, and all others as one. */
  readonly measurementsMax?: number;
};

/**
 * Merges closed reports of one entitlement tag into one. Facts about the installation are the newest report's. Throws
 * (broken promise) for reports of different tags, a result id older than theirs, or more ids than a report can name.
 */
export function mergeReports(reports: readonly RumReport[], options: MergeOptions = {}): RumReport {
  const ordered = [...reports].sort((one, other) => idOf(one) - idOf(other));
  const newest = ordered.at(-1);
  assert(newest !== undefined, "there is something to merge");
  const tag = newest.meta.entitlement_tag;
  assert(
    ordered.every((report) => report.meta.entitlement_tag === tag),
    "merged reports are of one entitlement",
  );
  const { reportId = idOf(newest), measurementsMax = measurementsPerReportMax } = options;
  assert(
    reportId >= idOf(newest) && measurementsMax >= 2,
    "a merged report has the newest id and room for two measurements",
  );
  const { merged_report_ids: _own, ...meta } = newest.meta;
  const ids = mergedIds(ordered, reportId);
  return {
    ...newest,
    asset_identification: { ...newest.asset_identification, report_id: reportId },
    meta: ids === "" ? meta : { ...meta, merged_report_ids: ids },
    measurements: mergeMeasurements(
      ordered.flatMap((report) => report.measurements),
      measurementsMax,
    ),
  };
}

function idOf(report: RumReport): number {
  return report.asset_identification.report_id;
}

/** The ids that live on in the result, as ranges; its own is not among them. */
function mergedIds(reports: readonly RumReport[], reportId: number): string {
  const ranges = reports.flatMap((report) => {
    const own: readonly (readonly [number, number])[] = idOf(report) === reportId ? [] : [[idOf(report), idOf(report)]];
    return [
      ...own,
      ...(report.meta.merged_report_ids === undefined ? [] : parseIdRanges(report.meta.merged_report_ids)),
    ];
  });
  const joined: [number, number][] = [];
  for (const [from, to] of ranges.sort((one, other) => one[0] - other[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  const text = joined.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
  assert(text.length <= mergedIdsCharactersMax, "a merged report can name the ids that live on in it");
  return text;
}

function mergeMeasurements(measurements: readonly Measurement[], limit: number): Measurement[] {
  const lastIndex = measurements.length - 1;
  const tidy = measurements.map((measurement, index) =>
    index === lastIndex ? measurement : withoutCloseReason(measurement),
  );
  let merged = joinUnchanged(tidy);
  while (merged.length > limit) merged = coarsenOldest(merged, merged.length - limit);
  return merged;
}

/** Only the last measurement of a report says why it was closed. */
function withoutCloseReason(measurement: Measurement): Measurement {
  const { close_reason: _reason, ...meta } = measurement.meta;
  return { ...measurement, meta };
}

/** Where a report ended and the count went on, there is one measurement again: nothing is lost by it. */
function joinUnchanged(measurements: readonly Measurement[]): Measurement[] {
  const joined: Measurement[] = [];
  for (const measurement of measurements) {
    const last = joined.at(-1);
    if (last !== undefined && goesOn(last, measurement)) joined[joined.length - 1] = join(last, measurement);
    else joined.push(measurement);
  }
  return joined;
}

function goesOn(one: Measurement, next: Measurement): boolean {
  const {
    added_sudi_list: added,
    removed_sudi_list: removed,
    clock_change_delta: delta,
    merged_measurements: merged,
  } = next.meta;
  const isPlain = added === undefined && removed === undefined && delta === undefined && merged === undefined;
  return (
    isPlain &&
    one.meta.merged_measurements === undefined &&
    one.end_time === next.start_time &&
    one.value.value === next.value.value
  );
}

function join(one: Measurement, next: Measurement): Measurement {
  const { termination_reason: _reason, close_reason: _closing, ...meta } = one.meta;
  return { ...one, ...interval(one.start_time, next.end_time), meta: { ...meta, ...next.meta } };
}

function interval(start: number, end: number) {
  return { start_time: start, end_time: end, sample_interval: end - start, num_samples: sampleCount(end - start) };
}

/** Makes pairs from the oldest on, as many as asked for; the measurement that says what is in use now stays alone. */
function coarsenOldest(measurements: readonly Measurement[], pairs: number): Measurement[] {
  const newest = newestIndex(measurements);
  const coarse: Measurement[] = [];
  let made = 0;
  for (let index = 0; index < measurements.length; index += 1) {
    const one = measurements[index] as Measurement;
    const next = measurements[index + 1];
    if (made < pairs && next !== undefined && index !== newest && index + 1 !== newest) {
      coarse.push(coarsen(one, next));
      made += 1;
      index += 1;
    } else {
      coarse.push(one);
    }
  }
  return made > 0 ? coarse : coarsenAround(measurements, newest);
}

/** One measurement on each side of the newest is all that is left: a clock that went back. They become one before it. */
function coarsenAround(measurements: readonly Measurement[], newest: number): Measurement[] {
  const others = measurements.filter((_, index) => index !== newest);
  const rest = others.slice(1).reduce(coarsen, others[0] as Measurement);
  return [rest, measurements[newest] as Measurement];
}

function newestIndex(measurements: readonly Measurement[]): number {
  let newest = 0;
  for (const [index, { end_time: end }] of measurements.entries()) {
    if (end >= (measurements[newest] as Measurement).end_time) newest = index;
  }
  return newest;
}

/** Two measurements as one over both: the larger count, and the exact sum of count times seconds beside it. */
function coarsen(one: Measurement, next: Measurement): Measurement {
  const counts = [Number(one.value.value), Number(next.value.value)];
  const added = [...(one.meta.added_sudi_list ?? []), ...(next.meta.added_sudi_list ?? [])];
  const removed = [...(one.meta.removed_sudi_list ?? []), ...(next.meta.removed_sudi_list ?? [])];
  const delta = Number(one.meta.clock_change_delta ?? 0) + Number(next.meta.clock_change_delta ?? 0);
  const meta: Measurement["meta"] = {
    ...reasonsOf(next),
    merged_measurements: (one.meta.merged_measurements ?? 1) + (next.meta.merged_measurements ?? 1),
    merged_count_seconds: formatSum(countSeconds(one) + countSeconds(next)),
  };
  if (delta !== 0) meta.clock_change_delta = String(delta);
  const came = without(added, removed);
  const went = without(removed, added);
  if (came.length > 0) meta.added_sudi_list = came;
  if (went.length > 0) meta.removed_sudi_list = went;
  return {
    ...one,
    ...interval(Math.min(one.start_time, next.start_time), Math.max(one.end_time, next.end_time)),
    meta,
    value: { type: "COUNT", value: String(Math.max(...counts)) },
  };
}

/** The protocol has room for 20 digits: a hundred million million licences for a century. What is beyond is told as that much. */
function formatSum(sum: bigint): string {
  const largest = 10n ** 20n - 1n;
  return String(sum < largest ? sum : largest);
}

function reasonsOf({ meta }: Measurement): Measurement["meta"] {
  const reasons: Measurement["meta"] = {};
  if (meta.termination_reason !== undefined) reasons.termination_reason = meta.termination_reason;
  if (meta.close_reason !== undefined) reasons.close_reason = meta.close_reason;
  return reasons;
}

/** Each device of `from` that `other` does not take back: coming and going again is no change. */
function without(from: readonly Sudi[], other: readonly Sudi[]): Sudi[] {
  const left = new Map<string, number>();
  for (const sudi of other) left.set(keyOf(sudi), (left.get(keyOf(sudi)) ?? 0) + 1);
  return from.filter((sudi) => {
    const count = left.get(keyOf(sudi)) ?? 0;
    if (count > 0) left.set(keyOf(sudi), count - 1);
    return count === 0;
  });
}

function keyOf(sudi: Sudi): string {
  return `${sudi.udi_pid} ${sudi.udi_serial_number}`;
}

/** Count times seconds of one measurement, exactly, also of one that was coarsened before. */
export function countSeconds(measurement: Measurement): bigint {
  const { merged_count_seconds: merged } = measurement.meta;
  return merged === undefined ? BigInt(measurement.value.value) * BigInt(measurement.sample_interval) : BigInt(merged);
}
