import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeRumReport,
  encodeRumReport,
  latestMeasurement,
  type Measurement,
  measurementsPerReportMax,
  parseIdRanges,
  type RumReport,
  sampleCount,
} from "@countersign/protocol";
import fc from "fast-check";
import { countSeconds, mergeReports } from "./merge-reports.ts";
import { advantageTag, essentialsTag } from "./test-support/driven-agent.ts";

type Piece = { readonly seconds: number; readonly gap: number; readonly count: number };
const piece = fc.record({
  seconds: fc.integer({ min: 0, max: 100_000 }),
  // A gap below zero is a clock that went back.
  gap: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -50_000, max: 50_000 })),
  count: fc.integer({ min: 0, max: 1_000_000 }),
});
const reportsOf = fc
  .array(fc.array(piece, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 })
  .map((bodies) => build(bodies));

/** Closed reports of one tag, one after the other, with ids that leave holes for other tags. */
function build(bodies: readonly (readonly Piece[])[]): readonly RumReport[] {
  let clock = 2_000_000_000;
  return bodies.map((pieces, index) => {
    const measurements = pieces.map(({ seconds, gap, count }, position): Measurement => {
      const start = clock + gap;
      clock = start + seconds;
      const isLast = position === pieces.length - 1;
      const meta = isLast
        ? { termination_reason: "report_closed", close_reason: "SMART" }
        : { termination_reason: "count_change" };
      return measurement(start, clock, count, meta);
    });
    return report(1000 + index * 3, measurements);
  });
}

function measurement(start: number, end: number, count: number, meta: Measurement["meta"] = {}): Measurement {
  const interval = end - start;
  return {
    log_time: start,
    metric_name: "ENTITLEMENT",
    start_time: start,
    end_time: end,
    sample_interval: interval,
    num_samples: sampleCount(interval),
    meta,
    value: { type: "COUNT", value: String(count) },
  };
}

function report(reportId: number, measurements: Measurement[], tag = advantageTag): RumReport {
  const sudi = { udi_pid: "EDGE-24", udi_serial_number: "EXA00000001" };
  return {
    version: "2.0",
    asset_identification: {
      report_id: reportId,
      asset: { name: "regid.2031-01.org.example.EDGE_SW,1.0_00000000-0000-4000-8000-0000000000a1" },
      instance: { sudi },
    },
    meta: {
      entitlement_tag: tag,
      utility_enabled: false,
      software_version: `1.0.${reportId}`,
      ha_udi: [{ role: "Active", sudi }],
    },
    measurements,
  };
}

function total(reports: readonly RumReport[]): bigint {
  return reports.flatMap((each) => each.measurements).reduce((sum, each) => sum + countSeconds(each), 0n);
}

/** What each id stands for after any number of merges: itself and what it names. */
function idsOf(each: RumReport): readonly number[] {
  const named = each.meta.merged_report_ids === undefined ? [] : parseIdRanges(each.meta.merged_report_ids);
  const ids = named.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
  return [...ids, each.asset_identification.report_id].sort((one, other) => one - other);
}

const limits = fc.integer({ min: 2, max: 40 });

test("[BET-22] merging keeps the sum of count times seconds exactly, and never exceeds the limit of measurements", () => {
  fc.assert(
    fc.property(reportsOf, limits, (reports, measurementsMax) => {
      const merged = mergeReports(reports, { measurementsMax });
      assert.equal(total([merged]), total(reports));
      assert.ok(merged.measurements.length <= measurementsMax);
    }),
  );
});

test("[BET-22] merging in any grouping keeps the total, names every report, and leaves the usage of now as it was", () => {
  fc.assert(
    fc.property(reportsOf, limits, (reports, measurementsMax) => {
      let merged = reports[0] as RumReport;
      for (const next of reports.slice(1)) merged = mergeReports([merged, next], { measurementsMax });
      assert.equal(total([merged]), total(reports));
      assert.deepEqual(
        idsOf(merged),
        reports.map((each) => each.asset_identification.report_id),
      );
      assert.deepEqual(inUse([merged]), inUse(reports));
    }),
  );
});

