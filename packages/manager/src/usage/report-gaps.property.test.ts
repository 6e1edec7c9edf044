import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mayFillGap, noteReported, type ReportGap, type SeenIds } from "./report-gaps.ts";

const range = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 6 }))
  .map(([from, more]) => ({ from, to: from + more }));

test("[I4] whatever the order, what is missing is exactly what lies between the ids received", () => {
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 25 }), (ranges) => {
      let seen: SeenIds = { min: null, max: null };
      let gaps: readonly ReportGap[] = [];
      const received = new Set<number>();
      for (const one of ranges) {
        const overlapping = mayFillGap(seen, one) ? gaps.filter((gap) => gap.from <= one.to && gap.to >= one.from) : [];
        const change = noteReported(seen, one, overlapping);
        seen = change.seen;
        gaps = [...gaps.filter((gap) => !change.removed.includes(gap)), ...change.added];
        for (let id = one.from; id <= one.to; id += 1) received.add(id);
      }
      const missing = gaps
        .flatMap((gap) => Array.from({ length: gap.to - gap.from + 1 }, (_, at) => gap.from + at))
        .sort((a, b) => a - b);
      const [min, max] = [Math.min(...received), Math.max(...received)];
      const expected = Array.from({ length: max - min + 1 }, (_, at) => min + at).filter((id) => !received.has(id));
      assert.deepEqual(missing, expected);
      assert.deepEqual(seen, { min, max });
    }),
  );
});

test("only a hole that a new report opens is revealed; one that closes or splits is not", () => {
  assert.deepEqual(noteReported({ min: 1, max: 3 }, { from: 7, to: 7 }, []).revealed, { from: 4, to: 6 });
  assert.equal(noteReported({ min: 1, max: 7 }, { from: 5, to: 5 }, [{ from: 4, to: 6 }]).revealed, null);
});
