import assert from "node:assert/strict";
import { test } from "node:test";
import { reportsPerDeviceMessageMax } from "@countersign/protocol";
import { defaultManagerOptions, prefersCallerThread } from "../manager-options.ts";
import { isVerifiedOnCaller } from "./check-reports.ts";

test("each algorithm has its own number of signatures up to which the calling thread verifies; any other algorithm has none", () => {
  const options = { verifiedOnCallerMax: { SHA256: 7, ES256: 2 } };
  const verdicts = (algorithm: string, ...counts: readonly number[]) =>
    counts.map((count) => isVerifiedOnCaller(algorithm, count, options));
  assert.deepEqual(verdicts("SHA256", 1, 7, 8), [true, true, false]);
  assert.deepEqual(verdicts("ES256", 1, 2, 3), [true, true, false]);
  assert.deepEqual(verdicts("toString", 0, 1), [false, false]);
});

test("of a device's largest message RSA is verified on the calling thread where few processors are, and a relay's on the pool", () => {
  const isHere = (count: number) => isVerifiedOnCaller("SHA256", count, defaultManagerOptions);
  assert.equal(isHere(reportsPerDeviceMessageMax), prefersCallerThread);
  assert.equal(isHere(reportsPerDeviceMessageMax + 1), false);
});
