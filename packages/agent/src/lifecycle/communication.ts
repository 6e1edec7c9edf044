// What is known of the talk with the manager: statistics per message kind, the exchange under way, the outage that is
// logged once when it begins and once when it ends (REP-18).

import { assert, type DeviceRequestType } from "@countersign/protocol";
import { isClassic } from "./classic/classic-state.ts";
import type { AgentEffect } from "./effect.ts";
import type { PeerContact } from "./event.ts";
import { noStatistics } from "./initial-state.ts";
import type { AgentState, Failure, KindStatistics, MessageKind } from "./state.ts";
import { classicSyslog, syslog } from "./syslog.ts";
import { notify, recordEvent, type Transition, unchanged } from "./transition.ts";

/** An exchange that nobody answered for this long is taken for failed, whatever became of it. */
export const exchangeTimeoutMs = 600_000;

const kindOfRequest: Readonly<Record<DeviceRequestType, MessageKind>> = {
  ID_TOKEN_TRUST: "trust_establishment",
  TRUST_SYNC: "trust_sync",
  LICENSE_USAGE: "usage_reporting",
  POLL_REQ: "result_polling",
  AUTHORIZATION_REQUEST: "authorization_request",
  AUTHORIZATION_CONFIRM: "authorization_confirmation",
  AUTHORIZATION_RETURN: "authorization_return",
  HELLO: "hello",
  REGISTER: "registration",
  RENEW_ID: "id_renewal",
  AUTHORIZE: "authorization",
  DEREGISTER: "deregistration",
  CONVERSION: "conversion",
};

export function kindOf(requestType: DeviceRequestType): MessageKind {
  return kindOfRequest[requestType];
}

/** Opens an exchange and counts the attempt; `ask` makes the effect that carries it out. */
export function startExchange(
  state: AgentState,
  requestType: DeviceRequestType,
  now: number,
  ask: (exchangeId: number) => AgentEffect,
): Transition {
  const { communication } = state;
  assert(communication.inFlight === null, "one exchange at a time");
  const exchangeId = communication.nextExchangeId;
  const opened = {
    ...communication,
    inFlight: { exchangeId, requestType, startedAtMs: now },
    nextExchangeId: exchangeId + 1,
  };
  const counted = count({ ...state, communication: opened }, requestType, (kind) => ({
    ...kind,
    total: kind.total + 1,
  }));
  return { state: counted, effects: [ask(exchangeId)] };
}

/** Ends the exchange under way. A late result of an exchange that was given up belongs to none and is null. */
export function endExchange(
  state: AgentState,
  exchangeId: number,
): { state: AgentState; requestType: DeviceRequestType; startedAtMs: number } | null {
  const { inFlight } = state.communication;
  if (inFlight === null || inFlight.exchangeId !== exchangeId) return null;
  const { requestType, startedAtMs } = inFlight;
  return { state: { ...state, communication: { ...state.communication, inFlight: null } }, requestType, startedAtMs };
}

/** A verified answer that did what was asked for. `text` is what `Last Response` shows. */
export function noteSuccess(
  state: AgentState,
  requestType: DeviceRequestType,
  contact: PeerContact | null,
  text: string,
  now: number,
): Transition {
  const counted = count(state, requestType, (kind) => ({
    ...kind,
    succeeded: kind.succeeded + 1,
    ongoingFailures: 0,
    ongoingCommunicationFailures: 0,
    lastResponse: { text, atMs: now },
    lastSuccessAtMs: now,
  }));
  return contact === null ? unchanged(counted) : noteContact(counted, contact);
}

/** A verified answer that decided nothing: come again later. It is neither a success nor a failure. */
export function notePutOff(
  state: AgentState,
  requestType: DeviceRequestType,
  contact: PeerContact,
  text: string,
  now: number,
): Transition {
  const counted = count(state, requestType, (kind) => ({
    ...kind,
    ongoingCommunicationFailures: 0,
    lastResponse: { text, atMs: now },
  }));
  return noteContact(counted, contact);
}

