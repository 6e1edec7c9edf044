// Other Info and the mapping table at the end of show license tech support: one `key: value` a line.

import type { LicenseView, SlotView } from "../license-view.ts";
import { oneLine, orEmpty, shortUdi, trueFalse, underlined } from "./show-text.ts";
import { transportWords } from "./status-blocks.ts";

export function otherInfoBlock(view: LicenseView): readonly string[] {
  return [
    ...underlined("Other Info"),
    `Software ID: ${view.device.productTag}`,
    "Agent State: authorized",
    "TS enable: True",
    `Transport: ${transportWords[view.transport.type]}`,
    ...(view.transport.type === "smart" ? [`  Default URL: ${view.transport.defaultSmartUrl}`] : []),
    "Locale: en_US.UTF-8",
    `Privacy Send Hostname: ${trueFalse(!view.privacy.hostname)}`,
    "Build type:: Production",
    "Message Version: 1.3",
    ...peerLines(view),
    `agent.capabilities: ${view.communication.agentCapabilities.join(", ")}`,
    "HA Interface: True",
    `Trusted Store Interface: ${trueFalse(view.cryptographyRefusal === null)}`,
    ...cryptographyLines(view),
    "Platform Data Interface: True",
    `SmartTransportServerIdCheck: ${trueFalse(view.transport.checksServerIdentity)}`,
    "SmartTransportProxySupport: True",
    ...tunables,
    ...ruleLines(view),
    "Event log max size: 5120 KB",
    ...trustLines(view.slots),
    `Clock sync-ed with NTP: ${trueFalse(view.clockIsAuthoritative)}`,
  ];
}

/**
 * What can be tuned on the field's devices, in their order. Here nobody tunes it, so each says what the agent does: it keeps at
 * most 50 MB of reports, puts 40 into a message, talks to the manager in one exchange at a time, and enforces nothing.
 */
const tunables: readonly string[] = [
  "SmartAgentMaxSingleReportSize: 40",
  "SmartAgentSLACReturnForcedAllowed: False",
  "SmartAgentPurgeAllReports: False",
  "SmartAgentReportOnUpgrade: False",
  "SmartAgentIndividualRUMEncrypt: 0",
  "SmartAgentMaxRumMemory: 50",
  "SmartAgentConcurrentThreadMax: 1",
  "SmartAgentPolicyControllerModel: False",
  "SmartAgentPolicyModel: True",
  "SmartAgentFederalLicense: False",
  "SmartAgentMultiTenant: False",
  "SmartAgentDay0Enforcement: False",
  "SmartAgentUnifiedLicensing: False",
  "SmartAgentDelayCertValidation: False",
];

/** The words of the event log, and how often that was so since the start (LOG-20). */
function cryptographyLines({ cryptographyRefusal: refused }: LicenseView): readonly string[] {
  if (refused === null) return [];
  const { reason, attempts } = refused;
  return [
    `Crypto Initialization: has not been completed after ${attempts === 1 ? "1 attempt" : `${attempts} attempts`}: ${reason}`,
  ];
}

/** What the server said of itself last; before any contact everything is empty. */
function peerLines(view: LicenseView): readonly string[] {
  const { peer } = view.communication;
  return [
    `connect_info.name: ${orEmpty(peer?.name ?? null)}`,
    `connect_info.version: ${orEmpty(peer?.version ?? null)}`,
    "connect_info.additional: <empty>",
    `connect_info.prod: ${trueFalse(peer?.production ?? false)}`,
    `connect_info.capabilities: ${orEmpty(peer?.capabilities.join(", ") ?? null)}`,
  ];
}

/** Which rules made the next dates, and why trust is still sought (BET-2, BET-4). */
function ruleLines(view: LicenseView): readonly string[] {
  const { deadline, nextPushRule } = view.reporting;
  const { attempt, refusal } = view.trust;
  const deadlineRule =
    deadline === null ? "<none>" : `${deadline.rule} ${deadline.days} days, ${deadline.licenseClass}`;
  const tried = attempt === null ? [] : [`Attempts of the trust in progress: ${attempt.attempts}`];
  const failed = attempt?.lastFailure ?? null;
  const reason =
    failed === null
      ? []
      : [`Failure of the trust in progress: ${oneLine(failed.message) === "" ? failed.code : oneLine(failed.message)}`];
  const of = refusal === null || refusal.udis.length === 0 ? "" : ` for ${refusal.udis.join("; ")}`;
  const refused = refusal === null ? [] : [`Refusal of trust${of}: ${oneLine(refusal.message)} (code ${refusal.code})`];
  return [
    `Next report push rule: ${nextPushRule}`,
    `Next ACK deadline rule: ${deadlineRule}`,
    ...tried,
    ...reason,
    ...refused,
  ];
}

/** A device alone calls itself the local device; in a group each slot has its row (SHO-17, TRU-16, TRU-17). */
function trustLines(slots: readonly SlotView[]): readonly string[] {
  const rows = slots.map((slot) => `${slots.length === 1 ? "Local Device" : shortUdi(slot.udi)}: ${trustText(slot)}`);
  const isInstalled = slots.some((slot) => slot.trust === "installed");
  return [...rows, `Overall Trust: ${isInstalled ? "INSTALLED (2)" : "No ID"}`];
}

function trustText(slot: SlotView): string {
  if (slot.trust === "installed")
    return `${shortUdi(slot.udi)}, state[2], Trust Data INSTALLED  TrustId:${slot.trustId}`;
  if (slot.trust === "trust_point") return `${shortUdi(slot.udi)}, state[1], NOT INSTALLED TrustId:${slot.trustId}`;
  return "No Trust Data";
}

export function mappingTableBlock(view: LicenseView): readonly string[] {
  const [active] = view.slots;
  const { enforcedLicenses } = view.device;
  // 3 is the field's number of export-controlled licences; 2 is ours for the others.
  const lines = enforcedLicenses.map(({ name, tag, isExport }) => `    ${name}: ${tag} (${isExport ? 3 : 2})`);
  const rows = view.slots.flatMap((slot) => [
    `  ${shortUdi(slot.udi)}:`,
    ...(lines.length === 0 ? ["    No PD enforced licenses"] : lines),
  ]);
  return [
    ...underlined("Platform Provided Mapping Table"),
    `  ${active?.udi.pid ?? "<empty>"}: Total licenses found: ${view.device.mappedLicenses}`,
    "Enforced Licenses:",
    ...rows,
  ];
}
