import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { repeatWhileRunning } from "./repeat-while-running.ts";

test("work is done at once and again, never twice at a time, also after it failed, and is waited for at the end", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const begun: AbortSignal[] = [];
  const ends: { resolve(): void; reject(cause: Error): void }[] = [];
  const failures: unknown[] = [];
  const work = (signal: AbortSignal) => {
    begun.push(signal);
    return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
  };
  const repeated = repeatWhileRunning(work, 1000, (cause) => failures.push(cause));
  assert.equal(begun.length, 1);
  t.mock.timers.tick(5000);
  assert.equal(begun.length, 1, "it runs still");

  ends[0]?.resolve();
  await turn();
  assert.equal(begun.length, 1, "what was missed is not made up for");
  t.mock.timers.tick(1000);
  assert.equal(begun.length, 2);

  const failure = new Error("away");
  ends[1]?.reject(failure);
  await turn();
  t.mock.timers.tick(1000);
  assert.deepEqual([begun.length, failures], [3, [failure]]);

  let isStopped = false;
  const stopped = repeated.stop().then(() => {
    isStopped = true;
  });
  t.mock.timers.tick(5000);
  await turn();
  assert.deepEqual([begun.length, begun[2]?.aborted, isStopped], [3, true, false]);
  ends[2]?.resolve();
  await stopped;
});
