// A report's way out and back: closing what is open, pushing, polling for the result, taking the ACK. Nothing is deleted
// but what a verified ACK names by id and content (I7); what the manager refused is kept, marked, and not sent for ever.

import { dayMs } from "@countersign/protocol";
import { askedForMs, retryDelayMs } from "./back-off.ts";
import { startExchange } from "./communication.ts";
import type { HeldReport, ReceivedAcknowledgement } from "./event.ts";
import { speakerOf } from "./installation.ts";
import { closeOpenReports, moveCounts } from "./metering.ts";
import { installPolicy } from "./policy-mode.ts";
import { drainPauseMs, planPush, reportsToSend } from "./push-plan.ts";
import type {
  AgentState,
  CloseReason,
  Failure,
  HeldStatus,
  OpenReport,
  PollState,
  PushRule,
  ReportCounts,
} from "./state.ts";
import { inOrder, notify, recordEvent, type Transition, unchanged } from "./transition.ts";

/** A result that a manager has not had ready for this long is given up, and the reports are sent again. */
export const pollAgeMsMax = dayMs;
/** An unchanged report is not closed again sooner than this, however often somebody asks for a sync. */
export const unchangedCloseAgeMsMin = 3_600_000;
/** While no ACK comes, a report stays open for this share of the silence: a year makes dozens of reports, not hundreds. */
const silenceShare = 16;

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

function hasNews(open: OpenReport): boolean {
  return open.finished > 0 || open.runningCount !== open.countBefore;
}

