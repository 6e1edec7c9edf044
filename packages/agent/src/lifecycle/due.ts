// What is due at this moment, and when the machine must be woken next. Every step ends here, so nothing depends on which
// event came last, and after a step nothing that can be done is left due.

import { dayMs } from "@countersign/protocol";
import {
  isAuthorizationDue,
  nextAuthorizationAtMs,
  noteUnauthorizedUse,
  startAuthorizationExchange,
} from "./authorization.ts";
import { endExchange, exchangeTimeoutMs } from "./communication.ts";
import { boundAttempt, isCryptographyReady, tryWhenDue } from "./cryptography.ts";
import { takeExchangeResult } from "./exchange-results.ts";
import { tick, tickSeconds } from "./metering.ts";
import { nextReminderAtMs, remindWhenDue } from "./policy-mode.ts";
import { replanPush } from "./push-plan.ts";
import { startPoll, startPush } from "./reporting.ts";
import type { AgentState } from "./state.ts";
import { type Change, inOrder, type Transition, unchanged } from "./transition.ts";
import { startTrustAttempt } from "./trust.ts";
import { seekTrustByItself } from "./trust-by-itself.ts";
import { planRenewal, startTrustSync } from "./trust-sync.ts";

/** Does what is due, plans what comes, and asks to be woken for it. */
export function settle(state: AgentState, now: number): Transition {
  const changes: readonly Change[] = state.installation.initializedAtMs === null ? [] : running;
  const settled = inOrder(boundTimes(state, now), now, changes);
  return {
    state: settled.state,
    effects: [...settled.effects, { type: "wake-at", atMs: wakeAtMs(settled.state, now) }],
  };
}

/** The end of the last step before the agent stops: how far usage is measured, and nothing begun. */
export function comeToRest(state: AgentState, now: number): Transition {
  const bounded = boundTimes(state, now);
  const rested = { ...bounded, metering: { ...bounded.metering, measuredUntilMs: now } };
  return { state: rested, effects: [{ type: "wake-at", atMs: wakeAtMs(rested, now) }] };
}

const running: readonly Change[] = [
  (state, now) => unchanged({ ...state, metering: { ...state.metering, measuredUntilMs: now } }),
  (state, now) => (state.metering.nextTickAtMs <= now ? tick(state, now) : unchanged(state)),
  (state, now) => (state.reporting.nextProcessAtMs <= now ? lookDaily(state, now) : unchanged(state)),
  giveUpSilentExchange,
  tryWhenDue,
  remindWhenDue,
  seekTrustByItself,
  (state) => unchanged(replanPush(state)),
  noteUnauthorizedUse,
  startNextExchange,
  // A push with nothing to send counts as carried out, so there may be a new plan.
  (state) => unchanged(replanPush(state)),
];

/** The daily look (REP-10, REP-11): trust that ends, members without trust. */
function lookDaily(state: AgentState, now: number): Transition {
  return unchanged(planRenewal({ ...state, reporting: { ...state.reporting, nextProcessAtMs: now + dayMs } }, now));
}

function giveUpSilentExchange(state: AgentState, now: number): Transition {
  const { inFlight } = state.communication;
  if (
    inFlight === null ||
    now - inFlight.startedAtMs < exchangeTimeoutMs ||
    endExchange(state, inFlight.exchangeId) === null
  ) {
    return unchanged(state);
  }
  const failure = { stage: "tcp", code: "no_result", message: "Connection timed out", atMs: now } as const;
  return takeExchangeResult(
    state,
    { type: "exchange-failed", exchangeId: inFlight.exchangeId, contact: null, failure, retryAfterSeconds: 0 },
    now,
  );
}

/** One exchange at a time; trust comes first, because all the others need it. */
function startNextExchange(state: AgentState, now: number): Transition {
  if (!mayTalk(state)) return unchanged(state);
  const { attempt, nextSyncAtMs } = state.trust;
  const { poll, nextPushAtMs } = state.reporting;
  if (attempt !== null && attempt.nextAttemptAtMs <= now) return startTrustAttempt(state, attempt, now);
  if (poll !== null && poll.nextAtMs <= now) return startPoll(state, poll, now);
  if (nextSyncAtMs !== null && nextSyncAtMs <= now) return startTrustSync(state, now);
  if (isAuthorizationDue(state, now)) return startAuthorizationExchange(state, now);
  if (nextPushAtMs !== null && nextPushAtMs <= now) return startPush(state, now);
  return unchanged(state);
}

