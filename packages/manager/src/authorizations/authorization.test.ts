import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuthorizedLicense } from "@countersign/protocol";
import { isSameLicenses, wantedLicenses } from "./authorization.ts";

const tagOf = (at: number) =>
  `regid.2031-01.org.example.EDGE,1.0_00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;
const key = (at: number, count: number): AuthorizedLicense => ({
  entitlement_tag: tagOf(at),
  license_class: "enforced",
  count,
});

test("what is added raises a count and never lowers one, in any order and however often", () => {
  const has = [key(1, 2), key(2, 5)];
  const wanted = wantedLicenses({ mode: "add", keys: [key(3, 1), key(1, 3), key(2, 1)] }, has);
  assert.deepEqual(wanted, [key(1, 3), key(2, 5), key(3, 1)]);
  assert.ok(isSameLicenses(wantedLicenses({ mode: "add", keys: [key(1, 3)] }, wanted), wanted));
});

test("what replaces is all there is", () => {
  assert.deepEqual(wantedLicenses({ mode: "replace", keys: [key(3, 1)] }, [key(1, 2)]), [key(3, 1)]);
});

test("one code holds 64 entitlements, and no more", () => {
  const many = Array.from({ length: 64 }, (_, at) => key(at, 1));
  assert.equal(wantedLicenses({ mode: "add", keys: [key(0, 2)] }, many).length, 64);
  assert.throws(() => wantedLicenses({ mode: "add", keys: [key(64, 1)] }, many), { code: "payload_invalid" });
});