function closeForPush(state: AgentState, rule: PushRule, now: number): Transition {
  if (rule === "sync_requested") return closeForRequest(state, "CurrentUsageRequested", now);
  if (rule === "usage_changed" || rule === "members_changed") return closeOpenReports(state, "SMART", now);
  const isNothingHeld = reportsToSend(state) === 0;
  const ageMsMin = closeAgeMsMin(state, now);
  return closeOpenReports(state, "SMART", now, (open) => isNothingHeld || now - open.startedAtMs >= ageMsMin);
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
    { ...state, reporting: { ...state.reporting, lastPushAtMs: now, failuresInARow: 0 } },
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
  const pushed = carriedOut(state, now);
  return unchanged({ ...pushed, reporting: { ...pushed.reporting, poll } });
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

/** A refused poll is discarded and its reports are sent again (FAIL-21); a failed one is repeated. */
export function pollFailed(state: AgentState, failure: Failure, retryAfterSeconds: number, now: number): Transition {
  const { poll } = state.reporting;
  if (poll === null) return unchanged(state);
  if (failure.stage === "refused" || now - poll.startedAtMs >= pollAgeMsMax) return dropPoll(state, now);
  const failuresInARow = poll.failuresInARow + 1;
  return unchanged(
    putPoll(state, { ...poll, failuresInARow, nextAtMs: now + retryDelayMs(failuresInARow, retryAfterSeconds) }),
  );
}

export function dropPoll(state: AgentState, now: number): Transition {
  const { poll } = state.reporting;
  if (poll === null) return unchanged(state);
  return {
    state: planPush(putPoll(state, null), "result_lost", now + drainPauseMs),
    effects: [recordEvent("POLL_DROPPED", { pollId: poll.pollId })],
  };
}

function putPoll(state: AgentState, poll: PollState | null): AgentState {
  return { ...state, reporting: { ...state.reporting, poll } };
}

export function pushFailed(state: AgentState, retryAfterSeconds: number, now: number): AgentState {
  const failuresInARow = state.reporting.failuresInARow + 1;
  const failed = { ...state, reporting: { ...state.reporting, failuresInARow } };
  return planPush(failed, "retry", now + retryDelayMs(failuresInARow, retryAfterSeconds));
}

export function putOffPush(state: AgentState, seconds: number, now: number): AgentState {
  return planPush(state, "server_asked_to_wait", now + askedForMs(seconds));
}

export function putOffPoll(state: AgentState, seconds: number, now: number): Transition {
  const { poll } = state.reporting;
  return poll === null ? unchanged(state) : unchanged(putPoll(state, { ...poll, nextAtMs: now + askedForMs(seconds) }));
}

export type AckOrigin = {
  /** When the push left whose reports this ACK names; changes after it are still to be reported. Null for a file. */
  readonly pushedAtMs: number | null;
  /** True for the direct answer to a push. */
  readonly endsPush: boolean;
};

/** Takes a verified ACK: deletes what was taken, marks what was refused, and installs the policy that came along. */
export function acceptAcknowledgement(
  state: AgentState,
  received: ReceivedAcknowledgement,
  origin: AckOrigin,
  now: number,
): Transition {
  if (isReplayed(state, received)) {
    return { state, effects: [recordEvent("ACK_REPLAYED", { sequence: String(received.acknowledgement.sequence) })] };
  }
  return inOrder(state, now, [
    (s) => deleteTaken(s, received),
    (s) => markRefused(s, received),
    (s) => unchanged(noteAcknowledgement(s, received, origin, now)),
    (s) => unchanged(planAfterAcknowledgement(s, received, origin, now)),
    (s) => installPolicy(s, received.policy, now),
  ]);
}

/** An older ACK than the installed one says nothing new; it was checked before, and is checked again here. */
function isReplayed(state: AgentState, { acknowledgement }: ReceivedAcknowledgement): boolean {
  const { lastAckInstance, lastAckSequence } = state.reporting;
  return acknowledgement.product_instance_identifier === lastAckInstance && acknowledgement.sequence < lastAckSequence;
}

function deleteTaken(state: AgentState, { acknowledgement, taken }: ReceivedAcknowledgement): Transition {
  if (taken.length === 0) return unchanged(state);
  const reportIds = taken.map((report) => report.reportId);
  const { sequence } = acknowledgement;
  return {
    state: moveCounts(state, { ...leaving(taken), acknowledgedTotal: taken.length, purgedTotal: taken.length }),
    effects: [
      { type: "delete-reports", reportIds },
      recordEvent("UTILITY_RUM_ACK", { reports: String(taken.length), sequence: String(sequence) }),
      notify({ type: "acknowledged", sequence, reportIds }),
    ],
  };
}

function markRefused(state: AgentState, { refused }: ReceivedAcknowledgement): Transition {
  if (refused.length === 0) return unchanged(state);
  const left = leaving(refused);
  return {
    state: moveCounts(state, { ...left, refused: (left.refused ?? 0) + refused.length }),
    effects: [
      { type: "mark-reports", reportIds: refused.map((report) => report.reportId), status: "refused" },
      ...refused.map((report) =>
        recordEvent("UTILITY_RUM_FAIL", {
          reportId: String(report.reportId),
          code: report.code,
          remedy: report.remedy,
        }),
      ),
    ],
  };
}

/** Counts that go down because these reports leave where they were. */
export function leaving(reports: readonly HeldReport[]): Partial<ReportCounts> {
  const by: Partial<Record<HeldStatus, number>> = {};
  for (const { status } of reports) by[status] = (by[status] ?? 0) - 1;
  return by;
}

function noteAcknowledgement(
  state: AgentState,
  received: ReceivedAcknowledgement,
  origin: AckOrigin,
  now: number,
): AgentState {
  const { acknowledgement, taken } = received;
  const { metering, reporting } = state;
  const isLater =
    origin.pushedAtMs !== null && metering.changedAtMs !== null && metering.changedAtMs > origin.pushedAtMs;
  const settled = taken.length === 0 || isLater ? metering : { ...metering, changedAtMs: null, classesChanged: [] };
  return {
    ...state,
    metering: settled,
    reporting: {
      ...reporting,
      poll: origin.pushedAtMs === null ? reporting.poll : null,
      failuresInARow: 0,
      lastPushAtMs: origin.endsPush ? now : reporting.lastPushAtMs,
      lastAckAtMs: taken.length === 0 ? reporting.lastAckAtMs : now,
      lastAckSequence: acknowledgement.sequence,
      lastAckInstance: acknowledgement.product_instance_identifier,
      treeHead: acknowledgement.tree_head ?? reporting.treeHead,
    },
  };
}

/** What is left goes at once; an answer that decided nothing is a failure, or it would be asked for ever. */
function planAfterAcknowledgement(
  state: AgentState,
  received: ReceivedAcknowledgement,
  origin: AckOrigin,
  now: number,
): AgentState {
  if (origin.pushedAtMs === null || reportsToSend(state) === 0) return state;
  const decided = received.taken.length + received.refused.length;
  if (decided > 0 && state.reporting.nextPushRule === "sync_requested") return state;
  return decided > 0 ? planPush(state, "more_to_send", now + drainPauseMs) : pushFailed(state, 0, now);
}

/** Reports in a file wait for an ACK that may come by file; they are still pushed if a way opens. */
export function noteFileWritten(state: AgentState, reports: readonly HeldReport[], now: number): Transition {
  const moved = reports.filter((report) => report.status !== "refused");
  const left = leaving(moved);
  const counted = moveCounts(state, { ...left, unacknowledged: (left.unacknowledged ?? 0) + moved.length });
  const reportIds = moved.map((report) => report.reportId);
  return {
    state: { ...counted, reporting: { ...counted.reporting, lastFileWriteAtMs: now } },
    effects: reportIds.length === 0 ? [] : [{ type: "mark-reports", reportIds, status: "unacknowledged" }],
  };
}
