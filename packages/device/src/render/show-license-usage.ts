// show license usage, and its licence blocks for show license all

import type { LicenseUsageView, LicenseView } from "../license-view.ts";
import { enforcementWords, joinBlocks, licenseTypeWords } from "./show-text.ts";

export function renderLicenseUsage(view: LicenseView): string {
  return joinBlocks([["License Authorization:", "  Status: Not Applicable"], ...licenseBlocks(view)]).join("\n");
}

/** One block for each licence in use, or the words that say that none is. */
export function licenseBlocks(view: LicenseView): readonly (readonly string[])[] {
  const used = view.licenses.filter((license) => license.count > 0);
  return used.length === 0 ? [["No licenses in use"]] : used.map(licenseBlock);
}

function licenseBlock(license: LicenseUsageView): readonly string[] {
  return [
    `${license.name} (${license.heading}):`,
    `  Description: ${license.description}`,
    `  Count: ${license.count}`,
    "  Version: 1.0",
    `  Status: ${statusWord(license)}`,
    `  Export status: ${exportStatus(license)}`,
    `  Feature Name: ${license.name}`,
    `  Feature Description: ${license.description}`,
    `  Enforcement type: ${enforcementWords[license.licenseClass]}`,
    `  License type: ${licenseTypeWords[license.licenseClass]}`,
  ];
}

/** A use without the authorization code that it needs goes on, and is called by its name. */
export function statusWord(license: LicenseUsageView): "IN USE" | "NOT IN USE" | "NOT AUTHORIZED" {
  if (license.count === 0) return "NOT IN USE";
  return license.isAuthorized ? "IN USE" : "NOT AUTHORIZED";
}

export function exportStatus(license: LicenseUsageView): string {
  if (license.licenseClass !== "export") return "NOT RESTRICTED";
  return license.isAuthorized ? "RESTRICTED - ALLOWED" : "RESTRICTED - NOT ALLOWED";
}
