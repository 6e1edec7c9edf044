// show license tech support: everything the other commands show, and the inside of the agent.

import type { LicenseClass } from "@countersign/protocol";
import type { LicenseUsageView, LicenseView } from "../license-view.ts";
import { reportSummaryDetailBlock } from "./report-summary.ts";
import { airReportingBlock } from "./show-license-air-entities.ts";
import { agentVersionBlock } from "./show-license-all.ts";
import { authorizationStatus, authorizedBlocks, purchasedBlock } from "./show-license-authorization.ts";
import { udiLines } from "./show-license-udi.ts";
import { exportStatus, statusWord } from "./show-license-usage.ts";
import {
  dateOrNone,
  enforcementWords,
  joinBlocks,
  licenseTypeWords,
  roleWithBlank,
  type ShowOptions,
  showDate,
  underlined,
} from "./show-text.ts";
import {
  accountBlock,
  exportKeyBlock,
  miscellaneousBlock,
  policyBlock,
  policyModeBlock,
  privacyBlock,
  transportBlock,
  usageReportingBlock,
  utilityBlock,
} from "./status-blocks.ts";
import { communicationBlock, jobsBlock } from "./tech-support-communication.ts";
import { mappingTableBlock, otherInfoBlock } from "./tech-support-other-info.ts";

export function renderTechSupport(view: LicenseView, options: ShowOptions): string {
  const [firstLicense = ["No licenses in use"], ...otherLicenses] = view.licenses.map((license) =>
    licenseEntry(license, options),
  );
  return joinBlocks([
    ["Smart Licensing Tech Support info"],
    underlined("Smart Licensing Status"),
    ["Smart Licensing is ENABLED"],
    exportKeyBlock(),
    utilityBlock(),
    policyModeBlock(),
    accountBlock(view, options),
    privacyBlock(view),
    transportBlock(view, true),
    miscellaneousBlock(view),
    policyBlock(view, options),
    usageReportingBlock(view, options, reportingState(view)),
    [...underlined("License Usage"), ...firstLicense],
    ...otherLicenses,
    [...underlined("Product Information"), ...udiLines(view)],
    agentVersionBlock(view),
    jobsBlock(view, options),
    communicationBlock(view, options),
    [...underlined("License Certificates"), "Production Cert: True", "Not registered. No certificates installed"],
    haBlock(view),
    [...underlined("Reservation Info"), "License reservation: DISABLED"],
    reservationBlock(view, options),
    ["Specified license reservations:"],
    ...authorizedBlocks(view),
    purchasedBlock(),
    reportSummaryDetailBlock(view.reportCounts),
    airReportingBlock(view, options),
    otherInfoBlock(view),
    mappingTableBlock(view),
  ]).join("\n");
}

/** State 2 until a report was acknowledged, with the first-report value; then state 4, with the ongoing one. */
function reportingState({ reporting }: LicenseView): string {
  return ` State(${reporting.lastAckAtMs === null ? 2 : 4}) InPolicy(${reporting.pushInterval.inPolicyDays})`;
}

/** The field's numbers; none is known of a use that is not authorized. */
const statusNumbers = { "IN USE": "(15)", "NOT IN USE": "(1)", "NOT AUTHORIZED": "" } as const;
const notEnforced: readonly LicenseClass[] = ["perpetual", "subscription"];

function licenseEntry(license: LicenseUsageView, options: ShowOptions): readonly string[] {
  const status = statusWord(license);
  return [
    `Handle: ${license.handle}`,
    `  License: ${license.name}`,
    `  Entitlement Tag: ${license.tag}`,
    `  Description: ${license.description}`,
    `  Count: ${license.count}`,
    "  Version: 1.0",
    `  Status: ${status}${statusNumbers[status]}`,
    `  Status time: ${dateOrNone(license.statusAtMs, options.zone)}`,
    `  Request Time: ${license.requestedAtMs === null ? "None" : showDate(license.requestedAtMs, options.zone)}`,
    `  Export status: ${exportStatus(license)}`,
    `  Feature Name: ${license.name}`,
    `  Feature Description: ${license.description}`,
    `  Enforcement type: ${enforcementWords[license.licenseClass]}`,
    `  License type: ${licenseTypeWords[license.licenseClass]}`,
    "  Measurements:",
    "    ENTITLEMENT:",
    "      Interval: 00:15:00",
    `      Current Value: ${license.count}`,
    `      Current Report: ${license.currentReportId ?? 0}       Previous: ${license.previousReportId ?? 0}`,
    `  Soft Enforced: ${notEnforced.includes(license.licenseClass) ? "True" : "False"}`,
  ];
}

export function haBlock(view: LicenseView): readonly string[] {
  const [active] = view.slots;
  const role = active?.role ?? "Active";
  return [
    "HA Info",
    "=".repeat(10),
    `RP Role: ${role}`,
    `Chassis Role: ${role}`,
    `Behavior Role: ${role}`,
    `RMF: ${view.slots.length > 1 ? "True" : "False"}`,
    `CF: ${view.slots.length > 1 ? "True" : "False"}`,
    "CF State: Stateless",
    "Message Flow Allowed: False",
  ];
}

function reservationBlock(view: LicenseView, options: ShowOptions): readonly string[] {
  const rows = view.slots.flatMap((slot) => [
    `  ${roleWithBlank(slot.role, slot.udi)}`,
    `      Reservation status: ${authorizationStatus(slot, options)}`,
    "      Request code: <none>",
    `      Last return code: ${slot.lastReturnCode ?? "<none>"}`,
    `      Last Confirmation code: ${slot.authorization?.confirmationCode ?? "<none>"}`,
    "      Reservation authorization code: <none>",
  ]);
  return ["Overall status:", ...rows];
}
