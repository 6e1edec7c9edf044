// What trust that was given changes: trust codes, account names, permission for export-controlled functions, and the policy
// that came along, in an answer or by file. Everything in it has been verified before it gets here.

import { formatUdi } from "@countersign/protocol";
import type { AgentEffect } from "./effect.ts";
import type { GivenTrust, TrustedDevice } from "./event.ts";
import { activeMember, trustOf } from "./installation.ts";
import { trustSyncDelayMs } from "./members.ts";
import { forgetWhatWasTold, moveCounts } from "./open-report.ts";
import { installPolicy } from "./policy-mode.ts";
import { planRepetition } from "./push-plan.ts";
import type { AgentState, MemberTrust } from "./state.ts";
import { syslog } from "./syslog.ts";
import { inOrder, notify, recordEvent, type Transition, unchanged } from "./transition.ts";

/** How it came: for a token, in a trust sync, or in a file that a person carried. */
export type TrustOrigin = "token" | "sync" | "file";

export function acceptTrust(state: AgentState, answer: GivenTrust, origin: TrustOrigin, now: number): Transition {
  return inOrder(state, now, [
    (s) =>
      inOrder(
        s,
        now,
        answer.devices.map((device) => (each: AgentState) => installTrustCode(each, device, now)),
      ),
    (s) => noteRefusals(s, answer, origin === "token", now),
    (s) => noteAccount(s, answer),
    (s) => noteExportControl(s, answer),
    (s) => unchanged(origin === "file" ? finishByFile(s, answer, now) : finishAttempt(s, origin === "token", now)),
    (s) => installPolicy(s, answer.policy, now),
    (s) => (answer.devices.length > 0 ? requeueRefused(s) : unchanged(s)),
  ]);
}

function installTrustCode(state: AgentState, device: TrustedDevice, now: number): Transition {
  const { udi, exportControlAllowed: _permission, ...identity } = device;
  const name = formatUdi(udi);
  const isMember = state.installation.members.some((member) => formatUdi(member.udi) === name);
  if (!isMember) return { state, effects: [{ type: "delete-keys", keyIds: [device.keyId] }] };
  const before = trustOf(state, udi);
  const installed: MemberTrust = { status: "installed", ...identity, installedAtMs: now };
  const members = { ...state.trust.members, [name]: installed };
  // After an upgrade the same certificate may come again: now as a trust code.
  const isNew =
    before.status !== "installed" || before.isClassic === true || before.certificateSerial !== device.certificateSerial;
  const next = startAnew({ ...state, trust: { ...state.trust, members } }, before, device, now);
  if (!isNew)
    return {
      ...next,
      state: { ...next.state, trust: { ...next.state.trust, members: { ...members, [name]: before } } },
    };
  return { state: next.state, effects: [...describeInstallation(name, before, device), ...next.effects] };
}

/** Another product instance identifier is another history at the manager: policies, polls, pushes and what was told begin anew. */
function startAnew(state: AgentState, before: MemberTrust, device: TrustedDevice, now: number): Transition {
  const isActive = formatUdi(activeMember(state).udi) === formatUdi(device.udi);
  const isSameInstance =
    before.status === "installed" && before.productInstanceIdentifier === device.productInstanceIdentifier;
  if (!isActive || isSameInstance) return unchanged(state);
  const { state: told, effects } = forgetWhatWasTold(state, now);
  return {
    state: {
      ...told,
      policy: { ...told.policy, newestVersion: -1 },
      reporting: { ...told.reporting, poll: null, lastPushAtMs: null },
    },
    effects,
  };
}

/** The order of the field's log: the old key goes, the new one comes, both are saved, then the code is installed (TRU-10). */
function describeInstallation(name: string, before: MemberTrust, device: TrustedDevice): readonly AgentEffect[] {
  const isNewKey = before.status !== "installed" || before.keyId !== device.keyId;
  const replaced = before.status !== "none" && before.keyId !== device.keyId ? [before.keyId] : [];
  return [
    ...(replaced.length > 0 ? [{ type: "delete-keys" as const, keyIds: replaced }, syslog.keyDeleted()] : []),
    ...(isNewKey ? [syslog.keyAdded(), syslog.keysSaved()] : []),
    syslog.trustInstalled(name),
    recordEvent("TRUST_INSTALL", { udi: name }),
    notify({ type: "trust-installed", udi: name }),
  ];
}

