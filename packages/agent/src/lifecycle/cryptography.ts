// The start of cryptography (SEC-15): before the keys of the device can be used nothing is signed, so trust is not sought and
// nothing is sent. Usage is measured all the same. Attempts come as in LOG-26: at the start, a second after it, then every
// thirty seconds for as long as it takes; each is in the event log, and so is the one that succeeds.

import { formatUdi } from "@countersign/protocol";
import type { AgentEffect } from "./effect.ts";
import { activeMember } from "./installation.ts";
import type { AgentState, Failure, InstallationState } from "./state.ts";
import { syslog } from "./syslog.ts";
import { recordEvent, type Transition, unchanged } from "./transition.ts";

export const secondAttemptAfterMs = 1_000;
export const laterAttemptsAfterMs = 30_000;

/** The field's own words. */
export const cryptographyRefusedText = "Crypto Initialization has not been completed";

export function isCryptographyReady({ installation }: AgentState): boolean {
  return (installation.cryptography ?? null) === null;
}

/** Keys that something is signed or asked for with. */
export function keysInUse({ trust }: AgentState): readonly string[] {
  const ofMembers = Object.values(trust.members).flatMap((member) => (member.status === "none" ? [] : [member.keyId]));
  return [...new Set([...ofMembers, ...Object.values(trust.attempt?.keys ?? {})])];
}

/** What the first attempt of a start has found; every start forgets what an earlier one found. */
export function withFirstAttempt(state: AgentState, reason: string | undefined, now: number): AgentState {
  const cryptography =
    reason === undefined ? null : { attempts: 1, reason, nextAttemptAtMs: now + secondAttemptAfterMs };
  return { ...state, installation: { ...state.installation, cryptography } };
}

/** As in LOG-20 and LOG-25; a refusal also says what is in the way and how often that was so. */
export function describeAttempt({ installation }: AgentState): AgentEffect {
  const refused = installation.cryptography ?? null;
  if (refused === null) return recordEvent("INIT_CRYPTO", { success: "True" });
  const { reason, attempts } = refused;
  return recordEvent("INIT_CRYPTO", {
    success: "False",
    error: cryptographyRefusedText,
    reason,
    attempt: String(attempts),
  });
}

/** Asks for the attempt that is due. The next one is planned at once, should nothing ever be heard of this one. */
export function tryWhenDue(state: AgentState, now: number): Transition {
  const { cryptography } = state.installation;
  if (cryptography == null || cryptography.nextAttemptAtMs > now) return unchanged(state);
  const planned = { ...cryptography, nextAttemptAtMs: now + laterAttemptsAfterMs };
  return {
    state: { ...state, installation: { ...state.installation, cryptography: planned } },
    effects: [{ type: "try-cryptography", keyIds: keysInUse(state) }],
  };
}

/** After a jump of the clock the wait keeps its length. */
export function moveAttempt(installation: InstallationState, byMs: number): InstallationState {
  const { cryptography } = installation;
  if (cryptography == null) return installation;
  const nextAttemptAtMs = Math.max(0, cryptography.nextAttemptAtMs + byMs);
  return { ...installation, cryptography: { ...cryptography, nextAttemptAtMs } };
}

/** After one that nobody noticed, no wait is longer than it can be planned. */
export function boundAttempt(installation: InstallationState, now: number): InstallationState {
  const { cryptography } = installation;
  if (cryptography == null) return installation;
  const nextAttemptAtMs = Math.min(cryptography.nextAttemptAtMs, now + laterAttemptsAfterMs);
  return { ...installation, cryptography: { ...cryptography, nextAttemptAtMs } };
}

/** The end of an attempt after the first. `completeStart` tells what waited for it. */
export function takeAttempt(
  state: AgentState,
  reason: string | null,
  completeStart: (state: AgentState) => readonly AgentEffect[],
  now: number,
): Transition {
  const before = state.installation.cryptography ?? null;
  if (before === null) return unchanged(state);
  const refused = { attempts: before.attempts + 1, reason: reason ?? "", nextAttemptAtMs: now + laterAttemptsAfterMs };
  const tried = {
    ...state,
    installation: { ...state.installation, cryptography: reason === null ? null : refused },
  };
  return { state: tried, effects: [describeAttempt(tried), ...(reason === null ? completeStart(tried) : [])] };
}

/** Trust was asked for too early: it is kept in mind and begins when it can, and whoever asked is told so. */
export function noteTrustWaits(state: AgentState, now: number): Transition {
  const { attempt } = state.trust;
  const { cryptography } = state.installation;
  if (attempt === null || cryptography == null) return unchanged(state);
  const message = `${cryptographyRefusedText}: ${cryptography.reason}`;
  const lastFailure: Failure = { stage: "signature", code: "cryptography_not_ready", message, atMs: now };
  return {
    state: { ...state, trust: { ...state.trust, attempt: { ...attempt, lastFailure } } },
    effects: [syslog.trustFailed(formatUdi(activeMember(state).udi), message)],
  };
}
