// Two managers over one database: whichever a device meets, it is the same manager. Each has its own connections and caches.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { appendLeaves, dayMs, decodePolicy, emptyTree, encodeRequest, reportLeaf, rootOf } from "@countersign/protocol";
import { acknowledgementOf, createDevice, createTrustedDevice, TestDevice } from "../../test-support/core-device.ts";
import { createTestManager, operator, readAnswer, type TestManager } from "../../test-support/core-manager.ts";
import { allLeaves, auditLeavesOf } from "../../test-support/ledger-leaves.ts";
import { PostgresqlServer } from "../../test-support/postgresql-server.ts";
import { purgeAgeDaysMin } from "../../usage/retention.ts";
import { auditLedgers } from "../../use-cases/ledger-audit/audit-ledger.ts";
import { openPostgresqlStorage } from "./postgresql-storage.ts";
import { postgresqlSnapshot } from "./snapshot.ts";

const server = await PostgresqlServer.start();
after(() => server.stop());

async function withTwo(run: (one: TestManager, other: TestManager) => Promise<void>): Promise<void> {
  const url = await server.createDatabase();
  const storages = [await openPostgresqlStorage({ url }), await openPostgresqlStorage({ url })] as const;
  try {
    const one = await createTestManager({ storage: storages[0] });
    await run(one, await createTestManager({ storage: storages[1], withAccount: false }));
  } finally {
    for (const storage of storages) await storage.close();
  }
}

/** The same device, with its key and identity, at the other manager. */
function at(manager: TestManager, device: TestDevice): TestDevice {
  const there = new TestDevice(manager, device.udi, device.key);
  there.identifier = device.identifier;
  there.certificateSerial = device.certificateSerial;
  return there;
}

test("[I2] [I9] two managers that get one message at the same moment accept it once, with the same ACK", () =>
  withTwo(async (one, other) => {
    const device = await createTrustedDevice(one);
    for (let reportId = 1; reportId <= 10; reportId += 1) {
      const data = device.usageData([await device.report({ reportId, count: reportId })]);
      const body = await encodeRequest("LICENSE_USAGE", data, device.identity);
      const replies = await Promise.all([one, other, one, other].map((manager) => manager.exchange(body)));
      const outcomes = replies.map(({ reply }) => reply.reports);
      assert.deepEqual(
        [
          outcomes.reduce((sum, { accepted }) => sum + accepted, 0),
          outcomes.reduce((sum, { known }) => sum + known, 0),
        ],
        [1, 3],
      );
      const answers = replies.map(({ answer }) => readAnswer(one, answer, "LICENSE_USAGE", data.nonce));
      const payloads = (await Promise.all(answers)).map((answer) => acknowledgementOf(answer).payload);
      assert.equal(new Set(payloads).size, 1);
    }
    assert.equal((await other.useCases.listAcknowledgements({})).length, 10);
    assert.equal((await other.useCases.listLicenses({}))[0]?.inUse, 10);
  }));

test("[I1] [I3] a fleet that reports to both at once has one ledger without a hole, and every tree head is its own", () =>
  withTwo(async (one, other) => {
    const devices = await Promise.all(Array.from({ length: 6 }, () => createTrustedDevice(one)));
    const reportIds = Array.from({ length: 8 }, (_, id) => id + 1);
    const acknowledgements = await Promise.all(
      devices.flatMap((device, number) =>
        reportIds.map((reportId) =>
          at((number + reportId) % 2 === 0 ? one : other, device).use({ reportId, count: reportId }),
        ),
      ),
    );
    const entries = acknowledgements.flatMap(({ acknowledgement }) => acknowledgement.reports);
    const hashes = new Map(
      entries.map((entry) => [entry.outcome === "refused" ? -1 : entry.leaf_index, entry.payload_sha256]),
    );
    const known = new Map(await auditLeavesOf(other.storage, 1));
    for (const [index, hash] of hashes) known.set(index, reportLeaf(Buffer.from(hash, "hex")));
    const all = allLeaves(known, (await one.storage.read.ledger.readHead(1)).size);
    assert.equal(hashes.size, devices.length * reportIds.length);
    for (const { acknowledgement } of acknowledgements) {
      const { size, root_sha256: root } = acknowledgement.tree_head ?? { size: 0, root_sha256: "" };
      assert.equal(Buffer.from(rootOf(appendLeaves(emptyTree, all.slice(0, size)))).toString("hex"), root);
    }
    const [license] = await one.useCases.listLicenses({});
    assert.deepEqual([license?.inUse, license?.installations], [devices.length * reportIds.length, devices.length]);
  }));

