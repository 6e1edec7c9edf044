// The objects of COUNTERSIGN-LICENSE-MIB as data: number, type, and how each is read from the license view. What people load
// into their monitoring is mib/COUNTERSIGN-LICENSE-MIB.txt; a test holds the two together.

import type { LicenseUsageView, LicenseView, SlotView } from "../license-view.ts";
import { messageKinds } from "../license-view.ts";

/** Below the arc that RFC 5612 sets apart for documentation (docs/decisions/0048). */
export const mibRoot = "1.3.6.1.4.1.32473.1";

export type SnmpValue = string | number | Buffer;
export type SnmpSyntax = "integer" | "text" | "date" | "gauge" | "counter";

/** `csLicTrustState.0` and its value. */
export type ScalarRow = {
  readonly name: string;
  readonly number: number;
  readonly syntax: SnmpSyntax;
  readonly value: (view: LicenseView, nowMs: number) => SnmpValue;
};

export type ColumnRow<Row> = {
  readonly name: string;
  readonly number: number;
  readonly syntax: SnmpSyntax;
  readonly value: (row: Row) => SnmpValue;
};

const greatestInteger = 2_147_483_647;
const trustStates = { none: 1, sought: 2, installed: 3, refused: 4 } as const;
const transports = { smart: 1, cslu: 2, callhome: 3, automatic: 4, off: 5 } as const;
const roles = { Active: 1, Standby: 2, Member: 3 } as const;

function scalar(number: number, name: string, syntax: SnmpSyntax, value: ScalarRow["value"]): ScalarRow {
  return { name, number, syntax, value };
}

function column<Row>(number: number, name: string, syntax: SnmpSyntax, value: (row: Row) => SnmpValue) {
  return { name, number, syntax, value };
}

export const scalars: readonly ScalarRow[] = [
  scalar(1, "csLicTrustState", "integer", (view) => trustStates[trustState(view)]),
  scalar(
    2,
    "csLicTrustReason",
    "text",
    ({ trust }) => trust.refusal?.message ?? trust.attempt?.lastFailure?.message ?? "",
  ),
  scalar(3, "csLicTransport", "integer", ({ transport }) => transports[transport.type]),
  scalar(4, "csLicTransportUrl", "text", urlInForce),
  scalar(5, "csLicPolicyName", "text", ({ policy }) => policy.inForce.name),
  scalar(6, "csLicPolicyInstalled", "date", ({ policy }) => dateAndTime(policy.installedAtMs)),
  scalar(7, "csLicLastAck", "date", ({ reporting }) => dateAndTime(reporting.lastAckAtMs)),
  scalar(8, "csLicAckDeadline", "date", ({ reporting }) => dateAndTime(reporting.deadline?.atMs ?? null)),
  scalar(9, "csLicAckRemaining", "integer", remainingSeconds),
  scalar(10, "csLicLastPush", "date", ({ reporting }) => dateAndTime(reporting.lastPushAtMs)),
  scalar(11, "csLicNextPush", "date", ({ reporting }) => dateAndTime(reporting.nextPushAtMs)),
  scalar(12, "csLicCommState", "integer", communicationState),
  scalar(13, "csLicCommFailureTime", "date", (view) => dateAndTime(lastFailure(view)?.atMs ?? null)),
  scalar(14, "csLicCommFailureStage", "text", (view) => lastFailure(view)?.stage ?? ""),
  scalar(15, "csLicCommFailureReason", "text", (view) => lastFailure(view)?.message ?? ""),
  scalar(16, "csLicReportsWaiting", "gauge", ({ reportCounts: { closed, pending, unacknowledged } }) => {
    return closed + pending + unacknowledged;
  }),
  scalar(17, "csLicReportsRefused", "gauge", ({ reportCounts }) => reportCounts.refused),
  scalar(18, "csLicReportsAcknowledged", "counter", ({ reportCounts }) => reportCounts.acknowledgedTotal),
  scalar(19, "csLicAuthState", "integer", ({ authorization: { attempt, refusal } }) => {
    if (attempt !== null) return 2;
    return refusal === null ? 1 : 3;
  }),
  scalar(
    20,
    "csLicAuthReason",
    "text",
    ({ authorization: { attempt, refusal } }) => attempt?.lastFailure?.message ?? refusal?.message ?? "",
  ),
  scalar(21, "csLicAuthNextAttempt", "date", ({ authorization }) =>
    dateAndTime(authorization.attempt?.nextAttemptAtMs ?? null),
  ),
];

