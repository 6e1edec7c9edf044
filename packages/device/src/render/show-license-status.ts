// show license status

import type { LicenseView } from "../license-view.ts";
import { joinBlocks, type ShowOptions } from "./show-text.ts";
import {
  accountBlock,
  miscellaneousBlock,
  policyBlock,
  policyModeBlock,
  privacyBlock,
  transportBlock,
  trustCodeBlock,
  usageReportingBlock,
  utilityBlock,
} from "./status-blocks.ts";

export function renderLicenseStatus(view: LicenseView, options: ShowOptions): string {
  return joinBlocks([
    utilityBlock(),
    policyModeBlock(),
    accountBlock(view, options),
    privacyBlock(view),
    transportBlock(view, false),
    policyBlock(view, options),
    miscellaneousBlock(view),
    usageReportingBlock(view, options),
    trustCodeBlock(view, options),
  ]).join("\n");
}
