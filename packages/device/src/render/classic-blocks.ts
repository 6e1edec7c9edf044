// The blocks of the classic model. Their captions are the field's; what is short, and where, is ours (BET-34).

import type { ClassicOutcome, ClassicView, LicenseView } from "../license-view.ts";
import { dateOrNone, oneLine, type ShowOptions, showDate } from "./show-text.ts";

/** Tells the two models apart at the first glance: the policy model has a block of its own for that (SHO-2). */
export const classicHeading: readonly string[] = ["Smart Licensing is ENABLED"];

export function accountLines({ account }: LicenseView): readonly string[] {
  if (account === null) return [];
  return [`  Smart Account: ${oneLine(account.smartAccount)}`, `  Virtual Account: ${oneLine(account.virtualAccount)}`];
}

export function exportLine({ trust }: LicenseView): string {
  return `  Export-Controlled Functionality: ${trust.exportControlAllowed ? "ALLOWED" : "NOT ALLOWED"}`;
}

export function registrationBlock(view: LicenseView, classic: ClassicView, options: ShowOptions): readonly string[] {
  const { status, isRegistered, initial, nextAttemptAtMs, deregistrationWaitsFor } = classic.registration;
  const { renewal, nextRenewalAtMs, expiresAtMs } = classic.registration;
  const date = (caption: string, atMs: number | null) =>
    atMs === null ? [] : [`  ${caption}: ${showDate(atMs, options.zone)}`];
  return [
    "Registration:",
    `  Status: ${status}`,
    ...(deregistrationWaitsFor === null ? [] : deregistrationLines[deregistrationWaitsFor]),
    ...accountLines(view),
    exportLine(view),
    ...outcomeLines("Initial Registration", initial, options),
    ...date("Next Registration Attempt", nextAttemptAtMs),
    ...(isRegistered ? renewalLines(renewal, options) : []),
    ...date("Next Renewal Attempt", nextRenewalAtMs),
    ...date("Registration Expires", expiresAtMs),
  ];
}

/** Why the status is still that of a device that is, or may be, registered; the field has no word for it. */
const deregistrationLines: Readonly<Record<"registration" | "deregistration", readonly string[]>> = {
  registration: [
    "  Deregistration: PENDING",
    "    Pending reason: Waiting for the answer to the registration, which is ended as soon as it is known",
  ],
  deregistration: ["  Deregistration: PENDING", "    Pending reason: Waiting for the answer of the manager"],
};

function renewalLines(renewal: ClassicOutcome | null, options: ShowOptions): readonly string[] {
  return renewal === null ? ["  Last Renewal Attempt: None"] : outcomeLines("Last Renewal Attempt", renewal, options);
}

function outcomeLines(caption: string, outcome: ClassicOutcome | null, options: ShowOptions): readonly string[] {
  if (outcome === null) return [];
  const { isDone, atMs, reason } = outcome;
  return [
    `  ${caption}: ${isDone ? "SUCCEEDED" : "FAILED"} on ${showDate(atMs, options.zone)}`,
    ...(reason === null ? [] : [`    Failure reason: ${oneLine(reason)}`]),
  ];
}

export function classicAuthorizationBlock(
  view: LicenseView,
  { authorization }: ClassicView,
  options: ShowOptions,
): readonly string[] {
  const { last, nextAtMs, deadlineAtMs } = authorization;
  const date = (caption: string, atMs: number | null) =>
    atMs === null ? [] : [`  ${caption}: ${showDate(atMs, options.zone)}`];
  return [
    ...authorizationStatusLines(view, authorization, options),
    ...(last === null ? [] : [`  Last Communication Attempt: ${last.outcome} on ${showDate(last.atMs, options.zone)}`]),
    ...(last?.reason == null ? [] : [`    Failure reason: ${oneLine(last.reason)}`]),
    ...date("Next Communication Attempt", nextAtMs),
    ...date("Communication Deadline", deadlineAtMs),
  ];
}

export function authorizationStatusLines(
  { account }: LicenseView,
  { status, sinceMs, evaluationRemainingMs, shortages }: ClassicView["authorization"],
  options: ShowOptions,
): readonly string[] {
  const where = account === null ? "the virtual account" : `virtual account ${oneLine(account.virtualAccount)}`;
  return [
    "License Authorization:",
    `  Status: ${status}${sinceMs === null ? "" : ` on ${showDate(sinceMs, options.zone)}`}`,
    ...(evaluationRemainingMs === null ? [] : [`  Evaluation Period Remaining: ${showPeriod(evaluationRemainingMs)}`]),
    ...shortages.map(({ name, shortfall }) => `  Shortage: ${shortfall} more of ${oneLine(name)} needed in ${where}`),
  ];
}

/** A device never converts by itself, and never by file: both captions are the field's. */
export function conversionBlock({ conversion }: ClassicView, options: ShowOptions): readonly string[] {
  if (conversion === null) return [];
  const { status, lastPushAtMs, failureReason } = conversion;
  return [
    "License Conversion:",
    "  Automatic Conversion Enabled: False",
    `  Status: ${status}`,
    ...(failureReason === null ? [] : [`    Failure reason: ${oneLine(failureReason)}`]),
    `  Last Data Push: ${dateOrNone(lastPushAtMs, options.zone)}`,
    "  Last File Export: <none>",
  ];
}

/** All four parts, as the field prints this one: `65 days, 18 hours, 43 minutes, 0 seconds` (SHO-10). */
function showPeriod(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  return `${days} days, ${hours} hours, ${minutes} minutes, ${seconds % 60} seconds`;
}

export const reservationBlock: readonly string[] = [
  "Reservation Info",
  "================",
  "License reservation: DISABLED",
];
