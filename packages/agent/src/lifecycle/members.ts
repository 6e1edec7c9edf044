// The devices of an installation: stacks, supervisor pairs, clusters. Usage belongs to the installation, so a change of
// members moves no count; it only draws a line in the measurement, and new members are sought trust for.

import { assert, formatUdi, type HaRole, type Udi } from "@countersign/protocol";
import type { AgentEffect } from "./effect.ts";
import { activeMember, numberMembers, speakerOf, trustOf, uniteSlots } from "./installation.ts";
import { closeOpenReports, drawBoundaries } from "./open-report.ts";
import type { AgentState, Member, MemberTrust } from "./state.ts";
import { inOrder, recordEvent, type Transition, unchanged } from "./transition.ts";

/** Seconds after which a trust sync follows a trust or a change of members (TRU-19: 36 s in the sample). */
export const trustSyncDelayMs = 35_000;
/** From then to the report with the current usage (TRU-19: 105 s after trust). */
export const reportAfterTrustMs = 105_000;

type Slots = readonly { readonly udi: Udi; readonly role: HaRole }[];

/** Throws (broken promise) unless exactly one member is Active. */
export function changeMembers(state: AgentState, slots: Slots, now: number): Transition {
  const before = state.installation.members;
  const members = numberMembers(uniteSlots(slots), before, state.trust.nextTrustId);
  const added = without(members, before);
  const removed = without(before, members);
  const active = members.find((member) => member.role === "Active");
  assert(active !== undefined, "an installation has an active member");
  const isSwitchover = formatUdi(activeMember(state).udi) !== formatUdi(active.udi);
  const hasChanged =
    before.length !== members.length || members.some((member) => roleIn(before, member) !== member.role);
  if (!hasChanged && added.length === 0) return unchanged(state);
  return inOrder(state, now, [
    (s) => (isSwitchover ? closeOpenReports(s, "HaSwitchover", now) : unchanged(s)),
    (s) =>
      isSwitchover || added.length + removed.length === 0 ? unchanged(s) : drawMemberLine(s, added, removed, now),
    (s) => replaceMembers(s, members, removed),
    (s) => planAfterChange(s, isSwitchover || added.length > 0, isSwitchover || added.length + removed.length > 0, now),
    (s) => ({ state: s, effects: describeRoles(s, before) }),
  ]);
}

function drawMemberLine(
  state: AgentState,
  added: readonly Member[],
  removed: readonly Member[],
  now: number,
): Transition {
  const udis = (members: readonly Member[]): readonly Udi[] => members.map((member) => member.udi);
  return drawBoundaries(state, { reason: "member_change", added: udis(added), removed: udis(removed) }, now);
}

function replaceMembers(state: AgentState, members: readonly Member[], removed: readonly Member[]): Transition {
  const trust: Record<string, MemberTrust> = {};
  for (const member of members) trust[formatUdi(member.udi)] = trustOf(state, member.udi);
  const keyIds = removed.flatMap((member) => {
    const gone = trustOf(state, member.udi);
    return gone.status === "none" ? [] : [gone.keyId];
  });
  const nextTrustId = Math.max(state.trust.nextTrustId, ...members.map((member) => member.trustId + 1));
  return {
    state: {
      ...state,
      installation: { ...state.installation, members },
      trust: { ...state.trust, members: trust, nextTrustId },
    },
    effects: keyIds.length === 0 ? [] : [{ type: "delete-keys", keyIds }],
  };
}

function planAfterChange(state: AgentState, needsSync: boolean, needsReport: boolean, now: number): Transition {
  const { trust, reporting, configuration } = state;
  const nextSyncAtMs = needsSync && speakerOf(state) !== null ? now + trustSyncDelayMs : trust.nextSyncAtMs;
  const throttledUntilMs = (reporting.lastPushAtMs ?? 0) + configuration.pushThrottleSeconds * 1000;
  const isPlanned = reporting.lastPushAtMs === null || !needsReport;
  const push = isPlanned
    ? {}
    : { nextPushAtMs: Math.max(now + reportAfterTrustMs, throttledUntilMs), nextPushRule: "members_changed" as const };
  return unchanged({
    ...state,
    trust: { ...trust, nextSyncAtMs, syncScope: needsSync ? "all" : trust.syncScope },
    reporting: { ...reporting, ...push },
  });
}

function describeRoles(state: AgentState, before: readonly Member[]): readonly AgentEffect[] {
  return state.installation.members
    .filter((member) => roleIn(before, member) !== member.role)
    .map((member) => recordEvent("HA_ROLE", { udi: formatUdi(member.udi), haRole: member.role }));
}

function roleIn(members: readonly Member[], member: Member): HaRole | undefined {
  return members.find((other) => formatUdi(other.udi) === formatUdi(member.udi))?.role;
}

function without(members: readonly Member[], others: readonly Member[]): readonly Member[] {
  return members.filter((member) => roleIn(others, member) === undefined);
}
