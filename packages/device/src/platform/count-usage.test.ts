import assert from "node:assert/strict";
import { test } from "node:test";
import { countUsage } from "./count-usage.ts";
import { findPlatform, platformProfiles } from "./platform-table.ts";

/** Units by licence name and description, without the zeros. */
function used(
  platform: string,
  accessPoints: readonly string[] = [],
  features?: readonly string[],
): Record<string, number> {
  const profile = findPlatform(platform);
  assert(profile !== undefined);
  const counts = countUsage(profile, {
    slots: profile.defaultSlots,
    features: new Set(features ?? profile.defaultFeatures),
    accessPoints: new Set(accessPoints),
  });
  return Object.fromEntries(
    profile.licenses
      .filter((license) => (counts.get(license.tag) ?? 0) > 0)
      .map((license) => [license.description, counts.get(license.tag) ?? 0]),
  );
}

test("[CNT-3] [CNT-15] a stack uses one network and one DNA licence for each switch, under its family's tag", () => {
  assert.deepEqual(used("c9300-stack"), {
    "C9300-24 Network Advantage": 1,
    "C9300-24 DNA Advantage": 1,
    "C9300-48 Network Advantage": 2,
    "C9300-48 DNA Advantage": 2,
  });
});

test("[CNT-4] a chassis uses a network licence for each supervisor and one DNA licence", () => {
  assert.deepEqual(used("c9407r"), { "C9400 Network Advantage": 2, "C9400 DNA Advantage": 1 });
});

test("[CNT-5] a StackWise Virtual pair uses one network and one DNA licence for each switch", () => {
  assert.deepEqual(used("c9500-svl"), { "C9500 Network Advantage": 2, "C9500 32QC DNA Advantage": 2 });
});

test("[REP-9] a wireless controller uses one network and one DNA licence for each joined access point", () => {
  assert.deepEqual(used("c9800-cl"), {});
  assert.deepEqual(used("c9800-cl", ["AP1", "AP2", "AP3"]), { "air-network-advantage": 3, "air-dna-advantage": 3 });
});

test("[CNT-1] a licence counts only while its feature is configured", () => {
  assert.deepEqual(used("c8000v", [], ["network-advantage"]), { ESR_P_250M_A: 1 });
  for (const profile of platformProfiles) assert.deepEqual(used(profile.name, ["AP1"], []), {});
});

test("no two licences of any platform share a tag", () => {
  const tags = platformProfiles.flatMap((profile) => profile.licenses.map((license) => license.tag));
  assert.equal(new Set(tags).size, tags.length);
});
