// The blocks that `show license status`, `show license all` and `show license tech support` have in common. Each is one
// caption with its lines; which command takes which, in what order, is that command's file.

import { isDefaultPolicy, type LicenseClass, type Policy } from "@countersign/protocol";
import type { LicenseView, TransportView } from "../license-view.ts";
import {
  dateOrNone,
  enabled,
  oneLine,
  orEmpty,
  policyOrigin,
  roleWithBlank,
  type ShowOptions,
  showDate,
  trueFalse,
} from "./show-text.ts";

export function utilityBlock(): readonly string[] {
  return ["Utility:", "  Status: DISABLED"];
}

/** Must follow the Utility block: readers take the first ENABLED or DISABLED for Utility, the second for this. */
export function policyModeBlock(): readonly string[] {
  return ["Smart Licensing Using Policy:", "  Status: ENABLED"];
}

export function exportKeyBlock(): readonly string[] {
  return ["Export Authorization Key:", "  Features Authorized:", "    <none>"];
}

export function accountBlock(view: LicenseView, options: ShowOptions): readonly string[] {
  const { account } = view;
  const smartAccount =
    account === null ? "<none>" : `${oneLine(account.smartAccount)} As of ${showDate(account.asOfMs, options.zone)}`;
  return [
    "Account Information:",
    `  Smart Account: ${smartAccount}`,
    `  Virtual Account: ${account === null ? "<none>" : oneLine(account.virtualAccount)}`,
  ];
}

export function privacyBlock(view: LicenseView): readonly string[] {
  return [
    "Data Privacy:",
    `  Sending Hostname: ${view.privacy.hostname ? "no" : "yes"}`,
    "    Callhome hostname privacy: DISABLED",
    `    Smart Licensing hostname privacy: ${enabled(view.privacy.hostname)}`,
    `  Version privacy: ${enabled(view.privacy.version)}`,
  ];
}

export const transportWords: Readonly<Record<TransportView["type"], string>> = {
  smart: "Smart",
  cslu: "cslu",
  callhome: "Callhome",
  automatic: "Automatic",
  off: "Transport Off",
};

/** `withIdentityCheck` is what tech support shows in addition. */
export function transportBlock(view: LicenseView, withIdentityCheck: boolean): readonly string[] {
  const { transport } = view;
  const head = ["Transport:", `  Type: ${transportWords[transport.type]}`];
  if (transport.type === "off") return head;
  const identity = withIdentityCheck ? [`  Server Identity Check: ${trueFalse(transport.checksServerIdentity)}`] : [];
  if (transport.type === "callhome")
    return [...head, `  URL: ${orEmpty(transport.callHome?.url ?? null)}`, ...identity];
  const address =
    transport.type === "cslu"
      ? `  Cslu address: ${orEmpty(transport.csluUrl)}`
      : `  URL: ${transport.smartUrl ?? transport.defaultSmartUrl}`;
  return [...head, address, "  Proxy:", ...proxyLines(transport), ...identity, `  VRF: ${orEmpty(transport.vrf)}`];
}

function proxyLines({ proxy }: TransportView): readonly string[] {
  if (proxy === null) return ["    Not Configured"];
  return [
    `    Address: ${orEmpty(proxy.address)}`,
    `    Port: ${orEmpty(proxy.port)}`,
    `    Username: ${orEmpty(proxy.username)}`,
    `    Password: ${proxy.hasPassword ? "********" : "<empty>"}`,
  ];
}

export function miscellaneousBlock(view: LicenseView): readonly string[] {
  return ["Miscellaneous:", `  Custom Id: ${orEmpty(view.customId)}`];
}

const classCaptions: Readonly<Record<LicenseClass, string>> = {
  perpetual: "Unenforced/Non-Export Perpetual Attributes",
  subscription: "Unenforced/Non-Export Subscription Attributes",
  enforced: "Enforced (Perpetual/Subscription) License Attributes",
  export: "Export (Perpetual/Subscription) License Attributes",
};

export function policyBlock(view: LicenseView, options: ShowOptions): readonly string[] {
  const { inForce, installedAtMs } = view.policy;
  const isMerged = installedAtMs === null || isDefaultPolicy(inForce);
  const head = isMerged
    ? ["  Policy in use: Merged from multiple sources."]
    : [
        `  Policy in use: Installed On ${showDate(installedAtMs, options.zone)}`,
        `  Policy name: ${oneLine(inForce.name)}`,
      ];
  const ack = `  Reporting ACK required: ${inForce.ack_required.value ? "yes" : "no"} (${policyOrigin(inForce.ack_required.source)})`;
  const classes = (Object.keys(classCaptions) as LicenseClass[]).flatMap((name) => classLines(inForce, name));
  return ["Policy:", ...head, ack, ...classes];
}

function classLines(policy: Policy, name: LicenseClass): readonly string[] {
  const days = policy.classes[name];
  const value = (demand: keyof typeof days) => `${days[demand].value} (${policyOrigin(days[demand].source)})`;
  return [
    `  ${classCaptions[name]}:`,
    `    First report requirement (days): ${value("first_report_days")}`,
    `    Reporting frequency (days): ${value("reporting_frequency_days")}`,
    `    Report on change (days): ${value("report_on_change_days")}`,
  ];
}

/** Exactly seven lines: stricter readers refuse any other line in this block. */
export function usageReportingBlock(view: LicenseView, options: ShowOptions, intervalSuffix = ""): readonly string[] {
  const { reporting } = view;
  const date = (atMs: number | null) => dateOrNone(atMs, options.zone);
  return [
    "Usage Reporting:",
    `  Last ACK received: ${date(reporting.lastAckAtMs)}`,
    `  Next ACK deadline: ${date(reporting.deadline?.atMs ?? null)}`,
    `  Reporting push interval: ${pushIntervalText(view)}${intervalSuffix}`,
    `  Next ACK push check: ${date(reporting.nextPollAtMs)}`,
    `  Next report push: ${date(reporting.nextPushAtMs)}`,
    `  Last report push: ${date(reporting.lastPushAtMs)}`,
    `  Last report file write: ${date(reporting.lastFileWriteAtMs)}`,
  ];
}

/** The field's two blanks; who decided is named only where it is not the policy (BET-2). */
function pushIntervalText({ reporting }: LicenseView): string {
  if (reporting.platformEverySeconds !== null)
    return `${reporting.platformEverySeconds / 3600}  hours (set by the platform)`;
  if (reporting.pushInterval.rule === "nothing_demanded") return "0 (no reporting)";
  return `${reporting.pushInterval.days}  days`;
}

/** One device alone has its date on the header line; a group has a row for each slot. */
export function trustCodeBlock(view: LicenseView, options: ShowOptions): readonly string[] {
  const installed = view.slots.filter((slot) => slot.trustInstalledAtMs !== null);
  const [only] = view.slots;
  if (installed.length === 0) return ["Trust Code Installed: <none>"];
  if (view.slots.length === 1 && only !== undefined) {
    return [`Trust Code Installed: ${dateOrNone(only.trustInstalledAtMs, options.zone)}`];
  }
  const rows = view.slots.flatMap((slot) => [
    `  ${roleWithBlank(slot.role, slot.udi)}`,
    slot.trustInstalledAtMs === null
      ? "    NOT INSTALLED"
      : `    INSTALLED on ${showDate(slot.trustInstalledAtMs, options.zone)}`,
  ]);
  return ["Trust Code Installed:", ...rows];
}
