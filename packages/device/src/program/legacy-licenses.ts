// Which licences of the time before Smart Licensing each device of an installation has: those that stand for what it uses (CNV-2, CNV-3).

import { formatUdi, type LegacyLicense, type Udi } from "@countersign/protocol";
import type { DeviceDescription } from "../device-description.ts";
import { countUsage } from "../platform/count-usage.ts";
import { distinctDevices } from "../platform/installation.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";

export type LegacyDevice = { readonly udi: Udi; readonly licenses: readonly LegacyLicense[] };

/** An entry for each device that has some; where a platform cannot convert there is none. */
export function legacyLicensesOf(profile: PlatformProfile, description: DeviceDescription): readonly LegacyDevice[] {
  return distinctDevices(description.slots)
    .map(({ udi }) => ({ udi, licenses: licensesOfDevice(profile, description, udi) }))
    .filter(({ licenses }) => licenses.length > 0);
}

function licensesOfDevice(
  profile: PlatformProfile,
  description: DeviceDescription,
  udi: Udi,
): readonly LegacyLicense[] {
  const counts = countUsage(profile, {
    slots: description.slots.filter((slot) => formatUdi(slot.udi) === formatUdi(udi)),
    features: new Set(description.features),
    accessPoints: new Set(),
    softwareVersion: description.softwareVersion,
  });
  return (profile.legacyLicenses ?? []).flatMap(({ kind, name, feature }) => {
    const license = profile.licenses.find((one) => one.feature === feature);
    const count = license === undefined ? 0 : (counts.get(license.tag) ?? 0);
    return license === undefined || count === 0 ? [] : [{ kind, name, entitlement_tag: license.tag, count }];
  });
}
