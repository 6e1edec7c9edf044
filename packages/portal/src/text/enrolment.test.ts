import assert from "node:assert/strict";
import { test } from "node:test";
import { enrolmentLines, promiseOf } from "./enrolment.ts";

const wish = { virtualAccount: "Campus", usesMax: 1, expiresAfterDays: 30, exportControlAllowed: false };

test("what a token allows is said before it is made", () => {
  assert.equal(
    promiseOf(wish),
    "For 30 d whoever has this token can let 1 device into Campus. Every member of a stack or an HA pair counts as one.",
  );
  const more = promiseOf({ ...wish, usesMax: 40, expiresAfterDays: 365, exportControlAllowed: true });
  assert.match(more, /^For 1 y whoever .* up to 40 devices into Campus and use export-controlled functions\. /);
});

test("the lines for a device name the manager that made the token", () => {
  const lines = enrolmentLines("https://manager.example:8443", "Zm9v%3D").split("\n");
  assert.ok(lines.includes("license smart url smart https://manager.example:8443/licservice/license"));
  assert.equal(lines.at(-1), "license smart trust idtoken Zm9v%3D all");
});
