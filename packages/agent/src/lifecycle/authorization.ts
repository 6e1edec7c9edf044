// Authorization codes for enforced and export-controlled licences: asked for, installed, confirmed, given back. Every step may
// be repeated and none blocks another: what the manager did not hear is told again, and what it withdrew is removed. Nothing
// stops for want of a code: the use goes on, is reported, and is said to be not authorized.

import { type AuthorizationWish, formatUdi, sudiOf } from "@countersign/protocol";
import type {
  AuthorizationAttempt,
  AuthorizationState,
  AuthorizedCount,
  InstalledAuthorization,
  ReturnedAuthorization,
} from "./authorization-state.ts";
import { askedForMs, retryDelayMs } from "./back-off.ts";
import { startExchange } from "./communication.ts";
import type { AgentEffect, AuthorizationTold, RefusedRequest } from "./effect.ts";
import type { AuthorizationGiven, AuthorizationHeard, RefusedAuthorization } from "./event.ts";
import { activeMember, speakerOf } from "./installation.ts";
import type { AgentState, Failure, Member, MemberTrust } from "./state.ts";
import { syslog } from "./syslog.ts";
import { inOrder, notify, recordEvent, type Transition, unchanged } from "./transition.ts";
import { passingRefusals } from "./trust-sync.ts";

export type AuthorizationRequest = {
  readonly mode: "add" | "replace";
  readonly licenses: readonly AuthorizedCount[];
  readonly scope: "local" | "all";
};

const change = (state: AgentState, authorization: Partial<AuthorizationState>): AgentState => ({
  ...state,
  authorization: { ...state.authorization, ...authorization },
});

function membersOf(state: AgentState, scope: "local" | "all"): readonly Member[] {
  return scope === "all" ? state.installation.members : [activeMember(state)];
}

/** Begins to ask. What is asked for already is asked for together with it; it waits for trust, or for a file that carries it. */
export function requestAuthorization(state: AgentState, wish: AuthorizationRequest, now: number): Transition {
  const { attempt: before } = state.authorization;
  const isMore = before !== null && wish.mode === "add";
  const licenses = isMore ? withCounts(before.licenses, wish.licenses) : wish.licenses;
  const udis = membersOf(state, wish.scope).map(({ udi }) => formatUdi(udi));
  const attempt: AuthorizationAttempt = {
    mode: isMore ? before.mode : wish.mode,
    licenses,
    udis: [...new Set([...(isMore ? before.udis : []), ...udis])],
    attempts: 0,
    startedAtMs: now,
    nextAttemptAtMs: now,
    lastFailure: null,
  };
  const details = { mode: wish.mode, scope: wish.scope, entitlementTag: wish.licenses.map(({ tag }) => tag).join(" ") };
  return {
    state: change(state, { attempt, lastRefusal: null }),
    effects: [recordEvent("AUTHORIZATION_REQUEST", details)],
  };
}

/** Both together, and of a tag in both the larger count. */
function withCounts(one: readonly AuthorizedCount[], other: readonly AuthorizedCount[]): readonly AuthorizedCount[] {
  const byTag = new Map(one.map((license) => [license.tag, license]));
  for (const license of other) {
    const known = byTag.get(license.tag);
    if (known === undefined || known.count < license.count) byTag.set(license.tag, license);
  }
  return [...byTag.values()];
}

type TrustedMember = { readonly member: Member; readonly trust: Extract<MemberTrust, { status: "installed" }> };

function trustedMembers({ installation, trust }: AgentState, udis: readonly string[]): readonly TrustedMember[] {
  return installation.members.flatMap((member) => {
    const own = trust.members[formatUdi(member.udi)];
    return udis.includes(formatUdi(member.udi)) && own?.status === "installed" ? [{ member, trust: own }] : [];
  });
}

