import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SeededRandomness } from "./seeded-randomness.ts";

test("the same seed repeats the same sequence, another seed another", () => {
  const take = (seed: number) => {
    const random = new SeededRandomness(seed);
    return Array.from({ length: 8 }, () => random.nextUint32());
  };
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      assert.deepEqual(take(seed), take(seed));
      assert.notDeepEqual(take(seed), take(seed + 1));
    }),
  );
});

test("numbers below an end stay below it and spread evenly", () => {
  const random = new SeededRandomness(7);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i += 1) {
    const value = random.nextBelow(10);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  // Ten thousand each; five standard deviations are about 475.
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 475, `${counts}`);
});

test("there is nothing to pick from an empty list", () => {
  assert.throws(() => new SeededRandomness(1).pick([]), RangeError);
});
