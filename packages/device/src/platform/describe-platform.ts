// A platform in words and as JSON: its software, its devices, its licences and how each is counted.

import type { CountedBy, PlatformLicense, PlatformProfile, VersionRange } from "./platform-profile.ts";

/** Completes "one for ...". */
export const countedByWords: Readonly<Record<CountedBy, string>> = {
  slot: "each switch or supervisor",
  device: "each device",
  access_point: "each joined access point",
  installation: "the installation",
};

/** Which devices form an installation; the answer to how many of a licence it needs. */
export const redundancyWords: Readonly<Record<PlatformProfile["redundancy"], string>> = {
  stack: "a stack: one active, one standby, members",
  chassis: "a chassis: its supervisors share one identity and have two roles",
  pair: "a pair: active and standby",
  single: "one device",
};

/** `from 17.18.1`; empty for a licence of all software. */
export function versionWords(versions: VersionRange | undefined): string {
  if (versions === undefined) return "";
  const { since, before } = versions;
  return [since === undefined ? "" : `from ${since}`, before === undefined ? "" : `before ${before}`]
    .filter((part) => part !== "")
    .join(", ");
}

export function platformJson(profile: PlatformProfile) {
  const { name, title, softwareVersion, licensing, mandatoryAckSince, licenseLevels } = profile;
  const { redundancy, slotsMax, pidPrefixes, defaultSlots, reportEverySeconds, hasAccessPoints } = profile;
  return {
    ...{ name, title, softwareVersion, licensing, mandatoryAckSince },
    licenseLevels: licenseLevels && { command: `license ${licenseLevels.command} level`, levels: licenseLevels.levels },
    ...{ redundancy, slotsMax, pidPrefixes },
    devices: defaultSlots.map(({ number, udi, role }) => ({ slot: number, role, ...udi })),
    ...{ reportEverySeconds, hasAccessPoints },
    licenses: profile.licenses.map(licenseJson),
  };
}

function licenseJson(license: PlatformLicense) {
  const { name, description, tag, tagOrigin, licenseClass, feature, countedBy, pidPrefix, versions } = license;
  return {
    ...{ name, description, tag, tagOrigin, licenseClass, feature, countedBy },
    pidPrefix: pidPrefix ?? null,
    versions: versions ?? null,
  };
}