/** What the devices ask for now, as a message or a file says it; empty while none of them has trust. */
export function authorizationWishes({ authorization, ...rest }: AgentState): readonly AuthorizationWish[] {
  const { attempt } = authorization;
  const state = { authorization, ...rest };
  if (attempt === null) return [];
  const keys = attempt.licenses.map(({ tag, licenseClass, count }) => ({
    entitlement_tag: tag,
    license_class: licenseClass,
    count,
  }));
  return trustedMembers(state, attempt.udis).map((member) => wishOf(state, member, { mode: attempt.mode, keys }));
}

function wishOf(
  { authorization }: AgentState,
  { member, trust }: TrustedMember,
  asked: Pick<AuthorizationWish, "mode" | "keys">,
): AuthorizationWish {
  const udi = formatUdi(member.udi);
  return {
    sudi: sudiOf(member.udi),
    product_instance_identifier: trust.productInstanceIdentifier,
    ...asked,
    confirm_code: authorization.installed[udi]?.confirmationCode ?? "",
    remove_code: authorization.returned[udi]?.returnCode ?? "",
  };
}

/** The same for codes that are about to be given back by file: nothing is asked for. */
export function returnWishes(state: AgentState, scope: "local" | "all"): readonly AuthorizationWish[] {
  const { installed } = state.authorization;
  return membersOf(state, scope).flatMap((member): readonly AuthorizationWish[] => {
    const own = installed[formatUdi(member.udi)];
    if (own === undefined) return [];
    const { productInstanceIdentifier: product_instance_identifier, returnCode: remove_code } = own;
    return [
      { sudi: sudiOf(member.udi), product_instance_identifier, mode: "add", keys: [], confirm_code: "", remove_code },
    ];
  });
}

/** True when something is due and somebody may say it. */
export function isAuthorizationDue(state: AgentState, now: number): boolean {
  const atMs = nextAuthorizationAtMs(state);
  return atMs !== null && atMs <= now;
}

/** When the next authorization message goes out; null while nobody has trust to sign it. */
export function nextAuthorizationAtMs(state: AgentState): number | null {
  if (speakerOf(state) === null) return null;
  const { attempt, nextTellAtMs } = state.authorization;
  const isHeardOf = attempt !== null && trustedMembers(state, attempt.udis).length > 0;
  const times = [isHeardOf ? attempt.nextAttemptAtMs : null, nextTellAtMs].filter((atMs) => atMs !== null);
  return times.length === 0 ? null : Math.min(...times);
}

/** When what is asked for is asked again, which is never in the past; `waitsFor` where no date can be told. */
export type NextAuthorizationAttempt =
  | { readonly atMs: number; readonly waitsFor: null }
  | { readonly atMs: null; readonly waitsFor: "transport_off" | "waits_for_trust" | "waits_for_answer" };

/** Null when nothing is asked for. */
export function nextAuthorizationAttempt(state: AgentState, now: number): NextAuthorizationAttempt | null {
  const { attempt } = state.authorization;
  if (attempt === null) return null;
  if (state.configuration.transport === "off") return { atMs: null, waitsFor: "transport_off" };
  if (speakerOf(state) === null || trustedMembers(state, attempt.udis).length === 0)
    return { atMs: null, waitsFor: "waits_for_trust" };
  if (attempt.nextAttemptAtMs > now) return { atMs: attempt.nextAttemptAtMs, waitsFor: null };
  return state.communication.inFlight === null
    ? { atMs: now, waitsFor: null }
    : { atMs: null, waitsFor: "waits_for_answer" };
}

/** Returns first, then confirmations, then what is asked for: a manager counts what was given back before it gives. */
export function startAuthorizationExchange(state: AgentState, now: number): Transition {
  const { attempt, nextTellAtMs } = state.authorization;
  if (nextTellAtMs !== null && nextTellAtMs <= now) {
    const returns = returnsToTell(state);
    if (returns.length > 0) return startTelling(state, "return-authorization", returns, now);
    const confirmations = confirmationsToTell(state);
    if (confirmations.length > 0) return startTelling(state, "confirm-authorization", confirmations, now);
    return startAuthorizationExchange(change(state, { nextTellAtMs: null, tellFailuresInARow: 0 }), now);
  }
  if (attempt === null || attempt.nextAttemptAtMs > now) return unchanged(state);
  const tried = change(state, { attempt: { ...attempt, attempts: attempt.attempts + 1 } });
  return startExchange(tried, "AUTHORIZATION_REQUEST", now, (exchangeId) => ({
    type: "request-authorization",
    exchangeId,
    wishes: authorizationWishes(state),
  }));
}

