// Registration: asked for with an ID token and tried until it succeeds or cannot, renewed at half its year, and ended by the
// device, by the manager or by the calendar (CLS-9 to CLS-15). Nothing that happens here stops the device.

import { classicIdRenewalMs, formatUdi } from "@countersign/protocol";
import { askedForMs, retryDelayMs } from "../back-off.ts";
import { startExchange } from "../communication.ts";
import type { AgentEffect, RefusedRequest, TrustSeeker } from "../effect.ts";
import type { ClassicResult } from "../event.ts";
import { activeMember } from "../installation.ts";
import type { AgentState, Failure, Member, MemberTrust } from "../state.ts";
import { classicSyslog } from "../syslog.ts";
import { inOrder, notify, recordEvent, type Transition, unchanged } from "../transition.ts";
import { assignKeys, finalRefusals, tokenExpiryOf } from "../trust.ts";
import { isIdentityLost } from "../trust-sync.ts";
import {
  classicOf,
  isRegistered,
  isRegisteredDevice,
  type RegistrationAttempt,
  registeredSpeaker,
  withAuthorization,
  withRegistration,
} from "./classic-state.ts";
import { installIdentities, noteRegistrationFacts, removeRegistration } from "./identity.ts";
import { noteStanding } from "./standing.ts";

/** A clock that is a little off does not end a registration before its time. */
const expiryGraceMs = 3_600_000;

type Answered = Extract<ClassicResult, { readonly type: "registration-answered" }>;
type Requested = "registration" | "renewal" | "deregistration";

export function refuse(state: AgentState, request: Requested, code: RefusedRequest, message: string): Transition {
  return { state, effects: [notify({ type: "request-refused", request, code, message })] };
}

/** All devices are asked for together; registered ones keep their key unless `force` is given. */
export function requestRegistration(
  state: AgentState,
  { token, force }: { readonly token: string; readonly force: boolean },
  now: number,
): Transition {
  const { transport } = state.configuration;
  if (transport === "off")
    return refuse(state, "registration", "transport_off", "Communication transport not available");
  const isComplete = state.installation.members.every((member) => isRegisteredMember(state, member));
  if (isComplete && !force) {
    const message = "The device is already registered; use force to register it anew";
    return refuse(state, "registration", "already_registered", message);
  }
  const { trust, keys } = assignKeys(state, state.installation.members, force);
  const before = classicOf(state).registration.attempt;
  const attempt: RegistrationAttempt = {
    token,
    force,
    keys,
    attempts: 0,
    startedAtMs: now,
    nextAttemptAtMs: now,
    tokenExpiresAtMs: tokenExpiryOf(token),
    lastFailure: null,
    unanswered: before === null ? 0 : unansweredOf(before),
  };
  const details = { devices: String(state.installation.members.length), force: force ? "True" : "False" };
  const next = withRegistration({ ...state, trust }, { attempt, initial: null });
  return {
    state: next,
    effects: [
      ...dropKeys(before, next),
      recordEvent("REGISTER_REQUEST", details),
      ...(transport === "callhome" ? [classicSyslog.registrationInProgress()] : []),
    ],
  };
}

/** The attempt is over, whatever becomes of the registration that is there: no key stays that nobody uses. */
export function dropAttempt(state: AgentState): Transition {
  const without = withRegistration(state, { attempt: null });
  return { state: without, effects: dropKeys(classicOf(state).registration.attempt, without) };
}

/** Keys of an attempt that is over, but for those that a device has or still asks with. */
function dropKeys(attempt: RegistrationAttempt | null, next: AgentState): readonly AgentEffect[] {
  const kept = new Set([
    ...Object.values(next.trust.members).flatMap((one) => (one.status === "none" ? [] : [one.keyId])),
    ...Object.values(classicOf(next).registration.attempt?.keys ?? {}),
  ]);
  const keyIds = Object.values(attempt?.keys ?? {}).filter((keyId) => !kept.has(keyId));
  return keyIds.length === 0 ? [] : [{ type: "delete-keys", keyIds }];
}

function isRegisteredMember(state: AgentState, { udi }: Member): boolean {
  return isRegisteredDevice(state, udi);
}

