// A manager of schema version n-1, as real code, goes on working on a database that a manager of version n has migrated under
// it, while both accept reports and are administered. What they leave together is judged by the newer one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import {
  appendLeaves,
  decodeRumReport,
  emptyTree,
  encodeRequest,
  type Hash,
  latestMeasurement,
  reportLeaf,
  rootOf,
  sha256Hex,
} from "@countersign/protocol";
import { fullAccess } from "../../accounts/access.ts";
import type { Storage } from "../../storage-ports.ts";
import { createDevice, createTrustedDevice } from "../../test-support/core-device.ts";
import { createTestManager, operator, type TestManager } from "../../test-support/core-manager.ts";
import { openFrozenManager } from "../../test-support/frozen-version.ts";
import { allLeaves, auditLeavesOf } from "../../test-support/ledger-leaves.ts";
import { PostgresqlServer } from "../../test-support/postgresql-server.ts";
import { openPostgresqlStorage } from "../postgresql/postgresql-storage.ts";
import { openSqliteStorage } from "../sqlite/sqlite-storage.ts";
import { createSharedTurns } from "../sqlite/write-turns.ts";
import { newestSchemaVersion } from "./migration.ts";

const before = await openFrozenManager(newestSchemaVersion - 1);
after(() => before.remove());
const rounds = 12;

type Opened = { readonly older: Storage; openNewer(): Promise<Storage>; openOlderAgain(): Promise<Storage> };

