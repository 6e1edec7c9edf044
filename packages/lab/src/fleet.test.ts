import assert from "node:assert/strict";
import { test } from "node:test";
import { findPlatform, licensesOf } from "@countersign/device";
import { parseTag } from "@countersign/protocol";
import { fleet, labPurchases } from "./fleet.ts";

test("the fleet is the documented one, and each instance is of a known platform", () => {
  assert.deepEqual(
    fleet.map(({ name }) => name),
    ["c9300-stack", "c9407", "c9500-svl", "c9800", "c8000v", "app"],
  );
  for (const { platform } of fleet) assert.ok(findPlatform(platform), platform);
});

test("something is bought for every licence that the fleet uses", () => {
  const bought = labPurchases()
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => /^"([^"]+)",(\d+),/.exec(line));
  const tags = new Set(bought.map((match) => match?.[1] ?? ""));
  for (const tag of tags) parseTag(tag);
  for (const { platform } of fleet) {
    const profile = findPlatform(platform);
    assert(profile !== undefined);
    const offered = licensesOf(profile, profile.softwareVersion);
    const used = offered.filter(({ feature }) => profile.defaultFeatures.includes(feature));
    for (const { tag } of used) assert.ok(tags.has(tag), tag);
  }
  for (const match of bought) assert.ok(Number(match?.[2]) > 0);
});
