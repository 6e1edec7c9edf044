// show license authorization, and its part of show license all

import type { LicenseView } from "../license-view.ts";
import { joinBlocks, roleWithBlank } from "./show-text.ts";

export function renderLicenseAuthorization(view: LicenseView): string {
  return joinBlocks(authorizationBlocks(view)).join("\n");
}

/** No authorization code is needed for any licence of the present platforms. */
export function authorizationBlocks(view: LicenseView): readonly (readonly string[])[] {
  const rows = view.slots.flatMap((slot) => [`  ${roleWithBlank(slot.role, slot.udi)}`, "      Status: NOT INSTALLED"]);
  return [["Overall status:", ...rows], purchasedBlock()];
}

export function purchasedBlock(): readonly string[] {
  return ["Purchased Licenses:", "  No Purchase Information Available"];
}
