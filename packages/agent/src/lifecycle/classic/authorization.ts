// Authorization in the classic model: all that is in use is told to the manager, which says of each whether the virtual account has
// enough of it. Asked again after thirty days, or after half a day while something is short; valid for ninety (CLS-16 to CLS-28).

import { authorizedLicensesMax, classicRenewAfterSeconds, formatUdi, parseTag } from "@countersign/protocol";
import { askedForMs, retryDelayMs } from "../back-off.ts";
import { startExchange } from "../communication.ts";
import type { AgentEffect } from "../effect.ts";
import type { ClassicResult } from "../event.ts";
import { activeMember } from "../installation.ts";
import type { AgentState, Failure } from "../state.ts";
import { classicSyslog } from "../syslog.ts";
import { inOrder, recordEvent, type Transition, unchanged } from "../transition.ts";
import { type ClassicVerdict, classicOf, isRegistered, withAuthorization } from "./classic-state.ts";
import { noteRegistrationFacts } from "./identity.ts";
import { noteStanding } from "./standing.ts";

const hourMs = 3_600_000;
/** After the first failure (CLS-27); later waits grow to an hour, which is the pace once the authorization has expired (CLS-25). */
const firstRetryMs = 30_000;
/** A product that starts asks for one licence after the other; they are told together. */
const usageSettlesMs = 1_000;
const longestMs = { authorized: classicRenewAfterSeconds.authorized * 1000, outOfCompliance: 24 * hourMs };

type Authorized = Extract<ClassicResult, { readonly type: "classic-authorized" }>;

export function startAuthorization(state: AgentState, now: number): Transition {
  const entitlements = Object.values(state.metering.usages)
    .filter(({ count }) => count > 0)
    .map(({ tag, count }) => ({ tag, count }))
    // More than a message holds is more than any product has.
    .slice(0, authorizedLicensesMax);
  const asked = withAuthorization(state, { isOutdated: false });
  return startExchange(asked, "AUTHORIZE", now, (exchangeId) => ({ type: "authorize", exchangeId, entitlements }));
}

/** Use has changed: the manager is asked anew. */
export function planAuthorization(state: AgentState, now: number): AgentState {
  if (!isRegistered(state)) return state;
  const { nextAtMs } = classicOf(state).authorization;
  return withAuthorization(state, {
    nextAtMs: Math.min(nextAtMs ?? now + usageSettlesMs, now + usageSettlesMs),
    isOutdated: state.communication.inFlight?.requestType === "AUTHORIZE",
  });
}

export function acceptAuthorizationAnswer(state: AgentState, answer: Authorized, now: number): Transition {
  const before = classicOf(state).authorization;
  const verdicts = answer.entitlements;
  const short = verdicts.filter(({ status }) => status === "OUT_OF_COMPLIANCE");
  const standing = short.length === 0 ? "authorized" : "out_of_compliance";
  const isTurned = before.standing !== standing;
  const isOtherShortage = describeShortage(before.verdicts) !== describeShortage(verdicts);
  const waitMs = Math.min(
    answer.renewAfterSeconds * 1000,
    standing === "authorized" ? longestMs.authorized : longestMs.outOfCompliance,
  );
  const next = withAuthorization(state, {
    standing,
    sinceMs: isTurned ? now : before.sinceMs,
    verdicts,
    last: { outcome: "SUCCEEDED", atMs: now, reason: null },
    nextAtMs: now + (before.isOutdated === true ? usageSettlesMs : waitMs),
    deadlineAtMs: answer.expiresAtMs,
    failuresInARow: 0,
  });
  const udi = formatUdi(activeMember(state).udi);
  const told: AgentEffect[] = [];
  if (standing === "authorized" && isTurned) told.push(classicSyslog.inCompliance(), recordEvent("IN_COMPLIANCE"));
  if (standing === "out_of_compliance" && (isTurned || isOtherShortage)) {
    const shortage = `${describeShortage(verdicts)} in virtual account ${answer.account.virtualAccount}`;
    told.push(classicSyslog.outOfCompliance(shortage), recordEvent("OUT_OF_COMPLIANCE", { shortage }));
  }
  const words = standing === "authorized" ? "authorized" : "out of compliance";
  return inOrder(next, now, [
    (s) => noteRegistrationFacts(s, answer, false),
    (s) => ({
      state: s,
      effects: [
        ...told,
        classicSyslog.authorizationRenewed(udi, words),
        recordEvent("AUTH_RENEW", { state: words }),
        ...(isTurned || isOtherShortage ? [noteStanding(s)] : []),
      ],
    }),
  ]);
}

/** `2 more of C9500_NW_Advantage`; the log of the field says only that something is short (BET-34). */
export function describeShortage(verdicts: readonly ClassicVerdict[]): string {
  return verdicts
    .filter(({ shortfall }) => shortfall > 0)
    .map(({ tag, shortfall }) => `${shortfall} more of ${parseTag(tag).name}`)
    .join(", ");
}

export function retryAuthorizationLater(
  state: AgentState,
  failure: Failure,
  retryAfterSeconds: number,
  now: number,
): Transition {
  const { last, failuresInARow, standing } = classicOf(state).authorization;
  const failures = failuresInARow + 1;
  const waitMs = Math.max(waitAfter(failures, standing === "expired"), askedAtLeastMs(retryAfterSeconds));
  const isNews = last === null || last.outcome !== "FAILED" || last.reason !== failure.message;
  const udi = formatUdi(activeMember(state).udi);
  return {
    state: withAuthorization(state, {
      last: { outcome: "FAILED", atMs: now, reason: failure.message },
      failuresInARow: failures,
      nextAtMs: now + waitMs,
    }),
    effects: isNews
      ? [
          classicSyslog.authorizationRenewalFailed(udi, failure.message),
          recordEvent("AUTH_RENEW_FAIL", { code: failure.code, error: failure.message }),
        ]
      : [],
  };
}

function waitAfter(failures: number, isExpired: boolean): number {
  if (isExpired) return hourMs;
  return failures === 1 ? firstRetryMs : Math.min(retryDelayMs(failures - 1), hourMs);
}

function askedAtLeastMs(seconds: number): number {
  return seconds === 0 ? 0 : askedForMs(seconds);
}

/** Not taken: come again (FAIL-7). */
export function awaitAuthorization(state: AgentState, seconds: number, now: number): AgentState {
  return withAuthorization(state, {
    last: { outcome: "PENDING", atMs: now, reason: "Waiting for reply" },
    nextAtMs: now + askedForMs(seconds),
  });
}

/** Ninety days without an answer (CLS-18, CLS-23). */
export function expireAuthorization(state: AgentState, now: number): Transition {
  const { standing, deadlineAtMs, nextAtMs } = classicOf(state).authorization;
  const hasStanding = standing === "authorized" || standing === "out_of_compliance";
  if (!hasStanding || deadlineAtMs === null || deadlineAtMs > now || !isRegistered(state)) return unchanged(state);
  const next = withAuthorization(state, {
    standing: "expired",
    sinceMs: now,
    nextAtMs: Math.min(nextAtMs ?? now, now + hourMs),
  });
  return {
    state: next,
    effects: [classicSyslog.authorizationExpired(), recordEvent("AUTH_EXPIRED"), noteStanding(next)],
  };
}
