// A report's way out: closing what is open, pushing, polling for the result, and what follows when one of them fails.

import { dayMs } from "@countersign/protocol";
import { askedForMs, retryDelayMs } from "./back-off.ts";
import { startExchange } from "./communication.ts";
import { speakerOf } from "./installation.ts";
import { closeOpenReports, hasNews, moveCounts } from "./open-report.ts";
import { planPush, planRepetition, reportsToSend } from "./push-plan.ts";
import type { AgentState, CloseReason, Failure, OpenReport, PollState, PushRule } from "./state.ts";
import { recordEvent, type Transition, unchanged } from "./transition.ts";

/** A result that a manager has not had ready for this long is given up, and the reports are sent again. */
export const pollAgeMsMax = dayMs;
/** An unchanged report is not closed again sooner than this, however often somebody asks for a sync. */
export const unchangedCloseAgeMsMin = 3_600_000;
/** While no ACK comes, a report stays open for this share of the silence: a year makes dozens of reports, not hundreds. */
const silenceShare = 16;

/**
 * Pushes whose time was planned say what is in use at that time. Repetitions may be many before one arrives: they leave
 * young reports open, and what these still have to say is planned for anew after the ACK (push-plan.ts).
 */
const plannedRules: readonly PushRule[] = ["first_push", "trust_established", "interval", "platform_rhythm"];

/** Closes for a person, a file or a puller: the usage up to this moment, unless that is already in a closed report. */
export function closeForRequest(state: AgentState, reason: CloseReason, now: number): Transition {
  const isNothingHeld = reportsToSend(state) === 0;
  return closeOpenReports(
    state,
    reason,
    now,
    (open) => isNothingHeld || hasNews(open) || now - open.startedAtMs >= unchangedCloseAgeMsMin,
  );
}

function closeForPush(state: AgentState, rule: PushRule, now: number): Transition {
  if (rule === "sync_requested") return closeForRequest(state, "CurrentUsageRequested", now);
  // It takes the place of what was planned or asked for while the way was closed, so it says as much. A way opens seldom, and
  // what is young and says nothing new stays open: reports do not become many by it.
  if (rule === "way_open_again") return closeForRequest(state, "SMART", now);
  if (rule === "usage_changed" || rule === "members_changed") return closeOpenReports(state, "SMART", now);
  const isNothingHeld = reportsToSend(state) === 0;
  const ageMsMin = closeAgeMsMin(state, now);
  const isTold = (open: OpenReport) => plannedRules.includes(rule) && hasNews(open);
  return closeOpenReports(
    state,
    "SMART",
    now,
    (open) => isNothingHeld || isTold(open) || now - open.startedAtMs >= ageMsMin,
  );
}

function closeAgeMsMin(state: AgentState, now: number): number {
  const { platformReportEverySeconds, pushThrottleSeconds } = state.configuration;
  const silentSinceMs = state.reporting.lastAckAtMs ?? state.metering.firstUseAtMs ?? now;
  return Math.max((platformReportEverySeconds ?? pushThrottleSeconds) * 1000, (now - silentSinceMs) / silenceShare);
}

/** Closes what is due to be closed and sends; with nothing to send, the plan counts as carried out. */
export function startPush(state: AgentState, now: number): Transition {
  const closed = closeForPush(state, state.reporting.nextPushRule, now);
  if (reportsToSend(closed.state) === 0) return { state: carriedOut(closed.state, now), effects: closed.effects };
  const planless = planPush(closed.state, "waits_for_result", null);
  const started = startExchange(planless, "LICENSE_USAGE", now, (exchangeId) => ({ type: "push-usage", exchangeId }));
  return { state: started.state, effects: [...closed.effects, ...started.effects] };
}

function carriedOut(state: AgentState, now: number): AgentState {
  return planPush(
    { ...state, reporting: { ...state.reporting, lastPushAtMs: now, failuresInARow: 0, isRepeatedAtOnce: false } },
    "interval",
    null,
  );
}

