// What the lab shows of one product instance, read from its agent.

import type { AgentState } from "@countersign/agent";
import { formatRelative } from "@countersign/terminal";

export type InstanceStatus = {
  readonly name: string;
  readonly members: number;
  readonly trustedMembers: number;
  /** Count by entitlement tag, without zeros. */
  readonly inUse: Readonly<Record<string, number>>;
  readonly lastPushAtMs: number | null;
  readonly lastAckAtMs: number | null;
  readonly nextPushAtMs: number | null;
  /** The newest failure of communication that has not been followed by a success. */
  readonly problem: string | null;
};

export function readStatus(name: string, state: AgentState): InstanceStatus {
  const trusts = state.installation.members.map(
    (member) => state.trust.members[`PID:${member.udi.pid},SN:${member.udi.serialNumber}`],
  );
  const inUse = Object.values(state.metering.usages).filter((usage) => usage.count > 0);
  return {
    name,
    members: trusts.length,
    trustedMembers: trusts.filter((trust) => trust?.status === "installed").length,
    inUse: Object.fromEntries(inUse.map((usage) => [usage.tag, usage.count])),
    lastPushAtMs: state.reporting.lastPushAtMs,
    lastAckAtMs: state.reporting.lastAckAtMs,
    nextPushAtMs: state.reporting.nextPushAtMs,
    problem: currentProblem(state),
  };
}

function currentProblem(state: AgentState): string | null {
  if (state.communication.failingSinceMs === null) return null;
  const failing = Object.values(state.communication.statistics).filter((kind) => kind.ongoingFailures > 0);
  const newest = failing
    .flatMap((kind) => (kind.lastFailure === null ? [] : [kind.lastFailure]))
    .toSorted((one, other) => other.atMs - one.atMs)[0];
  return newest === undefined ? "communication failing" : `${newest.stage}: ${newest.message}`;
}

/** One word and a count: every member trusted, some, or none. */
export function describeTrust(status: InstanceStatus): string {
  if (status.trustedMembers === 0) return "none";
  const count = `${status.trustedMembers}/${status.members}`;
  return status.trustedMembers === status.members ? `installed ${count}` : `partial ${count}`;
}

export function describeInUse(status: InstanceStatus): string {
  const counts = Object.entries(status.inUse).map(([tag, count]) => `${count} ${shortTag(tag)}`);
  return counts.length === 0 ? "–" : counts.join(", ");
}

/** The name part of a tag: what stands before the version. */
export function shortTag(tag: string): string {
  return tag.split(",")[0]?.split(".").at(-1) ?? tag;
}

export function describeNext(status: InstanceStatus, now: number): string {
  return status.problem ?? `report ${formatRelative(status.nextPushAtMs, now)}`;
}
