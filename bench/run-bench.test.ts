import assert from "node:assert/strict";
import { test } from "node:test";
import { figureNames } from "./figure.ts";
import { parseCommandLine } from "./run-bench.ts";

test("without names every figure is measured, with names only those, always in the same order", () => {
  const all = parseCommandLine([]);
  assert.ok(all.outcome === "run");
  assert.deepEqual(all.names, figureNames);
  const some = parseCommandLine(["enrol", "ingest-single-64", "--json"]);
  assert.ok(some.outcome === "run");
  assert.deepEqual(some.names, ["ingest-single-64", "enrol"]);
  assert.equal(some.json, true);
});

test("an unknown figure or option is refused with the usage, and help is not a refusal", () => {
  for (const line of [["nonsense"], ["--nonsense"], ["--profile"]]) {
    const refused = parseCommandLine(line);
    assert.ok(refused.outcome === "refused");
    assert.match(refused.text, /usage: npm run bench/);
  }
  assert.equal(parseCommandLine(["--help"]).outcome, "help");
});