suite(`version ${newestSchemaVersion - 1} works on schema ${newestSchemaVersion}`, () => {
  test("[I1] [I2] [I3] [I6] [GEN-16] on SQLite, with a connection that was open before the migration", async () => {
    const directory = mkdtempSync(join(tmpdir(), "countersign-upgrade-"));
    const path = join(directory, "manager.sqlite");
    const turns = createSharedTurns();
    try {
      await upgrade({
        older: before.sqlite.openSqliteStorage(path, 1, turns),
        openNewer: async () => openSqliteStorage(path, 2, turns),
        openOlderAgain: async () => before.sqlite.openSqliteStorage(path, 3, turns),
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("[I1] [I2] [I3] [I6] [GEN-16] on PostgreSQL, two managers of two versions over one database", async () => {
    const server = await PostgresqlServer.start();
    try {
      const url = await server.createDatabase();
      await upgrade({
        older: await before.postgresql.openPostgresqlStorage({ url, connectionsMax: 4 }),
        openNewer: () => openPostgresqlStorage({ url, connectionsMax: 4 }),
        openOlderAgain: () => before.postgresql.openPostgresqlStorage({ url, connectionsMax: 4 }),
      });
    } finally {
      await server.stop();
    }
  });
});

async function upgrade({ older, openNewer, openOlderAgain }: Opened): Promise<void> {
  assert.equal(before.migration.newestSchemaVersion, newestSchemaVersion - 1);
  const one = await before.core.createTestManager({ storage: older });
  const early = await before.device.createTrustedDevice(one);
  await early.use({ reportId: 1, count: 3 });
  const newer = await openNewer();
  try {
    const other = await createTestManager({ storage: newer, withAccount: false });
    const late = await createTrustedDevice(other, undefined, "LATE");
    await Promise.all([
      work(one, async (reportId) => void (await early.use({ reportId: reportId + 1, count: reportId }))),
      work(other, async (reportId) => void (await late.use({ reportId, count: 100 + reportId }))),
      other.useCases.addOperator({ name: "ada", cause: operator }),
    ]);
    await judge(one, other);
    await judgeOperators(one, other);
    await judgeMembers(one, other);
    await assert.rejects(openOlderAgain(), { code: "storage_newer" });
  } finally {
    await older.close();
    await newer.close();
  }
}

/** Both versions know the same operators, with the same limits, whichever wrote them. */
async function judgeOperators(one: TestManager, other: TestManager): Promise<void> {
  const whole = await one.useCases.addOperator({ name: "bob", cause: operator });
  const inDefault = { smartAccount: "Example", virtualAccount: "DEFAULT" };
  const wish = { name: "carol", grants: [{ ...inDefault, role: "viewer" as const }], cause: operator };
  const limited = await other.useCases.addOperator(wish);
  const seen = async (bearer: string) => {
    const [older, newer] = [await one.useCases.findOperator(bearer), await other.useCases.findOperator(bearer)];
    assert.deepEqual(older, newer);
    return newer;
  };
  assert.deepEqual((await seen(whole.bearer))?.access, fullAccess);
  assert.equal((await seen(limited.bearer))?.access.length, 1);
  await other.useCases.grantAccess({ name: "bob", grant: inDefault, cause: operator });
  assert.equal((await seen(whole.bearer))?.access[0]?.role, "administrator");
  await other.useCases.revokeAccess({ name: "bob", cause: operator });
  assert.deepEqual(
    (await seen(whole.bearer))?.access.map(({ virtualAccountId }) => virtualAccountId),
    [1],
  );
  await one.useCases.removeOperator({ name: "carol", cause: operator });
  assert.equal(await seen(limited.bearer), undefined);
}

/** The older version does not know absence: it shows it, and what it writes of a member that is back stands for both. */
async function judgeMembers(one: TestManager, other: TestManager): Promise<void> {
  const active = await createTrustedDevice(other, undefined, "PAIR");
  const standby = createDevice(other, "PAIR");
  const both = [{ ...active.asMember(), request: "" }, standby.asMember("Standby", 2)];
  const { answer } = await active.send("TRUST_SYNC", active.syncData(both));
  assert.ok(answer.statusCode === "OK");
  await standby.install(answer.data.device_list[1]?.smart_license ?? "");
  const shown = async (manager: TestManager) =>
    (await manager.useCases.showProductInstance({ instance: active.identifier })).members.map(({ role }) => role);
  const report = await active.report({ reportId: 1, count: 1 });
  const alone = active.usageData([report]);
  await active.send("LICENSE_USAGE", alone);
  assert.deepEqual(
    [await shown(other), await shown(one)],
    [
      ["Active", "Absent"],
      ["Active", "Absent"],
    ],
  );
  const { instance } = await other.useCases.showProductInstance({ instance: standby.identifier });
  assert.notEqual(instance.lastListedAtMs, null);
  const again = { ...active.base(), ...active.syncData(both) };
  const body = await encodeRequest("TRUST_SYNC", again, active.identity);
  assert.equal((await one.exchange(body)).reply.refusal, null);
  assert.deepEqual(
    [await shown(other), await shown(one)],
    [
      ["Active", "Standby"],
      ["Active", "Standby"],
    ],
  );
  const back = await other.useCases.showProductInstance({ instance: standby.identifier });
  assert.equal(back.instance.lastContactAtMs, back.installation.lastContactAtMs);
}

/** Reports, and between them what an administrator does, one after the other. */
async function work({ useCases }: TestManager, report: (reportId: number) => Promise<void>): Promise<void> {
  for (let reportId = 1; reportId <= rounds; reportId += 1) {
    await report(reportId);
    if (reportId % 3 === 0) await useCases.createToken({ usesMax: reportId, cause: operator });
    if (reportId % 4 === 0) await useCases.setPolicy({ layer: { name: `Round ${reportId}` }, cause: operator });
  }
}

/** Every leaf is a report or an act, every tree head is that of its leaves, and the sums are those of the raw reports. */
async function judge(one: TestManager, other: TestManager): Promise<void> {
  const { read } = other.storage;
  const leaves = new Map<number, Hash>(await auditLeavesOf(other.storage, 1));
  const acts = leaves.size;
  const inUse: number[] = [];
  for (const { productInstanceIdentifier: instance } of await other.useCases.listProductInstances({})) {
    const reports = await other.useCases.listReports({ instance });
    assert.deepEqual(await one.useCases.listReports({ instance }), reports, "both read the same reports");
    const newest = await other.useCases.showReport({ instance, reportId: reports[0]?.reportId ?? 0 });
    inUse.push(latestMeasurement(decodeRumReport(newest.payload)).count);
    for (const { leafIndex, reportId } of reports) {
      const { payload } = await other.useCases.showReport({ instance, reportId });
      leaves.set(leafIndex, reportLeaf(Buffer.from(sha256Hex(payload), "hex")));
    }
  }
  // The newer manager's token, the older one's token and account, and tokens and policies of both.
  assert.equal(acts, 3 + 2 * (rounds / 3 + rounds / 4));
  const { size } = await read.ledger.readHead(1);
  assert.equal(size, acts + 1 + 2 * rounds);
  const all = allLeaves(leaves, size);
  let heads = 0;
  for (let at = 1; at <= size; at += 1) {
    const head = await read.ledger.findTreeHead(1, at);
    if (head === undefined) continue;
    heads += 1;
    const root = Buffer.from(rootOf(appendLeaves(emptyTree, all.slice(0, at)))).toString("hex");
    assert.equal(head.rootSha256, root, `the tree head of ${at} leaves`);
  }
  assert.ok(heads > rounds);
  const [license] = await other.useCases.listLicenses({});
  assert.equal(
    license?.inUse,
    inUse.reduce((sum, count) => sum + count, 0),
  );
  const policies = (await other.useCases.listEvents({ limit: 1000 })).filter(({ kind }) => kind === "policy_set");
  assert.deepEqual(
    [policies.length, policies.filter(({ leafIndex }) => leafIndex === null).length],
    [(2 * rounds) / 4, 0],
    "acts of both versions are events, each with its leaf",
  );
  assert.equal((await one.useCases.getPolicy({})).policy.name, (await other.useCases.getPolicy({})).policy.name);
}
