// License levels: which are offered, which one a set of features is, and which features a boot with a level has.

import type { LicenseLevel, LicenseLevels, PlatformProfile } from "./platform-profile.ts";
import { isInRange } from "./software-version.ts";

type WithLevels = Pick<PlatformProfile, "licenseLevels">;

/** Lowest first; empty where the platform has no levels. */
export function levelsOffered({ licenseLevels }: WithLevels, softwareVersion: string): LicenseLevels["levels"] {
  const all = licenseLevels?.levels ?? [];
  return all.filter(({ versions }) => versions === undefined || isInRange(softwareVersion, versions));
}

/** What applies when nothing is configured: the lowest level without an addon. */
export function defaultLevel({ licenseLevels }: WithLevels): LicenseLevel | null {
  const [lowest] = licenseLevels?.levels ?? [];
  return lowest === undefined ? null : { name: lowest.name, addon: null };
}

/** The level that these features are; null when they are none. */
export function levelOfFeatures({ licenseLevels }: WithLevels, features: readonly string[]): LicenseLevel | null {
  const level = licenseLevels?.levels.find(({ name }) => features.includes(name));
  if (level === undefined) return null;
  return { name: level.name, addon: level.addons.find((addon) => features.includes(addon)) ?? null };
}

/** Features after a boot with this level: its own, and those that no level governs. Without a level they stay. */
export function featuresAtBoot(
  { licenseLevels }: WithLevels,
  features: readonly string[],
  level: LicenseLevel | null,
): readonly string[] {
  if (licenseLevels === null || level === null) return features;
  const governed = new Set(licenseLevels.levels.flatMap(({ name, addons }) => [name, ...addons]));
  const chosen = level.addon === null ? [level.name] : [level.name, level.addon];
  return [...chosen, ...features.filter((feature) => !governed.has(feature))];
}

/** `license boot level network-advantage addon dna-advantage` */
export function levelCommand({ licenseLevels }: WithLevels, level: LicenseLevel): string {
  const addon = level.addon === null ? "" : ` addon ${level.addon}`;
  return `license ${licenseLevels?.command ?? "boot"} level ${level.name}${addon}`;
}
