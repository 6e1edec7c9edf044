// The notifications of COUNTERSIGN-LICENSE-MIB: which notice of the agent becomes which, and what goes along.

import type { AgentNotice } from "@countersign/agent";
import type { LicenseView } from "../license-view.ts";
import {
  authorizedNumber,
  dateAndTime,
  displayString,
  mibRoot,
  type SnmpSyntax,
  type SnmpValue,
  scalars,
} from "./license-mib.ts";

export type Binding = { readonly oid: string; readonly syntax: SnmpSyntax; readonly value: SnmpValue };
export type Notification = { readonly name: string; readonly oid: string; readonly bindings: readonly Binding[] };

type LedgerNotice = Extract<AgentNotice, { readonly type: "ledger-rewritten" | "ledger-changed" }>;

const numbers = {
  csLicCommFailed: 1,
  csLicCommRestored: 2,
  csLicTrustInstalled: 3,
  csLicTrustFailed: 4,
  csLicPolicyInstalledNotice: 5,
  csLicUsageAcknowledged: 6,
  csLicAckRequired: 7,
  csLicAckOverdue: 8,
  csLicUsageChanged: 9,
  csLicLedgerRewritten: 10,
  csLicLedgerChanged: 11,
  csLicAuthInstalledNotice: 12,
  csLicAuthFailed: 13,
  csLicAuthRemoved: 14,
  csLicAuthMissing: 15,
  csLicAuthCovered: 16,
} as const;

/** Null for what has no notification: a request that was refused is told to that person. */
export function notificationOf(notice: AgentNotice, view: LicenseView): Notification | null {
  switch (notice.type) {
    case "communication-failed":
      return notification("csLicCommFailed", [
        text("csLicCommFailureStage", notice.stage),
        text("csLicCommFailureReason", notice.message),
      ]);
    case "communication-restored":
      return notification("csLicCommRestored", []);
    case "trust-installed":
      return notification("csLicTrustInstalled", [udi(notice.udi)]);
    case "trust-refused":
      return notification("csLicTrustFailed", [udi(notice.udis.join(" ")), text("csLicTrustReason", notice.message)]);
    case "policy-installed":
      return notification("csLicPolicyInstalledNotice", [text("csLicPolicyName", notice.name)]);
    case "acknowledged":
      return notification("csLicUsageAcknowledged", [date("csLicLastAck", view.reporting.lastAckAtMs)]);
    case "acknowledgement-due":
      return notification("csLicAckRequired", [date("csLicAckDeadline", notice.deadlineAtMs)]);
    case "acknowledgement-overdue":
      return notification("csLicAckOverdue", [date("csLicAckDeadline", notice.deadlineAtMs)]);
    case "usage-changed":
      return notification("csLicUsageChanged", usage(notice, view));
    case "ledger-rewritten":
      return notification("csLicLedgerRewritten", ledger(notice));
    case "ledger-changed":
      return notification("csLicLedgerChanged", ledger(notice));
    case "authorization-installed":
      return notification("csLicAuthInstalledNotice", [udi(notice.udi)]);
    case "authorization-refused":
      return notification("csLicAuthFailed", [udi(notice.udis.join(" ")), text("csLicAuthReason", notice.message)]);
    case "authorization-removed":
      return notification("csLicAuthRemoved", [udi(notice.udi)]);
    case "not-authorized":
      return notification("csLicAuthMissing", authorized(notice, false, view));
    case "authorized":
      return notification("csLicAuthCovered", authorized(notice, true, view));
    // The module has objects of the policy model only.
    case "classic-standing":
    case "request-refused":
      return null;
    default:
      return notice satisfies never;
  }
}

function notification(name: keyof typeof numbers, bindings: readonly Binding[]): Notification {
  return { name, oid: `${mibRoot}.0.${numbers[name]}`, bindings };
}

function oidOf(name: string): string {
  return `${mibRoot}.1.1.${scalars.find((one) => one.name === name)?.number ?? 0}.0`;
}

function text(name: string, value: string): Binding {
  return { oid: oidOf(name), syntax: "text", value: displayString(value) };
}

function date(name: string, atMs: number | null): Binding {
  return { oid: oidOf(name), syntax: "date", value: dateAndTime(atMs) };
}

function udi(value: string): Binding {
  return { oid: `${mibRoot}.1.5.1.0`, syntax: "text", value: displayString(value) };
}

/** Sizes go beyond 32 bits some day, and are compared by people: they are texts, like the hashes. */
function ledger({ kept, offered }: LedgerNotice): readonly Binding[] {
  const object = (number: number, value: string): Binding => ({
    ...{ oid: `${mibRoot}.1.5.${number}.0`, syntax: "text", value: displayString(value) },
  });
  return [
    object(2, kept.ledger_id),
    object(3, `${kept.size} ${kept.root_sha256}`),
    object(4, offered.ledger_id),
    object(5, `${offered.size} ${offered.root_sha256}`),
  ];
}

function authorized({ tag }: { readonly tag: string }, isAuthorized: boolean, { licenses }: LicenseView) {
  const license = licenses.find((one) => one.tag === tag);
  if (license === undefined) return [];
  const row = `${mibRoot}.1.2.1`;
  return [
    { oid: `${row}.2.${license.handle}`, syntax: "text", value: displayString(tag) },
    { oid: `${row}.7.${license.handle}`, syntax: "integer", value: authorizedNumber({ ...license, isAuthorized }) },
  ] as const;
}

function usage({ tag, count }: { readonly tag: string; readonly count: number }, { licenses }: LicenseView) {
  const handle = licenses.find((license) => license.tag === tag)?.handle ?? 0;
  const row = `${mibRoot}.1.2.1`;
  return [
    { oid: `${row}.2.${handle}`, syntax: "text", value: displayString(tag) },
    { oid: `${row}.4.${handle}`, syntax: "gauge", value: count },
  ] as const;
}
