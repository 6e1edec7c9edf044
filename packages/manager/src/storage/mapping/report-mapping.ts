// Reports, holes, evidence and usage from their rows, the same for every adapter.

import type { ReportBody } from "../../storage-ports.ts";
import type { InUse } from "../../usage/in-use.ts";
import type { ReportGap } from "../../usage/report-gaps.ts";
import type { AcceptedReport, StoredEvidence } from "../../usage/stored-report.ts";
import { timeMarks } from "../../usage/time-mark.ts";
import type { Row } from "./row.ts";

export function reportOf(row: Row): AcceptedReport {
  return {
    smartAccountId: row.smart_account_id as number,
    installationId: row.installation_id as number,
    reportId: row.report_id as number,
    tagId: row.tag_id as number,
    tag: row.tag as string,
    payloadSha256: hexOf(row.payload_sha256),
    leafIndex: row.leaf_index as number,
    acknowledgementId: row.acknowledgement_id as number,
    instanceId: row.instance_id as number,
    receivedAtMs: row.received_at_ms as number,
    startsAtSeconds: row.starts_at_s as number,
    endsAtSeconds: row.ends_at_s as number,
    count: row.use_count as number,
    measurements: row.measurements as number,
    isVerified: row.is_verified === 1,
    timeMark: timeMarks[row.time_mark as number] ?? "plausible",
  };
}

export function evidenceOf(row: Row): StoredEvidence {
  return {
    smartAccountId: row.smart_account_id as number,
    installationId: row.installation_id as number,
    reportId: row.report_id as number,
    payloadSha256: hexOf(row.payload_sha256),
    instanceId: row.instance_id as number,
    receivedAtMs: row.received_at_ms as number,
    payload: row.payload as string,
    signature: row.signature as string,
  };
}

export function bodyOf(row: Row): ReportBody {
  return { leafIndex: Number(row.leaf_index), payload: String(row.payload), signature: String(row.signature) };
}

export function gapOf(row: Row): ReportGap {
  return { from: row.from_id as number, to: row.to_id as number };
}

function hexOf(value: unknown): string {
  return Buffer.from(value as Uint8Array).toString("hex");
}

export function inUseOf(row: Row): InUse {
  return {
    count: row.use_count as number,
    endsAtSeconds: row.ends_at_s as number,
    reportId: row.report_id as number,
    isVerified: row.is_verified === 1,
  };
}
