// From the machine's effects to the body of a RUM report. A draft has everything but the product instance identifier,
// which may be known only when the report is handed out and signed.

import { encodeRumReport, type Measurement, type RumReport, sampleCount, sudiOf } from "@countersign/protocol";
import type { ReportEffect } from "./ports.ts";

export function measurementOf(effect: Extract<ReportEffect, { type: "measure" }>): Measurement {
  const { startSeconds, endSeconds, meta } = effect;
  const intervalSeconds = endSeconds - startSeconds;
  const clockDeltaSeconds = Number(meta.clock_change_delta ?? "0");
  return {
    // The time at which the measurement was begun, by the clock of that moment (field fact: it may lie before the start).
    log_time: startSeconds - Math.max(0, clockDeltaSeconds),
    metric_name: "ENTITLEMENT",
    start_time: startSeconds,
    end_time: endSeconds,
    sample_interval: intervalSeconds,
    num_samples: sampleCount(intervalSeconds, clockDeltaSeconds),
    meta,
    value: { type: "COUNT", value: String(effect.count) },
  };
}

/** The reason stands on the last measurement of a closed report. */
export function withCloseReason(measurements: readonly Measurement[], reason: string): readonly Measurement[] {
  return measurements.map((measurement, position) =>
    position === measurements.length - 1
      ? { ...measurement, meta: { ...measurement.meta, close_reason: reason } }
      : measurement,
  );
}

export function draftOf(
  effect: Extract<ReportEffect, { type: "close-report" }>,
  measurements: readonly Measurement[],
): RumReport {
  const { facts } = effect;
  return {
    version: "2.0",
    asset_identification: {
      report_id: effect.reportId,
      asset: { name: facts.productTag },
      instance: { sudi: sudiOf(facts.udi) },
    },
    meta: {
      entitlement_tag: effect.tag,
      utility_enabled: false,
      software_version: facts.softwareVersion,
      ha_udi: facts.members.map((member) => ({ role: member.role, sudi: sudiOf(member.udi) })),
    },
    measurements: [...measurements],
  };
}

/** The exact text that is signed. */
export function payloadOf(draft: RumReport, productInstanceIdentifier: string): string {
  const { instance } = draft.asset_identification;
  return encodeRumReport({
    ...draft,
    asset_identification: {
      ...draft.asset_identification,
      instance: { ...instance, product_instance_identifier: productInstanceIdentifier },
    },
  });
}
