import assert from "node:assert/strict";
import { test } from "node:test";
import { LargeMessageTurns, largeMessageBytesTogetherMax, smallMessageBytesMax } from "./large-message-turns.ts";

/** Begins messages of these sizes, and notes in `begun` which may work. */
function queue(turns: LargeMessageTurns, ...sizes: readonly number[]) {
  const begun: number[] = [];
  const waits = sizes.map(async (bytes, at) => {
    const wait = turns.begin(bytes);
    if (wait !== null) await wait;
    begun.push(at);
  });
  return { begun, all: Promise.all(waits) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const half = largeMessageBytesTogetherMax / 2;

test("large messages work together up to their bytes, one byte more waits, and a small one never does", async () => {
  const turns = new LargeMessageTurns();
  const { begun } = queue(turns, half, half, smallMessageBytesMax + 1, smallMessageBytesMax);
  await settled();
  assert.deepEqual(begun, [0, 1, 3]);

  const others = new LargeMessageTurns();
  const more = queue(others, half, half + 1);
  await settled();
  assert.deepEqual(more.begun, [0]);
  others.end(half);
  await more.all;
  assert.deepEqual(more.begun, [0, 1]);
});

test("nobody is passed over by one that would fit, and what is larger than all the room goes alone", async () => {
  const turns = new LargeMessageTurns();
  const { begun, all } = queue(turns, half, largeMessageBytesTogetherMax + 1, half, half);
  await settled();
  assert.deepEqual(begun, [0]);
  turns.end(half);
  await settled();
  assert.deepEqual(begun, [0, 1]);
  turns.end(largeMessageBytesTogetherMax + 1);
  await all;
  assert.deepEqual(begun, [0, 1, 2, 3]);
});

test("the end of a small message makes no room", async () => {
  const turns = new LargeMessageTurns();
  const { begun } = queue(turns, largeMessageBytesTogetherMax, smallMessageBytesMax, half);
  await settled();
  turns.end(smallMessageBytesMax);
  await settled();
  assert.deepEqual(begun, [0, 1]);
});
