import assert from "node:assert/strict";
import { test } from "node:test";
import { LogBuffer } from "./log-buffer.ts";

test("a buffer keeps the newest lines that fit, and forgets the oldest at one byte more", () => {
  const buffer = new LogBuffer({ bytesMax: 12, severity: 7 });
  for (const text of ["aaaaa", "bbbbb"]) buffer.add({ text, severity: 6 });
  assert.deepEqual(buffer.lines, ["aaaaa", "bbbbb"]);
  buffer.add({ text: "", severity: 6 });
  assert.deepEqual(buffer.lines, ["bbbbb", ""]);
  assert.equal(buffer.total, 3);
  buffer.limit({ bytesMax: 6, severity: 7 });
  assert.deepEqual(buffer.lines, [""]);
});

test("a buffer takes what is as bad as its severity or worse; without limits it takes nothing", () => {
  const buffer = new LogBuffer({ bytesMax: 100, severity: 5 });
  for (const severity of [4, 5, 6]) buffer.add({ text: `severity ${severity}`, severity });
  assert.deepEqual(buffer.lines, ["severity 4", "severity 5"]);
  buffer.clear();
  assert.deepEqual(buffer.lines, []);
  buffer.limit(null);
  buffer.add({ text: "gone", severity: 0 });
  assert.deepEqual(buffer.lines, []);
});
