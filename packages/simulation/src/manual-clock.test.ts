import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "./manual-clock.ts";

test("timers fire in order of time, then of creation, and see their own instant", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), async (delays) => {
      const clock = new ManualClock(1000);
      const seen: [number, number, number][] = [];
      for (const [index, delay] of delays.entries()) {
        clock.callAt(1000 + delay, () => seen.push([1000 + delay, index, clock.now()]));
      }
      await clock.advanceTo(1050);
      const expected = delays
        .map((delay, index) => [1000 + delay, index, 1000 + delay] as const)
        .toSorted((one, other) => one[0] - other[0] || one[1] - other[1]);
      assert.deepEqual(seen, expected);
      assert.equal(clock.now(), 1050);
    }),
    { numRuns: 50 },
  );
});

test("a timer that a timer starts fires in the same advance, and a cancelled one never", async () => {
  const clock = new ManualClock(0);
  const seen: string[] = [];
  const cancel = clock.callAt(15, () => seen.push("cancelled"));
  clock.callAt(10, () => {
    seen.push("first");
    cancel();
    clock.callAt(20, () => seen.push("second"));
  });
  await clock.advanceBy(30);
  assert.deepEqual(seen, ["first", "second"]);
  assert.equal(clock.nextTimerAtMs, null);
});

test("time stands still between advances, and a jump fires nothing", async () => {
  const clock = new ManualClock(0);
  let fired = 0;
  clock.callAt(10, () => {
    fired += 1;
  });
  clock.jump(100);
  assert.deepEqual([clock.now(), fired], [100, 0]);
  await clock.advanceBy(0);
  assert.deepEqual([clock.now(), fired], [100, 1]);
});