export const entitlementColumns: readonly ColumnRow<LicenseUsageView>[] = [
  column(2, "csLicEntTag", "text", ({ tag }) => tag),
  column(3, "csLicEntName", "text", ({ name }) => name),
  column(4, "csLicEntCount", "gauge", ({ count }) => count),
  column(5, "csLicEntStatus", "integer", ({ count }) => (count > 0 ? 15 : 16)),
  column(6, "csLicEntClass", "text", ({ licenseClass }) => licenseClass),
  column(7, "csLicEntAuthorized", "integer", authorizedNumber),
];

export const instanceColumns: readonly ColumnRow<SlotView>[] = [
  column(2, "csLicInstProductId", "text", ({ udi }) => udi.pid),
  column(3, "csLicInstSerialNumber", "text", ({ udi }) => udi.serialNumber),
  column(4, "csLicInstRole", "integer", ({ role }) => roles[role]),
  column(5, "csLicInstTrusted", "date", ({ trustInstalledAtMs }) => dateAndTime(trustInstalledAtMs)),
  column(6, "csLicInstTrustExpires", "date", ({ trustExpiresAtMs }) => dateAndTime(trustExpiresAtMs)),
  column(7, "csLicInstAuthInstalled", "date", ({ authorization }) => dateAndTime(authorization?.installedAtMs ?? null)),
  column(8, "csLicInstAuthConfirmed", "integer", ({ authorization }) => {
    if (authorization === null) return 1;
    return authorization.isConfirmed ? 3 : 2;
  }),
];

/** notNeeded, authorized, notAuthorized. */
export function authorizedNumber({ licenseClass, isAuthorized }: LicenseUsageView): number {
  if (licenseClass !== "enforced" && licenseClass !== "export") return 1;
  return isAuthorized ? 2 : 3;
}

export type ExchangeRow = {
  readonly kind: string;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
};

export const exchangeColumns: readonly ColumnRow<ExchangeRow>[] = [
  column(2, "csLicExKind", "text", ({ kind }) => kind),
  column(3, "csLicExTotal", "counter", ({ total }) => total),
  column(4, "csLicExSucceeded", "counter", ({ succeeded }) => succeeded),
  column(5, "csLicExFailed", "counter", ({ failed }) => failed),
];

export function exchangeRows({ communication }: LicenseView): readonly ExchangeRow[] {
  return messageKinds.map((kind) => ({ kind, ...communication.statistics[kind] }));
}

function trustState({ slots, trust }: LicenseView): keyof typeof trustStates {
  if (slots[0]?.trust === "installed") return "installed";
  if (trust.attempt !== null) return "sought";
  return trust.refusal === null ? "none" : "refused";
}

function urlInForce({ transport }: LicenseView): string {
  if (transport.type === "cslu") return transport.csluUrl ?? "";
  return transport.type === "smart" ? (transport.smartUrl ?? transport.defaultSmartUrl) : "";
}

function remainingSeconds({ reporting }: LicenseView, nowMs: number): number {
  if (reporting.deadline === null) return greatestInteger;
  const seconds = Math.trunc((reporting.deadline.atMs - nowMs) / 1000);
  return Math.max(-greatestInteger, Math.min(seconds, greatestInteger));
}

function communicationState({ communication }: LicenseView): number {
  if (communication.failingSinceMs !== null) return 3;
  return communication.peer === null ? 1 : 2;
}

/** The newest of all kinds of message. */
function lastFailure({ communication }: LicenseView) {
  const failures = Object.values(communication.statistics).flatMap((one) => one.lastFailure ?? []);
  return failures.sort((one, other) => other.atMs - one.atMs)[0];
}

/** DateAndTime of RFC 2579 in UTC; zeros for what has not happened. */
export function dateAndTime(atMs: number | null): Buffer {
  if (atMs === null) return Buffer.alloc(8);
  const date = new Date(atMs);
  const bytes = Buffer.alloc(11);
  bytes.writeUInt16BE(date.getUTCFullYear());
  bytes.set(
    [
      date.getUTCMonth() + 1,
      date.getUTCDate(),
      date.getUTCHours(),
      date.getUTCMinutes(),
      date.getUTCSeconds(),
      Math.floor(date.getUTCMilliseconds() / 100),
      "+".charCodeAt(0),
    ],
    2,
  );
  return bytes;
}

/** DisplayString: printable ASCII, at most 255 characters. */
export function displayString(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 255);
}
