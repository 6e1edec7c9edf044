// Which licensing model a software version has (GEN-2, GEN-20). Versions are written `17.9.4`, `17.09.04a`, `1.0.0`.

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

/** Policy mode came with a release of each platform; null for platforms that never had another. */
export function hasPolicyMode(profile: { readonly policyModeSince: string | null }, softwareVersion: string): boolean {
  return profile.policyModeSince === null || compareVersions(softwareVersion, profile.policyModeSince) >= 0;
}
