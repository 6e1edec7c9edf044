// What is due when, each date with the rule that made it: derived from the state, never stored.

import type { AckDeadline, PushInterval } from "@countersign/protocol";
import { acknowledgementDeadline, effectivePushInterval, nextReminderAtMs } from "./lifecycle/policy-mode.ts";
import type { AgentState, PushRule } from "./lifecycle/state.ts";

export type Schedule = {
  /** By when an acknowledgement must have arrived; null when no rule demands one. */
  readonly acknowledgementDeadline: AckDeadline | null;
  readonly isOverdue: boolean;
  readonly pushInterval: PushInterval;
  readonly lastAcknowledgementAtMs: number | null;
  readonly lastPushAtMs: number | null;
  readonly nextPushAtMs: number | null;
  readonly nextPushRule: PushRule;
  /** When the result of the last push is asked for; null when none is owed. */
  readonly nextPollAtMs: number | null;
  readonly nextTrustAttemptAtMs: number | null;
  readonly nextTrustSyncAtMs: number | null;
  readonly nextReminderAtMs: number | null;
};

export function scheduleOf(state: AgentState, now: number): Schedule {
  const deadline = acknowledgementDeadline(state);
  const { reporting, trust } = state;
  return {
    acknowledgementDeadline: deadline,
    isOverdue: deadline !== null && now >= deadline.atMs,
    pushInterval: effectivePushInterval(state),
    lastAcknowledgementAtMs: reporting.lastAckAtMs,
    lastPushAtMs: reporting.lastPushAtMs,
    nextPushAtMs: reporting.nextPushAtMs,
    nextPushRule: reporting.nextPushRule,
    nextPollAtMs: reporting.poll?.nextAtMs ?? null,
    nextTrustAttemptAtMs: trust.attempt?.nextAttemptAtMs ?? null,
    nextTrustSyncAtMs: trust.nextSyncAtMs,
    nextReminderAtMs: nextReminderAtMs(state),
  };
}
