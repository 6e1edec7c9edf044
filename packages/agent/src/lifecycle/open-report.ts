// The report that is being measured for one tag: where a measurement ends and the next begins, when a report is sealed, and
// what the store is told about it. Nothing here ever looks at a closed report.

import { assert, type MeasurementMeta, measurementsPerReportMax, sudiOf, type Udi } from "@countersign/protocol";
import type { AgentEffect } from "./effect.ts";
import { reportFacts } from "./installation.ts";
import type {
  AgentState,
  CloseReason,
  MeteringState,
  OpenReport,
  ReportCounts,
  TerminationReason,
  Usage,
} from "./state.ts";
import { recordEvent, type Transition, unchanged } from "./transition.ts";

/** Where one measurement ends and the next begins; the two differ only when the agent did not run in between. */
export type Moment = { readonly endSeconds: number; readonly nextStartSeconds: number; readonly atMs: number };

export function moment(now: number): Moment {
  const seconds = Math.floor(now / 1000);
  return { endSeconds: seconds, nextStartSeconds: seconds, atMs: now };
}

export type Boundary = {
  readonly reason: TerminationReason;
  readonly added?: readonly Udi[];
  readonly removed?: readonly Udi[];
};

/** Ends the running measurement and begins the next with the usage's count. A full report is closed on the way. */
export function drawBoundary(state: AgentState, usage: Usage, boundary: Boundary, at: Moment): Transition {
  const open = usage.openReport;
  assert(open !== null, "a boundary needs an open report");
  const next = {
    runningSinceSeconds: at.nextStartSeconds,
    runningCount: usage.count,
    clockChangeDeltaSeconds: 0,
    added: boundary.added ?? [],
    removed: boundary.removed ?? [],
  };
  if (open.runningSinceSeconds >= at.endSeconds && at.endSeconds === at.nextStartSeconds) {
    // No time has passed at the old count: it was never in use, and the devices that came and went add up.
    const merged = {
      ...open,
      runningCount: usage.count,
      added: [...open.added, ...next.added],
      removed: [...open.removed, ...next.removed],
    };
    return unchanged(putUsage(state, { ...usage, openReport: merged }));
  }
  if (open.finished + 1 >= measurementsPerReportMax) return closeReport(state, usage, "ReportFull", at, boundary);
  const measured = noteMeasured(usage, open, at.endSeconds);
  return {
    state: putUsage(state, { ...measured, openReport: { ...open, ...next, finished: open.finished + 1 } }),
    effects: [measure(usage.tag, open, at.endSeconds, { termination_reason: boundary.reason })],
  };
}

/** Draws a line through the measurements of all open reports. */
export function drawBoundaries(
  state: AgentState,
  boundary: Boundary,
  now: number,
  at: Moment = moment(now),
): Transition {
  return forEachOpen(state, (current, usage) => drawBoundary(current, usage, boundary, at));
}

/** Seals every open report that `isChosen` names, and goes on measuring what is in use in a new one. */
export function closeOpenReports(
  state: AgentState,
  reason: CloseReason,
  now: number,
  isChosen: (open: OpenReport) => boolean = () => true,
): Transition {
  return forEachOpen(state, (current, usage) =>
    usage.openReport !== null && isChosen(usage.openReport)
      ? closeReport(current, usage, reason, moment(now))
      : unchanged(current),
  );
}

/** An open report that says more than "as before, until now": nobody but this device knows it yet. */
export function hasNews(open: OpenReport): boolean {
  return open.finished > 0 || open.runningCount !== open.countBefore;
}

/**
 * To a manager that knows of nothing, all that is in use is news. What is no longer in use is said once more: the zero may have
 * been told without trust, where whatever was ever signed with trust stands over it.
 */
export function forgetWhatWasTold(state: AgentState, now: number): Transition {
  let current = state;
  const effects: AgentEffect[] = [];
  for (const usage of Object.values(state.metering.usages)) {
    const { openReport, lastReportId } = usage;
    if (openReport !== null) {
      current = putUsage(current, { ...usage, openReport: { ...openReport, countBefore: null } });
    } else if (lastReportId !== null) {
      const begun = beginReport(
        current,
        usage,
        {
          before: null,
          boundary: { reason: "report_closed" },
          startSeconds: Math.floor(now / 1000),
          isZeroTold: false,
        },
        now,
      );
      current = begun.state;
      effects.push(...begun.effects);
    }
  }
  return { state: current, effects };
}

export function hasOpenNews(state: AgentState): boolean {
  return Object.values(state.metering.usages).some(({ openReport }) => openReport !== null && hasNews(openReport));
}

/** After a reload: usage ended when the agent last surely ran, and begins again now. */
export function resumeMeasuring(state: AgentState, isReload: boolean, now: number): Transition {
  const { measuredUntilMs } = state.metering;
  const at: Moment = {
    endSeconds: Math.floor(Math.min(measuredUntilMs, now) / 1000),
    nextStartSeconds: Math.floor(now / 1000),
    atMs: now,
  };
  return forEachOpen(state, (current, usage) =>
    isReload
      ? closeReport(current, usage, "ProductReload", at)
      : drawBoundary(current, usage, { reason: "reload" }, at),
  );
}

function closeReport(
  state: AgentState,
  usage: Usage,
  closeReason: CloseReason,
  at: Moment,
  boundary: Boundary = { reason: "report_closed" },
): Transition {
  const open = usage.openReport;
  assert(open !== null, "only an open report can be closed");
  const { tag } = usage;
  const { reportId } = open;
  const meta = { termination_reason: boundary.reason, close_reason: closeReason };
  const measured = { ...noteMeasured(usage, open, at.endSeconds), openReport: null };
  const closed = putUsage(moveCounts(state, { open: -1, closed: 1 }), measured);
  const reopened = openWhenUsed(
    closed,
    measured,
    {
      before: open,
      boundary,
      startSeconds: at.nextStartSeconds,
      isZeroTold: isZeroTold(measured, open, at.endSeconds),
    },
    at.atMs,
  );
  return {
    state: reopened.state,
    effects: [
      measure(tag, open, at.endSeconds, meta),
      { type: "close-report", tag, reportId, reason: closeReason, facts: reportFacts(state) },
      ...reopened.effects,
    ],
  };
}

