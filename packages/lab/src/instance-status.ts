// What the lab shows of one product instance, read from its agent.

import type { AgentState } from "@countersign/agent";
import { licenseOfTag, type PlatformProfile } from "@countersign/device";
import { formatRelative } from "@countersign/terminal";

export type InstanceStatus = {
  readonly name: string;
  readonly members: number;
  readonly trustedMembers: number;
  /** Count by entitlement tag, without zeros. */
  readonly inUse: Readonly<Record<string, number>>;
  /** The same by the name that people know; tags of one name are added up. */
  readonly licenses: Readonly<Record<string, number>>;
  readonly lastPushAtMs: number | null;
  readonly lastAckAtMs: number | null;
  readonly nextPushAtMs: number | null;
  /** The newest failure of communication that has not been followed by a success. */
  readonly problem: string | null;
};

export function readStatus(name: string, state: AgentState, profile: PlatformProfile): InstanceStatus {
  const trusts = state.installation.members.map(
    (member) => state.trust.members[`PID:${member.udi.pid},SN:${member.udi.serialNumber}`],
  );
  const inUse = Object.values(state.metering.usages).filter((usage) => usage.count > 0);
  return {
    name,
    members: trusts.length,
    trustedMembers: trusts.filter((trust) => trust?.status === "installed").length,
    inUse: Object.fromEntries(inUse.map((usage) => [usage.tag, usage.count])),
    licenses: byName(inUse, profile),
    lastPushAtMs: state.reporting.lastPushAtMs,
    lastAckAtMs: state.reporting.lastAckAtMs,
    nextPushAtMs: state.reporting.nextPushAtMs,
    problem: currentProblem(state),
  };
}

function byName(usages: readonly { readonly tag: string; readonly count: number }[], profile: PlatformProfile) {
  const counts: Record<string, number> = {};
  for (const { tag, count } of usages) {
    const name = licenseOfTag(profile, tag)?.name ?? shortTag(tag);
    counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
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
  const counts = Object.entries(status.licenses).map(([name, count]) => `${count} ${name}`);
  return counts.length === 0 ? "–" : counts.join(", ");
}

/** The name part of a tag: what stands before the version. */
function shortTag(tag: string): string {
  return tag.split(",")[0]?.split(".").at(-1) ?? tag;
}

export function describeNext(status: InstanceStatus, now: number): string {
  return status.problem ?? `report ${formatRelative(status.nextPushAtMs, now)}`;
}
