import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, formatRelative } from "./duration.ts";

for (const [durationMs, text] of [
  [0, "0 s"],
  [999, "0 s"],
  [1000, "1 s"],
  [125_000, "2 min 5 s"],
  [3_600_000, "1 h"],
  [273_600_000, "3 d 4 h"],
  [-125_000, "-2 min 5 s"],
] as const) {
  test(`${durationMs} ms is shown as "${text}"`, () => assert.equal(formatDuration(durationMs), text));
}

test("an instant is shown by its distance, and one that is not set by a dash", () => {
  const shown = [formatRelative(null, 0), formatRelative(500, 0), formatRelative(125_000, 0), formatRelative(0, 5000)];
  assert.deepEqual(shown, ["–", "now", "in 2 min", "5 s ago"]);
});