function startTelling(
  state: AgentState,
  type: "return-authorization" | "confirm-authorization",
  told: readonly AuthorizationTold[],
  now: number,
): Transition {
  const requestType = type === "return-authorization" ? "AUTHORIZATION_RETURN" : "AUTHORIZATION_CONFIRM";
  return startExchange(state, requestType, now, (exchangeId) => ({ type, exchangeId, told }));
}

/** A device that left is still spoken for: its licences are to be free. */
function returnsToTell({ authorization }: AgentState): readonly AuthorizationTold[] {
  return Object.entries(authorization.returning).map(([udi, { productInstanceIdentifier, sequence, returnCode }]) => ({
    ...{ udi, productInstanceIdentifier, sequence, digits: returnCode },
  }));
}

function confirmationsToTell({ authorization }: AgentState): readonly AuthorizationTold[] {
  return Object.entries(authorization.installed)
    .filter(([, { confirmation }]) => confirmation === "due")
    .map(([udi, { productInstanceIdentifier, sequence, confirmationCode }]) => ({
      ...{ udi, productInstanceIdentifier, sequence, digits: confirmationCode },
    }));
}

/** What a code's sequence must at least be, to be installed. Another product instance identifier is another count. */
export function leastSequenceOf({ authorization }: AgentState, udi: string, productInstanceIdentifier: string): number {
  const ofSame = <T extends { readonly productInstanceIdentifier: string }>(one: T | undefined): T | undefined =>
    one?.productInstanceIdentifier === productInstanceIdentifier ? one : undefined;
  const [installed, returned] = [ofSame(authorization.installed[udi]), ofSame(authorization.returned[udi])];
  return Math.max(installed?.sequence ?? 0, returned === undefined ? 0 : returned.sequence + 1);
}

/** By answer or by file; verified. An answer that nobody waits for any more installs nothing. */
export function acceptAuthorization(
  state: AgentState,
  answer: { readonly given: readonly AuthorizationGiven[]; readonly refused: readonly RefusedAuthorization[] },
  origin: "message" | "file",
  now: number,
): Transition {
  if (origin === "message" && state.authorization.attempt === null) return unchanged(state);
  return inOrder(state, now, [
    (s) =>
      inOrder(
        s,
        now,
        answer.given.map((one) => (each: AgentState) => install(each, one, now)),
      ),
    (s) => noteRefused(s, answer.refused, now),
    (s) => unchanged(finishAttempt(s, answer.given, origin, now)),
  ]);
}

function install(state: AgentState, given: AuthorizationGiven, now: number): Transition {
  const { udi, ...code } = given;
  const name = formatUdi(udi);
  const isMember = state.installation.members.some((member) => formatUdi(member.udi) === name);
  const { productInstanceIdentifier, sequence } = code;
  if (!isMember || sequence < leastSequenceOf(state, name, productInstanceIdentifier)) return unchanged(state);
  const before = state.authorization.installed[name];
  const isKnown = before?.confirmationCode === code.confirmationCode;
  const installed: InstalledAuthorization = {
    ...code,
    installedAtMs: isKnown ? before.installedAtMs : now,
    confirmation: isKnown ? before.confirmation : "due",
  };
  const next = change(state, {
    installed: { ...state.authorization.installed, [name]: installed },
    nextTellAtMs: installed.confirmation === "due" ? now : state.authorization.nextTellAtMs,
  });
  if (isKnown) return unchanged(next);
  const tags = code.licenses.map(({ tag }) => tag);
  return {
    state: next,
    effects: [
      syslog.authorizationInstalled(name),
      recordEvent("AUTHORIZATION_INSTALL", { udi: name, sequence: String(code.sequence) }),
      notify({ type: "authorization-installed", udi: name, tags }),
    ],
  };
}

