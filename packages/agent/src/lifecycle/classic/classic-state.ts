// What a device in the classic model knows beyond what both models share. Identity (keys, ID certificates, account names) stands
// where the policy model has it, so that an upgrade finds it there.

import type { ClassicStatus, LegacyLicense, Udi } from "@countersign/protocol";
import { speakerOf, trustOf } from "../installation.ts";
import type { AgentState, Failure, MemberTrust } from "../state.ts";

const dayMs = 86_400_000;

/** Of use, not of the calendar (CLS-4). */
export const evaluationMs = 90 * dayMs;

export type ClassicState = {
  readonly evaluation: Evaluation;
  readonly registration: Registration;
  readonly authorization: ClassicAuthorization;
  /** Absent where none was ever asked for. It outlives registrations: a device converts once (CNV-2). */
  readonly conversion?: ClassicConversion;
};

/** One for the whole device; what was used of it never comes back (CLS-5, CLS-6, CLS-8). */
export type Evaluation = {
  readonly usedMs: number;
  /** Counted up to this moment; null while it does not run. */
  readonly countedUntilMs: number | null;
  /** The next warning comes when no more than this is left; 0 for the end of the period. */
  readonly nextWarningMs: number;
  readonly isOverTold: boolean;
};

/** How something ended that people look for in `show license all`. */
export type ClassicOutcome = { readonly isDone: boolean; readonly atMs: number; readonly reason: string | null };

export type RegistrationAttempt = {
  /** The ID token, kept while registration is tried; a secret: never logged, shown or put into history (BET-11). */
  readonly token: string;
  readonly force: boolean;
  /** Key of each device, by `formatUdi`: a repetition after a lost answer gets the same registration. */
  readonly keys: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly startedAtMs: number;
  readonly nextAttemptAtMs: number;
  /** As the token itself says, null when it cannot be read. No attempt is planned after it. */
  readonly tokenExpiresAtMs: number | null;
  readonly lastFailure: Failure | null;
  /** Messages of which nobody knows whether the manager has registered anything; absent in states of earlier versions, which counted none. */
  readonly unanswered?: number;
  /** Deregistration was asked for: one more message finds out what there is to deregister. Absent: no. */
  readonly isWithdrawn?: boolean;
};

export type InstalledIdentity = Extract<MemberTrust, { readonly status: "installed" }>;

export type Registration = {
  readonly attempt: RegistrationAttempt | null;
  /** `Initial Registration`; null before the first end of an attempt, and after deregistration. */
  readonly initial: ClassicOutcome | null;
  /** `Last Renewal Attempt`. */
  readonly renewal: ClassicOutcome | null;
  readonly nextRenewalAtMs: number | null;
  readonly renewalFailuresInARow: number;
  /** Keys that a renewal asks certificates for, by `formatUdi`; none while nothing is renewed. */
  readonly renewalKeys: Readonly<Record<string, string>>;
  /** Identities before the last renewal, by `formatUdi`, until an answer under the new ones came (BET-32). */
  readonly previous: Readonly<Record<string, InstalledIdentity>>;
  /** A new key was asked for because the manager did not believe the present one; until the next answer that it does. */
  readonly isRekeyed: boolean;
  /** Deregistration was asked for and the manager has not been told. */
  readonly isLeaving: boolean;
};

export type ClassicVerdict = {
  readonly tag: string;
  readonly count: number;
  readonly status: ClassicStatus;
  /** How many the virtual account lacks for all of its devices together (BET-34). */
  readonly shortfall: number;
};

/** `none`: no authorization request was ever answered (CLS-9). */
export type ClassicStanding = "none" | "authorized" | "out_of_compliance" | "expired";

export type ClassicAuthorization = {
  readonly standing: ClassicStanding;
  readonly sinceMs: number | null;
  /** What the last answer said of each tag in use then. */
  readonly verdicts: readonly ClassicVerdict[];
  readonly last: {
    readonly outcome: "SUCCEEDED" | "FAILED" | "PENDING";
    readonly atMs: number;
    readonly reason: string | null;
  } | null;
  readonly nextAtMs: number | null;
  /** `Communication Deadline`: by the manager's clock (CLS-28). */
  readonly deadlineAtMs: number | null;
  readonly failuresInARow: number;
  /** What is in use, or where, has changed since the message under way: its answer is about what was before. Absent: no. */
  readonly isOutdated?: boolean;
};

export type ClassicConversion = {
  /** What is being asked for; null when nothing is. */
  readonly attempt: {
    /** Of each device that is not converted yet, by `formatUdi`: a repetition tells the same. */
    readonly licenses: Readonly<Record<string, readonly LegacyLicense[]>>;
    readonly attempts: number;
    readonly failuresInARow: number;
    readonly startedAtMs: number;
    readonly nextAttemptAtMs: number;
    readonly lastFailure: Failure | null;
  } | null;
  /** What the manager has said of each device that is converted, by `formatUdi`. */
  readonly done: Readonly<Record<string, { readonly receivedAtMs: number; readonly payload: string }>>;
  /** Why a device is not converted and is not asked for any more. */
  readonly failure: Failure | null;
};

export const noConversion: ClassicConversion = { attempt: null, done: {}, failure: null };

export const noRegistration: Registration = {
  attempt: null,
  initial: null,
  renewal: null,
  nextRenewalAtMs: null,
  renewalFailuresInARow: 0,
  renewalKeys: {},
  previous: {},
  isRekeyed: false,
  isLeaving: false,
};

export const noClassicAuthorization: ClassicAuthorization = {
  standing: "none",
  sinceMs: null,
  verdicts: [],
  last: null,
  nextAtMs: null,
  deadlineAtMs: null,
  failuresInARow: 0,
};

export const freshClassic: ClassicState = {
  evaluation: { usedMs: 0, countedUntilMs: null, nextWarningMs: 60 * dayMs, isOverTold: false },
  registration: noRegistration,
  authorization: noClassicAuthorization,
};

export function isClassic(state: Pick<AgentState, "licensingModel">): boolean {
  return state.licensingModel === "classic";
}

export function classicOf(state: AgentState): ClassicState {
  return state.classic ?? freshClassic;
}

export function withEvaluation(state: AgentState, change: Partial<Evaluation>): AgentState {
  const classic = classicOf(state);
  return { ...state, classic: { ...classic, evaluation: { ...classic.evaluation, ...change } } };
}

export function withRegistration(state: AgentState, change: Partial<Registration>): AgentState {
  const classic = classicOf(state);
  return { ...state, classic: { ...classic, registration: { ...classic.registration, ...change } } };
}

export function withAuthorization(state: AgentState, change: Partial<ClassicAuthorization>): AgentState {
  const classic = classicOf(state);
  return { ...state, classic: { ...classic, authorization: { ...classic.authorization, ...change } } };
}

export function conversionOf(state: AgentState): ClassicConversion {
  return classicOf(state).conversion ?? noConversion;
}

export function withConversion(state: AgentState, change: Partial<ClassicConversion>): AgentState {
  return { ...state, classic: { ...classicOf(state), conversion: { ...conversionOf(state), ...change } } };
}

/** In whose name a registered installation speaks; null while it is not registered. */
export function registeredSpeaker(state: AgentState): InstalledIdentity | null {
  const speaker = speakerOf(state);
  return speaker?.trust.isClassic === true ? speaker.trust : null;
}

export function isRegisteredDevice(state: AgentState, udi: Udi): boolean {
  const trust = trustOf(state, udi);
  return trust.status === "installed" && trust.isClassic === true;
}

export function isRegistered(state: AgentState): boolean {
  return registeredSpeaker(state) !== null;
}
