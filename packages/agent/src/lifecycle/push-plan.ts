// When the next usage report is pushed, and by which rule. The ordinary plan follows from facts and is drawn up anew in every
// step, so that no change of policy, clock or configuration can leave an old date standing; only plans that an event made
// (a retry, a sync that was asked for, a wait that the server named) stand until they are carried out.

import { dayMs, firstPushDelayMs, governingDays } from "@countersign/protocol";
import { retryDelayMs } from "./back-off.ts";
import { activeMember, speakerOf, trustOf } from "./installation.ts";
import { reportAfterTrustMs } from "./members.ts";
import { hasOpenNews } from "./open-report.ts";
import { effectivePushInterval } from "./policy-mode.ts";
import type { AgentState, PushRule } from "./state.ts";

/** Between two messages of one drain, so that a long outage ends without a burst. */
export const drainPauseMs = 5_000;

export type PushPlan = { readonly atMs: number | null; readonly rule: PushRule };

/** Plans that stand until they are carried out. */
const standingRules: readonly PushRule[] = [
  "sync_requested",
  "retry",
  "server_asked_to_wait",
  "more_to_send",
  "result_lost",
  "way_open_again",
];

/** Writes the plan that holds now into the state. */
export function replanPush(state: AgentState): AgentState {
  const plan = pushPlan(state);
  const { nextPushAtMs, nextPushRule } = state.reporting;
  if (plan.atMs === nextPushAtMs && plan.rule === nextPushRule) return state;
  return planPush(state, plan.rule, plan.atMs);
}

export function planPush(state: AgentState, rule: PushRule, atMs: number | null): AgentState {
  return { ...state, reporting: { ...state.reporting, nextPushAtMs: atMs, nextPushRule: rule } };
}

/** What was sent in vain is sent again: the first time at once, then like every retry, until an ACK decides something. */
export function planRepetition(state: AgentState, rule: "result_lost" | "way_open_again", now: number): AgentState {
  const { isRepeatedAtOnce, failuresInARow } = state.reporting;
  if (isRepeatedAtOnce) return planPush(state, "retry", now + retryDelayMs(failuresInARow));
  const repeated = { ...state, reporting: { ...state.reporting, isRepeatedAtOnce: true } };
  return planPush(repeated, rule, now + drainPauseMs);
}

/** Without trust only a relay takes usage (TRU-9); a manager that does not know us takes none. */
export function mayPush(state: AgentState): boolean {
  if (state.configuration.transport === "cslu") return true;
  return speakerOf(state) !== null && state.trust.lostSinceMs === null;
}

/** A peer that does not announce policy and usage reporting is asked for it only when a person wants that (POL-4). */
export function peerTakesUsage(state: AgentState): boolean {
  const { peer } = state.communication;
  return peer === null || peer.capabilities.includes("POLICY_USAGE");
}

export function reportsToSend(state: AgentState): number {
  const { closed, pending, unacknowledged } = state.reporting.counts;
  return closed + pending + unacknowledged;
}

function pushPlan(state: AgentState): PushPlan {
  const { reporting, configuration } = state;
  const standing: PushPlan = { atMs: reporting.nextPushAtMs, rule: reporting.nextPushRule };
  if (configuration.transport === "off") return { atMs: null, rule: "transport_off" };
  if (!mayPush(state)) return { atMs: null, rule: "waits_for_trust" };
  if (reporting.counts.open + reportsToSend(state) === 0) return { atMs: null, rule: "nothing_to_report" };
  if (standing.rule === "sync_requested" && standing.atMs !== null) return standing;
  if (!peerTakesUsage(state)) return { atMs: null, rule: "not_supported" };
  // It stands for what was asked for while the way was closed, so it does not wait for the result of what was sent before.
  if (standing.rule === "way_open_again" && standing.atMs !== null) return standing;
  if (reporting.poll !== null || state.communication.inFlight?.requestType === "LICENSE_USAGE")
    return { atMs: null, rule: "waits_for_result" };
  if (standingRules.includes(standing.rule) && standing.atMs !== null) return standing;
  // What was sent when the way closed has neither a result nor a retry to come. The first push of new trust carries it as well.
  const isFirstOfTrust = standing.rule === "waits_for_trust" && reporting.lastPushAtMs === null;
  if (wasBlocked(standing) && reporting.counts.pending > 0 && !isFirstOfTrust) {
    return { atMs: state.metering.measuredUntilMs + drainPauseMs, rule: "way_open_again" };
  }
  const ordinary = ordinaryPlan(state);
  if (standing.rule !== "members_changed" || standing.atMs === null) return ordinary;
  return ordinary.atMs !== null && ordinary.atMs < standing.atMs ? ordinary : standing;
}

function wasBlocked({ rule }: PushPlan): boolean {
  return rule === "transport_off" || rule === "waits_for_trust" || rule === "not_supported";
}

function ordinaryPlan(state: AgentState): PushPlan {
  const { lastPushAtMs } = state.reporting;
  if (lastPushAtMs === null) return firstPush(state);
  // Also after a start, so that a fleet that gets its power back does not report in its first second.
  const readyAtMs = (state.installation.initializedAtMs ?? 0) + firstPushDelayMs;
  const rhythmSeconds = state.configuration.platformReportEverySeconds;
  if (rhythmSeconds !== null)
    return { atMs: Math.max(lastPushAtMs + rhythmSeconds * 1000, readyAtMs), rule: "platform_rhythm" };
  const throttledUntilMs = Math.max(lastPushAtMs + state.configuration.pushThrottleSeconds * 1000, readyAtMs);
  const { days } = effectivePushInterval(state);
  const byInterval = days === 0 ? null : Math.max(lastPushAtMs + days * dayMs, throttledUntilMs);
  const changedAtMs = reportableChangeAtMs(state);
  const byChange = changedAtMs === null ? null : Math.max(changedAtMs + firstPushDelayMs, throttledUntilMs);
  if (byChange !== null && (byInterval === null || byChange < byInterval))
    return { atMs: byChange, rule: "usage_changed" };
  return byInterval === null ? { atMs: null, rule: "nothing_demanded" } : { atMs: byInterval, rule: "interval" };
}

/** Two minutes after initialisation, or as long after trust as the field's device takes. */
function firstPush(state: AgentState): PushPlan {
  const initializedAtMs = state.installation.initializedAtMs ?? state.metering.measuredUntilMs;
  const trust = trustOf(state, activeMember(state).udi);
  const byStart = initializedAtMs + firstPushDelayMs;
  const byTrust = trust.status === "installed" ? trust.installedAtMs + reportAfterTrustMs : byStart;
  return byTrust > byStart ? { atMs: byTrust, rule: "trust_established" } : { atMs: byStart, rule: "first_push" };
}

/** The newest change that the policy wants reported and that no push has carried yet: a push carries closed reports only. */
function reportableChangeAtMs(state: AgentState): number | null {
  const { changedAtMs, classesChanged } = state.metering;
  const { lastPushAtMs } = state.reporting;
  if (changedAtMs === null) return null;
  if (lastPushAtMs !== null && changedAtMs <= lastPushAtMs && !hasOpenNews(state)) return null;
  return governingDays(state.policy.inForce, classesChanged, "report_on_change_days").days > 0 ? changedAtMs : null;
}
