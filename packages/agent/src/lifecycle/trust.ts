// Trust: asking for it with a token, trying again until it is there or cannot come, renewing it, and noticing that the
// manager has lost it. A token is given up only for a reason that a person must act on (BET-4, FAIL-24).

import { formatUdi, ProtocolError, parseIdToken } from "@countersign/protocol";
import { askedForMs, retryDelayMs } from "./back-off.ts";
import { startExchange } from "./communication.ts";
import type { TrustSeeker } from "./effect.ts";
import { activeMember, speakerOf, trustOf } from "./installation.ts";
import type { AgentState, Failure, Member, MemberTrust, TrustAttempt, TrustState } from "./state.ts";
import { syslog } from "./syslog.ts";
import { notify, recordEvent, type Transition, unchanged } from "./transition.ts";

/** Refusals that no repetition can cure: codes of the manager, and of tokens and certificates that are wrong in themselves. */
const finalRefusals: ReadonlySet<string> = new Set([
  "token_unknown",
  "token_expired",
  "token_revoked",
  "token_used_up",
  "token_malformed",
  "token_invalid",
  "already_registered",
  "product_already_registered",
  "export_control_not_allowed",
  "virtual_account_unknown",
]);

/** Renewal begins this long before an ID certificate ends. */
export const renewBeforeMs = 60 * 86_400_000;
/** The manager says no to a trust sync: a person must look, asking once a day is enough. */
const refusedSyncRetryMs = 86_400_000;

export type TrustRequest = { readonly token: string; readonly scope: "local" | "all"; readonly force: boolean };

/** Begins to seek trust. Without `force` an installed trust is not replaced: refused, and nothing changes (TRU-4). */
export function requestTrust(state: AgentState, request: TrustRequest, now: number): Transition {
  if (state.configuration.transport === "off") {
    return refuseRequest(state, "transport_off", "The communications transport is not available");
  }
  const wanted = request.scope === "all" ? state.installation.members : [activeMember(state)];
  const seeking = wanted.filter((member) => request.force || trustOf(state, member.udi).status !== "installed");
  if (seeking.length === 0) {
    const udi = formatUdi(activeMember(state).udi);
    const reason = "a trust code is already installed; use force to replace it";
    const refused = refuseRequest(state, "trust_already_installed", reason);
    return { state, effects: [syslog.trustFailed(udi, reason), ...refused.effects] };
  }
  const { trust, keys } = assignKeys(state, seeking, request.force);
  const attempt: TrustAttempt = {
    token: request.token,
    scope: request.scope,
    force: request.force,
    keys,
    attempts: 0,
    startedAtMs: now,
    nextAttemptAtMs: now,
    tokenExpiresAtMs: expiryOf(request.token),
    lastFailure: null,
  };
  const details = { scope: request.scope, devices: String(seeking.length), force: request.force ? "True" : "False" };
  return {
    state: { ...state, trust: { ...trust, attempt, lastRefusal: null } },
    effects: [recordEvent("TRUST_REQUEST", details)],
  };
}

function refuseRequest(
  state: AgentState,
  code: "transport_off" | "trust_already_installed",
  message: string,
): Transition {
  return { state, effects: [notify({ type: "request-refused", request: "trust", code, message })] };
}

