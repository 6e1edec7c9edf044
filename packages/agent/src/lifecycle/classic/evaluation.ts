// The evaluation period: 90 days in which something is used while nobody has authorized it. It counts while the device runs, survives
// every restart, belongs to the device as a whole and never comes back; when it is over nothing stops (CLS-1 to CLS-9).

import type { AgentEffect } from "../effect.ts";
import type { AgentState } from "../state.ts";
import { classicSyslog } from "../syslog.ts";
import { recordEvent, type Transition, unchanged } from "../transition.ts";
import { classicOf, evaluationMs, withEvaluation } from "./classic-state.ts";
import { evaluationRemainingMs, isEvaluating, noteStanding } from "./standing.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Warnings come when so much is left: ever more often towards the end (device-side fact). */
export const warningsMs: readonly number[] = [
  ...[60, 30, 21, 14, 7, 6, 5, 4, 3, 2, 1].map((days) => days * dayMs),
  ...Array.from({ length: 23 }, (_, at) => (23 - at) * hourMs),
];

function isInUse(state: AgentState): boolean {
  return Object.values(state.metering.usages).some(({ count }) => count > 0);
}

/** Adds what has passed since the last look. A clock that went back counts nothing. */
export function countEvaluation(state: AgentState, now: number): AgentState {
  const { usedMs, countedUntilMs } = classicOf(state).evaluation;
  const passedMs = countedUntilMs === null ? 0 : Math.max(0, now - countedUntilMs);
  if (passedMs === 0) return state;
  return withEvaluation(state, { usedMs: Math.min(evaluationMs, usedMs + passedMs), countedUntilMs: now });
}

/** Starts, warns of, ends or rests the period, whichever is so now. */
export function followEvaluation(state: AgentState, now: number): Transition {
  const { evaluation } = classicOf(state);
  const remainingMs = evaluationRemainingMs(state);
  const shouldRun = remainingMs > 0 && isEvaluating(state) && isInUse(state);
  const started =
    shouldRun === (evaluation.countedUntilMs !== null)
      ? state
      : withEvaluation(state, { countedUntilMs: shouldRun ? now : null });
  const effects: AgentEffect[] = [];
  if (shouldRun && evaluation.countedUntilMs === null)
    effects.push(classicSyslog.evaluationStarted(), recordEvent("EVAL_START", { remaining: inSeconds(remainingMs) }));
  if (!isEvaluating(state)) return { state: started, effects };
  if (remainingMs === 0) {
    if (evaluation.isOverTold || !isInUse(state)) return { state: started, effects };
    effects.push(classicSyslog.evaluationExpired(), recordEvent("EVAL_EXPIRED"), noteStanding(started));
    return { state: withEvaluation(started, { isOverTold: true }), effects };
  }
  if (!shouldRun || remainingMs > evaluation.nextWarningMs) return { state: started, effects };
  effects.push(
    classicSyslog.evaluationWillExpire(remainingMs),
    recordEvent("EVAL_WILL_EXPIRE", { remaining: inSeconds(remainingMs) }),
    noteStanding(started),
  );
  return { state: withEvaluation(started, { nextWarningMs: warningAfter(remainingMs) }), effects };
}

/** The next one to come; a long step leaves out those that it passed. */
function warningAfter(remainingMs: number): number {
  return warningsMs.find((ms) => ms < remainingMs) ?? 0;
}

function inSeconds(ms: number): string {
  return String(Math.round(ms / 1000));
}

/** When something is to be told next; null while the period does not run. */
export function nextEvaluationAtMs(state: AgentState): number | null {
  const { countedUntilMs, nextWarningMs } = classicOf(state).evaluation;
  if (countedUntilMs === null) return null;
  return countedUntilMs + Math.max(0, evaluationRemainingMs(state) - nextWarningMs);
}

/** After a start: while the device was off nothing was used. */
export function resumeEvaluation(state: AgentState): Transition {
  return unchanged(withEvaluation(state, { countedUntilMs: null }));
}