/** Devices that got nothing are named one by one, so that nobody overlooks half a pair (BET-9, FAIL-23). */
function noteRefusals(state: AgentState, answer: GivenTrust, isAttempt: boolean, now: number): Transition {
  if (answer.refused.length === 0) return unchanged(state);
  const udis = answer.refused.map(({ udi }) => formatUdi(udi));
  const message = [...new Set(answer.refused.map((refusal) => refusal.message))].join("; ");
  const refusal = { atMs: now, code: "device_refused", message, udis };
  return {
    state: { ...state, trust: { ...state.trust, lastRefusal: refusal } },
    effects: [
      ...answer.refused.map((refused) => syslog.trustFailed(formatUdi(refused.udi), refused.message)),
      recordEvent("TRUST_FAIL", { code: refusal.code, error: message, devices: String(udis.length) }),
      notify({ type: "trust-refused", code: refusal.code, message, udis, final: isAttempt }),
    ],
  };
}

function noteAccount(state: AgentState, answer: GivenTrust): Transition {
  const { account } = answer;
  if (account === null) return unchanged(state);
  const before = state.trust.account;
  const isSame = before?.smartAccount === account.smartAccount && before.virtualAccount === account.virtualAccount;
  const { smartAccount, virtualAccount } = account;
  return {
    state: { ...state, trust: { ...state.trust, account } },
    effects: isSame ? [] : [recordEvent("ACCOUNT_INFO", { smartAccount, virtualAccount })],
  };
}

/** The permission is the active device's: it is the one that uses such functions. */
function noteExportControl(state: AgentState, answer: GivenTrust): Transition {
  const active = formatUdi(activeMember(state).udi);
  const device = answer.devices.find(({ udi }) => formatUdi(udi) === active);
  if (device === undefined || device.exportControlAllowed === state.trust.exportControlAllowed) return unchanged(state);
  const exportControlAllowed = device.exportControlAllowed;
  return {
    state: { ...state, trust: { ...state.trust, exportControlAllowed } },
    effects: [
      syslog.exportControl(exportControlAllowed),
      recordEvent("EXPORT_FLAG", { exportAllowed: exportControlAllowed ? "True" : "False" }),
    ],
  };
}

/** A token has done its work with any answer; a sync follows shortly (TRU-19). A refused device keeps its key for the next token. */
function finishAttempt(state: AgentState, isAttempt: boolean, now: number): AgentState {
  const hasTrust = Object.values(state.trust.members).some((trust) => trust.status === "installed");
  const nextSyncAtMs = isAttempt && hasTrust ? now + trustSyncDelayMs : isAttempt ? state.trust.nextSyncAtMs : null;
  const isKnown = trustOf(state, activeMember(state).udi).status === "installed";
  const isFoundAgain = isKnown && state.trust.lostSinceMs !== null;
  const planned = isFoundAgain ? planAfterLoss(state, isAttempt, now) : state;
  return {
    ...planned,
    trust: {
      ...state.trust,
      attempt: isAttempt ? null : state.trust.attempt,
      nextSyncAtMs,
      syncScope: "all",
      syncFailuresInARow: 0,
      lostSinceMs: isKnown ? null : state.trust.lostSinceMs,
    },
  };
}

/**
 * What was sent while the manager did not know us never arrived. It may say again and again that it does not, and give trust
 * each time: that is a push in vain like every other, unless a person came with a token or a file. Under a new identity the first push
 * carries all that is in use anyhow.
 */
function planAfterLoss(state: AgentState, isByPerson: boolean, now: number): AgentState {
  const { reporting } = state;
  const isRepeatedAtOnce = reporting.isRepeatedAtOnce && !isByPerson;
  if (reporting.lastPushAtMs === null && !isRepeatedAtOnce)
    return { ...state, reporting: { ...reporting, isRepeatedAtOnce: true } };
  return planRepetition({ ...state, reporting: { ...reporting, isRepeatedAtOnce } }, "way_open_again", now);
}

/** A token that everybody's trust came without is no longer needed; what is known of the way to the manager stays. */
function finishByFile(state: AgentState, given: GivenTrust, now: number): AgentState {
  const { attempt, lostSinceMs } = state.trust;
  const active = formatUdi(activeMember(state).udi);
  const isKnownAgain = given.devices.some(({ udi }) => formatUdi(udi) === active);
  const isStillSought =
    attempt !== null && Object.keys(attempt.keys).some((udi) => state.trust.members[udi]?.status !== "installed");
  const trust = {
    ...state.trust,
    attempt: isStillSought ? attempt : null,
    lostSinceMs: isKnownAgain ? null : lostSinceMs,
  };
  const planned = isKnownAgain && lostSinceMs !== null ? planAfterLoss(state, true, now) : state;
  return { ...planned, trust };
}

/** Reports that were refused get one more chance: with new trust, or because a person asked. */
export function requeueRefused(state: AgentState): Transition {
  const { refused } = state.reporting.counts;
  if (refused === 0) return unchanged(state);
  return { state: moveCounts(state, { refused: -refused, pending: refused }), effects: [{ type: "requeue-refused" }] };
}