test("[I9] [TOK-2] enrolments that race at two managers make one instance, and never share a token's last use", () =>
  withTwo(async (one, other) => {
    const token = await one.useCases.createToken({ usesMax: 2, cause: operator });
    const device = createDevice(one);
    const identifiers = await Promise.all(
      [one, other, one, other].map(async (manager) => {
        const there = at(manager, device);
        await there.trust(token.text);
        return there.identifier;
      }),
    );
    assert.equal(new Set(identifiers).size, 1);
    const refusals = await Promise.all(
      [one, other, one].map(async (manager) => (await createDevice(manager).trust(token.text)).reply.refusal),
    );
    assert.deepEqual(refusals.sort(), [null, "token_used_up", "token_used_up"].sort());
    assert.deepEqual(
      (await other.useCases.listTokens({})).map(({ uses }) => uses),
      [2],
    );
    assert.equal((await other.useCases.listProductInstances({})).length, 2);
  }));

test("what one manager revokes, the other refuses from its next message on", () =>
  withTwo(async (one, other) => {
    const token = await one.useCases.createToken({ usesMax: 5, cause: operator });
    const device = createDevice(one);
    await device.trust(token.text);
    await at(other, device).use({ reportId: 1, count: 3 });
    await one.useCases.revokeToken({ tokenId: token.tokenId, cause: operator });
    assert.equal((await createDevice(other).trust(token.text)).reply.refusal, "token_revoked");
    await one.useCases.removeProductInstance({ instance: device.identifier, cause: operator });
    const report = await device.report({ reportId: 2, count: 4 });
    assert.equal((await at(other, device).sendReports([report])).reply.refusal, "identity_not_valid");
    assert.equal((await other.useCases.listLicenses({}))[0]?.inUse, 0);
  }));

test("an operator who is removed at one manager is nobody at the other from the next request on", () =>
  withTwo(async (one, other) => {
    const { bearer } = await one.useCases.addOperator({ name: "ada", cause: operator });
    assert.equal((await other.useCases.findOperator(bearer))?.name, "ada");
    const added = await Promise.allSettled(
      [one, other, one, other].map(({ useCases }) => useCases.addOperator({ name: "bob", cause: operator })),
    );
    assert.equal(added.filter(({ status }) => status === "fulfilled").length, 1, "two managers never add one name");
    await other.useCases.removeOperator({ name: "ada", cause: operator });
    assert.equal(await one.useCases.findOperator(bearer), undefined);
    const acts = await one.useCases.listAuditEntries({ manager: true });
    assert.deepEqual(
      acts.map(({ leafIndex, act }) => [leafIndex, act]),
      [
        [2, "remove_operator"],
        [1, "add_operator"],
        [0, "add_operator"],
      ],
    );
  }));

test("[I6] managers that administer and accept reports at the same moment share one ledger without a hole", () =>
  withTwo(async (one, other) => {
    const devices = await Promise.all([createTrustedDevice(one), createTrustedDevice(other)]);
    const ids = [1, 2, 3, 4, 5, 6];
    await Promise.all([
      ...devices.flatMap((device) => ids.map((reportId) => device.use({ reportId, count: reportId }))),
      ...ids.map((usesMax) => (usesMax % 2 === 0 ? one : other).useCases.createToken({ usesMax, cause: operator })),
    ]);
    const leaves = new Map(await auditLeavesOf(one.storage, 1));
    for (const device of devices) {
      for (const { leafIndex, payloadSha256 } of await one.useCases.listReports({ instance: device.identifier }))
        leaves.set(leafIndex, reportLeaf(Buffer.from(payloadSha256, "hex")));
    }
    const { size } = await one.storage.read.ledger.readHead(1);
    const head = await other.storage.read.ledger.findTreeHead(1, size);
    const root = rootOf(appendLeaves(emptyTree, allLeaves(leaves, size)));
    assert.equal(head?.rootSha256, Buffer.from(root).toString("hex"));
  }));

test("a member's key that is replaced at one manager signs no report at the other, not even in another's message", () =>
  withTwo(async (one, other) => {
    const device = await createTrustedDevice(one);
    const member = createDevice(one);
    const { answer } = await device.send(
      "TRUST_SYNC",
      device.syncData([{ ...device.asMember(), request: "" }, member.asMember("Standby", 2)]),
    );
    assert.ok(answer.statusCode === "OK");
    await member.install(answer.data.device_list[1]?.smart_license ?? "");
    const there = at(other, device);
    await there.sendReports([await member.report({ reportId: 1, count: 1 })]);
    await one.useCases.removeProductInstance({ instance: member.identifier, cause: operator });
    const late = await there.sendReports([await member.report({ reportId: 2, count: 2 })]);
    const [entry] = acknowledgementOf(late.answer).acknowledgement.reports;
    assert.equal(entry?.outcome === "refused" ? entry.code : entry?.outcome, "report_signer_unknown");
  }));

