// Taking an ACK, over the network or by file. Nothing is deleted but what a verified ACK names by id and content (I7); what
// the manager refused is kept, marked, and not sent for ever.

import type { HeldReport, ReceivedAcknowledgement } from "./event.ts";
import { judgeHead, refuseHead, takeHead } from "./ledger-watch.ts";
import { hasOpenNews, moveCounts } from "./open-report.ts";
import { installPolicy } from "./policy-mode.ts";
import { drainPauseMs, planPush, reportsToSend } from "./push-plan.ts";
import { pushFailed } from "./reporting.ts";
import type { AgentState, HeldStatus, ReportCounts } from "./state.ts";
import { inOrder, notify, recordEvent, type Transition, unchanged } from "./transition.ts";

export type AckOrigin = {
  /** When the push left whose reports this ACK names. Null for a file. */
  readonly pushedAtMs: number | null;
  /** True for the direct answer to a push. */
  readonly endsPush: boolean;
};

/**
 * Takes a verified ACK: deletes what was taken, marks what was refused, and installs the policy that came along. One whose
 * tree head contradicts what is kept of the ledger is not taken.
 */
export function acceptAcknowledgement(
  state: AgentState,
  received: ReceivedAcknowledgement,
  origin: AckOrigin,
  now: number,
): Transition {
  if (isReplayed(state, received)) {
    return { state, effects: [recordEvent("ACK_REPLAYED", { sequence: String(received.acknowledgement.sequence) })] };
  }
  const { tree_head: head } = received.acknowledgement;
  const verdict = judgeHead(state.reporting.ledger, head, received.ledger);
  if (verdict === "rewritten" && head !== null) {
    return inOrder(state, now, [
      (s) => refuseHead(s, head, now),
      (s) => unchanged(planAfterRefusedHead(s, origin, now)),
    ]);
  }
  return inOrder(state, now, [
    (s) => takeHead(s, head, verdict),
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
  const { acknowledgement, taken, refused } = received;
  const { metering, reporting } = state;
  const endsRow = taken.length + refused.length > 0 || reportsToSend(state) === 0;
  // A change is told when no report is left that may tell it, be it open or closed after the push or the file.
  const isTold = taken.length > 0 && reportsToSend(state) === 0 && !hasOpenNews(state);
  const settled = isTold ? { ...metering, changedAtMs: null, classesChanged: [] } : metering;
  return {
    ...state,
    metering: settled,
    reporting: {
      ...reporting,
      poll: origin.pushedAtMs === null ? reporting.poll : null,
      ...(endsRow ? { failuresInARow: 0, isRepeatedAtOnce: false } : {}),
      lastPushAtMs: origin.endsPush ? now : reporting.lastPushAtMs,
      lastAckAtMs: taken.length === 0 ? reporting.lastAckAtMs : now,
      lastAckSequence: acknowledgement.sequence,
      lastAckInstance: acknowledgement.product_instance_identifier,
    },
  };
}

/** Nothing of the ACK counts. Over the network the reports are offered again, with growing pauses. */
function planAfterRefusedHead(state: AgentState, origin: AckOrigin, now: number): AgentState {
  if (origin.pushedAtMs === null) return state;
  return pushFailed({ ...state, reporting: { ...state.reporting, poll: null } }, 0, now);
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
