// The plan of an agent as people see it: every date with the rule that made it, and every interval as it was configured and
// as it is in effect. Derived from the state; show commands and the library's `schedule()` read nothing else.

import { type AckDeadline, dayMs, type PushInterval } from "@countersign/protocol";
import { type NextAuthorizationAttempt, nextAuthorizationAtMs, nextAuthorizationAttempt } from "./authorization.ts";
import { cryptographyRefusedText } from "./cryptography.ts";
import { acknowledgementDeadline, effectivePushInterval, nextReminderAtMs } from "./policy-mode.ts";
import type { AgentState, PushRule } from "./state.ts";

export type ScheduledJob = { readonly name: string; readonly atMs: number | null; readonly rule: string };

export type Schedule = {
  /** By when an acknowledgement must have arrived; null when no rule demands one. */
  readonly acknowledgementDeadline: (AckDeadline & { readonly reason: string }) | null;
  readonly acknowledgementState: "not required" | "required" | "received" | "overdue";
  readonly isOverdue: boolean;
  readonly nextReminderAtMs: number | null;
  readonly pushInterval: PushIntervalView;
  readonly lastAcknowledgementAtMs: number | null;
  readonly lastPushAtMs: number | null;
  readonly nextPushAtMs: number | null;
  readonly nextPushRule: PushRule;
  /** The rule in words. */
  readonly nextPushReason: string;
  /** When the result of the last push is asked for (`Next ACK push check`); null when none is owed. */
  readonly nextPollAtMs: number | null;
  readonly nextTrustAttemptAtMs: number | null;
  readonly nextTrustSyncAtMs: number | null;
  /** Of a request for an authorization code, with the reason in words; null when nothing is asked for. */
  readonly nextAuthorizationAttempt: { readonly atMs: number | null; readonly reason: string } | null;
  readonly jobs: readonly ScheduledJob[];
};

/** `days` is the interval in effect, 0 when no report is demanded; the others say what it was made of. */
export type PushIntervalView = PushInterval & {
  /** `license smart usage interval`; null when not configured. */
  readonly configuredDays: number | null;
  /** A platform's own rhythm, which overrides the days; null when there is none. */
  readonly platformSeconds: number | null;
  readonly reason: string;
};

export function scheduleOf(state: AgentState, now: number): Schedule {
  const { reporting, trust } = state;
  const deadline = acknowledgementDeadline(state);
  return {
    acknowledgementDeadline: deadline === null ? null : { ...deadline, reason: describeDeadline(deadline) },
    acknowledgementState: acknowledgementState(state, deadline, now),
    isOverdue: deadline !== null && now >= deadline.atMs,
    nextReminderAtMs: nextReminderAtMs(state),
    pushInterval: viewPushInterval(state),
    lastAcknowledgementAtMs: reporting.lastAckAtMs,
    lastPushAtMs: reporting.lastPushAtMs,
    nextPushAtMs: reporting.nextPushAtMs,
    nextPushRule: reporting.nextPushRule,
    nextPushReason: describePushRule(reporting.nextPushRule),
    nextPollAtMs: reporting.poll?.nextAtMs ?? null,
    nextTrustAttemptAtMs: nextTrustAttemptAtMs(state),
    nextTrustSyncAtMs: trust.nextSyncAtMs,
    nextAuthorizationAttempt: describeAttempt(nextAuthorizationAttempt(state, now)),
    jobs: jobsOf(state, deadline),
  };
}

const backOff = "back-off after each failed attempt";

function describeAttempt(next: NextAuthorizationAttempt | null): Schedule["nextAuthorizationAttempt"] {
  if (next === null) return null;
  const { atMs, waitsFor } = next;
  if (waitsFor === null) return { atMs, reason: backOff };
  const reason = waitsFor === "waits_for_answer" ? "an answer of the manager is awaited" : pushReasons[waitsFor];
  return { atMs, reason };
}

/** Not before the keys can be used, which the next look at them decides. */
function nextTrustAttemptAtMs({ trust, installation }: AgentState): number | null {
  if (trust.attempt === null) return null;
  return Math.max(trust.attempt.nextAttemptAtMs, installation.cryptography?.nextAttemptAtMs ?? 0);
}

function acknowledgementState(
  state: AgentState,
  deadline: AckDeadline | null,
  now: number,
): Schedule["acknowledgementState"] {
  if (deadline !== null && now >= deadline.atMs) return "overdue";
  if (state.reporting.lastAckAtMs !== null) return "received";
  return deadline === null ? "not required" : "required";
}

