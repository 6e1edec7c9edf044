// The summary of a run: what `npm start -- --exit --json` prints.

import type { InstanceStatus } from "./instance-status.ts";
import type { LabInstance, RunningLab } from "./running-lab.ts";

export type LabSummary = {
  /** Installations of the fleet. */
  readonly instances: number;
  /** Of these, with trust on every member. */
  readonly trusted: number;
  /** RUM reports of this run whose ACK was verified. */
  readonly reports: number;
  /** Instances with a verified ACK in this run. */
  readonly acknowledged: number;
  /** Installed counts by entitlement tag, over the whole fleet. */
  readonly inUse: Readonly<Record<string, number>>;
  readonly seconds: number;
};

export function summarize(lab: RunningLab, startedAtMs: number, now: number): LabSummary {
  const statuses = lab.statuses();
  return {
    instances: statuses.length,
    trusted: statuses.filter(isTrusted).length,
    reports: lab.instances.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
    acknowledged: lab.instances.filter(isAcknowledged).length,
    inUse: sumUsage(statuses),
    seconds: Math.round((now - startedAtMs) / 100) / 10,
  };
}

export function isComplete(summary: LabSummary): boolean {
  return summary.trusted === summary.instances && summary.acknowledged === summary.instances;
}

/** Why a run is not complete, a line an instance, in words. */
export function describeMissing(lab: RunningLab): readonly string[] {
  return lab.statuses().flatMap((status, index) => {
    const instance = lab.instances[index];
    if (instance !== undefined && isTrusted(status) && isAcknowledged(instance)) return [];
    const what = isTrusted(status)
      ? "has no verified ACK"
      : `has trust on ${status.trustedMembers} of ${status.members} members`;
    return [`${status.name} ${what}: ${status.problem ?? "no answer yet"}`];
  });
}

function isTrusted(status: InstanceStatus): boolean {
  return status.trustedMembers === status.members;
}

function isAcknowledged({ acknowledged }: LabInstance): boolean {
  return acknowledged.size > 0;
}

function sumUsage(statuses: readonly InstanceStatus[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { inUse } of statuses) {
    for (const [tag, count] of Object.entries(inUse)) sums[tag] = (sums[tag] ?? 0) + count;
  }
  return sums;
}
