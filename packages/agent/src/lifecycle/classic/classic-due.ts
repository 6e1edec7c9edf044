// What is due on a device in the classic model, and when it must be woken next. Every step of such a device ends here, and after a
// step nothing that can be done is left due.

import { dayMs } from "@countersign/protocol";
import { exchangeTimeoutMs } from "../communication.ts";
import { boundAttempt, isCryptographyReady, tryWhenDue } from "../cryptography.ts";
import { tick, tickSeconds } from "../metering.ts";
import type { AgentState, Failure } from "../state.ts";
import { type Change, inOrder, type Transition, unchanged } from "../transition.ts";
import { expireAuthorization, startAuthorization } from "./authorization.ts";
import { takeClassicResult } from "./classic-results.ts";
import {
  classicOf,
  conversionOf,
  isRegistered,
  withAuthorization,
  withConversion,
  withEvaluation,
  withRegistration,
} from "./classic-state.ts";
import { nextConversionAtMs, startConversion } from "./conversion.ts";
import { countEvaluation, followEvaluation, nextEvaluationAtMs } from "./evaluation.ts";
import { removeRegistration } from "./identity.ts";
import {
  expireRegistration,
  finishDeregistration,
  registrationEndsAtMs,
  startDeregistration,
  startRegistration,
  startRenewal,
  withoutExchange,
} from "./registration.ts";

export function settleClassic(state: AgentState, now: number): Transition {
  const changes: readonly Change[] = state.installation.initializedAtMs === null ? [] : running;
  const settled = inOrder(boundClassicTimes(state, now), now, changes);
  return {
    state: settled.state,
    effects: [...settled.effects, { type: "wake-at", atMs: classicWakeAtMs(settled.state, now) }],
  };
}

/** The end of the last step before the agent stops: the evaluation period is counted up to here, and nothing begun. */
export function comeToClassicRest(state: AgentState, now: number): Transition {
  const counted = countEvaluation(boundClassicTimes(state, now), now);
  const rested = withEvaluation(
    { ...counted, metering: { ...counted.metering, measuredUntilMs: now } },
    { countedUntilMs: null },
  );
  return { state: rested, effects: [{ type: "wake-at", atMs: classicWakeAtMs(rested, now) }] };
}

const running: readonly Change[] = [
  (state, now) => unchanged({ ...state, metering: { ...state.metering, measuredUntilMs: now } }),
  (state, now) => (state.metering.nextTickAtMs <= now ? tick(state, now) : unchanged(state)),
  giveUpSilentExchange,
  tryWhenDue,
  expireRegistration,
  dropWithoutIdentity,
  leaveWithoutTransport,
  expireAuthorization,
  followEvaluation,
  startNextExchange,
];

function giveUpSilentExchange(state: AgentState, now: number): Transition {
  const { inFlight } = state.communication;
  if (inFlight === null || now - inFlight.startedAtMs < exchangeTimeoutMs) return unchanged(state);
  const failure: Failure = { stage: "tcp", code: "no_result", message: "Connection timed out", atMs: now };
  const { exchangeId } = inFlight;
  return takeClassicResult(
    state,
    { type: "exchange-failed", exchangeId, contact: null, failure, retryAfterSeconds: 0 },
    now,
  );
}

/** The registered devices have left the installation: what is left of their registration goes too. */
function dropWithoutIdentity(state: AgentState, now: number): Transition {
  const { registration, authorization } = classicOf(state);
  const isLeft = registration.nextRenewalAtMs !== null || authorization.nextAtMs !== null;
  if (isRegistered(state) || !isLeft) return unchanged(state);
  return removeRegistration(state, "The registered devices have left the installation", now);
}

/** Nobody can be told any more. */
function leaveWithoutTransport(state: AgentState, now: number): Transition {
  const { attempt, isLeaving } = classicOf(state).registration;
  const wantsToLeave = isLeaving || attempt?.isWithdrawn === true;
  if (!wantsToLeave || state.configuration.transport !== "off") return unchanged(state);
  const message = "Communication transport not available";
  return finishDeregistration(withoutExchange(state), { stage: "tcp", code: "transport_off", message, atMs: now }, now);
}