function noteRefused(state: AgentState, refused: readonly RefusedAuthorization[], now: number): Transition {
  const [first] = refused;
  if (first === undefined) return unchanged(state);
  const udis = refused.map(({ udi }) => formatUdi(udi));
  const message = [...new Set(refused.map((one) => one.message))].join("; ");
  const { code } = first;
  return {
    state: change(state, { lastRefusal: { atMs: now, code, message, udis } }),
    effects: [
      ...refused.map((one) => syslog.authorizationFailed(formatUdi(one.udi), one.message)),
      recordEvent("AUTHORIZATION_FAIL", { code, error: message }),
      notify({ type: "authorization-refused", code, message, udis, final: true }),
    ],
  };
}

/**
 * Who has all of what was asked for is done, and by an answer whoever was given nothing. A device that had forgotten its code is
 * given that one first, and asks once more at once: now it can name it.
 */
function finishAttempt(
  state: AgentState,
  given: readonly AuthorizationGiven[],
  origin: "message" | "file",
  now: number,
): AgentState {
  const { attempt, installed } = state.authorization;
  if (attempt === null) return state;
  const answered = given.map(({ udi }) => formatUdi(udi));
  const isLeft = (udi: string): boolean => {
    if (!answered.includes(udi)) return origin === "file";
    // What an administrator put into a file may be more than was asked for.
    const mode = origin === "file" ? "add" : attempt.mode;
    return !hasAll(installed[udi]?.licenses ?? [], attempt.licenses, mode);
  };
  const udis = attempt.udis.filter(isLeft);
  if (udis.length === 0) return change(state, { attempt: null });
  if (origin === "file") return change(state, { attempt: { ...attempt, udis } });
  const waitMs = attempt.attempts <= 1 ? 0 : retryDelayMs(attempt.attempts, 0);
  return change(state, { attempt: { ...attempt, udis, nextAttemptAtMs: now + waitMs } });
}

function hasAll(
  has: readonly AuthorizedCount[],
  licenses: readonly AuthorizedCount[],
  mode: AuthorizationAttempt["mode"],
): boolean {
  const countOf = (tag: string) => has.find((license) => license.tag === tag)?.count ?? 0;
  if (mode === "add") return licenses.every(({ tag, count }) => countOf(tag) >= count);
  return has.length === licenses.length && licenses.every(({ tag, count }) => countOf(tag) === count);
}

/** The manager has heard a confirmation or a return, or says why it does not take it. */
export function acceptHeard(
  state: AgentState,
  heard: AuthorizationHeard,
  kind: "confirm" | "return",
  now: number,
): Transition {
  const settled = heard.devices.map(
    (one) =>
      (each: AgentState): Transition =>
        kind === "confirm" ? settleConfirmation(each, one, now) : settleReturn(each, one, now),
  );
  return inOrder(state, now, [...settled, (s) => unchanged(planTelling(s, now, 0))]);
}

type HeardDevice = AuthorizationHeard["devices"][number];

function settleConfirmation(state: AgentState, heard: HeardDevice, now: number): Transition {
  const { udi, sequence, refusal, newer } = heard;
  const own = state.authorization.installed[udi];
  // Meanwhile another code may have taken its place, or it was given back.
  if (own === undefined || own.sequence !== sequence) return unchanged(state);
  if (refusal?.code === "authorization_withdrawn") return remove(state, udi, "withdrawn");
  if (newer !== null) return install(state, newer, now);
  const confirmation = refusal === null ? "heard" : "refused";
  const next = change(state, { installed: { ...state.authorization.installed, [udi]: { ...own, confirmation } } });
  if (refusal === null) return { state: next, effects: [recordEvent("AUTHORIZATION_CONFIRM", { udi })] };
  const { code, message } = refusal;
  return {
    state: change(next, { lastRefusal: { atMs: now, code, message, udis: [udi] } }),
    effects: [recordEvent("AUTHORIZATION_FAIL", { udi, code, error: message })],
  };
}

