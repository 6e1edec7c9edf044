// Every message of licensing as data: who reads a log finds in it when a line comes and what to do then
// (docs/reference/syslog.md is made from it). Lines are made from these rows and from nothing else.

/**
 * `policy` and `classic`: written by the agent of a device that has that model. `device`: written by the device around it.
 * `reservation` is what this agent does not do: never written, listed so that who reads logs of other devices finds it.
 */
export type SyslogModel = "policy" | "classic" | "device" | "reservation";

export type SyslogRow = {
  readonly model: SyslogModel;
  readonly facility: string;
  readonly severity: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly mnemonic: string;
  /** With the names of its variable parts between angle brackets. */
  readonly text: string;
  readonly when: string;
  readonly action: string;
};

type Severity = SyslogRow["severity"];

/** `%SMART_LIC-3-COMM_FAILED` from model and mark. */
function row(
  model: SyslogModel,
  mark: `${Severity}-${string}`,
  rest: Pick<SyslogRow, "text" | "when" | "action">,
): SyslogRow {
  const { text, when, action } = rest;
  return { ...marked(model, mark), text, when, action };
}

function facilityOf(mark: string): string {
  if (/^\d-KEY_/.test(mark)) return "CRYPTO_ENGINE";
  if (mark.endsWith("CONFIGAUTOSAVE")) return "PKI";
  return mark.startsWith("6-SCH_") ? "CALL_HOME" : "SMART_LIC";
}

type Marked = Pick<SyslogRow, "model" | "facility" | "severity" | "mnemonic">;

function marked(model: SyslogModel, mark: string): Marked {
  return { model, facility: facilityOf(mark), severity: Number(mark[0]) as Severity, mnemonic: mark.slice(2) };
}

const none = "None.";

