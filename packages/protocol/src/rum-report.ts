// The RUM report, version 2.0: what one installation used of one entitlement tag, one measurement per change.
// Shape: spec/protocol.md, section 5.

import * as v from "valibot";
import { assert, ProtocolError } from "./errors.ts";
import { sudiSchema } from "./identity.ts";
import { parseJson } from "./json.ts";
import {
  changedDevicesPerMeasurementMax,
  devicesPerInstallationMax,
  idRangesCharactersMax,
  measurementsPerReportMax,
} from "./limits.ts";
import { check, countText, epochSeconds, jsonObject, tagText, text, uuidOrEmpty, wholeNumber } from "./schema.ts";

const sudiListSchema = v.pipe(v.array(sudiSchema), v.maxLength(changedDevicesPerMeasurementMax));

const measurementMetaEntries = {
  /** Why the measurement ended: count_change, member_change, clock_change, reload, report_closed … */
  termination_reason: v.optional(text),
  /** On the last measurement of a closed report. */
  close_reason: v.optional(text),
  /** Seconds, as a decimal string, by which the clock jumped inside this measurement. */
  clock_change_delta: v.optional(v.pipe(v.string(), v.regex(/^-?\d{1,12}$/, "is not a number of seconds"))),
  added_sudi_list: v.optional(sudiListSchema),
  removed_sudi_list: v.optional(sudiListSchema),
  /** Measurements that were merged into this one when the store was full; `value` is then the largest of them. */
  merged_measurements: v.optional(wholeNumber),
  /** Exact sum of count × seconds over what was merged, a decimal string. */
  merged_count_seconds: v.optional(v.pipe(v.string(), v.regex(/^\d{1,20}$/, "is not a sum"))),
};
const measurementMetaSchema = v.pipe(jsonObject, v.strictObject(measurementMetaEntries));

const measurementSchema = v.pipe(
  v.strictObject({
    log_time: epochSeconds,
    metric_name: v.literal("ENTITLEMENT"),
    start_time: epochSeconds,
    end_time: epochSeconds,
    sample_interval: wholeNumber,
    num_samples: wholeNumber,
    meta: measurementMetaSchema,
    value: v.strictObject({ type: v.literal("COUNT"), value: countText }),
  }),
  v.check((m) => m.end_time >= m.start_time, "ends before it starts"),
  v.check(
    (m) => m.sample_interval === m.end_time - m.start_time,
    "has a sample_interval that is not end_time - start_time",
  ),
);

export const haRoles = ["Active", "Standby", "Member"] as const;
export type HaRole = (typeof haRoles)[number];

export const rumReportSchema = v.strictObject({
  version: v.literal("2.0"),
  asset_identification: v.strictObject({
    report_id: wholeNumber,
    asset: v.strictObject({ name: tagText }),
    instance: v.strictObject({ sudi: sudiSchema, product_instance_identifier: v.optional(uuidOrEmpty) }),
  }),
  meta: v.strictObject({
    entitlement_tag: tagText,
    utility_enabled: v.boolean(),
    software_version: text,
    ha_udi: v.pipe(
      v.array(v.strictObject({ role: v.picklist(haRoles), sudi: sudiSchema })),
      v.minLength(1),
      v.maxLength(devicesPerInstallationMax),
    ),
    /** Ids of reports that were merged into this one: "12-40,43". Their usage stands here. */
    merged_report_ids: v.optional(
      v.pipe(v.string(), v.maxLength(idRangesCharactersMax), v.check(isIdRanges, "is not a list of ids")),
    ),
  }),
  measurements: v.pipe(v.array(measurementSchema), v.minLength(1), v.maxLength(measurementsPerReportMax)),
});

export type RumReport = v.InferOutput<typeof rumReportSchema>;
export type Measurement = RumReport["measurements"][number];
export type MeasurementMeta = Measurement["meta"];

/** Parses a verified payload; throws `payload_invalid` or `payload_version_unknown`. */
export function decodeRumReport(payload: string): RumReport {
  const value = parseJson(payload);
  const version = typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  if (version !== "2.0")
    throw new ProtocolError("payload_version_unknown", `RUM report version ${JSON.stringify(version ?? null)}.`);
  return check(rumReportSchema, value, "payload_invalid");
}

export function encodeRumReport(report: RumReport): string {
  return JSON.stringify(report);
}

/** Seconds between two samples of the field's measurement clock. */
export const sampleSeconds = 900;

/** Samples that an interval holds; a clock change inside does not count (section 5). */
export function sampleCount(intervalSeconds: number, clockChangeDeltaSeconds = 0): number {
  return Math.max(1, Math.round((intervalSeconds - clockChangeDeltaSeconds) / sampleSeconds) + 1);
}

export type LatestMeasurement = { readonly count: number; readonly endsAtSeconds: number; readonly reportId: number };

/** The measurement that decides "in use now": the greatest end time. One report never has two sequences. */
export function latestMeasurement(report: RumReport): LatestMeasurement {
  let latest = report.measurements[0] as Measurement;
  for (const measurement of report.measurements) {
    if (measurement.end_time >= latest.end_time) latest = measurement;
  }
  return {
    count: Number(latest.value.value),
    endsAtSeconds: latest.end_time,
    reportId: report.asset_identification.report_id,
  };
}

/** Ranges of ids as text, for `merged_report_ids`. The ids must ascend, none twice. */
export function formatIdRanges(ids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    assert(last === undefined || last[1] < id, "report ids ascend");
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/**
 * Reads `12-40,43` as pairs of first and last id. Ranges ascend and neither touch nor overlap, so that a set of ids
 * has one text only. Throws `payload_invalid`.
 */
export function parseIdRanges(text: string): readonly (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  let beyond = -1;
  for (const range of text.split(",")) {
    const match = /^(0|[1-9]\d{0,15})(?:-([1-9]\d{0,15}))?$/.exec(range);
    const from = Number(match?.[1]);
    const to = match?.[2] === undefined ? from : Number(match[2]);
    const isRange =
      match !== null && Number.isSafeInteger(to) && from > beyond && (match[2] === undefined || to > from);
    if (!isRange) throw new ProtocolError("payload_invalid", "merged_report_ids: is not a list of ids");
    ranges.push([from, to]);
    beyond = to + 1;
  }
  return ranges;
}

function isIdRanges(text: string): boolean {
  try {
    return parseIdRanges(text).length > 0;
  } catch {
    return false;
  }
}