function settleReturn(state: AgentState, { udi, sequence, refusal }: HeardDevice, now: number): Transition {
  const own = state.authorization.returning[udi];
  if (own === undefined || own.sequence !== sequence) return unchanged(state);
  const { [udi]: _told, ...returning } = state.authorization.returning;
  const next = change(state, { returning });
  if (refusal === null) return { state: next, effects: [recordEvent("AUTHORIZATION_RETURN", { udi })] };
  const { code, message } = refusal;
  return {
    state: change(next, { lastRefusal: { atMs: now, code, message, udis: [udi] } }),
    effects: [recordEvent("AUTHORIZATION_FAIL", { udi, code, error: message })],
  };
}

function planTelling(state: AgentState, atMs: number, tellFailuresInARow: number): AgentState {
  const hasMore = returnsToTell(state).length + confirmationsToTell(state).length > 0;
  return change(state, { nextTellAtMs: hasMore ? atMs : null, tellFailuresInARow });
}

/** Gives codes back: gone at once, and the manager is told until it has heard, or a person carries the return code. */
export function returnAuthorization(
  state: AgentState,
  { scope, way }: { readonly scope: "local" | "all"; readonly way: "online" | "offline" },
  now: number,
): Transition {
  const { installed } = state.authorization;
  const udis = membersOf(state, scope)
    .map(({ udi }) => formatUdi(udi))
    .filter((udi) => installed[udi] !== undefined);
  if (way === "online" && state.configuration.transport === "off")
    return refuse(state, "transport_off", "The communications transport is not available");
  if (udis.length === 0)
    return refuse(state, "authorization_missing", "No reservation authorization code installed in device");
  const asked = change(state, { attempt: null });
  return inOrder(
    asked,
    now,
    udis.map((udi) => (each: AgentState) => giveBack(each, udi, way, now)),
  );
}

function refuse(state: AgentState, code: RefusedRequest, message: string): Transition {
  return { state, effects: [notify({ type: "request-refused", request: "authorization", code, message })] };
}

function giveBack(state: AgentState, udi: string, way: "online" | "offline", now: number): Transition {
  const { installed, returned, returning } = state.authorization;
  const own = installed[udi];
  if (own === undefined) return unchanged(state);
  const { productInstanceIdentifier, sequence, returnCode } = own;
  const given: ReturnedAuthorization = { productInstanceIdentifier, sequence, returnCode, returnedAtMs: now };
  const told = change(state, {
    returned: { ...returned, [udi]: given },
    ...(way === "online" ? { returning: { ...returning, [udi]: given }, nextTellAtMs: now } : {}),
  });
  return remove(told, udi, "returned");
}

function remove(state: AgentState, udi: string, reason: "returned" | "withdrawn"): Transition {
  const { [udi]: _gone, ...installed } = state.authorization.installed;
  return {
    state: change(state, { installed }),
    effects: [
      syslog.authorizationRemoved(udi),
      recordEvent("AUTHORIZATION_REMOVE", { udi, reason }),
      notify({ type: "authorization-removed", udi, reason }),
    ],
  };
}

/** After a failed request: the next one, or the end with its reason when no repetition can help. */
export function retryAuthorization(
  state: AgentState,
  failure: Failure,
  retryAfterSeconds: number,
  now: number,
): Transition {
  const { attempt } = state.authorization;
  if (attempt === null) return unchanged(state);
  const { code, message, stage } = failure;
  const isFinal = stage === "refused" && !passingRefusals.has(code) && code !== "identity_not_valid";
  if (isFinal) {
    const { udis } = attempt;
    return {
      state: change(state, { attempt: null, lastRefusal: { atMs: now, code, message, udis } }),
      effects: [
        ...udis.map((udi) => syslog.authorizationFailed(udi, message)),
        recordEvent("AUTHORIZATION_FAIL", { code, error: message }),
        notify({ type: "authorization-refused", code, message, udis, final: true }),
      ],
    };
  }
  const nextAttemptAtMs = now + retryDelayMs(attempt.attempts, retryAfterSeconds);
  const isNews = attempt.lastFailure?.code !== code;
  const { udis } = attempt;
  return {
    state: change(state, { attempt: { ...attempt, lastFailure: failure, nextAttemptAtMs } }),
    effects: isNews ? [notify({ type: "authorization-refused", code, message, udis, final: false })] : [],
  };
}

