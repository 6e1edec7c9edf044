// Every change of standing that the machine can make, as a table: what changes, from what to what, on which event, and what
// it means. The reference page is generated from it, and tests hold the machine to it in both directions: nothing happens
// that is not in the table, and everything in the table happens.

import { formatUdi } from "@countersign/protocol";
import { isCryptographyReady } from "./cryptography.ts";
import type { AgentEvent } from "./event.ts";
import { activeMember, trustOf } from "./installation.ts";
import type { AgentState } from "./state.ts";
import type { Transition } from "./transition.ts";

type EventName = AgentEvent["type"];
/** `any`: what is due is done after every event, so the clock alone decides. */
type On = readonly EventName[] | "any";

export type TransitionRow = {
  readonly thing: string;
  readonly from: string;
  readonly to: string;
  readonly on: On;
  readonly means: string;
};

function row(thing: string, from: string, to: string, on: On, means: string): TransitionRow {
  return { thing, from, to, on, means };
}

const closers: readonly EventName[] = [
  "usage-set",
  "booted",
  "software-upgraded",
  "members-changed",
  "reports-close-requested",
  "factory-reset-requested",
];
const acks: readonly EventName[] = ["usage-acknowledged", "acknowledgement-imported"];
const trustGivers: readonly EventName[] = ["trust-answered", "trust-imported"];
const codeGivers: readonly EventName[] = ["authorization-answered", "authorization-imported"];
const codeTakers: readonly EventName[] = [
  "authorization-return-requested",
  "authorization-heard",
  "factory-reset-requested",
  "members-changed",
];
const policyBringers: readonly EventName[] = [...acks, ...trustGivers, "policy-imported"];

