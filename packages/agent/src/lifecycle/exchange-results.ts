// What comes back from an exchange, sorted to whom it concerns. A result that belongs to no exchange under way is late: the
// exchange was given up, and what it says will be said again.

import {
  type ClassicRequestType,
  classicRequestTypes,
  type DeviceRequestType,
  type PolicyRequestType,
} from "@countersign/protocol";
import { acceptAcknowledgement } from "./acknowledgement.ts";
import {
  acceptAuthorization,
  acceptHeard,
  putOffAuthorization,
  putOffTelling,
  retryAuthorization,
  retryTelling,
} from "./authorization.ts";
import { endExchange, noteFailure, notePutOff, noteSuccess } from "./communication.ts";
import { type ClassicResult, type ExchangeEvent, isClassicResult } from "./event.ts";
import { noteTold } from "./ledger-watch.ts";
import {
  awaitResult,
  noteNothingToReport,
  pollAgain,
  pollFailed,
  pushFailed,
  putOffPoll,
  putOffPush,
} from "./reporting.ts";
import type { AgentState, Failure } from "./state.ts";
import { inOrder, recordEvent, type Transition, unchanged } from "./transition.ts";
import { putOffTrust, retryTrust } from "./trust.ts";
import { acceptTrust } from "./trust-answer.ts";
import { isIdentityLost, loseTrust, putOffTrustSync, retryTrustSync } from "./trust-sync.ts";

export function takeExchangeResult(state: AgentState, event: ExchangeEvent, now: number): Transition {
  const ended = endExchange(state, event.exchangeId);
  if (ended === null || isClassicRequest(ended.requestType) || isClassicResult(event))
    return { state, effects: [recordEvent("LATE_RESULT", { result: event.type })] };
  const exchange: Exchange = { requestType: ended.requestType, startedAtMs: ended.startedAtMs };
  const isHeard = event.type === "usage-acknowledged" || event.type === "poll-later";
  const isPush = ended.requestType === "LICENSE_USAGE";
  const told = isHeard && isPush ? noteTold(ended.state, ended.startedAtMs) : ended.state;
  return takeResult(told, event, exchange, now);
}

export function isClassicRequest(type: DeviceRequestType): type is ClassicRequestType {
  return classicRequestTypes.some((one) => one === type);
}

type PolicyResult = Exclude<ExchangeEvent, ClassicResult>;
type Exchange = { readonly requestType: PolicyRequestType; readonly startedAtMs: number };

function takeResult(state: AgentState, event: PolicyResult, exchange: Exchange, now: number): Transition {
  const { requestType } = exchange;
  switch (event.type) {
    case "trust-answered":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK", now),
        (s) => acceptTrust(s, event, requestType === "ID_TOKEN_TRUST" ? "token" : "sync", now),
      ]);
    case "usage-acknowledged": {
      const endsPush = requestType === "LICENSE_USAGE";
      const pushedAtMs = endsPush ? exchange.startedAtMs : (state.reporting.poll?.startedAtMs ?? exchange.startedAtMs);
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK", now),
        (s) => acceptAcknowledgement(s, event, { pushedAtMs, endsPush }, now),
      ]);
    }
    case "authorization-answered":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK", now),
        (s) => acceptAuthorization(s, event, "message", now),
      ]);
    case "authorization-heard":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK", now),
        (s) => acceptHeard(s, event, requestType === "AUTHORIZATION_CONFIRM" ? "confirm" : "return", now),
      ]);
    case "poll-later":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK_POLL", now),
        (s) =>
          requestType === "LICENSE_USAGE"
            ? awaitResult(s, event, exchange.startedAtMs, now)
            : pollAgain(s, event.afterSeconds, now),
      ]);
    case "try-again":
      return inOrder(state, now, [
        (s) => notePutOff(s, requestType, event.contact, "OK_TRY_AGAIN", now),
        (s) => putOff(s, requestType, event.afterSeconds, now),
      ]);
    case "hello-answered":
      return noteSuccess(state, requestType, event.contact, "OK", now);
    case "nothing-to-report":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, null, "NO DATA TO PROCESS", now),
        (s) => noteNothingToReport(s, now),
      ]);
    case "exchange-failed":
      return inOrder(state, now, [
        (s) => noteFailure(s, requestType, event.contact, event.failure, now),
        (s) => afterFailure(s, requestType, event.failure, event.retryAfterSeconds, now),
      ]);
    default:
      return event satisfies never;
  }
}

function putOff(state: AgentState, requestType: PolicyRequestType, seconds: number, now: number): Transition {
  switch (requestType) {
    case "ID_TOKEN_TRUST":
      return putOffTrust(state, seconds, now);
    case "TRUST_SYNC":
      return putOffTrustSync(state, seconds, now);
    case "LICENSE_USAGE":
      return unchanged(putOffPush(state, seconds, now));
    case "POLL_REQ":
      return putOffPoll(state, seconds, now);
    case "AUTHORIZATION_REQUEST":
      return unchanged(putOffAuthorization(state, seconds, now));
    case "AUTHORIZATION_CONFIRM":
    case "AUTHORIZATION_RETURN":
      return unchanged(putOffTelling(state, seconds, now));
    case "HELLO":
      return unchanged(state);
    default:
      return requestType satisfies never;
  }
}

function afterFailure(
  state: AgentState,
  requestType: PolicyRequestType,
  failure: Failure,
  retryAfterSeconds: number,
  now: number,
): Transition {
  switch (requestType) {
    case "ID_TOKEN_TRUST":
      return retryTrust(state, failure, retryAfterSeconds, now);
    case "TRUST_SYNC": {
      const retried = retryTrustSync(state, failure, retryAfterSeconds, now);
      return isIdentityLost(failure) ? loseTrust(retried, now) : unchanged(retried);
    }
    case "LICENSE_USAGE": {
      const failed = pushFailed(state, retryAfterSeconds, now);
      return isIdentityLost(failure) ? loseTrust(failed, now) : unchanged(failed);
    }
    case "POLL_REQ":
      return pollFailed(state, failure, retryAfterSeconds, now);
    case "AUTHORIZATION_REQUEST": {
      const retried = retryAuthorization(state, failure, retryAfterSeconds, now);
      return isIdentityLost(failure) ? inOrder(state, now, [() => retried, loseTrust]) : retried;
    }
    case "AUTHORIZATION_CONFIRM":
    case "AUTHORIZATION_RETURN": {
      const retried = retryTelling(state, failure, retryAfterSeconds, now);
      return isIdentityLost(failure) ? loseTrust(retried, now) : unchanged(retried);
    }
    case "HELLO":
      return unchanged(state);
    default:
      return requestType satisfies never;
  }
}
