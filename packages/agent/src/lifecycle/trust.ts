// Trust: asking for it with a token, and trying again until it is there or cannot come. A token is given up only for a reason that a person must act on (BET-4, FAIL-24).

import { dayMs, formatUdi, ProtocolError, parseIdToken } from "@countersign/protocol";
import { askedForMs, retryDelayMs } from "./back-off.ts";
import { startExchange } from "./communication.ts";
import { cryptographyRefusedText, noteTrustWaits } from "./cryptography.ts";
import type { TrustSeeker } from "./effect.ts";
import { activeMember, trustOf } from "./installation.ts";
import type { AgentState, Failure, Member, MemberTrust, TrustAttempt, TrustState } from "./state.ts";
import { syslog } from "./syslog.ts";
import { inOrder, notify, recordEvent, type Transition, unchanged } from "./transition.ts";

/** Refusals that no repetition can cure: a person must bring another token, or `force`. */
export const finalRefusals: ReadonlySet<string> = new Set([
  "token_required",
  "tenant_unknown",
  "token_unknown",
  "token_expired",
  "token_revoked",
  "token_used_up",
  "token_malformed",
  "already_registered",
  "consumption_without_force",
  "registered_in_other_account",
]);

export type TrustRequest = { readonly token: string; readonly scope: "local" | "all"; readonly force: boolean };

/** Begins to seek trust. Without `force` an installed trust is not replaced: refused, and nothing changes (TRU-4). */
export function requestTrust(state: AgentState, request: TrustRequest, now: number): Transition {
  if (state.configuration.transport === "off") {
    return refuseRequest(state, "transport_off", "The communications transport is not available");
  }
  const wanted = request.scope === "all" ? state.installation.members : [activeMember(state)];
  // A trust that the manager has lost is no obstacle: the same key asks again.
  const mayReplace = request.force || state.trust.lostSinceMs !== null;
  const seeking = wanted.filter((member) => mayReplace || trustOf(state, member.udi).status !== "installed");
  if (seeking.length === 0) {
    const udi = formatUdi(activeMember(state).udi);
    const reason = "a trust code is already installed; use force to replace it";
    const refused = refuseRequest(state, "trust_already_installed", reason);
    return { state, effects: [syslog.trustFailed(udi, reason), ...refused.effects] };
  }
  return beginTrustAttempt(state, seeking, request, now);
}

export function beginTrustAttempt(
  state: AgentState,
  seeking: readonly Member[],
  request: Omit<TrustRequest, "token"> & { readonly token: string | null },
  now: number,
): Transition {
  const { trust, keys } = assignKeys(state, seeking, request.force);
  const attempt: TrustAttempt = {
    token: request.token,
    scope: request.scope,
    force: request.force,
    keys,
    attempts: 0,
    startedAtMs: now,
    nextAttemptAtMs: now,
    tokenExpiresAtMs: tokenExpiryOf(request.token),
    lastFailure: null,
  };
  const details = { scope: request.scope, devices: String(seeking.length), force: request.force ? "True" : "False" };
  return inOrder({ ...state, trust: { ...trust, attempt, lastRefusal: null } }, now, [
    (s) => ({ state: s, effects: [recordEvent("TRUST_REQUEST", details)] }),
    noteTrustWaits,
  ]);
}

/** Keys for a file that asks for trust (TOP-4). The same devices ask with the same keys, however often (I9). */
export function requestTrustByFile(state: AgentState, scope: "local" | "all"): Transition {
  const { cryptography } = state.installation;
  if (cryptography != null)
    return refuseRequest(state, "cryptography_not_ready", `${cryptographyRefusedText}: ${cryptography.reason}`);
  const wanted = scope === "all" ? state.installation.members : [activeMember(state)];
  const mayReplace = state.trust.lostSinceMs !== null;
  const seeking = wanted.filter((member) => mayReplace || trustOf(state, member.udi).status !== "installed");
  if (seeking.length === 0) {
    return refuseRequest(state, "trust_already_installed", "a trust code is already installed on every device");
  }
  const { trust } = assignKeys(state, seeking, false);
  return {
    state: { ...state, trust },
    effects: [recordEvent("TRUST_REQUEST_FILE", { scope, devices: String(seeking.length) })],
  };
}