/** In use now by the domain's rule: the greatest end time, then the greatest report id. */
function inUse(reports: readonly RumReport[]): { readonly count: number; readonly endsAtSeconds: number } {
  const [first, ...rest] = reports.map(latestMeasurement);
  assert.ok(first !== undefined);
  const newest = rest.reduce((one, next) => (next.endsAtSeconds >= one.endsAtSeconds ? next : one), first);
  return { count: newest.count, endsAtSeconds: newest.endsAtSeconds };
}

test("a merged report is a valid report: it survives its own encoding, and only its last measurement says why it was closed", () => {
  fc.assert(
    fc.property(reportsOf, limits, (reports, measurementsMax) => {
      const merged = mergeReports(reports, { measurementsMax, reportId: 5000 });
      assert.deepEqual(decodeRumReport(encodeRumReport(merged)), merged);
      const closing = merged.measurements.filter(({ meta }) => meta.close_reason !== undefined);
      assert.ok(closing.length <= 1);
      assert.equal(merged.asset_identification.report_id, 5000);
      assert.equal(merged.meta.software_version, reports.at(-1)?.meta.software_version);
    }),
  );
});

test("the peak of each coarse measurement is the largest count that it covers", () => {
  fc.assert(
    fc.property(reportsOf, (reports) => {
      const merged = mergeReports(reports, { measurementsMax: 2 });
      const peak = (of: readonly RumReport[]): number =>
        Math.max(...of.flatMap((each) => each.measurements.map(({ value }) => Number(value.value))));
      assert.equal(peak([merged]), peak(reports));
    }),
  );
});

test("usage that went on unchanged over a report's end becomes one measurement again, without being marked as coarse", () => {
  const [one, two] = [
    measurement(1000, 2000, 3, { close_reason: "SMART" }),
    measurement(2000, 3000, 3, { close_reason: "SMART" }),
  ];
  const merged = mergeReports([report(1, [one]), report(2, [two])]);
  assert.deepEqual(merged.measurements, [measurement(1000, 3000, 3, { close_reason: "SMART" })]);
  assert.equal(merged.meta.merged_report_ids, "1");
});

test("devices that came and went again inside a coarse measurement are not named", () => {
  const added = (name: string) => ({ added_sudi_list: [{ udi_pid: "AP", udi_serial_number: name }] });
  const removed = (name: string) => ({ removed_sudi_list: [{ udi_pid: "AP", udi_serial_number: name }] });
  const body = [
    measurement(0, 10, 1, added("A1")),
    measurement(10, 20, 2, { ...added("A2") }),
    measurement(20, 30, 1, removed("A1")),
    measurement(30, 40, 5),
  ];
  const [coarse] = mergeReports([report(1, body)], { measurementsMax: 2 }).measurements;
  assert.deepEqual(coarse?.meta.added_sudi_list, [{ udi_pid: "AP", udi_serial_number: "A2" }]);
  assert.equal(coarse?.meta.removed_sudi_list, undefined);
  assert.deepEqual([coarse?.meta.merged_measurements, coarse?.meta.merged_count_seconds], [3, "40"]);
});

test("reports of two entitlements, or a result older than its parts, are broken promises", () => {
  const [one, other] = [report(1, [measurement(0, 1, 1)]), report(2, [measurement(0, 1, 1)], essentialsTag)];
  assert.throws(() => mergeReports([one, other]), /broken promise/);
  assert.throws(() => mergeReports([one], { reportId: 0 }), /broken promise/);
  assert.throws(() => mergeReports([]), /broken promise/);
});

test("a full merged report holds the protocol's maximum", () => {
  const many = Array.from({ length: measurementsPerReportMax }, (_, index) => measurement(index, index + 1, index % 7));
  const later = many.map((each) => measurement(each.start_time + 500, each.end_time + 500, Number(each.value.value)));
  const merged = mergeReports([report(1, many), report(2, later)]);
  assert.equal(merged.measurements.length, measurementsPerReportMax);
  assert.equal(total([merged]), total([report(1, many), report(2, later)]));
});
