// show license usage, and its licence blocks for show license all

import type { LicenseUsageView, LicenseView } from "../license-view.ts";
import { enforcementWords, joinBlocks, licenseTypeWords } from "./show-text.ts";

export function renderLicenseUsage(view: LicenseView): string {
  return joinBlocks([["License Authorization:", "  Status: Not Applicable"], ...licenseBlocks(view)]).join("\n");
}

/** One block for each licence in use, or the words that say that none is. */
export function licenseBlocks(view: LicenseView): readonly (readonly string[])[] {
  const used = view.licenses.filter((license) => license.count > 0);
  return used.length === 0
    ? [["No licenses in use"]]
    : used.map((license) => licenseBlock(license, view.trust.exportControlAllowed));
}

function licenseBlock(license: LicenseUsageView, exportControlAllowed: boolean): readonly string[] {
  return [
    `${license.name} (${license.heading}):`,
    `  Description: ${license.description}`,
    `  Count: ${license.count}`,
    "  Version: 1.0",
    `  Status: ${statusWord(license)}`,
    `  Export status: ${exportStatus(license, exportControlAllowed)}`,
    `  Feature Name: ${license.name}`,
    `  Feature Description: ${license.description}`,
    `  Enforcement type: ${enforcementWords[license.licenseClass]}`,
    `  License type: ${licenseTypeWords[license.licenseClass]}`,
  ];
}

export function statusWord(license: LicenseUsageView): "IN USE" | "NOT IN USE" {
  return license.count > 0 ? "IN USE" : "NOT IN USE";
}

export function exportStatus(license: LicenseUsageView, exportControlAllowed: boolean): string {
  if (license.licenseClass !== "export") return "NOT RESTRICTED";
  return exportControlAllowed ? "RESTRICTED - ALLOWED" : "RESTRICTED - NOT ALLOWED";
}
