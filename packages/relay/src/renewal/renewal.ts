// When a relay asks for a new certificate of its own, and how urgent that has become: rules, without clock or network. A year is
// left when it begins to ask, so that a manager that is away for months costs nothing.

import { dayMs } from "@countersign/protocol";

/** From then on it asks. What a manager gives by default begins at the same time. */
export const renewBeforeDays = 365;
/** With less left somebody has to look: it has been asked for in vain for three quarters of a year. */
export const endsSoonDays = 90;

const minuteMs = 60_000;
const waitMsMax = dayMs;

/** Why the last attempt failed, and since when all did. */
export type RenewalFailure = { readonly code: string; readonly sinceMs: number };

export type Renewal = {
  /** In a row. */
  readonly failures: number;
  readonly failure: RenewalFailure | null;
  readonly nextAttemptAtMs: number;
};

/** Nothing was asked yet; after a restart only the failure is known, because asking once too often costs nothing. */
export const firstRenewal: Renewal = { failures: 0, failure: null, nextAttemptAtMs: 0 };

export type RenewalEvent =
  /** A certificate that ends later is stored. */
  | { readonly what: "renewed" }
  /** The manager answers with the certificate that there is: it gives a new one later. */
  | { readonly what: "unchanged" }
  | { readonly what: "failed"; readonly code: string };

/** `ends_soon` and `ended` are for people: health, metrics and `relay show` tell them. */
export const certificateStates = ["valid", "due", "ends_soon", "ended"] as const;
export type CertificateState = (typeof certificateStates)[number];

/** What people are told of it. */
export type CertificateView = {
  readonly validUntilMs: number;
  readonly state: CertificateState;
  /** Why the last attempt to renew it failed; null where none did. */
  readonly renewalFailure: string | null;
  readonly renewalFailingSinceMs: number | null;
};

/** By the time that is left alone: what failed meanwhile changes only when it is asked again. */
export function certificateState(validUntilMs: number, now: number): CertificateState {
  const leftMs = validUntilMs - now;
  if (leftMs < 0) return "ended";
  if (leftMs <= endsSoonDays * dayMs) return "ends_soon";
  return leftMs <= renewBeforeDays * dayMs ? "due" : "valid";
}

/**
 * Also after the end: a manager renews what is late. And when more is left than is ever waited: the clock was set back, and a relay would
 * not ask for as long as it was wrong.
 */
export function isRenewalDue(validUntilMs: number, { nextAttemptAtMs }: Renewal, now: number): boolean {
  const leftMs = nextAttemptAtMs - now;
  return certificateState(validUntilMs, now) !== "valid" && (leftMs <= 0 || leftMs > waitMsMax);
}

/** After a failure a minute, doubled up to a day; where the manager gives no other one yet, a day. */
export function afterRenewal(renewal: Renewal, event: RenewalEvent, now: number): Renewal {
  if (event.what === "renewed") return firstRenewal;
  if (event.what === "unchanged") return { ...firstRenewal, nextAttemptAtMs: now + waitMsMax };
  const { failures, failure } = renewal;
  const delayMs = Math.min(waitMsMax, minuteMs * 2 ** Math.min(failures, 20));
  return {
    failures: failures + 1,
    failure: { code: event.code, sinceMs: failure?.sinceMs ?? now },
    nextAttemptAtMs: now + delayMs,
  };
}
