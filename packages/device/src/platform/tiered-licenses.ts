// Catalyst licences come in tiers: a perpetual network licence and a subscription for each level. A family of devices is a
// row of tags.

import type { CountedBy, LicenseLevels, PlatformLicense, TagOrigin, VersionRange } from "./platform-profile.ts";

export type Tier = "network-essentials" | "network-advantage" | "dna-essentials" | "dna-advantage";

export type TieredFamily = {
  readonly pidPrefix?: string;
  /** What a network licence and what a DNA licence is counted by (CNT-3 to CNT-5). */
  readonly countedBy: readonly [network: CountedBy, dna: CountedBy];
  readonly versions?: VersionRange;
  readonly tiers: Readonly<Partial<Record<Tier, readonly [description: string, tag: string, tagOrigin: TagOrigin]>>>;
};

export function tieredLicenses({ countedBy, tiers, ...common }: TieredFamily): readonly PlatformLicense[] {
  return (Object.keys(tiers) as Tier[]).flatMap((name) => {
    const tier = tiers[name];
    if (tier === undefined) return [];
    const [description, tag, tagOrigin] = tier;
    const isDna = name.startsWith("dna");
    return [
      {
        ...{ tag, tagOrigin, name, description, feature: name, ...common },
        licenseClass: isDna ? ("subscription" as const) : ("perpetual" as const),
        countedBy: countedBy[isDna ? 1 : 0],
      },
    ];
  });
}

/** `license boot level network-advantage addon dna-advantage` and the like. */
export const switchLevels: LicenseLevels = {
  command: "boot",
  levels: [
    { name: "network-essentials", addons: ["dna-essentials"] },
    { name: "network-advantage", addons: ["dna-advantage"] },
  ],
};

/** Catalyst 9000 switches: classic from 16.9.1 (GEN-18), by policy from 17.3.2 (GEN-20). */
export const switchLicensing = [
  { since: "16.5.1", model: "right-to-use" },
  { since: "16.9.1", model: "classic" },
  { since: "17.3.2", model: "policy" },
] as const;