/** Members that came since it was asked for are asked for too. */
export function startRegistration(state: AgentState, begun: RegistrationAttempt, now: number): Transition {
  const missing = state.installation.members.filter(({ udi }) => !(formatUdi(udi) in begun.keys));
  const more = assignKeys(state, missing, false);
  const attempt = {
    ...begun,
    keys: { ...begun.keys, ...more.keys },
    attempts: begun.attempts + 1,
    unanswered: unansweredOf(begun) + 1,
  };
  const { token, force } = attempt;
  const tried = withRegistration({ ...state, trust: more.trust }, { attempt });
  return startExchange(tried, "REGISTER", now, (exchangeId) => ({
    type: "register",
    exchangeId,
    token,
    force,
    devices: seekersOf(state, attempt.keys),
  }));
}

function seekersOf(state: AgentState, keys: Readonly<Record<string, string>>): readonly TrustSeeker[] {
  return state.installation.members.flatMap((member): TrustSeeker[] => {
    const keyId = keys[formatUdi(member.udi)];
    return keyId === undefined ? [] : [{ ...member, keyId, wantsCertificate: true }];
  });
}

export function acceptRegistration(state: AgentState, answer: Answered, now: number): Transition {
  if (answer.devices.length === 0) {
    const message = reasonOf(answer) ?? "The answer says nothing about any device.";
    const failure = { stage: "refused", code: "device_refused", message, atMs: now } as const;
    const { attempt } = classicOf(state).registration;
    return attempt?.isWithdrawn === true
      ? endWithdrawn(state, answered(attempt), failure, now)
      : giveUpRegistration(state, failure);
  }
  const udi = formatUdi(activeMember(state).udi);
  const reason = reasonOf(answer);
  const isWithdrawn = classicOf(state).registration.attempt?.isWithdrawn === true;
  return inOrder(state, now, [
    (s) => installIdentities(s, answer.devices, false, now),
    (s) => noteRegistrationFacts(s, answer, true),
    (s) =>
      unchanged(
        withRegistration(s, {
          attempt: null,
          initial: { isDone: true, atMs: now, reason },
          renewal: null,
          nextRenewalAtMs: now + classicIdRenewalMs,
          renewalFailuresInARow: 0,
          isRekeyed: false,
          isLeaving: isWithdrawn,
        }),
      ),
    // What is in use is to be authorized at once (CLS-12).
    (s) => unchanged(withAuthorization(s, { nextAtMs: now, failuresInARow: 0 })),
    (s) => ({
      state: s,
      effects: [
        classicSyslog.registered(udi),
        recordEvent("REGISTER_SUCCESS", { udi, ...(reason === null ? {} : { refused: reason }) }),
        noteStanding(s, reason),
      ],
    }),
  ]);
}

/** Devices that got nothing are named, so that nobody overlooks half a pair (BET-9). */
function reasonOf({ refused }: Answered): string | null {
  if (refused.length === 0) return null;
  return refused.map(({ udi, message }) => `${formatUdi(udi)}: ${message}`).join("; ");
}

/** After a failed attempt: the next one, or the end with its reason. */
export function retryRegistration(
  state: AgentState,
  failure: Failure,
  retryAfterSeconds: number,
  now: number,
): Transition {
  const { attempt: tried } = classicOf(state).registration;
  if (tried === null) return unchanged(state);
  const attempt = registersNothing.has(failure.stage) ? answered(tried) : tried;
  if (attempt.isWithdrawn === true) return endWithdrawn(state, attempt, failure, now);
  if (failure.stage === "refused" && finalRefusals.has(failure.code)) return giveUpRegistration(state, failure);
  const { tokenExpiresAtMs } = attempt;
  // A device whose clock is known to be wrong cannot tell that a token is over.
  if (tokenExpiresAtMs !== null && now >= tokenExpiresAtMs && failure.code !== "clock_offset") {
    const message = "The token has expired; enter a new one";
    return giveUpRegistration(state, { stage: "refused", code: "token_expired", message, atMs: now });
  }
  const isNews = attempt.lastFailure?.code !== failure.code;
  const renewed = failure.code === "key_revoked" ? withNewKeys(state, attempt) : { state, attempt, unused: [] };
  const nextAttemptAtMs = now + retryDelayMs(attempt.attempts, retryAfterSeconds);
  const next = withRegistration(renewed.state, {
    attempt: { ...renewed.attempt, lastFailure: failure, nextAttemptAtMs },
    initial: { isDone: false, atMs: now, reason: failure.message },
  });
  return {
    state: next,
    effects: [
      ...(renewed.unused.length === 0 ? [] : [{ type: "delete-keys" as const, keyIds: renewed.unused }]),
      ...(isNews
        ? [
            classicSyslog.registrationFailed(failure.message),
            recordEvent("REGISTER_FAIL", { code: failure.code, error: failure.message }),
            noteStanding(next, failure.message),
          ]
        : []),
    ],
  };
}