export const policyMessages = {
  agentReady: row("policy", "6-AGENT_READY", {
    text: "Smart Agent for Licensing is initialized",
    when: "The agent has started.",
    action: none,
  }),
  agentEnabled: row("policy", "6-AGENT_ENABLED", {
    text: "Smart Agent for Licensing is enabled",
    when: "The agent has started.",
    action: none,
  }),
  communicationFailed: row("policy", "3-COMM_FAILED", {
    text: "Communications failure with the <peer> : <reason>",
    when: "The manager or relay cannot be reached. Said once until it can.",
    action:
      "Look at the reason: name resolution, route, port, proxy, TLS certificate, URL. Reports wait; nothing is lost.",
  }),
  communicationRestored: row("policy", "5-COMM_RESTORED", {
    text: "Communications with the <peer> restored",
    when: "The first answer after a failure.",
    action: none,
  }),
  reportingRequired: row("policy", "6-REPORTING_REQUIRED", {
    text: "A Usage report acknowledgement will be required in <days> days.",
    when: "After the start, and daily from 30 days before the deadline.",
    action: "Let the device report, or carry a usage file to the manager, before the deadline.",
  }),
  reportingOverdue: row("policy", "6-REPORTING_REQUIRED", {
    text: "A Usage report acknowledgement is overdue for <days> days. All functions keep working.",
    when: "Daily after the deadline.",
    action: "Let the device report, or carry a usage file to the manager.",
  }),
  mandatoryReportingOverdue: row("policy", "6-REPORTING_REQUIRED", {
    text: "A mandatory Usage report acknowledgement is overdue for <days> days. All functions keep working.",
    when: "Daily after the deadline, on a product that demands an acknowledgement whatever the policy says.",
    action: "Let the device report, or carry a usage file to the manager.",
  }),
  reportingNotSupported: row("policy", "4-REPORTING_NOT_SUPPORTED", {
    text: "<peer> is down rev and does not support the enhanced policy and usage reporting mode",
    when: "The first answer of a manager that does not take usage reports.",
    action: "Upgrade that manager.",
  }),
  keyDeleted: row("policy", "5-KEY_DELETED", {
    text: "A key named SLA-KeyPair has been removed from key store",
    when: "New trust replaces an old one.",
    action: none,
  }),
  keyAdded: row("policy", "5-KEY_ADDITION", {
    text: "A key named SLA-KeyPair has been generated or imported",
    when: "Trust was installed with a new key.",
    action: none,
  }),
  keysSaved: row("policy", "6-CONFIGAUTOSAVE", {
    text: "Running configuration saved to NVRAM",
    when: "The new key has been stored.",
    action: none,
  }),
  trustInstalled: row("policy", "6-TRUST_INSTALL_SUCCESS", {
    text: "A new licensing trust code was successfully installed on <udi>.",
    when: "The manager trusts this device from now on.",
    action: none,
  }),
  trustFailed: row("policy", "3-TRUST_CODE_INSTALL_FAILED", {
    text: "The install of a new licensing trust code has failed on <udi>: <reason>",
    when: "The manager refused, or trust is there already.",
    action: "Make a new token; enter the command with force when trust is to be replaced; set the clock.",
  }),
  trustLost: row("policy", "3-TRUST_LOST", {
    text: "The manager does not know <udi> any more. The agent asks it for recognition with its own key; usage is kept.",
    when: "The manager answers that it has no such product instance.",
    action:
      "Ask who administers the manager. After a restore it recognises the device by itself; else enter a new token.",
  }),
  policyInstalled: row("policy", "6-POLICY_INSTALL_SUCCESS", {
    text: "A new licensing policy was successfully installed.",
    when: "The manager sent a policy, or a file brought one.",
    action: none,
  }),
  policyRefused: row("policy", "3-POLICY_INSTALL_FAILED", {
    text: "The install of a new licensing policy has failed: <reason>",
    when: "The policy is older than the one that is installed.",
    action: "Synchronise, or import the newest policy file.",
  }),
  policyRemoved: row("policy", "3-POLICY_REMOVED", {
    text: "The licensing policy has been removed; the default applies.",
    when: "A factory reset removed it.",
    action: "Synchronise to get the policy of the account again.",
  }),
  ledgerRewritten: row("policy", "2-LEDGER_REWRITTEN", {
    text: "The manager's ledger of <offered> entries does not go on from the <kept> that it countersigned before. Its acknowledgement was refused; usage reports are kept.",
    when: "An acknowledgement shows another history than an earlier one. Said again with each refusal.",
    action:
      "Ask who administers the manager: its ledger was changed, or it was restored without beginning a new one. Keep this device's event log, it has both heads.",
  }),
  ledgerConsistent: row("policy", "5-LEDGER_CONSISTENT", {
    text: "The manager's ledger goes on from what it countersigned before again.",
    when: "The first acknowledgement that was taken after a refused one.",
    action: none,
  }),
  ledgerChanged: row("policy", "4-LEDGER_CHANGED", {
    text: "The manager goes on with another ledger, as it does after a restore from a backup.",
    when: "An acknowledgement comes from a ledger that this device has not seen before.",
    action: "None when the manager was restored or replaced. Else ask who administers it.",
  }),
  clockChanged: row("policy", "5-SYSTEM_CLOCK_CHANGED", {
    text: "Smart Agent for Licensing System clock has been changed",
    when: "The clock was set or jumped. Measurements keep their duration.",
    action: "None when it was meant. A clock that jumps again and again needs NTP.",
  }),
  exportControl: row("policy", "6-EXPORT_CONTROLLED", {
    text: "Usage of export controlled features is <allowed>",
    when: "The manager's permission has changed.",
    action: none,
  }),
  authorizationInstalled: row("policy", "6-AUTHORIZATION_INSTALL_SUCCESS", {
    text: "A new licensing authorization code was successfully installed on <udi>",
    when: "An authorization code was installed.",
    action: none,
  }),
  authorizationFailed: row("policy", "3-AUTHORIZATION_INSTALL_FAILED", {
    text: "The install of a new licensing authorization code has failed on <udi>: <reason>",
    when: "The manager gave no authorization code.",
    action:
      "Look at the reason: a purchase that is missing, or a token that does not allow export-controlled functions.",
  }),
  authorizationRemoved: row("policy", "6-AUTHORIZATION_REMOVED", {
    text: "A licensing authorization code has been removed from <udi>",
    when: "An authorization code was returned, withdrawn by the manager, or removed by a factory reset.",
    action: none,
  }),
  notAuthorized: row("policy", "3-NOT_AUTHORIZED", {
    text: "The entitlement <tag> in Not Authorized to be used. Reason: <reason>",
    when: "A licence that needs an authorization code is in use without one. All functions keep working.",
    action: "Enter license smart authorization request add, or import a code.",
  }),
} as const satisfies Readonly<Record<string, SyslogRow>>;

