// The agent's licensing as one pure function. Each event has one row: what it does, in words, and the function that does it;
// the reference page of the state machine is generated from this table. After every event, whatever has become due is done.

import { acceptAcknowledgement, leaving, noteFileWritten } from "./acknowledgement.ts";
import { acceptAuthorization, requestAuthorization, returnAuthorization } from "./authorization.ts";
import { boot, tryCryptography } from "./boot.ts";
import { comeToClassicRest, settleClassic } from "./classic/classic-due.ts";
import { isClassic } from "./classic/classic-state.ts";
import { takeClassicEvent } from "./classic/classic-step.ts";
import { changeSoftware } from "./classic/licensing-model.ts";
import { changeClock, changeHostname, configure } from "./configuration.ts";
import { comeToRest, settle } from "./due.ts";
import type { AgentEvent } from "./event.ts";
import { takeExchangeResult } from "./exchange-results.ts";
import { resetToFactory } from "./factory-reset.ts";
import { changeMembers } from "./members.ts";
import { setUsage } from "./metering.ts";
import { moveCounts } from "./open-report.ts";
import { installPolicy } from "./policy-mode.ts";
import { closeForRequest } from "./reporting.ts";
import type { AgentState } from "./state.ts";
import { requestSync } from "./sync.ts";
import { inOrder, notify, recordEvent, type Transition, unchanged } from "./transition.ts";
import { requestTrust, requestTrustByFile } from "./trust.ts";
import { acceptTrust } from "./trust-answer.ts";

type Row<E> = { readonly does: string; readonly handle: (state: AgentState, event: E, now: number) => Transition };
type EventTable = { readonly [T in AgentEvent["type"]]: Row<Extract<AgentEvent, { readonly type: T }>> };

const exchange: Row<Parameters<typeof takeExchangeResult>[1]> = {
  does: "Ends the exchange under way and takes its result; the result of an exchange that was given up changes nothing.",
  handle: takeExchangeResult,
};

