import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  changedDevicesPerMeasurementMax,
  countMax,
  devicesPerInstallationMax,
  idRangesCharactersMax,
  measurementsPerReportMax,
} from "./limits.ts";
import {
  decodeRumReport,
  encodeRumReport,
  formatIdRanges,
  latestMeasurement,
  type Measurement,
  parseIdRanges,
  type RumReport,
  sampleCount,
} from "./rum-report.ts";
import { assertRefused } from "./test-support/expectations.ts";
import { rumReport, sudi } from "./test-support/samples.ts";

const [measurement] = rumReport.measurements as [Measurement];
const withMeasurement = (change: object) => ({ ...rumReport, measurements: [{ ...measurement, ...change }] });
const withMeta = (change: object) => ({ ...rumReport, meta: { ...rumReport.meta, ...change } });
const decode = (value: unknown) => decodeRumReport(JSON.stringify(value));
const refuse = (value: unknown) =>
  assertRefused("payload_invalid", () => decode(value), JSON.stringify(value).slice(0, 400));

describe("a RUM report", () => {
  it("of version 2.0 is read; another version, or none, has its own code", async () => {
    assert.deepEqual(decode(rumReport), rumReport);
    for (const value of [{ ...rumReport, version: "1.0" }, { ...rumReport, version: 2 }, {}, [], null, 5]) {
      await assertRefused("payload_version_unknown", () => decode(value));
    }
  });

  it("may name its product instance, its members, clock changes and merged reports", () => {
    const rich = withMeasurement({
      meta: {
        termination_reason: "clock_change",
        close_reason: "SMART",
        clock_change_delta: "-3600",
        added_sudi_list: [sudi],
        removed_sudi_list: [],
        merged_measurements: 12,
        merged_count_seconds: "18446744073709551615",
      },
    });
    assert.deepEqual(decode(rich), rich);
    const merged = withMeta({ merged_report_ids: "12-40,43" });
    assert.deepEqual(decode(merged), merged);
  });

  it("is refused when a measurement ends before it starts, or its interval is not its length", async () => {
    await refuse(withMeasurement({ end_time: measurement.start_time - 1, sample_interval: -1 }));
    await refuse(withMeasurement({ sample_interval: measurement.sample_interval + 1 }));
    decode(withMeasurement({ end_time: measurement.start_time, sample_interval: 0 }));
  });

  it("is refused when a member is missing, unknown or of the wrong kind", async () => {
    const { meta: _, ...withoutMeta } = rumReport;
    const wrong = [
      withoutMeta,
      { ...rumReport, extra: 1 },
      { ...rumReport, measurements: [] },
      withMeasurement({ metric_name: "OTHER" }),
      withMeasurement({ value: { type: "COUNT", value: 2 } }),
      withMeasurement({ value: { type: "COUNT", value: "-2" } }),
      withMeasurement({ value: { type: "COUNT", value: "" } }),
      withMeasurement({ meta: [] }),
      withMeasurement({ meta: { unknown: 1 } }),
      withMeasurement({ meta: { clock_change_delta: -3600 } }),
      withMeta({ ha_udi: [] }),
      withMeta({ entitlement_tag: "BASE" }),
      withMeta({ utility_enabled: "no" }),
      withMeta({ merged_report_ids: "9-3" }),
    ];
    for (const value of wrong) await refuse(value);
  });

  it("holds as much as each limit says, and not one more", async () => {
    const measurements = (count: number) => ({ ...rumReport, measurements: Array(count).fill(measurement) });
    const members = (count: number) => withMeta({ ha_udi: Array(count).fill({ role: "Member", sudi }) });
    const added = (count: number) => withMeasurement({ meta: { added_sudi_list: Array(count).fill(sudi) } });
    const ids = (characters: number) => withMeta({ merged_report_ids: idText(characters) });
    const count = (value: bigint) => withMeasurement({ value: { type: "COUNT", value: `${value}` } });
    for (const [build, limit] of [
      [measurements, measurementsPerReportMax],
      [members, devicesPerInstallationMax],
      [added, changedDevicesPerMeasurementMax],
      [ids, idRangesCharactersMax],
    ] as const) {
      decode(build(limit));
      await assertRefused("payload_invalid", () => decode(build(limit + 1)));
    }
    decode(count(BigInt(countMax)));
    await refuse(count(BigInt(countMax) + 1n));
  });
});

/** Ids that make a list of exactly so many characters: "10,12,14,…" and a last one as long as it takes. */
function idText(characters: number): string {
  let text = "";
  for (let id = 1_000; text.length < characters - 14; id += 2) text += `${id},`;
  return text + "9".repeat(characters - text.length);
}

describe("the number of samples", () => {
  for (const [interval, delta, expected] of [
    [0, 0, 1],
    [36_000, 0, 41],
    [900, 0, 2],
    [449, 0, 1],
    [450, 0, 2],
    [86_400, 0, 97],
    [36_000, 3_600, 37],
    [36_000, -3_600, 45],
    [900, 1_000_000, 1],
  ] as const) {
    it(`in ${interval} s with the clock set by ${delta} s is ${expected}`, () => {
      assert.equal(sampleCount(interval, delta), expected);
    });
  }
});

describe("the measurement that counts now", () => {
  const at = (end_time: number, value: string): Measurement => ({
    ...measurement,
    end_time,
    value: { type: "COUNT", value },
  });
  const latest = (...measurements: Measurement[]) => latestMeasurement({ ...rumReport, measurements });

  it("is the one that ends last, wherever it stands; of two that end together, the later one", () => {
    assert.deepEqual(latest(at(10, "1"), at(30, "3"), at(20, "2")), {
      count: 3,
      endsAtSeconds: 30,
      reportId: 1_900_000_042,
    });
    assert.equal(latest(at(10, "1"), at(10, "0")).count, 0);
    assert.equal(latest(at(10, `${countMax}`)).count, countMax);
  });
});

describe("ranges of ids", () => {
  it("are written as short as they can be", () => {
    assert.equal(formatIdRanges([12, 13, 14, 40, 43, 44]), "12-14,40,43-44");
    assert.deepEqual(parseIdRanges("12-14,40,43-44"), [
      [12, 14],
      [40, 40],
      [43, 44],
    ]);
    assert.equal(formatIdRanges([]), "");
  });

  it("have one text for one set of ids: everything else is refused", async () => {
    for (const text of [
      "",
      ",",
      "1,",
      "1-",
      "-1",
      "1-1",
      "2-1",
      "1,1",
      "1,2",
      "1-2,3",
      "1-3,2",
      "01",
      "1 ,3",
      "1-2-3",
      "9007199254740992",
      "1-9007199254740992",
      "x",
    ]) {
      await assertRefused("payload_invalid", () => parseIdRanges(text), text);
    }
    assert.throws(() => formatIdRanges([2, 2]), /broken promise/);
    assert.throws(() => formatIdRanges([2, 1]), /broken promise/);
  });

  it("are canonical: whatever is read is written the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123-,"), maxLength: 12 }), (text) => {
        let ranges: ReturnType<typeof parseIdRanges>;
        try {
          ranges = parseIdRanges(text);
        } catch {
          return;
        }
        if (ranges.some(([from, to]) => to - from > 10_000)) return;
        assert.equal(
          formatIdRanges(ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))),
          text,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

it("a report is written without blanks, in the order of the documented example", () => {
  const report: RumReport = rumReport;
  assert.match(encodeRumReport(report), /^\{"version":"2\.0","asset_identification":\{"report_id":1900000042,/);
});
