// `license smart sync`: everything with the manager now, whatever the throttle says (REP-5, REP-12, TRU-20). First trust,
// account and policy, then a report with the usage of this moment; refused reports get one more chance.

import type { RefusedRequest } from "./effect.ts";
import { speakerOf } from "./installation.ts";
import { mayPush, planPush } from "./push-plan.ts";
import type { AgentState } from "./state.ts";
import { notify, recordEvent, type Transition } from "./transition.ts";
import { requeueRefused } from "./trust-answer.ts";
import { planTrustSync } from "./trust-sync.ts";

export function requestSync(state: AgentState, scope: "local" | "all", now: number): Transition {
  if (state.configuration.transport === "off")
    return refuse(state, "transport_off", "The communications transport is not available");
  const hasTrust = speakerOf(state) !== null;
  if (!hasTrust && !mayPush(state))
    return refuse(state, "trust_missing", "Insufficient trust for direct communication");
  const requeued = requeueRefused(state);
  // Somebody looks: what is sent in vain from now on is repeated at once again, one time.
  const looked = { ...requeued.state, reporting: { ...requeued.state.reporting, isRepeatedAtOnce: false } };
  const trusted = hasTrust ? planTrustSync(looked, scope, now) : looked;
  return {
    state: planPush(trusted, "sync_requested", now),
    effects: [...requeued.effects, recordEvent("SYNC_REQUEST", { scope })],
  };
}

function refuse(state: AgentState, code: RefusedRequest, message: string): Transition {
  return { state, effects: [notify({ type: "request-refused", request: "sync", code, message })] };
}