export function putOffAuthorization(state: AgentState, seconds: number, now: number): AgentState {
  const { attempt } = state.authorization;
  if (attempt === null) return state;
  return change(state, { attempt: { ...attempt, nextAttemptAtMs: now + askedForMs(seconds) } });
}

/** A manager that says no to the whole message is asked again once a day: a person must look. */
const refusedTellRetryMs = 86_400_000;

export function retryTelling(state: AgentState, failure: Failure, retryAfterSeconds: number, now: number): AgentState {
  const failures = state.authorization.tellFailuresInARow + 1;
  const isRefused = failure.stage === "refused" && !passingRefusals.has(failure.code);
  const waitMs = isRefused ? refusedTellRetryMs : retryDelayMs(failures, retryAfterSeconds);
  return planTelling(state, now + waitMs, failures);
}

export function putOffTelling(state: AgentState, seconds: number, now: number): AgentState {
  return planTelling(state, now + askedForMs(seconds), state.authorization.tellFailuresInARow);
}

/** True where a licence needs no code, or the active device's code covers the count. */
export function isAuthorized(
  state: AgentState,
  { tag, licenseClass, count }: { readonly tag: string; readonly licenseClass: string; readonly count: number },
): boolean {
  if (licenseClass !== "enforced" && licenseClass !== "export") return true;
  const own = state.authorization.installed[formatUdi(activeMember(state).udi)];
  return own?.licenses.some((license) => license.tag === tag && license.count >= count) ?? false;
}

/** Says once when a use comes to be without a code, and once when it has one. */
export function noteUnauthorizedUse(state: AgentState): Transition {
  const { unauthorizedTags } = state.authorization;
  const uses = Object.values(state.metering.usages).filter(({ count }) => count > 0);
  const lacking = uses.filter((usage) => !isAuthorized(state, usage)).map(({ tag }) => tag);
  const news = lacking.filter((tag) => !unauthorizedTags.includes(tag));
  const ended = unauthorizedTags.filter((tag) => !lacking.includes(tag));
  if (news.length + ended.length === 0) return unchanged(state);
  const authorized = uses.filter(({ tag }) => ended.includes(tag));
  const effects: readonly AgentEffect[] = [
    ...news.flatMap((tag) => [
      syslog.notAuthorized(tag),
      recordEvent("TAG_NOT_AUTHORIZED", { entitlementTag: tag }),
      notify({ type: "not-authorized", tag }),
    ]),
    ...authorized.flatMap(({ tag, count }) => [
      recordEvent("TAG_AUTHORIZED", { count: String(count), entitlementTag: tag }),
      notify({ type: "authorized", tag }),
    ]),
  ];
  return { state: change(state, { unauthorizedTags: lacking }), effects };
}

/** What a factory reset leaves: which codes were given back. They never come back. */
export function removeAuthorization(state: AgentState): Transition {
  const udis = Object.keys(state.authorization.installed);
  const { returned, unauthorizedTags } = state.authorization;
  return {
    state: change(state, {
      ...{ installed: {}, returning: {}, attempt: null, nextTellAtMs: null, tellFailuresInARow: 0 },
      ...{ lastRefusal: null, returned, unauthorizedTags },
    }),
    effects: udis.flatMap((udi) => [
      syslog.authorizationRemoved(udi),
      notify({ type: "authorization-removed", udi, reason: "factory_reset" }),
    ]),
  };
}
