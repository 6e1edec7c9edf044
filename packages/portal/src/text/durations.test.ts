import assert from "node:assert/strict";
import { test } from "node:test";
import { agoText, durationText, exactText } from "./durations.ts";

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

test("a duration is told in its two largest units, and never rounded up", () => {
  const cases: readonly (readonly [number, string])[] = [
    [-5, "0 s"],
    [999, "0 s"],
    [second, "1 s"],
    [minute - 1, "59 s"],
    [minute, "1 min"],
    [12 * minute + 5 * second, "12 min 5 s"],
    [hour - 1, "59 min 59 s"],
    [hour + 5 * second, "1 h"],
    [3 * day + 4 * hour + 59 * minute, "3 d 4 h"],
    [365 * day - 1, "364 d 23 h"],
    [366 * day, "1 y 1 d"],
  ];
  for (const [milliseconds, text] of cases) assert.equal(durationText(milliseconds), text);
});

test("a time before is ago, one after is to come, and clocks that differ a little make no future", () => {
  assert.equal(agoText(0, hour), "1 h ago");
  assert.equal(agoText(hour, 0), "in 1 h");
  assert.equal(agoText(900, 0), "0 s ago");
});

test("an exact time is in the reader's zone", () => {
  assert.match(exactText(Date.UTC(2031, 4, 21, 12, 0, 5)), /^2031-05-2[12] \d\d:\d\d:05$/);
});
