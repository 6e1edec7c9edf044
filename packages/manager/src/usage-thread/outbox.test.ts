import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "./outbox.ts";

test("what one turn adds is told together in its order, a long turn's in parts of eight at once", async () => {
  const told: (readonly number[])[] = [];
  const outbox = new Outbox<number>((items) => told.push(items));
  for (let item = 1; item <= 7; item += 1) outbox.add(item);
  assert.deepEqual(told, []);
  for (let item = 8; item <= 19; item += 1) outbox.add(item);
  assert.deepEqual(told, [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [9, 10, 11, 12, 13, 14, 15, 16],
  ]);
  await turn();
  assert.deepEqual(told.slice(2), [[17, 18, 19]]);
  await turn();
  assert.equal(told.length, 3);
});

test("when a turn ends with a full part nothing is left to tell", async () => {
  const told: (readonly number[])[] = [];
  const outbox = new Outbox<number>((items) => told.push(items));
  for (let item = 1; item <= 8; item += 1) outbox.add(item);
  await turn();
  outbox.add(9);
  await turn();
  assert.deepEqual(told, [[1, 2, 3, 4, 5, 6, 7, 8], [9]]);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
