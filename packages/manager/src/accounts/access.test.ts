import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Access,
  extents,
  fullAccess,
  type Grant,
  isPermitted,
  isPermittedSomewhere,
  isSmartAccountSeen,
  isUnlimited,
  levels,
  type Place,
  seenVirtualAccounts,
} from "./access.ts";

const everywhere: Place = { smartAccountId: null, virtualAccountId: null };
const account = (smartAccountId: number): Place => ({ smartAccountId, virtualAccountId: null });
const part = (smartAccountId: number, virtualAccountId: number): Place => ({ smartAccountId, virtualAccountId });
const places = [everywhere, account(0), account(1), account(2), part(1, 1), part(1, 2), part(2, 1)];

test("[GEN-16] a grant covers its place and what is inside, and nothing beside or around it", () => {
  const coveredBy = (place: Place) =>
    places
      .filter((each) => isPermitted([{ ...place, role: "viewer" }], "read", each))
      .map((each) => places.indexOf(each));
  assert.deepEqual(coveredBy(everywhere), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(coveredBy(account(1)), [2, 4, 5]);
  assert.deepEqual(coveredBy(part(1, 2)), [5]);
});

test("[GEN-16] a viewer administers nothing, an administrator reads too, and a role of a later version may do nothing", () => {
  const may = (role: string) =>
    levels.filter((level) => isPermitted([{ ...everywhere, role } as Grant], level, account(1)));
  assert.deepEqual(
    [may("viewer"), may("administrator"), may("toString"), may("approver")],
    [["read"], [...levels], [], []],
  );
});

test("[GEN-16] only an administrator of everything has no limits, whatever else is granted", () => {
  assert.equal(isUnlimited(fullAccess), true);
  assert.equal(isUnlimited([{ ...account(1), role: "viewer" }, ...fullAccess]), true);
  for (const access of [
    [],
    [{ ...everywhere, role: "viewer" }],
    [{ ...account(1), role: "administrator" }],
  ] as Access[])
    assert.equal(isUnlimited(access), false);
});

test("[GEN-16] somewhere is a place of the asked extent or wider, of the same grant", () => {
  const where = (...access: Grant[]) => extents.filter((extent) => isPermittedSomewhere(access, "administer", extent));
  assert.deepEqual(where({ ...everywhere, role: "administrator" }), [...extents]);
  assert.deepEqual(where({ ...account(1), role: "administrator" }), ["virtual account", "smart account"]);
  assert.deepEqual(where({ ...part(1, 1), role: "administrator" }), ["virtual account"]);
  assert.deepEqual(where({ ...everywhere, role: "viewer" }, { ...part(1, 1), role: "administrator" }), [
    "virtual account",
  ]);
  assert.deepEqual(where(), []);
});

test("[GEN-16] of a smart account all is seen, or some virtual accounts, or not even that it is there", () => {
  const access: Access = [
    { ...part(1, 2), role: "viewer" },
    { ...part(1, 5), role: "administrator" },
    { ...account(2), role: "viewer" },
  ];
  assert.deepEqual(seenVirtualAccounts(access, 1), new Set([2, 5]));
  assert.equal(seenVirtualAccounts(access, 2), "all");
  assert.deepEqual(
    [1, 2, 3].map((id) => isSmartAccountSeen(access, id)),
    [true, true, false],
  );
});
