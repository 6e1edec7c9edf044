// show license udi, and the product information of show license all

import { formatUdi } from "@countersign/protocol";
import type { LicenseView } from "../license-view.ts";
import { roleWithoutBlank } from "./show-text.ts";

export function renderLicenseUdi(view: LicenseView): string {
  return udiLines(view).join("\n");
}

/** A device alone has no list. Two supervisors of one chassis are two rows with the same UDI (HW-7). */
export function udiLines(view: LicenseView): readonly string[] {
  const [active] = view.slots;
  const own = active === undefined ? [] : [`UDI: ${formatUdi(active.udi)}`];
  if (view.slots.length < 2) return own;
  return [...own, "", "HA UDI List:", ...view.slots.map((slot) => `    ${roleWithoutBlank(slot.role, slot.udi)}`)];
}