/** One exchange at a time. Registration comes first: the others need it. */
function startNextExchange(state: AgentState, now: number): Transition {
  if (!mayTalk(state)) return unchanged(state);
  const { registration, authorization } = classicOf(state);
  const { attempt, isLeaving, nextRenewalAtMs } = registration;
  if (isLeaving && isRegistered(state)) return startDeregistration(state, now);
  if (attempt !== null && attempt.nextAttemptAtMs <= now) return startRegistration(state, attempt, now);
  if (!isRegistered(state)) return unchanged(state);
  if (nextRenewalAtMs !== null && nextRenewalAtMs <= now) return startRenewal(state, now);
  if (authorization.nextAtMs !== null && authorization.nextAtMs <= now) return startAuthorization(state, now);
  const conversionAtMs = nextConversionAtMs(state);
  if (conversionAtMs !== null && conversionAtMs <= now) return startConversion(state, now);
  return unchanged(state);
}

function mayTalk(state: AgentState): boolean {
  const { communication, configuration } = state;
  return communication.inFlight === null && configuration.transport !== "off" && isCryptographyReady(state);
}

/** The earliest moment at which something becomes due; never before now. */
export function classicWakeAtMs(state: AgentState, now: number): number {
  const { metering, communication, installation } = state;
  const { registration, authorization } = classicOf(state);
  const times: (number | null)[] = [metering.nextTickAtMs];
  if (installation.initializedAtMs !== null) {
    times.push(
      installation.cryptography?.nextAttemptAtMs ?? null,
      nextEvaluationAtMs(state),
      registrationEndsAtMs(state),
    );
    const isStanding = authorization.standing === "authorized" || authorization.standing === "out_of_compliance";
    if (isRegistered(state) && isStanding) times.push(authorization.deadlineAtMs);
    if (mayTalk(state)) {
      times.push(registration.attempt?.nextAttemptAtMs ?? null);
      if (isRegistered(state))
        times.push(registration.nextRenewalAtMs, authorization.nextAtMs, nextConversionAtMs(state));
    }
    if (communication.inFlight !== null) times.push(communication.inFlight.startedAtMs + exchangeTimeoutMs);
  }
  return Math.max(now, Math.min(...times.filter((atMs) => atMs !== null)));
}

/** A clock may have gone back without notice. What happened cannot lie in the future, and no wait is longer than it can be planned. */
function boundClassicTimes(state: AgentState, now: number): AgentState {
  if (state.metering.measuredUntilMs <= now) return countEvaluation(state, now);
  const { registration, authorization, evaluation } = classicOf(state);
  const { metering, installation, communication } = state;
  const within = (atMs: number | null, days: number) => (atMs === null ? null : Math.min(atMs, now + days * dayMs));
  const { attempt } = registration;
  const { inFlight } = communication;
  const bounded: AgentState = {
    ...state,
    installation: {
      ...boundAttempt(installation, now),
      initializedAtMs: within(installation.initializedAtMs, 0),
    },
    metering: {
      ...metering,
      nextTickAtMs: Math.min(metering.nextTickAtMs, now + tickSeconds * 1000),
      measuredUntilMs: now,
    },
    communication: {
      ...communication,
      inFlight: inFlight && { ...inFlight, startedAtMs: Math.min(inFlight.startedAtMs, now) },
    },
  };
  return withEvaluation(
    withAuthorization(
      withRegistration(boundConversion(bounded, now), {
        attempt: attempt && { ...attempt, nextAttemptAtMs: Math.min(attempt.nextAttemptAtMs, now + dayMs) },
        nextRenewalAtMs: within(registration.nextRenewalAtMs, 180),
      }),
      { nextAtMs: within(authorization.nextAtMs, 30) },
    ),
    { countedUntilMs: within(evaluation.countedUntilMs, 0) },
  );
}

function boundConversion(state: AgentState, now: number): AgentState {
  const { attempt } = conversionOf(state);
  if (attempt === null) return state;
  const nextAttemptAtMs = Math.min(attempt.nextAttemptAtMs, now + dayMs);
  return withConversion(state, { attempt: { ...attempt, nextAttemptAtMs } });
}
