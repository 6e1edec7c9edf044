// The identity of a registration on the device: ID certificates that are installed, renewed, replaced by those before, and removed.

import { formatUdi } from "@countersign/protocol";
import type { AgentEffect } from "../effect.ts";
import type { RegisteredDevice, RegistrationFacts } from "../event.ts";
import { activeMember, trustOf } from "../installation.ts";
import type { AgentState, MemberTrust } from "../state.ts";
import { classicSyslog } from "../syslog.ts";
import { recordEvent, type Transition, unchanged } from "../transition.ts";
import {
  classicOf,
  type InstalledIdentity,
  noClassicAuthorization,
  noRegistration,
  withRegistration,
} from "./classic-state.ts";

function deleteKeys(keyIds: Iterable<string>): readonly AgentEffect[] {
  const each = [...new Set(keyIds)];
  return each.length === 0 ? [] : [{ type: "delete-keys", keyIds: each }];
}

/** `keepsPrevious`: what was there stays at hand until the new one is proven (BET-32). */
export function installIdentities(
  state: AgentState,
  devices: readonly RegisteredDevice[],
  keepsPrevious: boolean,
  now: number,
): Transition {
  const members: Record<string, MemberTrust> = { ...state.trust.members };
  const before = classicOf(state).registration.previous;
  const previous: Record<string, InstalledIdentity> = {};
  let isNewKey = false;
  const obsolete = new Set(Object.values(before).map(({ keyId }) => keyId));
  for (const device of devices) {
    const { udi, ...identity } = device;
    const name = formatUdi(udi);
    if (!state.installation.members.some((member) => formatUdi(member.udi) === name)) {
      obsolete.add(device.keyId);
      continue;
    }
    const known = trustOf(state, udi);
    if (known.status !== "none" && known.keyId !== device.keyId) obsolete.add(known.keyId);
    if (known.status !== "installed" || known.keyId !== device.keyId) isNewKey = true;
    if (keepsPrevious && known.status === "installed") previous[name] = known;
    members[name] = { status: "installed", ...identity, installedAtMs: now, isClassic: true };
  }
  const isKept = new Set([
    ...Object.values(previous).map(({ keyId }) => keyId),
    ...Object.values(members).flatMap((member) => (member.status === "none" ? [] : [member.keyId])),
  ]);
  const effects = deleteKeys([...obsolete].filter((keyId) => !isKept.has(keyId)));
  const replaced = effects.length > 0 ? [classicSyslog.keyDeleted()] : [];
  return {
    state: withRegistration({ ...state, trust: { ...state.trust, members } }, { previous }),
    effects: [...effects, ...replaced, ...(isNewKey ? [classicSyslog.keyAdded(), classicSyslog.keysSaved()] : [])],
  };
}

/** The manager has answered a message under the present identity: the one before is of no use any more. */
export function proveIdentity(state: AgentState): Transition {
  const { previous, isRekeyed } = classicOf(state).registration;
  const inUse = new Set(
    Object.values(state.trust.members).flatMap((member) => (member.status === "none" ? [] : [member.keyId])),
  );
  const obsolete = Object.values(previous).flatMap(({ keyId }) => (inUse.has(keyId) ? [] : [keyId]));
  if (Object.keys(previous).length === 0 && !isRekeyed) return unchanged(state);
  return {
    state: withRegistration(state, { previous: {}, isRekeyed: false }),
    effects: deleteKeys(obsolete),
  };
}

/**
 * The manager does not believe the present identity: a certificate for a new key is asked for, under the identity before where
 * there is one, else under the present one, once (BET-32). Null when neither is left.
 */
export function rekey(state: AgentState, now: number): Transition | null {
  const { previous, isRekeyed, renewalKeys } = classicOf(state).registration;
  const hasPrevious = Object.keys(previous).length > 0;
  if (!hasPrevious && isRekeyed) return null;
  const members: Record<string, MemberTrust> = { ...state.trust.members };
  const dropped: string[] = Object.values(renewalKeys);
  for (const [name, identity] of Object.entries(previous)) {
    const present = members[name];
    if (present === undefined) continue;
    if (present.status !== "none" && present.keyId !== identity.keyId) dropped.push(present.keyId);
    members[name] = identity;
  }
  return {
    state: withRegistration(
      { ...state, trust: { ...state.trust, members } },
      { previous: {}, isRekeyed: true, renewalKeys: {}, nextRenewalAtMs: now, renewalFailuresInARow: 0 },
    ),
    effects: [
      ...deleteKeys(dropped),
      recordEvent("REKEY", { udi: formatUdi(activeMember(state).udi), by: hasPrevious ? "previous" : "present" }),
    ],
  };
}

/** Names and permission of the account, as they are now. */
export function noteRegistrationFacts(state: AgentState, facts: RegistrationFacts, isTold: boolean): Transition {
  const { account, exportControlAllowed } = facts;
  const before = state.trust;
  const isMoved =
    before.account?.smartAccount !== account.smartAccount || before.account.virtualAccount !== account.virtualAccount;
  const hasTurned = isTold || before.exportControlAllowed !== exportControlAllowed;
  const { smartAccount, virtualAccount } = account;
  return {
    state: { ...state, trust: { ...before, account, exportControlAllowed } },
    effects: [
      ...(isMoved ? [recordEvent("ACCOUNT_INFO", { smartAccount, virtualAccount })] : []),
      ...(hasTurned
        ? [
            classicSyslog.exportControl(exportControlAllowed),
            recordEvent("EXPORT_FLAG", { exportAllowed: exportControlAllowed ? "True" : "False" }),
          ]
        : []),
    ],
  };
}

/**
 * Back to a device that nobody has registered. What is left of the evaluation period goes on (CLS-14). A registration that is being
 * tried goes on too, with its own keys. `reason`: why, where nobody asked for it.
 */
export function removeRegistration(state: AgentState, reason: string | null, now: number): Transition {
  const { registration } = classicOf(state);
  const { attempt } = registration;
  const members: Record<string, MemberTrust> = {};
  const dropped = [
    ...Object.values(registration.renewalKeys),
    ...Object.values(registration.previous).map(({ keyId }) => keyId),
  ];
  for (const { udi } of state.installation.members) {
    const name = formatUdi(udi);
    const known = trustOf(state, udi);
    const sought = attempt?.keys[name];
    if (known.status !== "none") dropped.push(known.keyId);
    members[name] = sought === undefined ? { status: "none" } : { status: "requested", keyId: sought };
  }
  const isSought = new Set(Object.values(attempt?.keys ?? {}));
  const effects = deleteKeys(dropped.filter((keyId) => !isSought.has(keyId)));
  const classic = classicOf(state);
  return {
    state: {
      ...state,
      trust: { ...state.trust, members, account: null, exportControlAllowed: false },
      classic: {
        ...classic,
        registration: {
          ...noRegistration,
          attempt,
          initial: reason === null ? null : { isDone: false, atMs: now, reason },
        },
        authorization: noClassicAuthorization,
      },
    },
    effects: [...effects, ...(effects.length === 0 ? [] : [classicSyslog.keyDeleted()])],
  };
}
