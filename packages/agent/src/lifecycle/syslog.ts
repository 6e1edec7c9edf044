// The lines that a product instance writes to syslog, made from the table (spec, device-side messages: LOG-1 to LOG-6).

import type { AgentEffect } from "./effect.ts";
import type { TransportType } from "./state.ts";
import {
  type ClassicMessage,
  classicMessages,
  type PolicyMessage,
  policyMessages,
  type SyslogRow,
} from "./syslog-table.ts";

type Values = Readonly<Record<string, string>>;

function line(message: PolicyMessage, values: Values = {}): AgentEffect {
  return filled(policyMessages[message], values);
}

function classicLine(message: ClassicMessage, values: Values = {}): AgentEffect {
  return filled(classicMessages[message], { peer: classicPeerName, ...values });
}

function filled({ facility, severity, mnemonic, text: pattern }: SyslogRow, values: Values): AgentEffect {
  const text = pattern.replace(/<(\w+)>/g, (_, name: string) => values[name] ?? "");
  return { type: "log", line: { facility, severity, mnemonic, text } };
}

/** How syslog names whom the agent talks to. */
export function peerName(transport: TransportType): string {
  return transport === "cslu" ? "Cisco Smart License Utility (CSLU)" : "Cisco Smart Software Manager (CSSM)";
}

/** How the classic model names whoever it talks to. */
const classicPeerName = "Cisco Smart Software Manager or satellite";

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

/** Of a device in the classic model. */
export const classicSyslog = {
  agentReady: () => classicLine("agentReady"),
  agentEnabled: () => classicLine("agentEnabled"),
  keyDeleted: () => classicLine("keyDeleted"),
  keyAdded: () => classicLine("keyAdded"),
  keysSaved: () => classicLine("keysSaved"),
  clockChanged: () => classicLine("clockChanged"),
  communicationFailed: (reason: string) => classicLine("communicationFailed", { reason }),
  communicationRestored: () => classicLine("communicationRestored"),
  registrationInProgress: () => classicLine("registrationInProgress"),
  exportControl: (isAllowed: boolean) =>
    classicLine("exportControl", { allowed: isAllowed ? "allowed" : "not allowed" }),
  registered: (udi: string) => classicLine("registered", { udi }),
  registrationFailed: (reason: string) => classicLine("registrationFailed", { reason }),
  deregistered: () => classicLine("deregistered"),
  deregistrationFailed: (reason: string) => classicLine("deregistrationFailed", { reason }),
  idRenewed: (udi: string) => classicLine("idRenewed", { udi }),
  idRenewalFailed: (udi: string, reason: string) => classicLine("idRenewalFailed", { udi, reason }),
  idExpired: () => classicLine("idExpired"),
  registrationLost: (udi: string) => classicLine("registrationLost", { udi }),
  inCompliance: () => classicLine("inCompliance"),
  outOfCompliance: (shortage: string) => classicLine("outOfCompliance", { shortage }),
  authorizationRenewed: (udi: string, state: string) => classicLine("authorizationRenewed", { udi, state }),
  authorizationRenewalFailed: (udi: string, reason: string) =>
    classicLine("authorizationRenewalFailed", { udi, reason }),
  authorizationExpired: () => classicLine("authorizationExpired"),
  converted: (udi: string, account: string) => classicLine("converted", { udi, account }),
  conversionFailed: (udi: string, reason: string) => classicLine("conversionFailed", { udi, reason }),
  evaluationStarted: () => classicLine("evaluationStarted"),
  evaluationWillExpire: (remainingMs: number) =>
    classicLine("evaluationWillExpire", { remaining: inWords(remainingMs) }),
  evaluationExpired: () => classicLine("evaluationExpired"),
} as const satisfies Readonly<Record<ClassicMessage, unknown>>;

function inWords(durationMs: number): string {
  const minutes = Math.round(durationMs / 60_000);
  return `${Math.floor(minutes / 1440)} days, ${Math.floor(minutes / 60) % 24} hours, ${minutes % 60} minutes`;
}
