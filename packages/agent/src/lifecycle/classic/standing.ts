// How a classic device stands: with the evaluation period, its registration, its authorization. Derived, never stored.

import type { AgentEffect } from "../effect.ts";
import type { AgentState } from "../state.ts";
import { notify } from "../transition.ts";
import { classicOf, evaluationMs, isRegistered } from "./classic-state.ts";

/** `now`: also what has run since the last step. */
export function evaluationRemainingMs(state: AgentState, now = 0): number {
  const { usedMs, countedUntilMs } = classicOf(state).evaluation;
  const runningMs = countedUntilMs === null ? 0 : Math.max(0, now - countedUntilMs);
  return Math.max(0, evaluationMs - usedMs - runningMs);
}

/** Until the two answers have come: to a registration, and to a request for authorization (CLS-9). */
export function isEvaluating(state: AgentState): boolean {
  return !isRegistered(state) || classicOf(state).authorization.standing === "none";
}

export function noteStanding(state: AgentState, reason: string | null = null): AgentEffect {
  const { standing, verdicts } = classicOf(state).authorization;
  return notify({
    type: "classic-standing",
    isRegistered: isRegistered(state),
    standing,
    shortTags: verdicts.filter(({ shortfall }) => shortfall > 0).map(({ tag }) => tag),
    evaluationRemainingMs: isEvaluating(state) ? evaluationRemainingMs(state) : null,
    reason,
  });
}