/** The manager withdrew the keys that were asked with: the same token is tried with new ones. */
function withNewKeys(state: AgentState, attempt: RegistrationAttempt) {
  const members: Record<string, MemberTrust> = { ...state.trust.members };
  const refused = Object.values(attempt.keys);
  for (const [udi, trust] of Object.entries(members))
    if (trust.status === "requested" && refused.includes(trust.keyId)) members[udi] = { status: "none" };
  const asked = { ...state, trust: { ...state.trust, members } };
  const { trust, keys } = assignKeys(asked, state.installation.members, true);
  const installed = Object.values(members).flatMap((one) => (one.status === "installed" ? [one.keyId] : []));
  const unused = refused.filter((keyId) => !installed.includes(keyId));
  return { state: { ...state, trust }, attempt: { ...attempt, keys }, unused };
}

export function putOffRegistration(state: AgentState, seconds: number, now: number): Transition {
  const { attempt: tried } = classicOf(state).registration;
  if (tried === null) return unchanged(state);
  const attempt = answered(tried);
  if (attempt.isWithdrawn === true) return endWithdrawn(state, attempt, putOffFailure(now), now);
  return unchanged(withRegistration(state, { attempt: { ...attempt, nextAttemptAtMs: now + askedForMs(seconds) } }));
}

export function putOffFailure(atMs: number): Failure {
  return { stage: "refused", code: "put_off", message: "The manager asks to come again later", atMs };
}

/** Where an exchange that ended so has registered nothing: the message was never sent, or the manager said no. */
const registersNothing: ReadonlySet<Failure["stage"]> = new Set(["name", "proxy", "tls", "refused"]);

function unansweredOf({ unanswered, attempts }: RegistrationAttempt): number {
  return unanswered ?? attempts;
}

function answered(attempt: RegistrationAttempt): RegistrationAttempt {
  return { ...attempt, unanswered: Math.max(0, unansweredOf(attempt) - 1) };
}

/**
 * The one message more has not found out what the manager has. An identity that is there is deregistered; else the device is
 * deregistered now, and says so if the manager may still list it.
 */
function endWithdrawn(state: AgentState, attempt: RegistrationAttempt, failure: Failure, now: number): Transition {
  if (isRegistered(state))
    return unchanged(withRegistration(state, { attempt: { ...attempt, lastFailure: failure }, isLeaving: true }));
  return finishDeregistration(withRegistration(state, { attempt }), failure, now);
}

function giveUpRegistration(state: AgentState, { code, message, atMs }: Failure): Transition {
  const next = withRegistration(state, { attempt: null, initial: { isDone: false, atMs, reason: message } });
  return {
    state: next,
    effects: [
      ...dropKeys(classicOf(state).registration.attempt, next),
      classicSyslog.registrationFailed(message),
      recordEvent("REGISTER_FAIL", { code, error: message }),
      noteStanding(next, message),
    ],
  };
}

