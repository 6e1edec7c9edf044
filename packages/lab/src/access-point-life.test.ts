import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandomness } from "@countersign/simulation";
import fc from "fast-check";
import { firstAccessPoints, nextAccessPointChange } from "./access-point-life.ts";

test("access points come and go one at a time, none twice, and stay near their usual number", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 5, max: 30 }), (seed, usual) => {
      const randomness = new SeededRandomness(seed);
      let present = firstAccessPoints(usual);
      for (let step = 0; step < 50; step += 1) {
        const { join, leave } = nextAccessPointChange(present, usual, randomness);
        assert.equal(join.length + leave.length, 1);
        const gone = new Set(leave.map((udi) => udi.serialNumber));
        present = [...present.filter((udi) => !gone.has(udi.serialNumber)), ...join];
        assert.equal(new Set(present.map((udi) => udi.serialNumber)).size, present.length);
        assert.ok(Math.abs(present.length - usual) <= 4, `${present.length} instead of about ${usual}`);
      }
    }),
  );
});
