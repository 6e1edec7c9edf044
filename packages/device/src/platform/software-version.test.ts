import assert from "node:assert/strict";
import { test } from "node:test";
import { findPlatform } from "./platform-table.ts";
import { compareVersions, isAckMandatory, licensesOf, licensingModelOf } from "./software-version.ts";

function profileOf(name: string) {
  const profile = findPlatform(name);
  assert(profile !== undefined, name);
  return profile;
}

test("versions are ordered by their numbers, then by the letter of a rebuild", () => {
  const ordered = ["16.12.4", "17.3.1", "17.03.02", "17.3.2a", "17.3.10", "17.9", "17.9.1"];
  const shuffled = [...ordered].reverse().sort(compareVersions);
  assert.deepEqual(shuffled, ordered);
  assert.equal(compareVersions("17.09.04a", "17.9.4a"), 0);
});

test("[GEN-2] [GEN-20] switches license in classic mode from 16.9.1, by policy from 17.3.2", () => {
  for (const name of ["c9200", "c9300-stack", "c9407r", "c9500", "c9500-svl", "c9600"]) {
    assert.deepEqual(
      ["16.4.1", "16.8.1", "16.9.1", "16.12.4", "17.3.1", "17.3.2", "17.9.4a"].map((version) =>
        licensingModelOf(profileOf(name), version),
      ),
      [null, "right-to-use", "classic", "classic", "classic", "policy", "policy"],
    );
  }
});

test("[GEN-18] [GEN-19] the switches of before the Catalyst 9000 have classic mode only, from 16.9.1; routers have it from 16.10.1", () => {
  for (const name of ["c3650", "c3850"]) {
    assert.deepEqual(
      ["16.8.1", "16.9.1", "16.12.4"].map((version) => licensingModelOf(profileOf(name), version)),
      ["right-to-use", "classic", "classic"],
    );
  }
  for (const name of ["asr1001-x", "c1111", "isr4331", "csr1000v", "isrv"]) {
    assert.deepEqual(
      ["16.9.1", "16.10.1", "17.3.1", "17.3.2"].map((version) => licensingModelOf(profileOf(name), version)),
      ["right-to-use", "classic", "classic", "policy"],
    );
  }
});

test("[GEN-2] controllers license by policy from 17.3.2, the virtual router always, other products know nothing else", () => {
  for (const name of ["c9800-40", "c9800-80", "c9800-l", "c9800-cl"]) {
    assert.deepEqual(
      ["17.3.1", "17.3.2"].map((version) => licensingModelOf(profileOf(name), version)),
      ["classic", "policy"],
    );
  }
  assert.equal(licensingModelOf(profileOf("c8000v"), "17.4.1"), "policy");
  assert.equal(licensingModelOf(profileOf("generic"), "0.1.0"), "policy");
});

test("[POL-3] [GEN-10] an acknowledgement is mandatory on the virtual controller only, from 17.7.1", () => {
  const virtual = profileOf("c9800-cl");
  assert.deepEqual(
    ["17.6.4", "17.7.0", "17.7.1", "17.09.04a"].map((version) => isAckMandatory(virtual, version)),
    [false, false, true, true],
  );
  assert.equal(isAckMandatory(profileOf("c9800-40"), "17.9.4"), false);
});

test("[CNT-7] [CNT-8] [CNT-9] a high-performance model asks for its own network licence before 16.12.3, then for the generic one", () => {
  const profile = profileOf("c9500-high-performance");
  const of = (version: string) =>
    licensesOf(profile, version)
      .filter(({ pidPrefix }) => pidPrefix === undefined || pidPrefix === "C9500-32QC")
      .map(({ description }) => description);
  const dna = ["C9500-32QC DNA Essentials", "C9500-32QC DNA Advantage"];
  assert.deepEqual(of("16.12.2"), ["C9500 32QC NW Essentials", "C9500 32QC NW Advantage", ...dna]);
  assert.deepEqual(of("16.12.3"), ["C9500 Network Essentials", "C9500 Network Advantage", ...dna]);
});
