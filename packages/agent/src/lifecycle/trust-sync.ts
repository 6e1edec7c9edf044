// Trust sync: trust for members that joined, renewal before certificates end, account names and policy; and what happens
// when the manager has lost the product instance.

import { formatUdi } from "@countersign/protocol";
import { askedForMs, retryDelayMs } from "./back-off.ts";
import { startExchange } from "./communication.ts";
import type { TrustSeeker } from "./effect.ts";
import { activeMember, speakerOf, trustOf } from "./installation.ts";
import type { AgentState, Failure, Member } from "./state.ts";
import { syslog } from "./syslog.ts";
import { recordEvent, type Transition, unchanged } from "./transition.ts";
import { assignKeys } from "./trust.ts";

/** Refusals that pass by themselves. */
export const passingRefusals: ReadonlySet<string> = new Set(["clock_offset", "overloaded", "internal"]);

/** Renewal begins this long before an ID certificate ends. */
export const renewBeforeMs = 60 * 86_400_000;
/** The manager says no to a trust sync: a person must look, asking once a day is enough. */
const refusedSyncRetryMs = 86_400_000;

/** Trust for members that joined, renewal for those that end soon, names and policy for all (TRU-19, TRU-20). */
export function startTrustSync(state: AgentState, now: number): Transition {
  if (speakerOf(state) === null) return unchanged({ ...state, trust: { ...state.trust, nextSyncAtMs: null } });
  const { syncScope } = state.trust;
  const members = syncScope === "all" ? state.installation.members : [activeMember(state)];
  const { trust, keys } = assignKeys(state, members, false);
  const devices = members.flatMap((member): TrustSeeker[] => {
    const keyId = keys[formatUdi(member.udi)];
    return keyId === undefined ? [] : [{ ...member, keyId, wantsCertificate: wantsCertificate(state, member, now) }];
  });
  return startExchange({ ...state, trust }, "TRUST_SYNC", now, (exchangeId) => ({
    type: "sync-trust",
    exchangeId,
    devices,
  }));
}

function wantsCertificate(state: AgentState, member: Member, now: number): boolean {
  const trust = trustOf(state, member.udi);
  return (
    trust.status !== "installed" ||
    trust.isClassic === true ||
    state.trust.lostSinceMs !== null ||
    trust.expiresAtMs - renewBeforeMs <= now
  );
}

export function retryTrustSync(
  state: AgentState,
  failure: Failure,
  retryAfterSeconds: number,
  now: number,
): AgentState {
  const syncFailuresInARow = state.trust.syncFailuresInARow + 1;
  const isRefused = failure.stage === "refused" && !passingRefusals.has(failure.code);
  const wait = isRefused ? refusedSyncRetryMs : retryDelayMs(syncFailuresInARow);
  const nextSyncAtMs = now + Math.max(wait, askedForMs(retryAfterSeconds));
  return { ...state, trust: { ...state.trust, syncFailuresInARow, nextSyncAtMs } };
}

export function putOffTrustSync(state: AgentState, seconds: number, now: number): Transition {
  return unchanged({ ...state, trust: { ...state.trust, nextSyncAtMs: now + askedForMs(seconds) } });
}

/** Plans a sync at once; `all` or only the active device. */
export function planTrustSync(state: AgentState, scope: "local" | "all", atMs: number): AgentState {
  const { nextSyncAtMs, syncScope } = state.trust;
  const widest = nextSyncAtMs !== null && syncScope === "all" ? "all" : scope;
  return { ...state, trust: { ...state.trust, nextSyncAtMs: Math.min(atMs, nextSyncAtMs ?? atMs), syncScope: widest } };
}

/** The daily look: does a certificate end soon, or does a member of a trusted installation still have none? */
export function planRenewal(state: AgentState, now: number): AgentState {
  if (state.trust.nextSyncAtMs !== null || speakerOf(state) === null) return state;
  const isNeeded = state.installation.members.some((member) => wantsCertificate(state, member, now));
  return isNeeded ? planTrustSync(state, "all", now) : state;
}

/** The manager does not know us: ask for recognition with the same key, and say so once (FAIL-21). */
export function loseTrust(state: AgentState, now: number): Transition {
  if (state.trust.lostSinceMs !== null) return unchanged(state);
  const lost = { ...planTrustSync(state, "all", now) };
  const udi = formatUdi(activeMember(state).udi);
  return {
    state: { ...lost, trust: { ...lost.trust, lostSinceMs: now } },
    effects: [syslog.trustLost(udi), recordEvent("TRUST_LOST", { udi })],
  };
}

/** True when a refusal says that the manager has no such product instance, by code or by the documented words. */
export function isIdentityLost(failure: Failure): boolean {
  if (failure.stage !== "refused") return false;
  return (
    failure.code === "identity_not_valid" ||
    /Invalid ProductInstanceIdentifier|The identity for the instance \S* ?is not valid/i.test(failure.message)
  );
}