function mayTalk(state: AgentState): boolean {
  const { communication, configuration } = state;
  return communication.inFlight === null && configuration.transport !== "off" && isCryptographyReady(state);
}

/** The earliest moment at which something becomes due; never before now. */
export function wakeAtMs(state: AgentState, now: number): number {
  const { metering, reporting, trust, communication } = state;
  const times: (number | null)[] = [metering.nextTickAtMs];
  if (state.installation.initializedAtMs !== null) {
    times.push(reporting.nextProcessAtMs, nextReminderAtMs(state));
    times.push(state.installation.cryptography?.nextAttemptAtMs ?? null);
    if (mayTalk(state)) {
      times.push(
        trust.attempt?.nextAttemptAtMs ?? null,
        trust.nextSyncAtMs,
        reporting.poll?.nextAtMs ?? null,
        reporting.nextPushAtMs,
        nextAuthorizationAtMs(state),
      );
    }
    if (communication.inFlight !== null) times.push(communication.inFlight.startedAtMs + exchangeTimeoutMs);
  }
  const earliest = Math.min(...times.filter((atMs) => atMs !== null));
  return Math.max(now, earliest);
}

/**
 * A clock may have gone back without notice, over a reload for instance. What happened cannot lie in the future, and no
 * wait is longer than it can ever be planned.
 */
function boundTimes(state: AgentState, now: number): AgentState {
  if (state.metering.measuredUntilMs <= now) return state;
  const past = (atMs: number | null): number | null => (atMs === null ? null : Math.min(atMs, now));
  const soon = (atMs: number | null): number | null => (atMs === null ? null : Math.min(atMs, now + dayMs));
  const { installation, metering, reporting, trust, authorization, communication } = state;
  const { poll } = reporting;
  const { attempt } = trust;
  return {
    ...state,
    installation: {
      ...boundAttempt(installation, now),
      initializedAtMs: past(installation.initializedAtMs),
    },
    metering: {
      ...metering,
      nextTickAtMs: Math.min(metering.nextTickAtMs, now + tickSeconds * 1000),
      measuredUntilMs: now,
      firstUseAtMs: past(metering.firstUseAtMs),
      changedAtMs: past(metering.changedAtMs),
    },
    reporting: {
      ...reporting,
      lastPushAtMs: past(reporting.lastPushAtMs),
      nextPushAtMs: soon(reporting.nextPushAtMs),
      lastAckAtMs: past(reporting.lastAckAtMs),
      reportingRequiredLoggedAtMs: past(reporting.reportingRequiredLoggedAtMs),
      nextProcessAtMs: Math.min(reporting.nextProcessAtMs, now + dayMs),
      poll:
        poll === null
          ? null
          : { ...poll, startedAtMs: Math.min(poll.startedAtMs, now), nextAtMs: Math.min(poll.nextAtMs, now + dayMs) },
    },
    trust: {
      ...trust,
      nextSyncAtMs: soon(trust.nextSyncAtMs),
      attempt:
        attempt === null ? null : { ...attempt, nextAttemptAtMs: Math.min(attempt.nextAttemptAtMs, now + dayMs) },
    },
    authorization: {
      ...authorization,
      nextTellAtMs: soon(authorization.nextTellAtMs),
      attempt:
        authorization.attempt === null
          ? null
          : {
              ...authorization.attempt,
              nextAttemptAtMs: Math.min(authorization.attempt.nextAttemptAtMs, now + dayMs),
            },
    },
    communication: {
      ...communication,
      inFlight:
        communication.inFlight === null
          ? null
          : { ...communication.inFlight, startedAtMs: Math.min(communication.inFlight.startedAtMs, now) },
    },
  };
}