function jobsOf(state: AgentState, deadline: AckDeadline | null): readonly ScheduledJob[] {
  const { metering, reporting, trust } = state;
  const { cryptography } = state.installation;
  return [
    {
      name: "Init Flag Check",
      atMs: cryptography?.nextAttemptAtMs ?? null,
      rule: cryptography == null ? "over when the keys can be used" : `every 30 seconds: ${cryptography.reason}`,
    },
    { name: "Start Utility Measurements", atMs: metering.nextTickAtMs, rule: "every 15 minutes" },
    { name: "Send Utility RUM reports", atMs: reporting.nextPushAtMs, rule: describePushRule(reporting.nextPushRule) },
    { name: "Process Utility RUM reports", atMs: reporting.nextProcessAtMs, rule: "daily" },
    { name: "Retrieve data processing result", atMs: reporting.poll?.nextAtMs ?? null, rule: "as the manager asked" },
    {
      name: "Ack Expiration Check",
      atMs: deadline?.atMs ?? null,
      rule: deadline === null ? "no ACK is demanded" : describeDeadline(deadline),
    },
    {
      name: "Trust Establishment",
      atMs: nextTrustAttemptAtMs(state),
      rule: cryptography == null ? backOff : cryptographyRefusedText,
    },
    {
      name: "Authorization Code Process",
      atMs: nextAuthorizationAtMs(state),
      rule: "what is asked for, confirmed or given back; back-off after each failed attempt",
    },
    {
      name: "Data Synchronization",
      atMs: trust.nextSyncAtMs,
      rule: "after trust, a change of members, or before a certificate ends",
    },
  ];
}

function describeDeadline(deadline: AckDeadline): string {
  const { days, licenseClass } = deadline;
  switch (deadline.rule) {
    case "first_report":
      return `first use + ${days} days (first report, ${licenseClass})`;
    case "reporting_frequency":
      return `last ACK + ${days} days (reporting frequency, ${licenseClass})`;
    case "report_on_change":
      return `usage change + ${days} days (report on change, ${licenseClass})`;
    default:
      return deadline.rule satisfies never;
  }
}

function viewPushInterval(state: AgentState): PushIntervalView {
  const interval = effectivePushInterval(state);
  const { usageIntervalDays, platformReportEverySeconds } = state.configuration;
  return {
    ...interval,
    configuredDays: usageIntervalDays,
    platformSeconds: platformReportEverySeconds,
    reason:
      platformReportEverySeconds === null
        ? describeInterval(interval)
        : `the platform reports every ${platformReportEverySeconds / 3600} hours`,
  };
}

function describeInterval({ rule, days, inPolicyDays }: PushInterval): string {
  switch (rule) {
    case "longest":
      return `${days} days is the longest interval`;
    case "policy":
      return `the policy demands a report every ${inPolicyDays} days`;
    case "configured":
      return `configured to ${days} days, shorter than the policy needs`;
    case "nothing_demanded":
      return "no reporting: the policy demands none for the licences in use";
    default:
      return rule satisfies never;
  }
}

const pushReasons: Readonly<Record<PushRule, string>> = {
  first_push: "two minutes after initialisation",
  interval: "last push + push interval",
  platform_rhythm: "the platform's own rhythm",
  sync_requested: "asked for with sync",
  usage_changed: "the policy wants this change of usage reported",
  members_changed: "the members of the installation changed",
  trust_established: "shortly after trust was established",
  retry: "the last attempt failed; waits grow from one minute to six hours",
  server_asked_to_wait: "the manager asked to come back then",
  more_to_send: "more reports wait than one message holds",
  result_lost: "the manager has no result for the last push; it is sent again",
  way_open_again: "what waited is sent now that the manager can be reached again",
  nothing_demanded: "the policy demands no report now",
  nothing_to_report: "nothing was used",
  waits_for_trust: "trust must be established first",
  waits_for_result: "the result of the last push is awaited",
  not_supported: "the peer does not announce policy and usage reporting; sync tries all the same",
  transport_off: "the transport is switched off",
};

export function describePushRule(rule: PushRule): string {
  return pushReasons[rule];
}

/** Days, hours, minutes and seconds until a date, with leading zero parts left out; null for a date that has passed. */
export function timeRemaining(atMs: number, now: number): string | null {
  if (atMs < now) return null;
  const seconds = Math.floor((atMs - now) / 1000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / (dayMs / 1000)), "days"],
    [Math.floor(seconds / 3600) % 24, "hours"],
    [Math.floor(seconds / 60) % 60, "minutes"],
    [seconds % 60, "seconds"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first === -1 ? parts.length - 1 : first)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(", ");
}
