// What a software version means for licensing: the model it has (GEN-2, GEN-18 to GEN-20), the licences it asks for (CNT-8,
// CNT-9), and whether an ACK is mandatory (POL-3). Versions are written `17.9.4`, `17.09.04a`, `1.0.0`.

import type { LicensingModel, PlatformLicense, PlatformProfile, VersionRange } from "./platform-profile.ts";

/** Negative when `one` is older than `other`; a letter makes a rebuild, which is newer than the release without. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)];
  for (let index = 0; index < Math.max(left.numbers.length, right.numbers.length); index += 1) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.rebuild < right.rebuild ? -1 : left.rebuild > right.rebuild ? 1 : 0;
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly rebuild: string } {
  const match = /^(\d+(?:\.\d+)*)([a-z]?)/.exec(version);
  return { numbers: (match?.[1] ?? "0").split(".").map(Number), rebuild: match?.[2] ?? "" };
}

export function isInRange(softwareVersion: string, { since, before }: VersionRange): boolean {
  const isOldEnough = before === undefined || compareVersions(softwareVersion, before) < 0;
  return isOldEnough && (since === undefined || compareVersions(softwareVersion, since) >= 0);
}

/** Null for a version that is older than the platform. */
export function licensingModelOf(
  { licensing }: Pick<PlatformProfile, "licensing">,
  softwareVersion: string,
): LicensingModel | null {
  const begun = licensing.filter(({ since }) => compareVersions(softwareVersion, since) >= 0);
  return begun.at(-1)?.model ?? null;
}

/** The licences that this software asks for. */
export function licensesOf(
  { licenses }: Pick<PlatformProfile, "licenses">,
  softwareVersion: string,
): readonly PlatformLicense[] {
  return licenses.filter(({ versions }) => versions === undefined || isInRange(softwareVersion, versions));
}

export function isAckMandatory(
  { mandatoryAckSince }: Pick<PlatformProfile, "mandatoryAckSince">,
  softwareVersion: string,
): boolean {
  return mandatoryAckSince !== null && compareVersions(softwareVersion, mandatoryAckSince) >= 0;
}
