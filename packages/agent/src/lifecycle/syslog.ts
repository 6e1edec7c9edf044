// The lines that a product instance writes to syslog, each in one place, with the documented words where there are any
// (spec, device-side messages: LOG-1 to LOG-6; the others are listed in docs).

import type { AgentEffect, SyslogLine } from "./effect.ts";
import type { TransportType } from "./state.ts";

function line(severity: SyslogLine["severity"], mnemonic: string, text: string, facility = "SMART_LIC"): AgentEffect {
  return { type: "log", line: { facility, severity, mnemonic, text } };
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
  agentReady: () => line(6, "AGENT_READY", "Smart Agent for Licensing is initialized"),
  agentEnabled: () => line(6, "AGENT_ENABLED", "Smart Agent for Licensing is enabled"),
  communicationFailed: (transport: TransportType, reason: string) =>
    line(3, "COMM_FAILED", `Communications failure with the ${peerName(transport)} : ${reason}`),
  communicationRestored: (transport: TransportType) =>
    line(5, "COMM_RESTORED", `Communications with the ${peerName(transport)} restored`),
  reportingRequired: (days: number) =>
    line(6, "REPORTING_REQUIRED", `A Usage report acknowledgement will be required in ${days} days.`),
  reportingOverdue: (days: number) =>
    line(
      6,
      "REPORTING_REQUIRED",
      `A Usage report acknowledgement is overdue for ${days} days. All functions keep working.`,
    ),
  reportingNotSupported: (peer: string) =>
    line(
      4,
      "REPORTING_NOT_SUPPORTED",
      `${peer} is down rev and does not support the enhanced policy and usage reporting mode`,
    ),
  keyDeleted: () => line(5, "KEY_DELETED", "A key named SLA-KeyPair has been removed from key store", "CRYPTO_ENGINE"),
  keyAdded: () => line(5, "KEY_ADDITION", "A key named SLA-KeyPair has been generated or imported", "CRYPTO_ENGINE"),
  keysSaved: () => line(6, "CONFIGAUTOSAVE", "Running configuration saved to NVRAM", "PKI"),
  trustInstalled: (udi: string) =>
    line(6, "TRUST_INSTALL_SUCCESS", `A new licensing trust code was successfully installed on ${shortUdi(udi)}.`),
  trustFailed: (udi: string, reason: string) =>
    line(
      3,
      "TRUST_CODE_INSTALL_FAILED",
      `The install of a new licensing trust code has failed on ${shortUdi(udi)}: ${reason}`,
    ),
  trustLost: (udi: string) =>
    line(
      3,
      "TRUST_LOST",
      `The manager does not know ${shortUdi(udi)} any more. The agent asks it for recognition with its own key; usage is kept.`,
    ),
  policyInstalled: () => line(6, "POLICY_INSTALL_SUCCESS", "A new licensing policy was successfully installed."),
  policyRefused: (reason: string) =>
    line(3, "POLICY_INSTALL_FAILED", `The install of a new licensing policy has failed: ${reason}`),
  policyRemoved: () => line(3, "POLICY_REMOVED", "The licensing policy has been removed; the default applies."),
  ledgerRewritten: (keptSize: number, offeredSize: number) =>
    line(
      2,
      "LEDGER_REWRITTEN",
      `The manager's ledger of ${offeredSize} entries does not go on from the ${keptSize} that it countersigned before. Its acknowledgement was refused; usage reports are kept.`,
    ),
  ledgerConsistent: () =>
    line(5, "LEDGER_CONSISTENT", "The manager's ledger goes on from what it countersigned before again."),
  ledgerChanged: () =>
    line(4, "LEDGER_CHANGED", "The manager goes on with another ledger, as it does after a restore from a backup."),
  clockChanged: () => line(5, "SYSTEM_CLOCK_CHANGED", "Smart Agent for Licensing System clock has been changed"),
  exportControl: (isAllowed: boolean) =>
    line(6, "EXPORT_CONTROLLED", `Usage of export controlled features is ${isAllowed ? "allowed" : "not allowed"}`),
} as const;