/** New certificates for new keys, in the name of those that are there. The same keys through all tries. */
export function startRenewal(state: AgentState, now: number): Transition {
  const registered = state.installation.members.filter((member) => isRegisteredMember(state, member));
  const { renewalKeys } = classicOf(state).registration;
  let { nextKeyNumber } = state.trust;
  const keys: Record<string, string> = {};
  for (const { udi } of registered) {
    const known = renewalKeys[formatUdi(udi)];
    keys[formatUdi(udi)] = known ?? `key-${nextKeyNumber}`;
    if (known === undefined) nextKeyNumber += 1;
  }
  const numbered = { ...state, trust: { ...state.trust, nextKeyNumber } };
  return startExchange(withRegistration(numbered, { renewalKeys: keys }), "RENEW_ID", now, (exchangeId) => ({
    type: "renew-id",
    exchangeId,
    devices: seekersOf(state, keys),
  }));
}

export function acceptRenewal(state: AgentState, answer: Answered, now: number): Transition {
  const speaker = registeredSpeaker(state);
  const isOwn = answer.devices.some(({ productInstanceIdentifier: id }) => id === speaker?.productInstanceIdentifier);
  if (!isOwn) {
    const message = reasonOf(answer) ?? "The answer has no certificate for this device.";
    return retryRenewal(state, { stage: "refused", code: "device_refused", message, atMs: now }, 0, now);
  }
  const udi = formatUdi(activeMember(state).udi);
  return inOrder(state, now, [
    (s) => installIdentities(s, answer.devices, true, now),
    (s) => noteRegistrationFacts(s, answer, false),
    (s) =>
      unchanged(
        withRegistration(s, {
          renewal: { isDone: true, atMs: now, reason: reasonOf(answer) },
          nextRenewalAtMs: now + classicIdRenewalMs,
          renewalFailuresInARow: 0,
          renewalKeys: {},
        }),
      ),
    // A message under the new identity proves it; until then the one before is kept.
    (s) => unchanged(withAuthorization(s, { nextAtMs: now })),
    (s) => ({ state: s, effects: [classicSyslog.idRenewed(udi), recordEvent("ID_CERT_RENEW", { udi })] }),
  ]);
}

/** Tried again until the certificate ends (CLS-13). */
export function retryRenewal(state: AgentState, failure: Failure, retryAfterSeconds: number, now: number): Transition {
  const { renewal, renewalFailuresInARow } = classicOf(state).registration;
  const failures = renewalFailuresInARow + 1;
  const isNews = renewal === null || renewal.isDone || renewal.reason !== failure.message;
  const udi = formatUdi(activeMember(state).udi);
  return {
    state: withRegistration(state, {
      renewal: { isDone: false, atMs: now, reason: failure.message },
      renewalFailuresInARow: failures,
      nextRenewalAtMs: now + retryDelayMs(failures, retryAfterSeconds),
    }),
    effects: isNews
      ? [
          classicSyslog.idRenewalFailed(udi, failure.message),
          recordEvent("ID_CERT_RENEW_FAIL", { code: failure.code, error: failure.message }),
        ]
      : [],
  };
}

export function putOffRenewal(state: AgentState, seconds: number, now: number): AgentState {
  return withRegistration(state, { nextRenewalAtMs: now + askedForMs(seconds) });
}

export function requestRenewal(state: AgentState, what: "id" | "authorization", now: number): Transition {
  if (state.configuration.transport === "off")
    return refuse(state, "renewal", "transport_off", "Communication transport not available");
  if (!isRegistered(state)) return refuse(state, "renewal", "not_registered", "The device is not registered");
  const planned =
    what === "id" ? withRegistration(state, { nextRenewalAtMs: now }) : withAuthorization(state, { nextAtMs: now });
  return { state: planned, effects: [recordEvent("RENEW_REQUEST", { what })] };
}

/**
 * A registration that is there is ended with the manager; one that is only being tried is given up. Where the manager may have
 * registered the device and its answer is still to come, or was lost, that answer is waited for, or asked for once more: a repetition with
 * the same key gets it, and the key that could end that registration would be gone otherwise.
 */
