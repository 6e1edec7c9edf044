import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decidesOver, type InUse, usageDifference } from "./in-use.ts";

const measurement: fc.Arbitrary<InUse> = fc.record({
  count: fc.nat({ max: 50 }),
  endsAtSeconds: fc.nat({ max: 20 }),
  reportId: fc.nat({ max: 20 }),
  isVerified: fc.boolean(),
});
/** One report has one content, so equal keys mean equal measurements. */
const measurements = fc.uniqueArray(measurement, { selector: (one) => one.reportId, maxLength: 12 });

function decide(all: readonly InUse[]): InUse | undefined {
  let current: InUse | undefined;
  for (const one of all) if (decidesOver(one, current)) current = one;
  return current;
}

test("any order and repetition of reports leaves the same in use", () => {
  fc.assert(
    fc.property(
      measurements.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.shuffledSubarray(all)),
      ),
      ([all, shuffled, repeated]) => assert.deepEqual(decide([...shuffled, ...repeated]), decide(all)),
    ),
  );
});

test("sums kept by difference are the sums counted anew", () => {
  fc.assert(
    fc.property(measurements, (all) => {
      const sums = { verified: 0, unverified: 0, installations: 0 };
      let current: InUse | undefined;
      for (const one of all) {
        if (!decidesOver(one, current)) continue;
        const difference = usageDifference(current, one);
        sums.verified += difference.verified;
        sums.unverified += difference.unverified;
        sums.installations += difference.installations;
        current = one;
      }
      const count = current?.count ?? 0;
      const expected = current?.isVerified ? { verified: count, unverified: 0 } : { verified: 0, unverified: count };
      assert.deepEqual(sums, { ...expected, installations: Number(count > 0) });
    }),
  );
});

test("an unverified measurement never stands over a verified one, however late it ends", () => {
  const verified: InUse = { count: 4, endsAtSeconds: 10, reportId: 1, isVerified: true };
  const unverified: InUse = { count: 9, endsAtSeconds: 999, reportId: 2, isVerified: false };
  assert.deepEqual(decide([verified, unverified]), verified);
  assert.deepEqual(decide([unverified, verified]), verified);
});
