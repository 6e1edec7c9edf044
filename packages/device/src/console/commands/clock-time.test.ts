import assert from "node:assert/strict";
import { test } from "node:test";
import { timeOf } from "./clock-time.ts";

const utc = { label: "UTC", offsetMinutes: 0 };

test("[CLI-20] a time is that of the device's zone", () => {
  const given = { time: "23:02:21", day: "24", month: "Jan", year: "2025" };
  assert.equal(timeOf(given, utc), Date.parse("2025-01-24T23:02:21Z"));
  assert.equal(timeOf(given, { label: "CET", offsetMinutes: 60 }), Date.parse("2025-01-24T22:02:21Z"));
  assert.equal(timeOf({ ...given, month: "JANUARY", time: "1:02:03" }, utc), Date.parse("2025-01-24T01:02:03Z"));
});

test("what no day has is no time", () => {
  const given = { time: "23:02:21", day: "24", month: "January", year: "2025" };
  for (const wrong of [{ time: "24:00:00" }, { time: "23:60:00" }, { month: "Ja" }, { month: "Janner" }])
    assert.equal(timeOf({ ...given, ...wrong }, utc), null);
  assert.equal(timeOf({ ...given, day: "29", month: "February" }, utc), null);
  assert.notEqual(timeOf({ ...given, day: "29", month: "February", year: "2028" }, utc), null);
});
