// show license all

import type { LicenseView } from "../license-view.ts";
import { reportSummaryBlock } from "./report-summary.ts";
import { airReportingBlock } from "./show-license-air-entities.ts";
import { authorizationBlocks } from "./show-license-authorization.ts";
import { udiLines } from "./show-license-udi.ts";
import { licenseBlocks } from "./show-license-usage.ts";
import { joinBlocks, type ShowOptions, underlined } from "./show-text.ts";
import {
  accountBlock,
  exportKeyBlock,
  miscellaneousBlock,
  policyBlock,
  policyModeBlock,
  privacyBlock,
  transportBlock,
  trustCodeBlock,
  usageReportingBlock,
  utilityBlock,
} from "./status-blocks.ts";

export function renderLicenseAll(view: LicenseView, options: ShowOptions): string {
  const [firstAuthorization = [], ...otherAuthorizations] = authorizationBlocks(view, options);
  return joinBlocks([
    underlined("Smart Licensing Status"),
    ["Smart Licensing is ENABLED"],
    exportKeyBlock(),
    utilityBlock(),
    policyModeBlock(),
    accountBlock(view, options),
    privacyBlock(view),
    transportBlock(view, false),
    miscellaneousBlock(view),
    policyBlock(view, options),
    usageReportingBlock(view, options),
    trustCodeBlock(view, options),
    underlined("License Usage"),
    ...licenseBlocks(view),
    [...underlined("Product Information"), ...udiLines(view)],
    agentVersionBlock(view),
    [...underlined("License Authorizations"), ...firstAuthorization],
    ...otherAuthorizations,
    reportSummaryBlock(view.reportCounts),
    airReportingBlock(view, options),
  ]).join("\n");
}

export function agentVersionBlock(view: LicenseView): readonly string[] {
  return [...underlined("Agent Version"), `Smart Agent for Licensing: ${view.device.agentVersion}`];
}