export const transitions: readonly TransitionRow[] = [
  row("report", "NEW", "OPEN", "any", "a tag came into use, or the report before it was closed while it is"),
  row("report", "OPEN", "CLOSED", "any", `sealed: for a push when it is due, or on ${closers.join(", ")}`),
  row("report", "CLOSED", "PENDING", ["reports-handed-out"], "signed and sent"),
  row("report", "CLOSED", "UNACK", ["usage-file-written"], "written into a file before it was ever sent"),
  row("report", "PENDING", "UNACK", ["usage-file-written"], "written into a file after it was signed"),
  row("report", "PENDING", "ACK", acks, "taken by the manager; deleted at once"),
  row("report", "UNACK", "ACK", acks, "taken by the manager; deleted at once"),
  row("report", "REFUSED", "ACK", acks, "taken in the end; deleted at once"),
  row("report", "PENDING", "REFUSED", acks, "kept and marked"),
  row("report", "UNACK", "REFUSED", acks, "kept and marked"),
  row("report", "REFUSED", "PENDING", ["sync-requested", ...trustGivers], "one more chance"),
  row("report", "CLOSED", "MERGED", ["reports-merged"], "lives on in a newer report"),
  row("report", "CLOSED", "LOST", ["reports-lost"], "the store cannot read it"),
  row("cryptography", "ready", "not ready", ["booted"], "a key cannot be read: nothing is signed, trust waits"),
  row("cryptography", "not ready", "ready", ["cryptography-tried", "booted"], "an attempt succeeded"),
  row("trust", "none", "requested", "any", "a token was entered, or a trust sync is due: a key is made"),
  row("trust", "requested", "installed", trustGivers, "the trust code is verified and installed"),
  row("trust", "installed", "installed anew", trustGivers, "force or renewal: another certificate"),
  row("trust", "installed", "none", ["factory-reset-requested", "members-changed"], "removed, or the device left"),
  row("trust", "requested", "none", ["factory-reset-requested", "members-changed"], "removed, or the device left"),
  row("attempt", "idle", "seeking", "any", "a token was entered, or none is needed at the configured address"),
  row("attempt", "seeking", "idle", "any", "answered, refused for good, over, or removed"),
  row(
    "manager",
    "knows us",
    "has lost us",
    ["exchange-failed"],
    "it refused a report because it has no such product instance",
  ),
  row(
    "manager",
    "has lost us",
    "knows us",
    [...trustGivers, "factory-reset-requested"],
    "recognised again, or forgotten by us",
  ),
  row("authorization", "none", "installed", codeGivers, "a code of the active device is verified and installed"),
  row("authorization", "installed", "confirmed", ["authorization-heard"], "the manager has heard that it arrived"),
  row("authorization", "installed", "none", codeTakers, "given back, withdrawn, or removed"),
  row("authorization", "confirmed", "none", codeTakers, "given back, or removed"),
  row(
    "authorization",
    "confirmed",
    "installed",
    [...codeGivers, "members-changed"],
    "a newer code, or another device is active",
  ),
  row("authorization", "none", "confirmed", ["members-changed"], "another device is active, and has a code"),
  row("authorization request", "idle", "asking", ["authorization-requested"], "until it is answered or given up"),
  row(
    "authorization request",
    "asking",
    "idle",
    [...codeGivers, "exchange-failed", "authorization-return-requested", "factory-reset-requested"],
    "answered, refused for good, or given up",
  ),
  row(
    "authorization return",
    "none",
    "untold",
    ["authorization-return-requested"],
    "the manager is told until it has heard",
  ),
  row(
    "authorization return",
    "untold",
    "none",
    ["authorization-heard", "factory-reset-requested"],
    "the manager has heard, or it was forgotten by us",
  ),
  row("way", "open", "failing", "any", "no verified answer came; logged once"),
  row("way", "failing", "open", "any", "a verified answer came; logged once"),
  row("exchange", "idle", "under way", "any", "the most urgent of what is due; one at a time"),
  row("exchange", "under way", "idle", "any", "answered, failed, given up after ten minutes, or cut off by a start"),
  row("result", "none", "awaited", ["poll-later"], "the manager works on the push; it is polled"),
  row("result", "awaited", "none", "any", "ACK, refusal, a day without result, another peer, or removed"),
  row("policy", "default", "installed", policyBringers, "the first policy of a manager"),
  row("policy", "installed", "newer", policyBringers, "only ever a higher version"),
  row("policy", "installed", "default", ["factory-reset-requested"], "removed"),
  row("ledger", "consistent", "rewritten", acks, "its head does not go on from the kept one; the ACK is not taken"),
  row(
    "ledger",
    "rewritten",
    "consistent",
    [...acks, "factory-reset-requested"],
    "it goes on again, is another ledger, or was forgotten by us",
  ),
  row("way", "open", "switched off", ["configured"], "transport off"),
  row("way", "failing", "switched off", ["configured"], "transport off"),
  row("way", "switched off", "open", ["configured"], "transport on again"),
  row("way", "switched off", "failing", ["configured"], "transport on again, and it failed before"),
];

export type ObservedTransition = {
  readonly thing: string;
  readonly from: string;
  readonly to: string;
  readonly on: EventName;
};

/** What changed its standing in one step. */
export function observeTransitions(
  before: AgentState,
  event: AgentEvent,
  { state, effects }: Transition,
): readonly ObservedTransition[] {
  const observed: ObservedTransition[] = [...observeReports(before, event, { state, effects })];
  const compare = (thing: string, standing: (state: AgentState) => string): void => {
    const [from, to] = [standing(before), standing(state)];
    if (from !== to) observed.push({ thing, from, to, on: event.type });
  };
  const { udi } = activeMember(before);
  compare("cryptography", (s) => (isCryptographyReady(s) ? "ready" : "not ready"));
  compare("trust", (s) => trustOf(s, udi).status);
  compare("attempt", (s) => (s.trust.attempt === null ? "idle" : "seeking"));
  compare("manager", (s) => (s.trust.lostSinceMs === null ? "knows us" : "has lost us"));
  compare("authorization", authorizationOf);
  compare("authorization request", (s) => (s.authorization.attempt === null ? "idle" : "asking"));
  compare("authorization return", (s) => (Object.keys(s.authorization.returning).length === 0 ? "none" : "untold"));
  compare("way", wayOf);
  compare("exchange", (s) => (s.communication.inFlight === null ? "idle" : "under way"));
  compare("result", (s) => (s.reporting.poll === null ? "none" : "awaited"));
  compare("ledger", (s) => (s.reporting.ledger.refused === null ? "consistent" : "rewritten"));
  compare("policy", (s) => (s.policy.installedAtMs === null ? "default" : "installed"));
  observed.push(...observeRenewals(before, event, state));
  return observed;
}

