// Back to the state of delivery: trust, policy, or all licence information. Other settings of the device are not touched
// (HW-1 to HW-4). What is in use stays in use: measuring begins anew, and the report counter never goes back.

import { formatUdi } from "@countersign/protocol";
import { removeAuthorization } from "./authorization.ts";
import type { AgentEffect } from "./effect.ts";
import { noReports } from "./initial-state.ts";
import { noLedger } from "./ledger-watch.ts";
import { setUsage } from "./metering.ts";
import { removePolicy } from "./policy-mode.ts";
import type { AgentState, MemberTrust } from "./state.ts";
import { inOrder, recordEvent, type Transition, unchanged } from "./transition.ts";

export type FactoryReset = "all" | "trust" | "policy";

export type FactoryResetPreview = {
  readonly removes: readonly string[];
  readonly keeps: readonly string[];
  /** The documents ask for a reload after `all`; the agent itself goes on without one (BET-10). */
  readonly reloadRequired: boolean;
};

/** Says in words what a factory reset would remove and keep; changes nothing. */
export function previewFactoryReset(state: AgentState, what: FactoryReset): FactoryResetPreview {
  const parts = describeParts(state);
  const isRemoved: Readonly<Record<keyof typeof parts, boolean>> = {
    trust: what !== "policy",
    policy: what !== "trust",
    authorization: what === "all",
    reports: what === "all",
    usage: false,
    configuration: false,
  };
  const hasCodes = Object.keys(state.authorization.installed).length > 0;
  const names = (Object.keys(parts) as (keyof typeof parts)[]).filter((name) => name !== "authorization" || hasCodes);
  return {
    removes: names.filter((name) => isRemoved[name]).map((name) => parts[name]),
    keeps: names.filter((name) => !isRemoved[name]).map((name) => parts[name]),
    reloadRequired: what === "all",
  };
}

function describeParts(state: AgentState) {
  const { counts } = state.reporting;
  const held = counts.closed + counts.pending + counts.unacknowledged + counts.refused;
  const trusted = Object.values(state.trust.members).filter((trust) => trust.status === "installed").length;
  const inUse = Object.values(state.metering.usages).filter((usage) => usage.count > 0).length;
  return {
    trust: `trust of ${trusted} of ${state.installation.members.length} devices, with their keys and the account names`,
    policy: `policy "${state.policy.inForce.name}"`,
    authorization: `authorization codes of ${Object.keys(state.authorization.installed).length} devices`,
    reports: `${held} reports that no ACK has taken, and ${counts.open} open ones`,
    usage: `the use of ${inUse} entitlements`,
    configuration: "transport, addresses, privacy and all other settings",
  } as const;
}

export function resetToFactory(state: AgentState, what: FactoryReset, now: number): Transition {
  return inOrder(state, now, [
    (s) => ({ state: s, effects: [recordEvent("FACTORY_RESET", { what })] }),
    (s) => (what === "policy" ? unchanged(s) : removeTrust(s)),
    (s) => (what === "trust" ? unchanged(s) : removePolicy(s)),
    (s) => (what === "all" ? removeAuthorization(s) : unchanged(s)),
    (s) => (what === "all" ? removeReports(s, now) : unchanged(s)),
  ]);
}

export function removeTrust(state: AgentState): Transition {
  const none: Record<string, MemberTrust> = {};
  for (const member of state.installation.members) none[formatUdi(member.udi)] = { status: "none" };
  const keyIds = keysOf(state);
  const { communication, reporting } = state;
  // A late answer must not bring back what was removed.
  const inFlight = communication.inFlight?.requestType === "LICENSE_USAGE" ? communication.inFlight : null;
  const effects: AgentEffect[] = keyIds.length === 0 ? [] : [{ type: "delete-keys", keyIds }];
  return {
    state: {
      ...state,
      trust: {
        ...state.trust,
        members: none,
        attempt: null,
        lastRefusal: null,
        account: null,
        exportControlAllowed: false,
        signingCertificate: null,
        lostSinceMs: null,
        nextSyncAtMs: null,
        syncFailuresInARow: 0,
      },
      communication: { ...communication, inFlight },
      reporting: { ...reporting, poll: null, lastAckSequence: -1, lastAckInstance: null, ledger: noLedger },
    },
    effects,
  };
}

function keysOf(state: AgentState): readonly string[] {
  const keys = new Set(Object.values(state.trust.attempt?.keys ?? {}));
  for (const trust of Object.values(state.trust.members)) if (trust.status !== "none") keys.add(trust.keyId);
  return [...keys];
}

function removeReports(state: AgentState, now: number): Transition {
  const inUse = Object.values(state.metering.usages).filter((usage) => usage.count > 0);
  const emptied: AgentState = {
    ...state,
    installation: { ...state.installation, reloadRequired: true },
    metering: { ...state.metering, usages: {}, firstUseAtMs: null, changedAtMs: null, classesChanged: [] },
    reporting: {
      ...state.reporting,
      counts: noReports,
      lastPushAtMs: null,
      nextPushAtMs: null,
      nextPushRule: "nothing_to_report",
      lastAckAtMs: null,
      failuresInARow: 0,
      reportingRequiredLoggedAtMs: null,
      lastFileWriteAtMs: null,
    },
    communication: { ...state.communication, inFlight: null },
  };
  const again = inUse.map(
    ({ tag, licenseClass, count }) =>
      (s: AgentState) =>
        setUsage(s, { tag, licenseClass, count }, now),
  );
  const measured = inOrder(emptied, now, again);
  const effects = measured.effects.filter((effect) => effect.type !== "record-event");
  return { state: measured.state, effects: [{ type: "delete-all-reports" }, ...effects] };
}