export const eventTable: EventTable = {
  booted: {
    does: "Starts the agent. After a reload open reports are closed (ProductReload), after a restart of the program they go on.",
    handle: boot,
  },
  "cryptography-tried": {
    does: "Ends an attempt to use the keys. When they can be used the start is complete and what waited goes out; else one more comes.",
    handle: (state, event, now) => tryCryptography(state, event.refusal, now),
  },
  configured: {
    does: "Takes settings. A new way to the manager is tried at once; another peer is not asked for the first one's result.",
    handle: (state, event, now) => configure(state, event.change, now),
  },
  "hostname-changed": {
    does: "Takes the name; identity does not depend on it.",
    handle: (state, event) => changeHostname(state, event.hostname),
  },
  "software-upgraded": {
    does: "Takes the version and closes open reports (SoftwareChange), for a report names one version; and the licensing model of the new software.",
    handle: changeSoftware,
  },
  "usage-set": {
    does: "Ends the running measurement of the tag and begins one with the new count; opens its report at first use.",
    handle: setUsage,
  },
  "trust-requested": {
    does: "Begins to seek trust with a token, at once and then with back-off; without force an installed trust is not replaced.",
    handle: requestTrust,
  },
  "sync-requested": {
    does: "Plans a trust sync and a push with the usage of this moment, both at once and past the throttle.",
    handle: (state, event, now) => requestSync(state, event.scope, now),
  },
  "factory-reset-requested": {
    does: "Removes trust, policy, or all licence information; what is in use is measured on.",
    handle: (state, event, now) => resetToFactory(state, event.what, now),
  },
  "members-changed": {
    does: "Takes members and roles. New or gone members draw a line in the measurements, a switchover closes reports; no count changes.",
    handle: (state, event, now) => changeMembers(state, event.members, now),
  },
  "clock-changed": {
    does: "Moves everything that this device timed; running measurements keep their duration and name the jump.",
    handle: (state, event) => changeClock(state, event.deltaSeconds),
  },
  "reports-close-requested": {
    does: "Closes open reports that say something new, so that a file or a puller gets the usage up to this moment.",
    handle: (state, event, now) => closeForRequest(state, event.reason, now),
  },
  "usage-file-written": {
    does: "Reports in a file wait for their ACK (UNACK).",
    handle: (state, event, now) => noteFileWritten(state, event.reports, now),
  },
  "reports-handed-out": {
    does: "Closed reports that were signed and sent for the first time become PENDING.",
    handle: (state, event) =>
      unchanged(moveCounts(state, { closed: -event.reportIds.length, pending: event.reportIds.length })),
  },
  "reports-merged": {
    does: "Reports that live on inside another are no longer counted.",
    handle: (state, event) => ({
      state: moveCounts(state, { ...leaving(event.removed), mergedTotal: event.removed.length }),
      effects: [recordEvent("UTILITY_RUM_MERGE", { reports: String(event.removed.length), into: String(event.into) })],
    }),
  },
  "reports-lost": {
    does: "Reports that the store cannot read are no longer counted, and the loss is logged.",
    handle: (state, event) => ({
      state: moveCounts(state, leaving(event.reports)),
      effects: event.reports.map((report) => recordEvent("UTILITY_RUM_LOST", { reportId: String(report.reportId) })),
    }),
  },
  "acknowledgement-imported": {
    does: "Takes an ACK that came by file.",
    handle: (state, event, now) => acceptAcknowledgement(state, event, { pushedAtMs: null, endsPush: false }, now),
  },
  "policy-imported": {
    does: "Installs a policy that came by file, unless it is older than the installed one.",
    handle: (state, event, now) => installPolicy(state, event.policy, now),
  },
  "trust-imported": {
    does: "Installs trust codes and account names that came by file; a token that is no longer needed is given up.",
    handle: (state, event, now) => acceptTrust(state, event, "file", now),
  },
  "trust-file-requested": {
    does: "Gives devices without trust a key each, so that a file can ask for them; refused when all have trust.",
    handle: (state, event) => requestTrustByFile(state, event.scope),
  },
  "authorization-requested": {
    does: "Begins to ask for authorization codes, at once and then with back-off; without trust it waits for trust or for a file.",
    handle: (state, event, now) => requestAuthorization(state, event, now),
  },
  "authorization-return-requested": {
    does: "Removes authorization codes at once; online, the manager is told until it has heard. Refused when none is installed.",
    handle: (state, event, now) => returnAuthorization(state, event, now),
  },
  "authorization-imported": {
    does: "Installs authorization codes that came by file; a request that they answer is ended.",
    handle: (state, event, now) => acceptAuthorization(state, { given: event.given, refused: [] }, "file", now),
  },
  "registration-requested": {
    does: "Classic model: begins to register with a token, at once and then with back-off. Refused in the policy model.",
    handle: (state) => refuseClassic(state, "registration", "license smart trust idtoken <token> all"),
  },
  "deregistration-requested": {
    does: "Classic model: tells the manager that the device leaves, and forgets its registration. Refused in the policy model.",
    handle: (state) => refuseClassic(state, "deregistration", "license smart factory reset"),
  },
  "renewal-requested": {
    does: "Classic model: renews ID certificate or authorization now. Refused in the policy model.",
    handle: (state) => refuseClassic(state, "renewal", "license smart sync all"),
  },
  "conversion-requested": {
    does: "Classic model: tells the manager which old licences the devices have, once and until it is answered. Refused in the policy model.",
    handle: (state) => refuseClassic(state, "conversion", "nothing: whatever is in use is reported"),
  },
  "conversion-stopped": {
    does: "Classic model: asks for no conversion any more; what is converted stays so. Refused in the policy model.",
    handle: (state) => refuseClassic(state, "conversion", "nothing: whatever is in use is reported"),
  },
  stopping: { does: "Marks how far usage is measured; begins nothing.", handle: (state) => unchanged(state) },
  timer: { does: "Nothing of its own: what is due is done after every event.", handle: (state) => unchanged(state) },
  "trust-answered": exchange,
  "usage-acknowledged": exchange,
  "authorization-answered": exchange,
  "authorization-heard": exchange,
  "poll-later": exchange,
  "try-again": exchange,
  "hello-answered": exchange,
  "nothing-to-report": exchange,
  "exchange-failed": exchange,
  "registration-answered": exchange,
  "classic-authorized": exchange,
  "conversion-answered": exchange,
  deregistered: exchange,
};

/** A person asked for what the classic model has (GEN-6). */
function refuseClassic(
  state: AgentState,
  request: "registration" | "renewal" | "deregistration" | "conversion",
  instead: string,
): Transition {
  const message = `This software has Smart Licensing Using Policy; use ${instead}`;
  return { state, effects: [notify({ type: "request-refused", request, code: "other_licensing_model", message })] };
}

/**
 * One step of the machine: no clock, no randomness, no I/O; `now` is epoch milliseconds of the device's wall clock. Costs the
 * same however many reports wait. Throws only on a broken promise of the caller (no active member, a count that is none).
 */
export function step(state: AgentState, event: AgentEvent, now: number): Transition {
  const row = eventTable[event.type] as Row<AgentEvent>;
  const isEnd = event.type === "stopping";
  return inOrder(state, now, [
    (s) => (isClassic(s) ? takeClassicEvent(s, event, now) : row.handle(s, event, now)),
    // An upgrade may have brought the other model.
    (s) => (isClassic(s) ? (isEnd ? comeToClassicRest : settleClassic) : isEnd ? comeToRest : settle)(s, now),
  ]);
}