function refuseRequest(
  state: AgentState,
  code: "transport_off" | "trust_already_installed" | "cryptography_not_ready",
  message: string,
): Transition {
  return { state, effects: [notify({ type: "request-refused", request: "trust", code, message })] };
}

/** What the token says of itself; a text that is no token is left for the manager to judge. */
export function tokenExpiryOf(token: string | null): number | null {
  if (token === null) return null;
  try {
    return parseIdToken(token).expiresAtMs;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** A key that a pending request has is kept, so that repeating it is idempotent; an installed one is replaced only by force. */
export function assignKeys(
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

export function startTrustAttempt(before: AgentState, begun: TrustAttempt, now: number): Transition {
  const { state, attempt } = withActiveDevice(before, begun);
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

/** The request is sent in the name of the active device, which may be another one than when trust was asked for: it seeks too. */
function withActiveDevice(state: AgentState, attempt: TrustAttempt): { state: AgentState; attempt: TrustAttempt } {
  const active = activeMember(state);
  const isNamed = formatUdi(active.udi) in attempt.keys;
  const isAnyLeft = state.installation.members.some((member) => formatUdi(member.udi) in attempt.keys);
  if (isNamed || !isAnyLeft) return { state, attempt };
  const { trust, keys } = assignKeys(state, [active], false);
  return { state: { ...state, trust }, attempt: { ...attempt, keys: { ...attempt.keys, ...keys } } };
}

/** After a failed attempt: the next one, or the end with its reason. */
export function retryTrust(state: AgentState, failure: Failure, retryAfterSeconds: number, now: number): Transition {
  const { attempt } = state.trust;
  if (attempt === null) return unchanged(state);
  const isForPerson = failure.stage === "refused" && finalRefusals.has(failure.code);
  if (attempt.token === null && failure.code !== "key_revoked")
    return askAgain(state, attempt, failure, { isForPerson, afterSeconds: retryAfterSeconds }, now);
  if (isForPerson) return giveUpTrust(state, failure);
  if (failure.code === "key_revoked") return replaceKeys(state, attempt, failure, now);
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
    nextAttemptAtMs:
      now + retryDelayMs(attempt.attempts, retryAfterSeconds, state.configuration.trustRetrySeconds * 1000),
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

/** After a failure of an attempt without a token: with back-off, and daily where a person must act first. It is never given up. */
function askAgain(
  state: AgentState,
  attempt: TrustAttempt,
  failure: Failure,
  retry: { readonly isForPerson: boolean; readonly afterSeconds: number },
  now: number,
): Transition {
  const { trustRetrySeconds } = state.configuration;
  const delayMs = retryDelayMs(attempt.attempts, retry.afterSeconds, trustRetrySeconds * 1000);
  const next: TrustAttempt = {
    ...attempt,
    lastFailure: failure,
    nextAttemptAtMs: now + (retry.isForPerson ? dayMs : delayMs),
  };
  const isNews = attempt.lastFailure?.code !== failure.code;
  return {
    state: { ...state, trust: { ...state.trust, attempt: next } },
    effects: isNews ? [recordEvent("TRUST_FAIL", { code: failure.code, error: failure.message })] : [],
  };
}

/** The manager withdrew the pending keys: new ones are made, and the same token is tried with them. */
function replaceKeys(state: AgentState, attempt: TrustAttempt, failure: Failure, now: number): Transition {
  const members: Record<string, MemberTrust> = { ...state.trust.members };
  const refusedKeys = Object.values(attempt.keys);
  for (const [udi, trust] of Object.entries(members)) {
    if (trust.status === "requested" && refusedKeys.includes(trust.keyId)) members[udi] = { status: "none" };
  }
  const seeking = state.installation.members.filter((member) => formatUdi(member.udi) in attempt.keys);
  const renewed = assignKeys({ ...state, trust: { ...state.trust, members } }, seeking, true);
  const nextAttemptAtMs = now + retryDelayMs(attempt.attempts);
  const next: TrustAttempt = { ...attempt, keys: renewed.keys, lastFailure: failure, nextAttemptAtMs };
  const installedKeys = Object.values(members).flatMap((trust) => (trust.status === "installed" ? [trust.keyId] : []));
  const unused = refusedKeys.filter((keyId) => !installedKeys.includes(keyId));
  return {
    state: { ...state, trust: { ...renewed.trust, attempt: next } },
    effects: unused.length === 0 ? [] : [{ type: "delete-keys", keyIds: unused }],
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
