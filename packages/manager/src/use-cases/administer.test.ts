import assert from "node:assert/strict";
import { test } from "node:test";
import { type AuditEntry, changesPerEntryMax } from "../audit/audit-entry.ts";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import { baseTag, createTrustedDevice } from "../test-support/core-device.ts";
import { createTestManager, operator } from "../test-support/core-manager.ts";
import { FailingStorage } from "../test-support/failing-storage.ts";

const csvOf = (rows: number) => Buffer.from(`tag,quantity\n${`"${baseTag}",1\n`.repeat(rows)}`);

test("[I6] an act says who, what, why, when, before and after; each of its events names its leaf", async () => {
  const { useCases, clock } = await createTestManager();
  const cause = { kind: "operator", name: "ada", operatorId: 3, reason: "quarter end" } as const;
  await useCases.setPolicy({ layer: { name: "First" }, cause });
  clock.advance(1000);
  await useCases.setPolicy({ layer: { name: "Second" }, cause });
  const [second, first] = await useCases.listAuditEntries({});
  assert.deepEqual([first?.leafIndex, second?.leafIndex, second?.act], [1, 2, "set_policy"]);
  assert.deepEqual(JSON.parse(second?.entry ?? ""), {
    version: "1.0",
    act: "set_policy",
    part: 1,
    parts: 1,
    at: new Date(clock.now()).toISOString(),
    by: { kind: "operator", name: "ada", operator_id: 3 },
    reason: "quarter end",
    file_sha256: null,
    changes: [
      {
        event: "policy_set",
        virtual_account_id: null,
        installation_id: null,
        before: { version: 2, layer: { source: "account", name: "First" } },
        after: { version: 3, layer: { source: "account", name: "Second" } },
      },
    ],
  } satisfies AuditEntry);
  const events = await useCases.listEvents({ limit: 2 });
  assert.deepEqual(
    events.map(({ kind, leafIndex }) => [kind, leafIndex]),
    [
      ["policy_set", 2],
      ["policy_set", 1],
    ],
  );
});

test("[I6] what a device or the manager itself changes is no act, and its events name no leaf", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const acts = (await manager.useCases.listAuditEntries({})).length;
  await device.use({ reportId: 1, count: 2 });
  assert.equal((await manager.useCases.listAuditEntries({})).length, acts);
  const [event] = await manager.useCases.listEvents({ limit: 1 });
  assert.deepEqual([event?.kind, event?.leafIndex], ["usage_reported", null]);
});

test("[I6] an act whose nth storage call fails changes nothing and leaves no entry, leaf or event", async () => {
  const storage = new FailingStorage(openSqliteStorage(":memory:", 0));
  const { useCases } = await createTestManager({ storage });
  const state = async () => ({
    head: await storage.read.ledger.readHead(1),
    tokens: await useCases.listTokens({}),
    acts: await useCases.listAuditEntries({}),
    events: await useCases.listEvents({}),
  });
  const before = await state();
  for (let calls = 0; ; calls += 1) {
    storage.callsLeft = calls;
    const failed = await useCases.createToken({ cause: operator }).then(
      () => false,
      () => true,
    );
    storage.callsLeft = null;
    if (!failed) {
      assert.ok(calls > 8, `only ${calls} calls`);
      break;
    }
    assert.deepEqual(await state(), before, `call ${calls}`);
  }
  const after = await state();
  assert.deepEqual(
    [after.head.size - before.head.size, after.acts.length - before.acts.length, after.tokens.length],
    [1, 1, 1],
  );
});

test("an act that changes nothing appends nothing", async () => {
  const { useCases } = await createTestManager();
  const { tokenId } = await useCases.createToken({ cause: operator });
  await useCases.revokeToken({ tokenId, cause: operator });
  const acts = await useCases.listAuditEntries({});
  await useCases.revokeToken({ tokenId, cause: operator });
  assert.deepEqual(await useCases.listAuditEntries({}), acts);
});

test("an act with more changes than fit one entry is several with consecutive leaves; at the limit it is one", async () => {
  const { useCases } = await createTestManager();
  for (const [rows, parts] of [
    [changesPerEntryMax, 1],
    [changesPerEntryMax + 1, 2],
  ] as const) {
    const [before] = await useCases.listAuditEntries({ limit: 1 });
    await useCases.importLicenses({ bytes: csvOf(rows), cause: operator });
    const acts = await useCases.listAuditEntries({ limit: parts });
    assert.deepEqual(
      acts.map((act) => [act.leafIndex, act.part, act.parts]).reverse(),
      Array.from({ length: parts }, (_, at) => [(before?.leafIndex ?? 0) + 1 + at, at + 1, parts]),
    );
    assert.equal(
      acts.reduce((sum, { changes }) => sum + changes.length, 0),
      rows,
    );
  }
});

test("acts are listed by time, operator and act, page by page, and shown by their leaf", async () => {
  const { useCases, clock } = await createTestManager();
  const by = (name: string) => ({ kind: "operator", name, operatorId: 1 }) as const;
  const startMs = clock.now();
  for (const name of ["ada", "bob", "ada"]) {
    clock.advance(1000);
    await useCases.createToken({ cause: by(name) });
    await useCases.createVirtualAccount({ name: `${clock.now()}`, cause: by(name) });
  }
  const leaves = async (query: Parameters<typeof useCases.listAuditEntries>[0]) =>
    (await useCases.listAuditEntries(query)).map(({ leafIndex }) => leafIndex);
  assert.deepEqual(await leaves({}), [6, 5, 4, 3, 2, 1, 0]);
  assert.deepEqual(await leaves({ operator: "ada" }), [6, 5, 2, 1]);
  assert.deepEqual(await leaves({ act: "create_token" }), [5, 3, 1]);
  assert.deepEqual(await leaves({ fromMs: startMs + 2000, toMs: startMs + 3000 }), [4, 3]);
  assert.deepEqual(await leaves({ operator: "ada", limit: 2, after: 6 }), [5, 2]);
  assert.equal((await useCases.showAuditEntry({ leafIndex: 3 })).operator, "bob");
  await assert.rejects(useCases.showAuditEntry({ leafIndex: 7 }), { code: "audit_entry_unknown" });
  await assert.rejects(useCases.listAuditEntries({ manager: true, smartAccount: "Example" }), {
    code: "input_invalid",
  });
});
