// How one part of the machine hands on to the next: a new state, and what the world is asked to do about it.

import type { AgentEffect, AgentNotice } from "./effect.ts";
import type { AgentState } from "./state.ts";

export type Transition = { readonly state: AgentState; readonly effects: readonly AgentEffect[] };
export type Change = (state: AgentState, now: number) => Transition;

export function unchanged(state: AgentState): Transition {
  return { state, effects: [] };
}

/** Applies changes one after the other; the effects stay in that order. */
export function inOrder(state: AgentState, now: number, changes: readonly Change[]): Transition {
  let current = state;
  const effects: AgentEffect[] = [];
  for (const change of changes) {
    const next = change(current, now);
    current = next.state;
    effects.push(...next.effects);
  }
  return { state: current, effects };
}

export function recordEvent(name: string, details: Readonly<Record<string, string>> = {}): AgentEffect {
  return { type: "record-event", name: `SAEVT_${name}`, details };
}

export function notify(notice: AgentNotice): AgentEffect {
  return { type: "notify", notice };
}
