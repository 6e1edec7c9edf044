import assert from "node:assert/strict";
import { test } from "node:test";
import { findPlatform } from "./platform-table.ts";
import { compareVersions, hasPolicyMode } from "./software-version.ts";

test("versions are ordered by their numbers, then by the letter of a rebuild", () => {
  const ordered = ["16.12.4", "17.3.1", "17.03.02", "17.3.2a", "17.3.10", "17.9", "17.9.1"];
  const shuffled = [...ordered].reverse().sort(compareVersions);
  assert.deepEqual(shuffled, ordered);
  assert.equal(compareVersions("17.09.04a", "17.9.4a"), 0);
});

test("[GEN-2] [GEN-20] controllers and switches have policy mode from 17.3.2, not before", () => {
  for (const name of ["c9800-cl", "c9300-stack", "c9407r", "c9500-svl"]) {
    const profile = findPlatform(name);
    assert(profile !== undefined);
    assert.deepEqual(
      ["16.12.4", "17.3.1", "17.3.2", "17.9.4a"].map((version) => hasPolicyMode(profile, version)),
      [false, false, true, true],
    );
  }
});
