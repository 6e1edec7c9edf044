// What every storage has to do for administrators: acts beside their leaves, operators, and the purge of old bodies. Part of
// the suite of storage-conformance.ts.

import assert from "node:assert/strict";
import { type Access, fullAccess } from "../accounts/access.ts";
import type { StoredAuditEntry } from "../audit/audit-entry.ts";
import type { NewAuthorization } from "../authorizations/authorization.ts";
import type { NewEvent } from "../events/event.ts";
import { managerScope, type Storage, type VirtualAccountIds } from "../storage-ports.ts";
import type { NewAcceptedReport } from "../usage/stored-report.ts";
import type { Define } from "./storage-behaviour.ts";

const atMs = 1_900_000_000_123;

export function describeAdministration(withStorage: Define): void {
  withStorage("[I6] acts come back with the exact text, by leaf and by every filter", async (storage) => {
    const smartAccountId = await addAccount(storage);
    const entry = (leafIndex: number, more: Partial<StoredAuditEntry> = {}): StoredAuditEntry => ({
      ...{ smartAccountId, leafIndex, atMs: atMs + leafIndex, act: "create_token", operator: "ada" },
      ...{ entry: '{"é":"\\u0000 “”"}', ...more },
    });
    const own = entry(0, { smartAccountId: managerScope, act: "add_operator", operator: null });
    const all = [entry(0), entry(3, { operator: null }), entry(2 ** 40, { act: "set_policy" })];
    await storage.inTransaction(async ({ audit }) => {
      for (const one of [...all, own]) await audit.addAuditEntry(one);
    });
    const { audit } = storage.read;
    assert.deepEqual(await audit.findAuditEntry(smartAccountId, 3), all[1]);
    assert.equal(await audit.findAuditEntry(smartAccountId, 4), undefined);
    const counted = [0, 2, 3, 4].map(async (leaf) => audit.countAuditEntries(smartAccountId, leaf));
    assert.deepEqual(
      await Promise.all(counted),
      [0, 2, 3, 4].map((leaf) => all.filter(({ leafIndex }) => leafIndex >= leaf).length),
    );
    const every = { smartAccountId, virtualAccountIds: null, fromMs: null, toMs: null, operator: null, act: null };
    const leaves = async (wish: object, page = { limit: 10, after: null as number | null }) =>
      (await audit.listAuditEntries({ ...every, page, ...wish })).map(({ leafIndex }) => leafIndex);
    assert.deepEqual(await audit.listAuditEntries({ ...every, page: { limit: 10, after: null } }), all.toReversed());
    assert.deepEqual(await leaves({ operator: "ada" }), [2 ** 40, 0]);
    assert.deepEqual(await leaves({ act: "create_token" }), [3, 0]);
    assert.deepEqual(await leaves({ fromMs: atMs + 3, toMs: atMs + 2 ** 40 }), [3]);
    assert.deepEqual(await leaves({}, { limit: 1, after: 2 ** 40 }), [3]);
    assert.deepEqual(await leaves({ smartAccountId: managerScope }), [0]);
    await assert.rejects(storage.inTransaction(({ audit: writer }) => writer.addAuditEntry(entry(3))));
  });

  withStorage("events name the leaf of their act, or none", async (storage) => {
    const smartAccountId = await addAccount(storage);
    const event: NewEvent = {
      ...{ smartAccountId, atMs, kind: "policy_set", virtualAccountId: null, installationId: null },
      ...{ cause: { kind: "local", reason: "é" }, before: null, after: 1 },
    };
    await storage.inTransaction(async ({ events }) => {
      await events.addEvents([event, event], 2 ** 40);
      await events.addEvents([event]);
      await events.addEvents([{ ...event, smartAccountId: managerScope }], 0);
    });
    const listed = async (scope: number) => {
      const place = { smartAccountId: scope, virtualAccountIds: null, installationId: null };
      const found = await storage.read.events.listEvents({ ...place, page: { limit: 9, after: null } });
      return found.map(({ eventId, leafIndex }) => [eventId, leafIndex]);
    };
    assert.deepEqual(await listed(smartAccountId), [
      [3, null],
      [2, 2 ** 40],
      [1, 2 ** 40],
    ]);
    assert.deepEqual(await listed(managerScope), [[1, 0]]);
  });

  withStorage(
    "authorization codes come back by device and sequence, change their state, and are summed",
    async (storage) => {
      const smartAccountId = await addAccount(storage);
      const code = (instanceId: number, sequence: number): NewAuthorization => ({
        ...{ smartAccountId, instanceId, virtualAccountId: 1, sequence, state: "generated" },
        ...{ payload: '{"é":"“”"}', issuedAtMs: atMs, changedAtMs: atMs },
      });
      const [one, two, other] = await storage.inTransaction(async ({ authorizations }) => {
        const added = [];
        for (const each of [code(7, 1), code(7, 2 ** 40), code(8, 1)])
          added.push(await authorizations.addAuthorization(each));
        await authorizations.changeAuthorizedTotal(smartAccountId, 1, "tag", 2 ** 40);
        await authorizations.changeAuthorizedTotal(smartAccountId, 1, "tag", -1);
        assert.equal(await authorizations.findAuthorizedTotal(smartAccountId, 1, "tag"), 2 ** 40 - 1);
        return added;
      });
      assert.ok(one && two && other);
      assert.deepEqual(
        [one, two, other].map(({ authorizationId }) => authorizationId),
        [1, 2, 3],
      );
      const { authorizations } = storage.read;
      assert.deepEqual(await authorizations.findNewestAuthorization(smartAccountId, 7), two);
      assert.equal(await authorizations.findNewestAuthorization(smartAccountId, 9), undefined);
      assert.deepEqual(await authorizations.findAuthorization(smartAccountId, 7, 1), one);
      assert.equal(await authorizations.findAuthorization(smartAccountId, 7, 2), undefined);
      const moved = { ...one, state: "withdrawn", virtualAccountId: 2, changedAtMs: atMs + 1 } as const;
      await storage.inTransaction(({ authorizations: writer }) => writer.changeAuthorization(moved));
      assert.deepEqual(await authorizations.findAuthorization(smartAccountId, 7, 1), moved);
      const every = { smartAccountId, virtualAccountIds: null, instanceId: null, page: { limit: 9, after: null } };
      const idsOf = async (wish: object) =>
        (await authorizations.listAuthorizations({ ...every, ...wish })).map(({ authorizationId }) => authorizationId);
      assert.deepEqual(await authorizations.listAuthorizations(every), [other, two, moved]);
      assert.deepEqual(await idsOf({ virtualAccountIds: [1] }), [3, 2]);
      assert.deepEqual(await idsOf({ virtualAccountIds: [2, 9] }), [1]);
      assert.deepEqual(await idsOf({ virtualAccountIds: [2, 1] }), [3, 2, 1]);
      assert.deepEqual(await idsOf({ instanceId: 7 }), [2, 1]);
      assert.deepEqual(await idsOf({ page: { limit: 1, after: 3 } }), [2]);
      assert.equal(await authorizations.findAuthorizedTotal(smartAccountId, 1, "tag"), 2 ** 40 - 1);
      assert.equal(await authorizations.findAuthorizedTotal(smartAccountId, 2, "tag"), 0);
    },
  );

  withStorage("operators are found by the hash of their token, and stay when they were removed", async (storage) => {
    const common = { createdAtMs: atMs, removedAtMs: null, access: fullAccess };
    const wish = { ...common, name: "ada", tokenSha256: "ab".repeat(32) };
    const [ada, bob] = await storage.inTransaction(async ({ operators }) => [
      await operators.addOperator(wish),
      await operators.addOperator({ ...wish, name: "bób", tokenSha256: "cd".repeat(32) }),
    ]);
    assert.deepEqual([ada, bob?.operatorId], [{ ...wish, operatorId: 1 }, 2]);
    await storage.inTransaction(async ({ operators }) => {
      await operators.removeOperator(1, atMs + 1);
      assert.equal((await operators.findOperatorByToken(wish.tokenSha256))?.removedAtMs, atMs + 1);
    });
    const { operators } = storage.read;
    assert.deepEqual(await operators.listOperators(), [{ ...ada, removedAtMs: atMs + 1 }, bob]);
    assert.deepEqual(await operators.findOperatorByToken("cd".repeat(32)), bob);
    assert.equal(await operators.findOperatorByToken("ef".repeat(32)), undefined);
  });

  withStorage(
    "[GEN-16] an operator's access is kept, changed, and found with the token either way",
    async (storage) => {
      const some: Access = [
        { role: "viewer", smartAccountId: 2 ** 40, virtualAccountId: null },
        { role: "administrator", smartAccountId: 1, virtualAccountId: 2 ** 40 },
      ];
      const wish = { name: "ada", tokenSha256: "ab".repeat(32), createdAtMs: atMs, removedAtMs: null, access: some };
      const ada = await storage.inTransaction(({ operators }) => operators.addOperator(wish));
      const { operators } = storage.read;
      assert.deepEqual(await operators.findOperatorByToken(wish.tokenSha256), { ...wish, operatorId: ada.operatorId });
      assert.equal(await operators.findOperatorByToken(""), undefined);
      for (const access of [fullAccess, [], [...some, ...fullAccess]]) {
        await storage.inTransaction(({ operators: writer }) => writer.changeAccess({ ...ada, access }));
        assert.deepEqual(await operators.findOperatorByToken(wish.tokenSha256), { ...ada, access });
        assert.deepEqual(await operators.listOperators(), [{ ...ada, access }]);
        assert.equal(await operators.findOperatorByToken(""), undefined);
      }
    },
  );

  withStorage("sign-ins lead to their operator until their end, and are listed oldest first", async (storage) => {
    const wish = {
      createdAtMs: atMs,
      removedAtMs: null,
      access: fullAccess,
      name: "ada",
      tokenSha256: "ab".repeat(32),
    };
    const signIn = (secretSha256: string, endsAtMs: number, operatorId = 1) => ({
      ...{ secretSha256, operatorId, createdAtMs: endsAtMs - 10, endsAtMs },
    });
    await storage.inTransaction(async ({ operators }) => {
      await operators.addOperator(wish);
      await operators.addOperator({ ...wish, name: "bob", tokenSha256: "cd".repeat(32) });
      for (const each of [signIn("b", atMs + 2), signIn("a", atMs + 1), signIn("c", atMs + 3, 2)])
        await operators.addSignIn(each);
      assert.equal((await operators.findOperatorBySignIn("c", atMs))?.name, "bob");
    });
    const { operators } = storage.read;
    assert.deepEqual(await operators.listSignIns(1), [signIn("a", atMs + 1), signIn("b", atMs + 2)]);
    assert.deepEqual(await operators.findOperatorBySignIn("a", atMs), { ...wish, operatorId: 1 });
    assert.equal(await operators.findOperatorBySignIn("a", atMs + 1), undefined, "an end is not part of it");
    assert.equal(await operators.findOperatorBySignIn("none", atMs), undefined);
    await storage.inTransaction(async ({ operators: writer }) => {
      await writer.removeEndedSignIns(atMs + 1);
      await writer.removeSignIn("c");
      await writer.removeSignIn("none");
      await writer.removeOperator(1, atMs + 5);
    });
    assert.deepEqual(await operators.listSignIns(1), [signIn("b", atMs + 2)]);
    assert.deepEqual(await operators.listSignIns(2), []);
    assert.equal((await operators.findOperatorBySignIn("b", atMs))?.removedAtMs, atMs + 5);
  });

  withStorage("[GEN-16] acts are narrowed to those that changed nothing outside", async (storage) => {
    const smartAccountId = await addAccount(storage);
    const places: readonly (readonly (number | null)[])[] = [[2], [3], [2, 3], [2, 2], [null], [2, null], []];
    await storage.inTransaction(async ({ audit, events }) => {
      for (const [leafIndex, virtualAccountIds] of places.entries()) {
        const facts = { smartAccountId, atMs, act: "create_token", operator: null, entry: "{}" } as const;
        await audit.addAuditEntry({ ...facts, leafIndex });
        const event = { smartAccountId, atMs, kind: "token_created", installationId: null } as const;
        const cause = { kind: "local" } as const;
        await events.addEvents(
          virtualAccountIds.map((virtualAccountId) => ({ ...event, cause, virtualAccountId, before: null, after: 1 })),
          leafIndex,
        );
      }
    });
    const every = { smartAccountId, fromMs: null, toMs: null, operator: null, act: null };
    const leaves = async (virtualAccountIds: VirtualAccountIds, after: number | null = null) => {
      const wanted = { ...every, virtualAccountIds, page: { limit: 9, after } };
      return (await storage.read.audit.listAuditEntries(wanted)).map(({ leafIndex }) => leafIndex);
    };
    assert.deepEqual(await leaves(null), [6, 5, 4, 3, 2, 1, 0]);
    assert.deepEqual([await leaves([2]), await leaves([3]), await leaves([9])], [[3, 0], [1], []]);
    assert.deepEqual(
      [await leaves([2, 3]), await leaves([3, 2], 2)],
      [
        [3, 2, 1, 0],
        [1, 0],
      ],
    );
  });

  withStorage("transactions on what belongs to the managers follow one another", async (storage) => {
    const add = () =>
      storage.inTransaction(async ({ accounts, operators }) => {
        const taken = (await operators.listOperators()).length;
        if ((await accounts.findManagerLedger()) === undefined) await accounts.addManagerLedger(`ledger ${taken}`);
        const wish = { tokenSha256: `${taken}`, createdAtMs: atMs, removedAtMs: null, access: fullAccess };
        return operators.addOperator({ ...wish, name: `operator ${taken}` });
      });
    const added = await Promise.all(Array.from({ length: 8 }, add));
    assert.equal(new Set(added.map(({ name }) => name)).size, 8, "none decided from what another had changed");
    assert.equal(await storage.read.accounts.findManagerLedger(), "ledger 0");
  });

  withStorage("old leaves end at the first tree head that is young, or at the limit", async (storage) => {
    const smartAccountId = await addAccount(storage);
    await storage.inTransaction(async ({ ledger }) => {
      for (const [size, ageMs] of [
        [4, 30],
        [9, 20],
        [12, 10],
        [15, 25],
      ] as const)
        await ledger.addTreeHead(smartAccountId, size, "ab".repeat(32), atMs - ageMs);
    });
    const end = (from: number, ageMs: number, leavesMax = 100) =>
      storage.read.bodies.findEndOfOldLeaves(smartAccountId, { from, receivedBeforeMs: atMs - ageMs, leavesMax });
    assert.deepEqual([await end(0, 30), await end(0, 29), await end(0, 20), await end(0, 19)], [0, 4, 4, 9]);
    // The clock went back for the last head; what stands behind a young one is not looked at.
    assert.deepEqual([await end(9, 10), await end(0, 0), await end(15, 0)], [9, 15, 15]);
    assert.deepEqual([await end(0, 19, 3), await end(4, 19, 5), await end(4, 19, 4)], [3, 9, 8]);
  });

  withStorage("[I1] bodies of a range are weighed and removed, but not what evidence contradicts", async (storage) => {
    const smartAccountId = await addAccount(storage);
    const body = (reportId: number): NewAcceptedReport => ({
      ...{ smartAccountId, installationId: 1, reportId, tagId: 1, payloadSha256: "ab".repeat(32) },
      ...{ leafIndex: reportId - 1, acknowledgementId: 1, instanceId: 1, receivedAtMs: atMs, startsAtSeconds: 1 },
      ...{ endsAtSeconds: 2, count: 1, measurements: 1, isVerified: true, timeMark: "plausible" },
      ...{ payload: "é", signature: "{}" },
    });
    const evidence = { smartAccountId, installationId: 1, reportId: 2, payloadSha256: "cd".repeat(32), instanceId: 1 };
    await storage.inTransaction(async ({ reports, usage }) => {
      await usage.tagIdOf(smartAccountId, "tag");
      for (const reportId of [1, 2, 3, 4]) await reports.addReport(body(reportId));
      await reports.addEvidence({ ...evidence, receivedAtMs: atMs, payload: "x", signature: "{}" });
    });
    const { bodies, reports } = storage.read;
    assert.equal(await bodies.readPurgedBelow(smartAccountId), 0);
    assert.deepEqual(await bodies.weighBodies(smartAccountId, { from: 0, to: 3 }), { bodies: 2, bytes: 8 });
    const remove = (from: number, to: number) =>
      storage.inTransaction(({ bodies: writer }) => writer.removeBodies(smartAccountId, { from, to }, atMs));
    assert.deepEqual(await remove(0, 2), { bodies: 1, bytes: 4 });
    assert.deepEqual(await remove(2, 3), { bodies: 1, bytes: 4 });
    assert.equal(await bodies.readPurgedBelow(smartAccountId), 3);
    const kept = await Promise.all(
      [0, 1, 2, 3].map((leaf) => reports.findReportBody({ smartAccountId, installationId: 1, leafIndex: leaf })),
    );
    assert.deepEqual(
      kept.map((one) => one !== undefined),
      [false, true, false, true],
    );
    assert.equal((await reports.listReports(smartAccountId, 1, { limit: 9, after: null })).length, 4);
  });
}

function addAccount(storage: Storage): Promise<number> {
  return storage.inTransaction(async ({ accounts }) => {
    const wish = { name: "Example", ledgerId: "ledger", allowUntrustedReports: true, createdAtMs: atMs };
    return (await accounts.addSmartAccount(wish)).smartAccountId;
  });
}