export type PolicyMessage = keyof typeof policyMessages;

/** Of a device whose software has the classic model. Those that both models share have a row in each. */
export const classicMessages = {
  agentReady: row("classic", "6-AGENT_READY", policyMessages.agentReady),
  agentEnabled: row("classic", "6-AGENT_ENABLED", policyMessages.agentEnabled),
  keyDeleted: row("classic", "5-KEY_DELETED", {
    text: policyMessages.keyDeleted.text,
    when: "A registration ended, or a new key took the place of an old one.",
    action: none,
  }),
  keyAdded: row("classic", "5-KEY_ADDITION", {
    text: "A key named SLA-KeyPair has been generated or imported by crypto-engine",
    when: "The device was registered, or its ID certificate renewed, with a new key.",
    action: none,
  }),
  keysSaved: row("classic", "6-CONFIGAUTOSAVE", policyMessages.keysSaved),
  clockChanged: row("classic", "5-SYSTEM_CLOCK_CHANGED", policyMessages.clockChanged),
  communicationFailed: row("classic", "3-COMM_FAILED", {
    text: "Communications failure with the <peer> : <reason>",
    when: "The manager cannot be reached. Said once until it can.",
    action: "Look at the reason: Call Home profile, name resolution, route, port, proxy, TLS certificate.",
  }),
  communicationRestored: row("classic", "5-COMM_RESTORED", {
    text: "Communications with the <peer> restored",
    when: "The first answer after a failure.",
    action: none,
  }),
  registrationInProgress: row("classic", "6-SCH_REGISTRATION_IN_PROGRESS", {
    text: "SCH device registration is in progress. Call-home will poll SCH server for registration result.",
    when: "Registration was begun over Call Home.",
    action: none,
  }),
  exportControl: row("classic", "6-EXPORT_CONTROLLED", {
    text: "Usage of export controlled features is <allowed>",
    when: "The device was registered, or the permission of its account has changed.",
    action: none,
  }),
  registered: row("classic", "6-AGENT_REG_SUCCESS", {
    text: "Smart Agent for Licensing Registration with the <peer> for udi <udi>",
    when: "The device was registered.",
    action: none,
  }),
  registrationFailed: row("classic", "3-AGENT_REG_FAILED", {
    text: "Smart Agent for Licensing Registration with the <peer> failed: <reason>",
    when: "The device could not be registered. Said again when the reason is another.",
    action:
      "Look at the reason: token, clock, transport; enter the command with force where the manager lists the device.",
  }),
  deregistered: row("classic", "6-AGENT_DEREG_SUCCESS", {
    text: "Smart Agent for Licensing De-registration with the <peer> was successful",
    when: "The manager has heard that the device is deregistered.",
    action: none,
  }),
  deregistrationFailed: row("classic", "3-AGENT_DEREG_FAILED", {
    text: "Smart Agent for Licensing De-registration with the <peer> failed: <reason>. The device is deregistered; the manager may still list it.",
    when: "The manager could not be told that the device is deregistered.",
    action: "Remove the product instance on the manager, or register again with force.",
  }),
  idRenewed: row("classic", "6-ID_CERT_RENEW_SUCCESS", {
    text: "Identity certificate renewal successful for udi <udi>",
    when: "Half a year after the last certificate, or when it was asked for.",
    action: none,
  }),
  idRenewalFailed: row("classic", "3-ID_CERT_RENEW_FAILED", {
    text: "Identity certificate renewal failed for udi <udi>: <reason>",
    when: "It is tried again until the certificate ends. Said again when the reason is another.",
    action: "Look at the reason. Within the year nothing is lost.",
  }),
  idExpired: row("classic", "3-ID_CERT_EXPIRED", {
    text: "Identity certificate expired. Agent will transition to the unidentified (not registered) state",
    when: "No renewal succeeded for a year.",
    action: "Register the device again, with a new token.",
  }),
  registrationLost: row("classic", "3-AGENT_REG_LOST", {
    text: "The <peer> does not know <udi> any more; it is not registered.",
    when: "The product instance was removed on the manager.",
    action: "Register the device again, with a new token.",
  }),
  inCompliance: row("classic", "5-IN_COMPLIANCE", {
    text: "All entitlements and licenses in use on this device are authorized",
    when: "The virtual account has enough licences, after registration or after it had too few.",
    action: none,
  }),
  outOfCompliance: row("classic", "3-OUT_OF_COMPLIANCE", {
    text: "One or more entitlements are out of compliance: <shortage>",
    when: "The virtual account has too few licences of what is named. All functions keep working.",
    action: "Add licences to that account, or move the device to the account that has them.",
  }),
  authorizationRenewed: row("classic", "6-AUTH_RENEW_SUCCESS", {
    text: "Authorization renewal with the <peer>. State=<state> for udi <udi>",
    when: "A request for authorization was answered.",
    action: none,
  }),
  authorizationRenewalFailed: row("classic", "3-AUTH_RENEW_FAILED", {
    text: "Authorization renewal with the <peer> : <reason> for udi <udi>",
    when: "A request for authorization was not answered, or refused. Said again when the reason is another.",
    action: "Look at the reason. For 90 days nothing changes.",
  }),
  authorizationExpired: row("classic", "3-AUTH_EXPIRED", {
    text: "Authorization has expired: no request was answered for 90 days. All functions keep working.",
    when: "No request for authorization was answered for 90 days.",
    action: "Give the device a way to the manager; it asks every hour.",
  }),
  converted: row("classic", "6-CONVERSION_SUCCESS", {
    text: "License conversion with the <peer> is complete for udi <udi>; the licenses are in virtual account <account>",
    when: "The manager has deposited the licences that the device had before Smart Licensing.",
    action: none,
  }),
  conversionFailed: row("classic", "3-CONVERSION_FAILED", {
    text: "License conversion with the <peer> for udi <udi>: <reason>",
    when: "The manager refused the conversion, or waits for an administrator to allow it. Said again when the reason is another.",
    action: "Let an administrator of the smart account allow the conversion; the device asks again every hour.",
  }),
  evaluationStarted: row("classic", "5-EVAL_START", {
    text: "Entering evaluation period",
    when: "A licence is used without registration.",
    action: "Register the device.",
  }),
  evaluationWillExpire: row("classic", "4-EVAL_WILL_EXPIRE_WARNING", {
    text: "Evaluation period will expire in <remaining>",
    when: "When 60, 30, 21, 14 and 7 days of use are left, daily in the last week, hourly on the last day.",
    action: "Register the device.",
  }),
  evaluationExpired: row("classic", "3-EVAL_EXPIRED", {
    text: "Evaluation period expired",
    when: "90 days of use without registration are over. All functions keep working.",
    action: "Register the device.",
  }),
} as const satisfies Readonly<Record<string, SyslogRow>>;

export type ClassicMessage = keyof typeof classicMessages;

/** What this agent never writes. */
export const otherMessages: readonly SyslogRow[] = [
  row("device", "4-CONFIG_NOT_SAVED", {
    text: "Smart Licensing configuration has not been saved",
    when: "A reload while the configuration differs from the saved one.",
    action: "Enter write memory before a reload.",
  }),
  row("device", "2-INTERNAL_ERROR", {
    text: "<error>",
    when: "A step of the agent could not be carried out; it is tried again.",
    action: "Look at the disk of the device; report the line when the disk is well.",
  }),
  row("reservation", "6-RESERVED_INSTALLED", {
    text: "Specific License Reservation authorization code installed",
    when: "A reservation code was installed.",
    action: none,
  }),
];
