// The lines that a product instance writes to syslog, made from the table (spec, device-side messages: LOG-1 to LOG-6).

import type { AgentEffect } from "./effect.ts";
import type { TransportType } from "./state.ts";
import { type PolicyMessage, policyMessages } from "./syslog-table.ts";

function line(message: PolicyMessage, values: Readonly<Record<string, string>> = {}): AgentEffect {
  const { facility, severity, mnemonic, text } = policyMessages[message];
  const filled = text.replace(/<(\w+)>/g, (_, name: string) => values[name] ?? "");
  return { type: "log", line: { facility, severity, mnemonic, text: filled } };
}

/** How syslog names whom the agent talks to. */
export function peerName(transport: TransportType): string {
  return transport === "cslu" ? "Cisco Smart License Utility (CSLU)" : "Cisco Smart Software Manager (CSSM)";
}

/** `PID:x,SN:y` as syslog writes it: `P:x,S:y`. */
function shortUdi(udi: string): string {
  return udi.replace(/^PID:/, "P:").replace(",SN:", ",S:");
}

export const syslog = {
  agentReady: () => line("agentReady"),
  agentEnabled: () => line("agentEnabled"),
  communicationFailed: (transport: TransportType, reason: string) =>
    line("communicationFailed", { peer: peerName(transport), reason }),
  communicationRestored: (transport: TransportType) => line("communicationRestored", { peer: peerName(transport) }),
  reportingRequired: (days: number) => line("reportingRequired", { days: String(days) }),
  reportingOverdue: (days: number) => line("reportingOverdue", { days: String(days) }),
  mandatoryReportingOverdue: (days: number) => line("mandatoryReportingOverdue", { days: String(days) }),
  reportingNotSupported: (peer: string) => line("reportingNotSupported", { peer }),
  keyDeleted: () => line("keyDeleted"),
  keyAdded: () => line("keyAdded"),
  keysSaved: () => line("keysSaved"),
  trustInstalled: (udi: string) => line("trustInstalled", { udi: shortUdi(udi) }),
  trustFailed: (udi: string, reason: string) => line("trustFailed", { udi: shortUdi(udi), reason }),
  trustLost: (udi: string) => line("trustLost", { udi: shortUdi(udi) }),
  policyInstalled: () => line("policyInstalled"),
  policyRefused: (reason: string) => line("policyRefused", { reason }),
  policyRemoved: () => line("policyRemoved"),
  ledgerRewritten: (keptSize: number, offeredSize: number) =>
    line("ledgerRewritten", { kept: String(keptSize), offered: String(offeredSize) }),
  ledgerConsistent: () => line("ledgerConsistent"),
  ledgerChanged: () => line("ledgerChanged"),
  clockChanged: () => line("clockChanged"),
  exportControl: (isAllowed: boolean) => line("exportControl", { allowed: isAllowed ? "allowed" : "not allowed" }),
  authorizationInstalled: (udi: string) => line("authorizationInstalled", { udi: shortUdi(udi) }),
  authorizationFailed: (udi: string, reason: string) => line("authorizationFailed", { udi: shortUdi(udi), reason }),
  authorizationRemoved: (udi: string) => line("authorizationRemoved", { udi: shortUdi(udi) }),
  notAuthorized: (tag: string) =>
    line("notAuthorized", { tag, reason: "License not present in an authorization code" }),
} as const satisfies Readonly<Record<PolicyMessage, unknown>>;