test("[POL-1] [I10] a policy that one manager sets travels with the other's next ACK", () =>
  withTwo(async (one, other) => {
    const device = await createTrustedDevice(one);
    await at(other, device).use({ reportId: 1, count: 1 });
    await one.useCases.setPolicy({ layer: { name: "Ours" }, cause: operator });
    const { objects } = await at(other, device).use({ reportId: 2, count: 1 });
    const policy = objects.find(({ header }) => header.type === "policy");
    assert.equal(policy && decodePolicy(policy.payload).name, "Ours");
    const next = await at(one, device).use({ reportId: 3, count: 1 });
    assert.equal(next.objects.length, 1);
  }));

test("[I1] [I3] everything is recomputed as of one moment, whatever is written meanwhile", async () => {
  const url = await server.createDatabase();
  const storage = await openPostgresqlStorage({ url });
  try {
    const manager = await createTestManager({ storage });
    const device = await createTrustedDevice(manager);
    for (const reportId of [1, 2, 3]) await device.use({ reportId, count: reportId });
    const { authorities } = manager;
    const verdict = await postgresqlSnapshot(url)(async (reader) => {
      await reader.accounts.listSmartAccounts();
      await device.use({ reportId: 4, count: 4 });
      return auditLedgers(reader, authorities);
    });
    const [ledger] = verdict.ledgers;
    assert.deepEqual([verdict.isSound, ledger?.size, ledger?.reports, ledger?.inUse], [true, 5, 3, 3]);
    assert.deepEqual([ledger?.signatures, ledger?.certificates], [{ verified: 3, unverifiable: 0, purged: 0 }, 1]);
    const [{ virtualAccountId, smartAccountId } = assert.fail()] = await storage.read.accounts.listVirtualAccounts(1);
    const change = { smartAccountId, virtualAccountId, tagId: 1, verified: 1, unverified: 0, installations: 0 };
    await storage.inTransaction(({ usage }) => usage.changeTotals([change]));
    const altered = await postgresqlSnapshot(url)((reader) => auditLedgers(reader, authorities));
    assert.deepEqual(
      altered.findings.map(({ code }) => code),
      ["totals_altered"],
    );
  } finally {
    await storage.close();
  }
});

test("[I6] two managers that purge at the same moment remove each body once, and tell each once", () =>
  withTwo(async (one, other) => {
    const device = await createTrustedDevice(one);
    const ids = Array.from({ length: 40 }, (_, at) => at + 1);
    for (const reportId of ids) await device.use({ reportId, count: 1 });
    for (const { clock } of [one, other]) clock.advance((purgeAgeDaysMin + 1) * dayMs);
    const wish = { olderThanDays: purgeAgeDaysMin, cause: { kind: "system", reason: "both" } } as const;
    const managers = [one, other, one, other];
    const steps = await Promise.all(managers.map(({ useCases }) => useCases.purgeReportBodies(wish)));
    assert.equal(
      steps.reduce((sum, { bodies }) => sum + bodies, 0),
      ids.length,
    );
    const acts = await one.useCases.listAuditEntries({ act: "purge_report_bodies" });
    const told = acts.flatMap(({ changes }) => changes.map(({ after }) => (after as { bodies: number }).bodies));
    assert.equal(
      told.reduce((sum, bodies) => sum + bodies, 0),
      ids.length,
    );
    assert.equal(told.length, steps.filter(({ bodies }) => bodies > 0).length);
  }));

test("the room of purged bodies is used again after a vacuum: purging and filling in turn does not make the table grow", async () => {
  const url = await server.createDatabase();
  const query = (sql: string) => server.query(sql, new URL(url).pathname.slice(1));
  const storage = await openPostgresqlStorage({ url });
  try {
    const manager = await createTestManager({ storage });
    const device = await createTrustedDevice(manager);
    const sizes: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const ids = Array.from({ length: 120 }, (_, at) => 120 * round + at + 1);
      for (let at = 0; at < ids.length; at += 40)
        await device.sendReports(
          await Promise.all(ids.slice(at, at + 40).map((reportId) => device.report({ reportId, count: 1 }))),
        );
      const [size] = await query("select pg_relation_size('report_bodies')::int as bytes");
      sizes.push(Number(size?.bytes));
      manager.clock.advance((purgeAgeDaysMin + 1) * dayMs);
      const purged = await manager.useCases.purgeReportBodies({ olderThanDays: purgeAgeDaysMin, cause: operator });
      assert.equal(purged.bodies, ids.length);
      // What autovacuum does in its own time; without handing pages back at once.
      await query("vacuum (truncate off) report_bodies");
    }
    const [first = 0] = sizes;
    assert.ok(first > 120 * 500, `${sizes}`);
    assert.ok(
      sizes.every((size) => size <= first + 8192),
      `${sizes}`,
    );
  } finally {
    await storage.close();
  }
});