/** How far this tag was said to be in use. */
function noteMeasured(usage: Usage, open: OpenReport, endSeconds: number): Usage {
  if (open.runningCount === 0) return usage;
  const measuredToSeconds = Math.max(usage.measuredToSeconds ?? 0, endSeconds, open.runningSinceSeconds);
  return { ...usage, measuredToSeconds };
}

/**
 * Of all measurements the one that ends last decides what a manager counts. Where the clock was ahead while the tag was in
 * use, a zero by the right clock ends before that, and is said again until it does not.
 */
function isZeroTold({ measuredToSeconds = 0 }: Usage, { runningCount, runningSinceSeconds }: OpenReport, end: number) {
  return runningCount === 0 && Math.max(end, runningSinceSeconds) >= measuredToSeconds;
}

type Opening = {
  readonly before: OpenReport | null;
  readonly boundary: Boundary;
  readonly startSeconds: number;
  /** The report before has said zero, and a manager counts by it. */
  readonly isZeroTold: boolean;
};

/** Opens a report for a usage that has none. A zero needs none once a report has said it. */
export function openWhenUsed(state: AgentState, usage: Usage, opening: Opening, now: number): Transition {
  const { before } = opening;
  if (usage.count === 0 && (before === null || opening.isZeroTold)) return unchanged(putUsage(state, usage));
  return beginReport(state, usage, opening, now);
}

function beginReport(state: AgentState, usage: Usage, opening: Opening, now: number): Transition {
  const { before, boundary, startSeconds } = opening;
  const isZeroRepeated = usage.count === 0 && before?.runningCount === 0;
  const reportId = state.metering.nextReportId;
  const openReport: OpenReport = {
    reportId,
    previousReportId: usage.lastReportId,
    startedAtMs: now,
    runningSinceSeconds: startSeconds,
    runningCount: usage.count,
    clockChangeDeltaSeconds: 0,
    added: boundary.added ?? [],
    removed: boundary.removed ?? [],
    finished: 0,
    countBefore: isZeroRepeated ? null : (before?.runningCount ?? null),
  };
  const counted = moveCounts(state, { open: 1 });
  const numbered = { ...counted, metering: { ...counted.metering, nextReportId: reportId + 1 } };
  const isFirst = before === null && !Object.values(state.metering.usages).some((other) => other.openReport !== null);
  return {
    state: putUsage(numbered, { ...usage, openReport, lastReportId: reportId }),
    effects: isFirst ? [recordEvent("UTILITY_REPORT_START")] : [],
  };
}

function measure(tag: string, open: OpenReport, endSeconds: number, reasons: MeasurementMeta): AgentEffect {
  const meta: MeasurementMeta = { ...reasons };
  if (open.clockChangeDeltaSeconds !== 0) meta.clock_change_delta = String(open.clockChangeDeltaSeconds);
  if (open.added.length > 0) meta.added_sudi_list = open.added.map(sudiOf);
  if (open.removed.length > 0) meta.removed_sudi_list = open.removed.map(sudiOf);
  return {
    type: "measure",
    tag,
    reportId: open.reportId,
    startSeconds: open.runningSinceSeconds,
    // A clock that went back unnoticed must not make a measurement that ends before it starts.
    endSeconds: Math.max(endSeconds, open.runningSinceSeconds),
    count: open.runningCount,
    meta,
  };
}

/** The clock jumped: what runs keeps the time it has run, told by the new clock. */
export function rebaseMeasurements(metering: MeteringState, deltaSeconds: number): MeteringState {
  const usages: Record<string, Usage> = {};
  for (const [tag, usage] of Object.entries(metering.usages)) {
    usages[tag] = usage.openReport === null ? usage : { ...usage, openReport: rebase(usage.openReport, deltaSeconds) };
  }
  return { ...metering, usages };
}

function rebase(open: OpenReport, deltaSeconds: number): OpenReport {
  return {
    ...open,
    startedAtMs: open.startedAtMs + deltaSeconds * 1000,
    runningSinceSeconds: Math.max(0, open.runningSinceSeconds + deltaSeconds),
    clockChangeDeltaSeconds: open.clockChangeDeltaSeconds + deltaSeconds,
  };
}

/** Moves counts by difference. They inform; a store that lost something must not make them negative. */
export function moveCounts(state: AgentState, by: Partial<ReportCounts>): AgentState {
  const counts: Record<string, number> = { ...state.reporting.counts };
  for (const [name, difference] of Object.entries(by)) counts[name] = Math.max(0, (counts[name] ?? 0) + difference);
  return { ...state, reporting: { ...state.reporting, counts: counts as ReportCounts } };
}

export function putUsage(state: AgentState, usage: Usage): AgentState {
  const { metering } = state;
  return { ...state, metering: { ...metering, usages: { ...metering.usages, [usage.tag]: usage } } };
}

function forEachOpen(state: AgentState, change: (state: AgentState, usage: Usage) => Transition): Transition {
  let current = state;
  const effects: AgentEffect[] = [];
  for (const usage of Object.values(state.metering.usages)) {
    if (usage.openReport === null) continue;
    const next = change(current, usage);
    current = next.state;
    effects.push(...next.effects);
  }
  return { state: current, effects };
}
