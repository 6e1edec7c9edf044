// The small fleet of the lab, as data: who is there, on which platform, and what was bought for them.

import { findPlatform, licensesOf } from "@countersign/device";
import { workerTag } from "@countersign/example-embedded-product";
import type { Udi } from "@countersign/protocol";

export type FleetInstance = {
  readonly name: string;
  /** A platform profile of `@countersign/device`. */
  readonly platform: string;
  /** Access points that have joined when the instance is new. */
  readonly accessPoints: number;
  /** The platform's own when left out. */
  readonly softwareVersion?: string | undefined;
  /** Devices of a new instance, the active one first; the platform's own when left out. */
  readonly members?: readonly Udi[] | undefined;
};

export const fleet: readonly FleetInstance[] = [
  { name: "c9300-stack", platform: "c9300-stack", accessPoints: 0 },
  { name: "c9407", platform: "c9407r", accessPoints: 0 },
  { name: "c9500-svl", platform: "c9500-svl", accessPoints: 0 },
  { name: "c9800", platform: "c9800-cl", accessPoints: 12 },
  { name: "c8000v", platform: "c8000v", accessPoints: 0 },
  { name: "app", platform: "embedded", accessPoints: 0 },
];

/** Workers that the example product runs with. */
export const exampleWorkers = 4;

export const labSmartAccount = "Example Networks";
export const labVirtualAccount = "Lab";

/** Room for the fleet as it starts, and two access points short of what may join: a shortage that can be looked at. */
export function labPurchases(instances: readonly FleetInstance[] = fleet): string {
  const rows: (string | number)[][] = instances.flatMap((instance) => {
    const { platform, accessPoints } = instance;
    const profile = findPlatform(platform);
    if (profile === undefined) throw new Error(`the lab's fleet names an unknown platform: ${platform}`);
    const offered = licensesOf(profile, instance.softwareVersion ?? profile.softwareVersion);
    const used = offered.filter((license) => profile.defaultFeatures.includes(license.feature));
    const slots = instance.members?.length ?? profile.defaultSlots.length;
    return used.map(({ tag, countedBy, licenseClass }) => {
      const quantity = countedBy === "access_point" ? accessPoints + 2 : slots;
      return [tag, quantity, labVirtualAccount, licenseClass === "subscription" ? "subscription" : "perpetual"];
    });
  });
  if (instances.some(({ platform }) => platform === "embedded"))
    rows.push([workerTag, exampleWorkers, labVirtualAccount, "subscription"]);
  // The tag has a comma inside, so it is quoted.
  const lines = rows.map(([tag, ...rest]) => [`"${tag}"`, ...rest].join(","));
  return `${["tag,quantity,virtual_account,kind", ...lines].join("\n")}\n`;
}
