import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { createSharedTurns, WriteTurns } from "./write-turns.ts";

test("turns are given in the order in which they were asked for, one at a time", async () => {
  const turns = new WriteTurns();
  const seen: string[] = [];
  const take = async (name: string) => {
    await turns.begin();
    seen.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`${name} ends`);
    turns.end();
  };
  await Promise.all(["first", "second", "third"].map(take));
  assert.deepEqual(
    seen,
    ["first", "second", "third"].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
});

test("a turn that another thread has is waited for without blocking this one", async () => {
  const shared = createSharedTurns();
  const turns = new WriteTurns(shared);
  const counter = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL("../../test-support/turn-taking-thread.ts", import.meta.url), {
    workerData: { shared, counter, rounds: 200 },
  });
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  for (let round = 0; round < 200; round += 1) {
    await turns.begin();
    await changeAlone(counter);
    turns.end();
  }
  await ended;
  assert.equal(counter[0], 400);
});

/** Read, wait, write: two that do it at the same time would lose a change. */
async function changeAlone(counter: Int32Array): Promise<void> {
  const before = counter[0] ?? 0;
  await new Promise((resolve) => setImmediate(resolve));
  counter[0] = before + 1;
}