function authorizationOf(state: AgentState): string {
  const own = state.authorization.installed[formatUdi(activeMember(state).udi)];
  if (own === undefined) return "none";
  return own.confirmation === "due" ? "installed" : "confirmed";
}

function wayOf(state: AgentState): string {
  if (state.configuration.transport === "off") return "switched off";
  return state.communication.failingSinceMs === null ? "open" : "failing";
}

/** Changes that stay in one standing: another certificate, another policy. */
function observeRenewals(before: AgentState, event: AgentEvent, after: AgentState): readonly ObservedTransition[] {
  const observed: ObservedTransition[] = [];
  const [old, now] = [trustOf(before, activeMember(before).udi), trustOf(after, activeMember(before).udi)];
  const isInstalled = old.status === "installed" && now.status === "installed";
  if (isInstalled && old.certificateSerial !== now.certificateSerial) {
    observed.push({ thing: "trust", from: "installed", to: "installed anew", on: event.type });
  }
  const hadPolicy = before.policy.installedAtMs !== null && after.policy.installedAtMs !== null;
  if (hadPolicy && before.policy.inForce !== after.policy.inForce) {
    observed.push({ thing: "policy", from: "installed", to: "newer", on: event.type });
  }
  return observed;
}

const displayOf = { closed: "CLOSED", pending: "PENDING", unacknowledged: "UNACK", refused: "REFUSED" } as const;

function observeReports(
  before: AgentState,
  event: AgentEvent,
  { state, effects }: Transition,
): readonly ObservedTransition[] {
  const on = event.type;
  const report = (from: string, to: string): ObservedTransition => ({ thing: "report", from, to, on });
  const observed: ObservedTransition[] = [];
  if (state.metering.nextReportId > before.metering.nextReportId && on !== "booted")
    observed.push(report("NEW", "OPEN"));
  for (const effect of effects) {
    if (effect.type === "close-report") observed.push(report("OPEN", "CLOSED"));
    if (effect.type === "requeue-refused") observed.push(report("REFUSED", "PENDING"));
  }
  const hasEffect = (type: "delete-reports" | "mark-reports"): boolean =>
    effects.some((effect) => effect.type === type);
  switch (event.type) {
    case "reports-handed-out":
      if (event.reportIds.length > 0) observed.push(report("CLOSED", "PENDING"));
      break;
    case "usage-file-written":
      for (const { status } of event.reports) {
        if (status === "closed" || status === "pending") observed.push(report(displayOf[status], "UNACK"));
      }
      break;
    case "usage-acknowledged":
    case "acknowledgement-imported":
      if (hasEffect("delete-reports"))
        observed.push(...event.taken.map(({ status }) => report(displayOf[status], "ACK")));
      if (hasEffect("mark-reports")) {
        const marked = event.refused.filter(({ status }) => status !== "refused");
        observed.push(...marked.map(({ status }) => report(displayOf[status], "REFUSED")));
      }
      break;
    case "reports-merged":
      observed.push(...event.removed.map(({ status }) => report(displayOf[status], "MERGED")));
      break;
    case "reports-lost":
      observed.push(...event.reports.map(({ status }) => report(displayOf[status], "LOST")));
      break;
    default:
  }
  return observed;
}

/** The row that documents a change, or undefined. */
export function findTransition({ thing, from, to, on }: ObservedTransition): TransitionRow | undefined {
  return transitions.find(
    (candidate) =>
      candidate.thing === thing &&
      candidate.from === from &&
      candidate.to === to &&
      (candidate.on === "any" || candidate.on.includes(on)),
  );
}