export function requestDeregistration(state: AgentState, now: number): Transition {
  const { attempt } = classicOf(state).registration;
  if (attempt !== null && unansweredOf(attempt) > 0) {
    const isAsked = state.communication.inFlight?.requestType === "REGISTER";
    const withdrawn = { ...attempt, isWithdrawn: true, nextAttemptAtMs: now };
    return {
      state: withRegistration(isAsked ? state : withoutExchange(state), { attempt: withdrawn }),
      effects: [recordEvent("DEREGISTER_REQUEST")],
    };
  }
  if (!isRegistered(state)) {
    if (attempt === null) return refuse(state, "deregistration", "not_registered", "The device is not registered");
    const given = withRegistration(withoutExchange(state), { attempt: null });
    return inOrder(given, now, [
      (s) => ({ state: s, effects: [recordEvent("REGISTER_CANCEL")] }),
      (s) => removeRegistration(s, null, now),
    ]);
  }
  const leaving = withRegistration(withoutExchange(state), { attempt: null, isLeaving: true });
  return { state: leaving, effects: [...dropKeys(attempt, leaving), recordEvent("DEREGISTER_REQUEST")] };
}

/** What is under way is given up for this: its result will be late. */
export function withoutExchange(state: AgentState): AgentState {
  return { ...state, communication: { ...state.communication, inFlight: null } };
}

export function startDeregistration(state: AgentState, now: number): Transition {
  return startExchange(state, "DEREGISTER", now, (exchangeId) => ({ type: "deregister", exchangeId }));
}

/** The manager's own list has the device then, under a key that is not known here. */
const listsAnother: ReadonlySet<string> = new Set(["already_registered", "consumption_without_force"]);

/** It does not know the product instance, or has never registered any; and no message is without its answer that might have. */
function hasNothingToEnd(state: AgentState, failure: Failure): boolean {
  const { attempt } = classicOf(state).registration;
  if (attempt?.isWithdrawn === true && unansweredOf(attempt) > 0) return false;
  if (isRegistered(state)) return isIdentityLost(failure);
  return registersNothing.has(failure.stage) && !listsAnother.has(failure.code);
}

/** The device is deregistered whatever the manager says; null: it said yes. */
export function finishDeregistration(state: AgentState, reported: Failure | null, now: number): Transition {
  const { attempt } = classicOf(state).registration;
  const failure = reported !== null && hasNothingToEnd(state, reported) ? null : reported;
  return inOrder(state, now, [
    (s) => (attempt?.isWithdrawn === true ? dropAttempt(s) : unchanged(s)),
    (s) => removeRegistration(s, null, now),
    (s) => ({
      state: s,
      effects: [
        failure === null ? classicSyslog.deregistered() : classicSyslog.deregistrationFailed(failure.message),
        recordEvent(
          "DEREGISTER_STATUS",
          failure === null ? { msgStatus: "OK" } : { msgStatus: failure.code, error: failure.message },
        ),
        noteStanding(s, failure?.message ?? null),
      ],
    }),
  ]);
}

/** The manager has no such product instance (any more). */
export function loseRegistration(state: AgentState, failure: Failure, now: number): Transition {
  const udi = formatUdi(activeMember(state).udi);
  return inOrder(state, now, [
    (s) => removeRegistration(s, failure.message, now),
    (s) => ({
      state: s,
      effects: [
        classicSyslog.registrationLost(udi),
        recordEvent("REGISTER_LOST", { udi, code: failure.code, error: failure.message }),
        noteStanding(s, failure.message),
      ],
    }),
  ]);
}

/** When the ID certificate has ended, with an hour of grace; null while not registered. */
export function registrationEndsAtMs(state: AgentState): number | null {
  const speaker = registeredSpeaker(state);
  return speaker === null ? null : speaker.expiresAtMs + expiryGraceMs;
}

/** After a year without renewal (CLS-14). */
export function expireRegistration(state: AgentState, now: number): Transition {
  const endsAtMs = registrationEndsAtMs(state);
  if (endsAtMs === null || endsAtMs > now) return unchanged(state);
  const reason = "The ID certificate has expired";
  return inOrder(withoutExchange(state), now, [
    (s) => removeRegistration(s, reason, now),
    (s) => ({
      state: s,
      effects: [classicSyslog.idExpired(), recordEvent("ID_CERT_EXPIRED"), noteStanding(s, reason)],
    }),
  ]);
}
