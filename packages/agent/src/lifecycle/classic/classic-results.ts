// What comes back from a classic exchange, sorted to whom it concerns. A result that belongs to no exchange under way is late and
// changes nothing.

import type { ClassicRequestType } from "@countersign/protocol";
import { endExchange, noteFailure, notePutOff, noteSuccess } from "../communication.ts";
import type { ExchangeEvent } from "../event.ts";
import { isClassicRequest } from "../exchange-results.ts";
import type { AgentState, Failure, TransportType } from "../state.ts";
import { inOrder, recordEvent, type Transition, unchanged } from "../transition.ts";
import { isIdentityLost } from "../trust-sync.ts";
import { acceptAuthorizationAnswer, awaitAuthorization, retryAuthorizationLater } from "./authorization.ts";
import { acceptConversionAnswer, putOffConversion, retryConversion } from "./conversion.ts";
import { proveIdentity, rekey } from "./identity.ts";
import {
  acceptRegistration,
  acceptRenewal,
  finishDeregistration,
  loseRegistration,
  putOffFailure,
  putOffRegistration,
  putOffRenewal,
  retryRegistration,
  retryRenewal,
} from "./registration.ts";

export function takeClassicResult(state: AgentState, event: ExchangeEvent, now: number): Transition {
  const ended = endExchange(state, event.exchangeId);
  if (ended === null || !isClassicRequest(ended.requestType)) return late(state, event);
  return takeResult(ended.state, event, ended.requestType, now);
}

function late(state: AgentState, event: ExchangeEvent): Transition {
  return { state, effects: [recordEvent("LATE_RESULT", { result: event.type })] };
}

function takeResult(state: AgentState, event: ExchangeEvent, requestType: ClassicRequestType, now: number): Transition {
  switch (event.type) {
    case "registration-answered":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK", now),
        (s) => (requestType === "REGISTER" ? acceptRegistration(s, event, now) : acceptRenewal(s, event, now)),
      ]);
    case "classic-authorized":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK", now),
        proveIdentity,
        (s) => acceptAuthorizationAnswer(s, event, now),
      ]);
    case "conversion-answered":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK", now),
        proveIdentity,
        (s) => acceptConversionAnswer(s, event, now),
      ]);
    case "deregistered":
      return inOrder(state, now, [
        (s) => noteSuccess(s, requestType, event.contact, "OK", now),
        (s) => finishDeregistration(s, null, now),
      ]);
    case "try-again":
      return inOrder(state, now, [
        (s) => notePutOff(s, requestType, event.contact, "OK_TRY_AGAIN", now),
        (s) => putOff(s, requestType, event.afterSeconds, now),
      ]);
    case "exchange-failed": {
      const failure = inClassicWords(event.failure, state.configuration.transport);
      return inOrder(state, now, [
        (s) => noteFailure(s, requestType, event.contact, failure, now),
        (s) => afterFailure(s, requestType, failure, event.retryAfterSeconds, now),
      ]);
    }
    case "trust-answered":
    case "usage-acknowledged":
    case "authorization-answered":
    case "authorization-heard":
    case "poll-later":
    case "hello-answered":
    case "nothing-to-report":
      return late(state, event);
    default:
      return event satisfies never;
  }
}

function putOff(state: AgentState, requestType: ClassicRequestType, seconds: number, now: number): Transition {
  switch (requestType) {
    case "REGISTER":
      return putOffRegistration(state, seconds, now);
    case "RENEW_ID":
      return unchanged(putOffRenewal(state, seconds, now));
    case "AUTHORIZE":
      return unchanged(awaitAuthorization(state, seconds, now));
    case "CONVERSION":
      return unchanged(putOffConversion(state, seconds, now));
    case "DEREGISTER":
      return finishDeregistration(state, putOffFailure(now), now);
    default:
      return requestType satisfies never;
  }
}

function afterFailure(
  state: AgentState,
  requestType: ClassicRequestType,
  failure: Failure,
  retryAfterSeconds: number,
  now: number,
): Transition {
  if (requestType === "REGISTER") return retryRegistration(state, failure, retryAfterSeconds, now);
  if (requestType === "DEREGISTER") return finishDeregistration(state, failure, now);
  const retry = { RENEW_ID: retryRenewal, AUTHORIZE: retryAuthorizationLater, CONVERSION: retryConversion }[
    requestType
  ];
  const failed = retry(state, failure, retryAfterSeconds, now);
  if (!isDisbelieved(failure)) return failed;
  const rekeyed = rekey(failed.state, now);
  if (rekeyed !== null && (isMismatch(failure) || hadPrevious(state)))
    return { state: rekeyed.state, effects: [...failed.effects, ...rekeyed.effects] };
  return isIdentityLost(failure)
    ? inOrder(state, now, [() => failed, (s) => loseRegistration(s, failure, now)])
    : failed;
}

const mismatches: ReadonlySet<string> = new Set(["signature_mismatch", "certificate_unknown", "identity_mismatch"]);

function isMismatch({ stage, code }: Failure): boolean {
  return stage === "refused" && mismatches.has(code);
}

function isDisbelieved(failure: Failure): boolean {
  return isMismatch(failure) || isIdentityLost(failure);
}

function hadPrevious({ classic }: AgentState): boolean {
  return Object.keys(classic?.registration.previous ?? {}).length > 0;
}

const noTransport: ReadonlySet<string> = new Set(["address_not_configured", "transport_not_supported"]);

/** The documents' words for what they have words for; the reason stands behind them (BET-3). */
function inClassicWords(failure: Failure, transport: TransportType): Failure {
  const { stage, code, message } = failure;
  if (noTransport.has(code)) return { ...failure, message: `Communication transport not available (${message})` };
  if (stage === "refused") {
    if (code !== "signature_mismatch" || message.includes("Data and signature do not match")) return failure;
    return { ...failure, message: `Data and signature do not match (${message})` };
  }
  if (transport !== "callhome" || stage === "envelope" || stage === "signature") return failure;
  return { ...failure, message: `Fail to send out Call Home HTTP message. (${message})` };
}