/** A refusal (with contact) or silence (without). The reason is always filled (BET-18). */
export function noteFailure(
  state: AgentState,
  requestType: DeviceRequestType,
  contact: PeerContact | null,
  reported: Failure,
  now: number,
): Transition {
  const failure = { ...reported, message: reported.message.trim() || describeReason(reported) };
  const counted = count(state, requestType, (kind) => ({
    ...kind,
    failed: kind.failed + 1,
    ongoingFailures: kind.ongoingFailures + 1,
    ongoingCommunicationFailures: contact === null ? kind.ongoingCommunicationFailures + 1 : 0,
    lastResponse: { text: contact === null ? "NO REPLY" : "FAILED", atMs: now },
    lastFailure: failure,
  }));
  return contact === null ? noteOutage(counted, requestType, failure, now) : noteContact(counted, contact);
}

const reasonOfStage: Readonly<Record<Failure["stage"], string>> = {
  name: "Unable to resolve server hostname/domain name",
  tcp: "Connection timed out",
  proxy: "The proxy did not let the connection through",
  tls: "The secure connection could not be established",
  http: "Received empty response from server",
  envelope: "The answer could not be read",
  signature: "The answer's signature could not be verified",
  refused: "The manager refused the request",
};

function describeReason(failure: Failure): string {
  return `${reasonOfStage[failure.stage]} (${failure.code})`;
}

function noteOutage(state: AgentState, requestType: DeviceRequestType, failure: Failure, now: number): Transition {
  if (state.communication.failingSinceMs !== null) return unchanged(state);
  const { stage, code, message } = failure;
  return {
    state: { ...state, communication: { ...state.communication, failingSinceMs: now } },
    effects: [
      isClassic(state)
        ? classicSyslog.communicationFailed(message)
        : syslog.communicationFailed(state.configuration.transport, message),
      recordEvent("COMM_FAIL", { error: message, stage, code }),
      notify({ type: "communication-failed", kind: kindOf(requestType), stage, code, message }),
    ],
  };
}

/** Any verified answer proves that the way is open, also a refusal. */
function noteContact(state: AgentState, contact: PeerContact): Transition {
  const wasFailing = state.communication.failingSinceMs !== null;
  const reached: AgentState = {
    ...state,
    communication: { ...state.communication, failingSinceMs: null, peer: contact.peer },
    trust: {
      ...state.trust,
      // A relay's is nobody's to keep: what it carries is signed by the manager whose certificate is held.
      signingCertificate: contact.signingCertificate ?? state.trust.signingCertificate,
    },
  };
  const unsupported = isClassic(state) ? [] : noteCapabilities(state, contact);
  if (!wasFailing) return { state: reached, effects: unsupported };
  return {
    state: reached,
    effects: [
      ...unsupported,
      isClassic(state)
        ? classicSyslog.communicationRestored()
        : syslog.communicationRestored(state.configuration.transport),
      recordEvent("COMM_RESTORED"),
      notify({ type: "communication-restored" }),
    ],
  };
}

/** Said once for each such peer (POL-4). */
function noteCapabilities(state: AgentState, { peer }: PeerContact): readonly AgentEffect[] {
  if (peer.capabilities.includes("POLICY_USAGE")) return [];
  const before = state.communication.peer;
  const isKnown = before !== null && before.name === peer.name && !before.capabilities.includes("POLICY_USAGE");
  return isKnown ? [] : [syslog.reportingNotSupported(peer.name)];
}

function count(
  state: AgentState,
  requestType: DeviceRequestType,
  change: (kind: KindStatistics) => KindStatistics,
): AgentState {
  const { communication } = state;
  const kind = kindOf(requestType);
  const statistics = { ...communication.statistics, [kind]: change(communication.statistics[kind] ?? noStatistics) };
  return { ...state, communication: { ...communication, statistics } };
}