/** The store had nothing after all: believe it, so that the counts cannot ask for the same push again. */
export function noteNothingToReport(state: AgentState, now: number): Transition {
  const { closed, pending, unacknowledged } = state.reporting.counts;
  const corrected = moveCounts(state, { closed: -closed, pending: -pending, unacknowledged: -unacknowledged });
  return unchanged(carriedOut(corrected, now));
}

/** OK_POLL after a push: the result is asked for later (REP-13). */
export function awaitResult(
  state: AgentState,
  answer: { pollId: string; afterSeconds: number },
  pushedAtMs: number,
  now: number,
): Transition {
  const poll: PollState = {
    pollId: answer.pollId,
    productInstanceIdentifier: speakerOf(state)?.trust.productInstanceIdentifier ?? "",
    startedAtMs: pushedAtMs,
    nextAtMs: now + askedForMs(answer.afterSeconds),
    failuresInARow: 0,
  };
  // Whether it was in vain, the result says: until then the row of failures goes on.
  const pushed = { ...state, reporting: { ...state.reporting, lastPushAtMs: now, poll } };
  return unchanged(planPush(pushed, "interval", null));
}

export function startPoll(state: AgentState, poll: PollState, now: number): Transition {
  const { pollId, productInstanceIdentifier } = poll;
  return startExchange(state, "POLL_REQ", now, (exchangeId) => ({
    type: "poll-result",
    exchangeId,
    pollId,
    productInstanceIdentifier,
  }));
}

/** The result is not ready: later, but not for ever. */
export function pollAgain(state: AgentState, afterSeconds: number, now: number): Transition {
  const { poll } = state.reporting;
  if (poll === null) return unchanged(state);
  if (now - poll.startedAtMs >= pollAgeMsMax) return dropPoll(state, now);
  return unchanged(putPoll(state, { ...poll, nextAtMs: now + askedForMs(afterSeconds), failuresInARow: 0 }));
}

/**
 * A refused poll is discarded and its reports are sent again (FAIL-21), and so is one whose result is older than an ACK that came
 * by file meanwhile: no repetition makes it newer. A failed one is repeated.
 */
export function pollFailed(state: AgentState, failure: Failure, retryAfterSeconds: number, now: number): Transition {
  const { poll } = state.reporting;
  if (poll === null) return unchanged(state);
  const isDecided = failure.stage === "refused" || failure.code === "acknowledgement_replayed";
  if (isDecided || now - poll.startedAtMs >= pollAgeMsMax) return dropPoll(state, now);
  const failuresInARow = poll.failuresInARow + 1;
  return unchanged(
    putPoll(state, { ...poll, failuresInARow, nextAtMs: now + retryDelayMs(failuresInARow, retryAfterSeconds) }),
  );
}

export function dropPoll(state: AgentState, now: number): Transition {
  const { poll } = state.reporting;
  if (poll === null) return unchanged(state);
  const failed = countFailure(putPoll(state, null));
  return {
    state: planRepetition(failed, "result_lost", now),
    effects: [recordEvent("POLL_DROPPED", { pollId: poll.pollId })],
  };
}

function putPoll(state: AgentState, poll: PollState | null): AgentState {
  return { ...state, reporting: { ...state.reporting, poll } };
}

export function pushFailed(state: AgentState, retryAfterSeconds: number, now: number): AgentState {
  const failed = countFailure(state);
  return planPush(failed, "retry", now + retryDelayMs(failed.reporting.failuresInARow, retryAfterSeconds));
}

function countFailure(state: AgentState): AgentState {
  const failuresInARow = state.reporting.failuresInARow + 1;
  return { ...state, reporting: { ...state.reporting, failuresInARow } };
}

export function putOffPush(state: AgentState, seconds: number, now: number): AgentState {
  return planPush(state, "server_asked_to_wait", now + askedForMs(seconds));
}

export function putOffPoll(state: AgentState, seconds: number, now: number): Transition {
  const { poll } = state.reporting;
  return poll === null ? unchanged(state) : unchanged(putPoll(state, { ...poll, nextAtMs: now + askedForMs(seconds) }));
}
