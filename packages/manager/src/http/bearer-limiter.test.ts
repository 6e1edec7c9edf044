import assert from "node:assert/strict";
import { test } from "node:test";
import { createBearerLimiter } from "./bearer-limiter.ts";

test("an address is blocked after its last allowed failure, for the rest of the minute, and no other is", () => {
  let now = 0;
  const limiter = createBearerLimiter(3, { now: () => now });
  for (let i = 0; i < 3; i += 1) {
    assert.equal(limiter.isBlocked("10.0.0.1"), false);
    limiter.countFailure("10.0.0.1");
  }
  assert.equal(limiter.isBlocked("10.0.0.1"), true);
  assert.equal(limiter.isBlocked("10.0.0.2"), false);
  now = 59_999;
  assert.equal(limiter.isBlocked("10.0.0.1"), true);
  now = 60_000;
  assert.equal(limiter.isBlocked("10.0.0.1"), false);
});

test("a flood of addresses cannot fill the memory: those beyond the bound are counted together", () => {
  const limiter = createBearerLimiter(2, { now: () => 0 });
  for (let i = 0; i < 20_000; i += 1) limiter.countFailure(`address-${i}`);
  assert.equal(limiter.isBlocked("address-19999"), true);
  assert.equal(limiter.isBlocked("address-1"), false);
});
