import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeeds, seedsFrom } from "./run-processes.ts";
import type { RunResult } from "./run-seed.ts";
import { describeFailure, simulate } from "./simulate.ts";
import { newestWorkload } from "./workload.ts";

const seeds = 200;

test(`[I1] [I2] [I3] [I4] [I5] [I6] [I7] [I8] [I9] [I10] ${seeds} seeds of faults leave every acknowledged report where it belongs, once`, async () => {
  const results: RunResult[] = [];
  await runSeeds(seedsFrom(1, seeds), newestWorkload, (result) => results.push(result));
  assert.equal(results.length, seeds);
  const failures = results.map((result) => describeFailure(result, newestWorkload)).join("");
  assert.equal(failures, "", failures);
  // The runs must have met what they are for.
  const sum = (name: string) => results.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
  for (const name of [
    "agentCrashes",
    "managerRestarts",
    "answerLost",
    "requestLost",
    "doubled",
    "late",
    "garbled",
    "refused",
  ])
    assert.ok(sum(name) > seeds / 2, `${name}: ${sum(name)}`);
  for (const name of [
    "merged",
    "samples",
    "identity_not_valid",
    "clock_offset",
    "restores",
    "forgotten",
    "twoManagers",
    "filesImported",
    "filesBroughtBack",
    "requestsImported",
  ])
    assert.ok(sum(name) > 5, `${name}: ${sum(name)}`);
  assert.ok(sum("acknowledgements") > seeds);
});

test("[I1] [I3] seeds that once found a mistake find none", async () => {
  // A release that replaced hardware never heard of; a first push that a repetition took the place of, twice; a zero that
  // ended before the use, because the clock had been ahead; a report that stays open without news; a disk that could not be read, taken for
  // an empty one; what a failed append left, trusted; reports that were signed and not counted so, asked for for ever; a
  // signature that could not be stored, shown as the report's; work for a database that had been closed, which ended the process; a sync that was taken while trust was lost,
  // and forgotten when it was found again.
  const once = [249, 308, 581, 871, 292, 194, 1101, 116, 2501, 3416, 3878, 3970];
  const results: RunResult[] = [];
  await runSeeds(once, 1, (result) => results.push(result));
  assert.equal(results.length, once.length);
  const failures = results.map((result) => describeFailure(result, 1)).join("");
  assert.equal(failures, "", failures);
});

test("[I1] [I3] [I8] seeds of later workloads that once found a mistake find none", async () => {
  // The second: a late wish for codes that took another's place; a release told without trust, and an ended code confirmed; an ACK
  // older than one that came by file, given again for ever; reports counted where they no longer were, so that each ACK seemed to
  // leave one over, and the device pushed without end. The third: a restored manager that gave a code under a sequence which it had forgotten.
  const once = { 2: [18, 97, 104, 231, 753, 488, 609, 677, 826], 3: [419] } as const;
  for (const workload of [2, 3] as const) {
    const results: RunResult[] = [];
    await runSeeds(once[workload], workload, (result) => results.push(result));
    assert.equal(results.length, once[workload].length);
    const failures = results.map((result) => describeFailure(result, workload)).join("");
    assert.equal(failures, "", failures);
  }
});

test("the same seed is the same run, also in other processes that take turns with many", async () => {
  const seeds = [5, 95, 3];
  const runs = await Promise.all(
    [seeds, seeds.toReversed(), seeds].map(async (order) => {
      const results: RunResult[] = [];
      await runSeeds(order, newestWorkload, (result) => results.push(result));
      return results.sort((a, b) => a.seed - b.seed);
    }),
  );
  const [first] = runs;
  assert.equal(first?.length, seeds.length);
  for (const run of runs) assert.deepEqual(run, first);
  assert.equal(new Set(first?.map(({ course }) => course)).size, seeds.length);
});

test("one seed is repeated with its acts, and a wrong command is told apart from a failure", async () => {
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text) };
  assert.equal(await simulate(["--seed", "5"], output), 0);
  assert.match(lines.join(""), /product-1: .*\n[\s\S]*every invariant held\n$/);
  assert.equal(await simulate(["--seeds", "none"], output), 2);
});
