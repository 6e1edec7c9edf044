import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LargeMessageTurns,
  largeMessageBytesTogetherMax,
  largeMessagesTogetherMin,
  smallMessageBytesMax,
} from "./large-message-turns.ts";

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
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);
const share = largeMessageBytesTogetherMax / 16;
const sixteen = upTo(16).map(() => share);

test("large messages work together up to their bytes, one byte more waits, and a small one never does", async () => {
  const turns = new LargeMessageTurns();
  const { begun } = queue(turns, ...sixteen, smallMessageBytesMax + 1, smallMessageBytesMax);
  await settled();
  assert.deepEqual(begun, [...upTo(16), 17]);

  const others = new LargeMessageTurns();
  const more = queue(others, ...sixteen.slice(1), share + 1);
  await settled();
  assert.deepEqual(more.begun, upTo(15));
  others.end(share);
  await more.all;
  assert.deepEqual(more.begun, upTo(16));
});

test("however large they are, so many work together, and one more waits", async () => {
  const turns = new LargeMessageTurns();
  const sizes = upTo(largeMessagesTogetherMin + 1).map(() => largeMessageBytesTogetherMax);
  const { begun, all } = queue(turns, ...sizes);
  await settled();
  assert.deepEqual(begun, upTo(largeMessagesTogetherMin));
  turns.end(largeMessageBytesTogetherMax);
  await all;
  assert.deepEqual(begun, upTo(largeMessagesTogetherMin + 1));
});

test("nobody is passed over by one that would fit", async () => {
  const turns = new LargeMessageTurns();
  const { begun, all } = queue(turns, ...sixteen, share + 1, share);
  await settled();
  assert.deepEqual(begun, upTo(16));
  turns.end(share);
  await settled();
  assert.deepEqual(begun, upTo(16), "the one that would fit stands behind the one that does not");
  turns.end(share);
  turns.end(share);
  await all;
  assert.deepEqual(begun, upTo(18));
});

test("the end of a small message makes no room", async () => {
  const turns = new LargeMessageTurns();
  const { begun } = queue(turns, ...sixteen, smallMessageBytesMax, share);
  await settled();
  turns.end(smallMessageBytesMax);
  await settled();
  assert.deepEqual(begun, upTo(17));
});