/** What the token says of itself; a text that is no token is left for the manager to judge. */
function expiryOf(token: string): number | null {
  try {
    return parseIdToken(token).expiresAtMs;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** A key that a pending request has is kept, so that repeating it is idempotent; an installed one is replaced only by force. */
function assignKeys(
  state: AgentState,
  seeking: readonly Member[],
  force: boolean,
): { trust: TrustState; keys: Record<string, string> } {
  let { nextKeyNumber } = state.trust;
  const keys: Record<string, string> = {};
  const members: Record<string, MemberTrust> = { ...state.trust.members };
  for (const member of seeking) {
    const udi = formatUdi(member.udi);
    const known = trustOf(state, member.udi);
    if (known.status === "requested" || (known.status === "installed" && !force)) {
      keys[udi] = known.keyId;
      continue;
    }
    const keyId = `key-${nextKeyNumber}`;
    nextKeyNumber += 1;
    keys[udi] = keyId;
    if (known.status === "none") members[udi] = { status: "requested", keyId };
  }
  return { trust: { ...state.trust, members, nextKeyNumber }, keys };
}

export function startTrustAttempt(state: AgentState, attempt: TrustAttempt, now: number): Transition {
  const { token, scope, force, keys } = attempt;
  const devices = state.installation.members.flatMap((member): TrustSeeker[] => {
    const keyId = keys[formatUdi(member.udi)];
    return keyId === undefined ? [] : [{ ...member, keyId, wantsCertificate: true }];
  });
  if (devices.length === 0)
    return giveUpTrust(state, {
      stage: "refused",
      code: "members_gone",
      message: "The devices that sought trust have left",
      atMs: now,
    });
  const tried = { ...state, trust: { ...state.trust, attempt: { ...attempt, attempts: attempt.attempts + 1 } } };
  return startExchange(tried, "ID_TOKEN_TRUST", now, (exchangeId) => ({
    type: "establish-trust",
    exchangeId,
    token,
    scope,
    force,
    devices,
  }));
}

/** After a failed attempt: the next one, or the end with its reason. */
export function retryTrust(state: AgentState, failure: Failure, retryAfterSeconds: number, now: number): Transition {
  const { attempt } = state.trust;
  if (attempt === null) return unchanged(state);
  if (failure.stage === "refused" && finalRefusals.has(failure.code)) return giveUpTrust(state, failure);
  const { tokenExpiresAtMs } = attempt;
  // A device whose clock is known to be wrong cannot tell that a token is over.
  if (tokenExpiresAtMs !== null && now >= tokenExpiresAtMs && failure.code !== "clock_offset") {
    return giveUpTrust(state, {
      stage: "refused",
      code: "token_expired",
      message: "The token has expired; enter a new one",
      atMs: now,
    });
  }
  const next: TrustAttempt = {
    ...attempt,
    lastFailure: failure,
    nextAttemptAtMs: now + retryDelayMs(attempt.attempts, retryAfterSeconds),
  };
  const isNews = attempt.lastFailure?.code !== failure.code;
  const udi = formatUdi(activeMember(state).udi);
  return {
    state: { ...state, trust: { ...state.trust, attempt: next } },
    effects: isNews
      ? [
          syslog.trustFailed(udi, failure.message),
          notify({
            type: "trust-refused",
            code: failure.code,
            message: failure.message,
            udis: Object.keys(attempt.keys),
            final: false,
          }),
        ]
      : [],
  };
}

export function putOffTrust(state: AgentState, seconds: number, now: number): Transition {
  const { attempt } = state.trust;
  if (attempt === null) return unchanged(state);
  return unchanged({
    ...state,
    trust: { ...state.trust, attempt: { ...attempt, nextAttemptAtMs: now + askedForMs(seconds) } },
  });
}

function giveUpTrust(state: AgentState, failure: Failure): Transition {
  const { code, message, atMs } = failure;
  const udis = Object.keys(state.trust.attempt?.keys ?? {});
  const lost = udis.length > 0 ? udis : [formatUdi(activeMember(state).udi)];
  return {
    state: { ...state, trust: { ...state.trust, attempt: null, lastRefusal: { atMs, code, message, udis } } },
    effects: [
      ...lost.map((udi) => syslog.trustFailed(udi, message)),
      recordEvent("TRUST_FAIL", { code, error: message }),
      notify({ type: "trust-refused", code, message, udis, final: true }),
    ],
  };
}

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
  return trust.status !== "installed" || state.trust.lostSinceMs !== null || trust.expiresAtMs - renewBeforeMs <= now;
}

export function retryTrustSync(
  state: AgentState,
  failure: Failure,
  retryAfterSeconds: number,
  now: number,
): Transition {
  const syncFailuresInARow = state.trust.syncFailuresInARow + 1;
  const wait =
    failure.stage === "refused" && failure.code !== "clock_offset"
      ? refusedSyncRetryMs
      : retryDelayMs(syncFailuresInARow);
  const nextSyncAtMs = now + Math.max(wait, askedForMs(retryAfterSeconds));
  return unchanged({ ...state, trust: { ...state.trust, syncFailuresInARow, nextSyncAtMs } });
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

const lostCodes: ReadonlySet<string> = new Set([
  "instance_unknown",
  "product_instance_unknown",
  "product_instance_identifier_invalid",
  "identity_not_valid",
  "identity_invalid",
]);

/** True when a refusal says that the manager has no such product instance, by code or by the documented words. */
export function isIdentityLost(failure: Failure): boolean {
  if (failure.stage !== "refused") return false;
  return (
    lostCodes.has(failure.code) ||
    /Invalid ProductInstanceIdentifier|The identity for the instance \S* ?is not valid/i.test(failure.message)
  );
}
