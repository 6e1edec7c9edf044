// How many units of each licence an installation uses. Pure, and the same for every platform: the rules are data.

import { formatUdi } from "@countersign/protocol";
import type { PlatformLicense, PlatformProfile, Slot } from "./platform-profile.ts";
import { licensesOf } from "./software-version.ts";

export type CountedInstallation = {
  readonly slots: readonly Slot[];
  readonly features: ReadonlySet<string>;
  /** Joined access points by their serial number. */
  readonly accessPoints: ReadonlySet<string>;
  readonly softwareVersion: string;
};

/** Units per entitlement tag, every tag that the software can ask for included, zero where nothing is used. */
export function countUsage(profile: PlatformProfile, installation: CountedInstallation): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const license of licensesOf(profile, installation.softwareVersion)) {
    const before = counts.get(license.tag) ?? 0;
    counts.set(license.tag, before + countLicense(license, installation));
  }
  return counts;
}

/** A feature that is not configured uses nothing (CNT-1). */
function countLicense(license: PlatformLicense, installation: CountedInstallation): number {
  if (!installation.features.has(license.feature)) return 0;
  const slots = installation.slots.filter((slot) => slot.udi.pid.startsWith(license.pidPrefix ?? ""));
  switch (license.countedBy) {
    case "slot":
      return slots.length;
    case "device":
      return new Set(slots.map((slot) => formatUdi(slot.udi))).size;
    case "access_point":
      return installation.accessPoints.size;
    case "installation":
      return slots.length === 0 ? 0 : 1;
    default:
      return license.countedBy satisfies never;
  }
}
