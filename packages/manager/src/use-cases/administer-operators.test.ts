import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdministrationErrorCode } from "../errors.ts";
import { createTestManager, operator } from "../test-support/core-manager.ts";

const refuses = (work: Promise<unknown>, code: AdministrationErrorCode) => assert.rejects(work, { code });
const hash = (digit: string) => digit.repeat(64);

test("an operator's token works until the operator is removed, and is stored only as a hash", async () => {
  const { useCases, storage } = await createTestManager();
  assert.deepEqual(await useCases.listOperators(), []);
  const { bearer, operatorId } = await useCases.addOperator({ name: "ada", cause: operator });
  assert.equal((await useCases.findOperator(bearer))?.operatorId, operatorId);
  assert.equal(await useCases.findOperator(`${bearer}x`), undefined);
  assert.equal(await useCases.findOperator(""), undefined);
  const kept = JSON.stringify([
    await storage.read.operators.listOperators(),
    await useCases.listAuditEntries({ manager: true }),
    await useCases.listEvents({ manager: true }),
  ]);
  assert.equal(kept.includes(bearer), false);
  await useCases.removeOperator({ name: "ada", cause: operator });
  assert.equal(await useCases.findOperator(bearer), undefined);
  assert.deepEqual(await useCases.listOperators(), []);
});

test("[I6] acts on operators stand in the managers' own ledger, which has an id of its own", async () => {
  const { useCases, storage } = await createTestManager();
  assert.equal(await storage.read.accounts.findManagerLedger(), undefined);
  await useCases.addOperator({ name: "ada", cause: operator });
  const ledgerId = await storage.read.accounts.findManagerLedger();
  assert.match(ledgerId ?? "", /^[0-9a-f-]{36}$/);
  await useCases.removeOperator({ name: "ada", cause: { kind: "local", reason: "left" } });
  assert.equal(await storage.read.accounts.findManagerLedger(), ledgerId);
  const acts = await useCases.listAuditEntries({ manager: true });
  assert.deepEqual(
    acts.map(({ leafIndex, act, by, reason }) => [leafIndex, act, by.kind, reason]),
    [
      [1, "remove_operator", "local", "left"],
      [0, "add_operator", "operator", null],
    ],
  );
  assert.deepEqual(
    (await useCases.listEvents({ manager: true })).map(({ kind, leafIndex }) => [kind, leafIndex]),
    [
      ["operator_removed", 1],
      ["operator_added", 0],
    ],
  );
  assert.equal((await useCases.listAuditEntries({})).length, 1, "the account's ledger has the account's acts only");
});

test("a name that is taken, unknown or malformed is refused with its code; a removed one is free again", async () => {
  const { useCases } = await createTestManager();
  const first = await useCases.addOperator({ name: "ada", cause: operator });
  await refuses(useCases.addOperator({ name: "ada", cause: operator }), "operator_exists");
  await refuses(useCases.addOperator({ name: "a\nb", cause: operator }), "input_invalid");
  await refuses(useCases.addOperator({ name: "a".repeat(257), cause: operator }), "input_invalid");
  await refuses(useCases.removeOperator({ name: "bob", cause: operator }), "operator_unknown");
  await useCases.removeOperator({ name: "ada", cause: operator });
  await refuses(useCases.removeOperator({ name: "ada", cause: operator }), "operator_unknown");
  const second = await useCases.addOperator({ name: "ada", cause: operator });
  assert.notEqual(first.operatorId, second.operatorId);
  assert.equal(await useCases.findOperator(first.bearer), undefined);
});

test("operators of a file are taken over once: no token twice, none that was removed, and no name twice", async () => {
  const { useCases } = await createTestManager();
  const inFile = (name: string, digit: string) => ({ name, tokenSha256: hash(digit), createdAtMs: 5 });
  const take = (...operators: ReturnType<typeof inFile>[]) =>
    useCases.takeOverOperators({ operators, cause: operator });
  const names = async () => (await useCases.listOperators()).map(({ name }) => name);
  assert.equal(await take(inFile("ada", "a"), inFile("bob", "b")), 2);
  assert.equal(await take(inFile("ada", "a"), inFile("bob", "b")), 0);
  assert.equal(await take(inFile("ada", "c")), 1, "another manager's ada has another token");
  assert.deepEqual(await names(), ["ada", "bob", "ada-2"]);
  await useCases.removeOperator({ name: "bob", cause: operator });
  assert.equal(await take(inFile("bob", "b")), 0, "a copy of the file brings nobody back");
  assert.deepEqual(await names(), ["ada", "ada-2"]);
  const [, taken] = await useCases.listAuditEntries({ manager: true });
  assert.deepEqual(taken?.changes[0]?.after, {
    ...{ operatorId: 3, name: "ada-2", createdAtMs: 5, nameInFile: "ada" },
    grants: [{ role: "administrator", smartAccount: null, virtualAccount: null }],
  });
});
