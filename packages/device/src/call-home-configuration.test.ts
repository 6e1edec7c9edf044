import assert from "node:assert/strict";
import { test } from "node:test";
import { messageBytesMax } from "@countersign/protocol";
import fc from "fast-check";
import * as v from "valibot";
import {
  type CallHomeConfiguration,
  callHomeMessageBytesMax,
  callHomeProfilesMax,
  callHomeSchema,
  callHomeUrl,
  defaultCallHome,
  defaultProfileName,
  type EditedCallHome,
  editProfile,
  withContact,
  withoutProfile,
  withProfile,
} from "./call-home-configuration.ts";

const isTaken = (edited: EditedCallHome): boolean => typeof edited !== "string";

function made(edited: EditedCallHome): CallHomeConfiguration {
  assert(typeof edited !== "string", String(edited));
  return edited;
}

test("[TRN-28] the limit that is shown is that of the messages", () => {
  assert.equal(callHomeMessageBytesMax, messageBytesMax);
});

test("profiles, names, addresses and contacts are taken up to their limits, and not beyond", () => {
  let callHome = defaultCallHome;
  for (let count = 1; count < callHomeProfilesMax; count += 1) callHome = made(withProfile(callHome, `Lab-${count}`));
  assert.equal(callHome.profiles.length, callHomeProfilesMax);
  assert.equal(isTaken(withProfile(callHome, "Another")), false);
  assert.equal(isTaken(withProfile(callHome, "lab-1")), true, "it is there already");
  assert.deepEqual(
    [31, 32].map((length) => isTaken(withProfile(defaultCallHome, "n".repeat(length)))),
    [true, false],
  );
  const url = (length: number) => "https://lab.example/".padEnd(length, "a");
  assert.deepEqual(
    [2048, 2049].map((length) => isTaken(editProfile(defaultCallHome, defaultProfileName, { url: url(length) }))),
    [true, false],
  );
  assert.deepEqual(
    [200, 201].map((length) => isTaken(withContact(defaultCallHome, "@lab.example".padStart(length, "a")))),
    [true, false],
  );
});

test("an address with credentials, of another scheme, or of no profile is refused, and the device's own profile stays", () => {
  for (const url of ["https://ada:secret@lab.example/", "ftp://lab.example/", "lab.example"]) {
    assert.equal(isTaken(editProfile(defaultCallHome, defaultProfileName, { url })), false, url);
  }
  assert.equal(isTaken(editProfile(defaultCallHome, "Nobody", { isActive: true })), false);
  assert.equal(isTaken(withoutProfile(defaultCallHome, "Nobody")), false);
  assert.equal(isTaken(withoutProfile(defaultCallHome, defaultProfileName)), false);
});

test("[TRN-24] [FAIL-34] whatever is entered, at most one active profile carries licensing, and it says where", () => {
  const names = [defaultProfileName, "One", "Two"];
  const edit = fc.record({
    name: fc.constantFrom(...names),
    change: fc.record(
      { isActive: fc.boolean(), carriesLicensing: fc.boolean(), url: fc.constantFrom(null, "https://a.example/") },
      { requiredKeys: [] },
    ),
  });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 12 }), fc.boolean(), (edits, isOn) => {
      let callHome = names.reduce((now, name) => made(withProfile(now, name)), { ...defaultCallHome, isOn });
      for (const { name, change } of edits) {
        const next = editProfile(callHome, name, change);
        if (typeof next !== "string") callHome = next;
      }
      const carrying = callHome.profiles.filter(({ isActive, carriesLicensing }) => isActive && carriesLicensing);
      assert(carrying.length <= 1);
      if (!isOn || carrying.length === 0) assert.equal(callHomeUrl(callHome), null);
      v.parse(callHomeSchema, callHome);
    }),
  );
});
