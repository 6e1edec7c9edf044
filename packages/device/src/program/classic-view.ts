// From an agent in the classic model to what its show commands print: the field's words for where registration, authorization and
// evaluation stand.

import {
  type AgentState,
  type ClassicVerdict,
  classicOf,
  conversionOf,
  evaluationRemainingMs,
  isEvaluating,
  isRegistered,
  type RegistrationAttempt,
  type Usage,
} from "@countersign/agent";
import { formatUdi } from "@countersign/protocol";
import type { ClassicView, JobView } from "../license-view.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";
import { licenseOfTag } from "../platform/platform-table.ts";
import type { LegacyDevice } from "./legacy-licenses.ts";

export function classicView(
  state: AgentState,
  profile: PlatformProfile,
  nameOf: (tag: string) => string,
  legacy: readonly LegacyDevice[],
  now: number,
): ClassicView {
  const { registration, authorization } = classicOf(state);
  const [identity] = Object.values(state.trust.members).flatMap((one) =>
    one.status === "installed" && one.isClassic === true ? [one] : [],
  );
  const remainingMs = evaluationRemainingMs(state, now);
  return {
    registration: {
      status: registrationStatus(state),
      isRegistered: isRegistered(state),
      initial: registration.initial,
      nextAttemptAtMs: nextAttemptAtMs(registration.attempt),
      deregistrationWaitsFor: deregistrationWaitsFor(state),
      renewal: registration.renewal,
      nextRenewalAtMs: isRegistered(state) ? registration.nextRenewalAtMs : null,
      expiresAtMs: identity?.expiresAtMs ?? null,
    },
    authorization: {
      status: authorizationStatus(state, remainingMs),
      sinceMs: isEvaluating(state) ? null : authorization.sinceMs,
      evaluationRemainingMs: isEvaluating(state) ? remainingMs : null,
      last: authorization.last,
      nextAtMs: isRegistered(state) ? authorization.nextAtMs : null,
      deadlineAtMs: authorization.deadlineAtMs,
      shortages: authorization.verdicts
        .filter(({ shortfall }) => shortfall > 0)
        .map(({ tag, shortfall }) => ({
          ...{ tag, shortfall },
          name: licenseOfTag(profile, tag)?.name ?? nameOf(tag),
        })),
    },
    conversion: conversionView(state, profile, legacy),
    licenseStatuses: Object.fromEntries(
      Object.values(state.metering.usages).map((usage) => [usage.tag, licenseStatus(state, usage, remainingMs)]),
    ),
  };
}

function conversionView(
  state: AgentState,
  { legacyLicenses }: PlatformProfile,
  legacy: readonly LegacyDevice[],
): ClassicView["conversion"] {
  if (legacyLicenses === undefined) return null;
  const { attempt, done, failure } = conversionOf(state);
  const isComplete = legacy.length > 0 && legacy.every(({ udi }) => formatUdi(udi) in done);
  const isWaiting = attempt?.lastFailure?.code === "conversion_not_allowed";
  const idle = failure === null ? "Not started" : "Failed";
  const underWay = isWaiting ? "Waiting for permission" : "In progress";
  return {
    status: isComplete ? "Complete" : attempt === null ? idle : underWay,
    lastPushAtMs: state.communication.statistics.conversion?.lastSuccessAtMs ?? null,
    failureReason: (attempt === null ? failure : attempt.lastFailure)?.message ?? null,
  };
}

function registrationStatus(state: AgentState): ClassicView["registration"]["status"] {
  const { attempt, initial } = classicOf(state).registration;
  if (isRegistered(state)) return "REGISTERED";
  if (attempt !== null) return "REGISTERING - REGISTRATION IN PROGRESS";
  return initial !== null && !initial.isDone ? "UNREGISTERED - REGISTRATION FAILED" : "UNREGISTERED";
}

/** An attempt that was withdrawn only finds out what there is to deregister. */
function nextAttemptAtMs(attempt: RegistrationAttempt | null): number | null {
  return attempt === null || attempt.isWithdrawn === true ? null : attempt.nextAttemptAtMs;
}

function deregistrationWaitsFor(state: AgentState): ClassicView["registration"]["deregistrationWaitsFor"] {
  const { attempt, isLeaving } = classicOf(state).registration;
  if (isLeaving && isRegistered(state)) return "deregistration";
  return attempt?.isWithdrawn === true ? "registration" : null;
}

function authorizationStatus(state: AgentState, remainingMs: number): ClassicView["authorization"]["status"] {
  const isInUse = Object.values(state.metering.usages).some(({ count }) => count > 0);
  if (isEvaluating(state)) {
    if (!isInUse) return "No Licenses in Use";
    return remainingMs > 0 ? "EVAL MODE" : "EVAL EXPIRED";
  }
  const { standing } = classicOf(state).authorization;
  switch (standing) {
    case "out_of_compliance":
      return "OUT OF COMPLIANCE";
    case "expired":
      return "AUTHORIZATION EXPIRED";
    case "authorized":
    case "none":
      return "AUTHORIZED";
    default:
      return standing satisfies never;
  }
}

/** What was said of this licence; one that came into use since has no answer yet. */
function licenseStatus(state: AgentState, { tag, count }: Usage, remainingMs: number): string {
  if (count === 0) return "NOT IN USE";
  if (isEvaluating(state)) return remainingMs > 0 ? "EVAL MODE" : "EVAL EXPIRED";
  const { standing, verdicts } = classicOf(state).authorization;
  if (standing === "expired") return "AUTHORIZATION EXPIRED";
  const verdict = verdicts.find((one: ClassicVerdict) => one.tag === tag);
  if (verdict === undefined) return "WAITING";
  return verdict.status === "AUTHORIZED" ? "AUTHORIZED" : "OUT OF COMPLIANCE";
}

export function classicJobs({ registration, authorization }: ClassicView): readonly JobView[] {
  const at = (atMs: number | null): JobView["next"] => atMs ?? "never";
  return [
    { name: "Registration", next: at(registration.nextAttemptAtMs) },
    { name: "ID Certificate Renewal", next: at(registration.nextRenewalAtMs) },
    { name: "Register Period Expiration Check", next: at(registration.expiresAtMs) },
    { name: "Authorization Renewal", next: at(authorization.nextAtMs) },
    { name: "Authorization Expiration Check", next: at(authorization.deadlineAtMs) },
  ];
}
