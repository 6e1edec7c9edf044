import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManualTime } from "./manual-time.ts";

test("any number of timers fire in order of time, then of creation, and see their own instant", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), async (delays) => {
      const time = new ManualTime(1000);
      const seen: [number, number, number][] = [];
      for (const [index, delay] of delays.entries()) time.start(delay, () => seen.push([delay, index, time.now()]));
      await time.advanceTo(1050);
      const expected = delays
        .map((delay, index): [number, number, number] => [delay, index, 1000 + delay])
        .toSorted((one, other) => one[0] - other[0] || one[1] - other[1]);
      assert.deepEqual([seen, time.now()], [expected, 1050]);
    }),
    { numRuns: 50 },
  );
});

test("timers fire in order, each at its own moment, and so do those that a timer starts", async () => {
  const time = new ManualTime(1_000);
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, time.now()]);
  time.start(300, note("late"));
  time.start(100, () => {
    note("early")();
    time.start(50, note("started by early"));
  });
  const cancel = time.start(200, note("cancelled"));
  cancel();
  assert.equal(time.nextTimerAt(), 1_100);
  await time.advanceTo(1_250);
  assert.deepEqual(fired, [
    ["early", 1_100],
    ["started by early", 1_150],
  ]);
  await time.advanceTo(2_000);
  assert.deepEqual(fired.at(-1), ["late", 1_300]);
  assert.deepEqual([time.now(), time.nextTimerAt()], [2_000, null]);
});

test("a jump of the wall clock moves no timer and not the clock that never jumps", async () => {
  const time = new ManualTime(1_000_000);
  let firedAt: number | null = null;
  time.start(100, () => {
    firedAt = time.now();
  });
  time.jump(-500_000);
  assert.deepEqual([time.now(), time.monotonicMs(), time.nextTimerAt()], [500_000, 0, 500_100]);
  await time.advanceTo(500_200);
  assert.equal(firedAt, 500_100);
});
