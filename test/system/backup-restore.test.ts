// A manager falls back to an old backup while its devices went on: what they still hold is counted, what they had been told
// never goes backwards, and what is lost is named.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Agent, createAgent, MemoryDisk, TransportFailure } from "@countersign/agent";
import {
  backupManager,
  createRequestHandler,
  initManager,
  type Manager,
  openManager,
  type RequestHandler,
  restoreManager,
} from "@countersign/manager";
import { PostgresqlServer } from "@countersign/manager/test-support/postgresql-server";
import { ManualTime } from "@countersign/simulation";

const tag = "regid.2031-01.org.example.EDGE_BASE,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";
const softwareTag = "regid.2031-01.org.example.EDGE_SW,v1_0d3a7e6e-4d5f-4a35-9d1a-0d5f6f5a1c01";
const cause = { cause: { kind: "operator", name: "test" } } as const;
const minuteMs = 60_000;

/** Managers come and go; the device keeps talking to whoever is there. */
class Stage {
  readonly time = new ManualTime(Date.parse("2031-05-21T12:00:00Z"));
  readonly folder = mkdtempSync(join(tmpdir(), "countersign-restore-"));
  manager: Manager | null = null;
  #handle: RequestHandler | null = null;

  async open(name: string, database = ""): Promise<Manager> {
    await this.close();
    const options = { dataDirectory: join(this.folder, name), database, clock: this.time, logLevel: "silent" } as const;
    this.manager = await openManager({ ...options, isProcessMeasured: false });
    this.#handle = createRequestHandler(this.manager);
    return this.manager;
  }

  async close(): Promise<void> {
    const { manager } = this;
    this.manager = null;
    this.#handle = null;
    await manager?.close();
  }

  async exchange(body: Uint8Array): Promise<Uint8Array> {
    if (this.#handle === null) throw new TransportFailure("connection_timed_out");
    return this.#handle(body);
  }
}

async function openStage(t: TestContext, database = "") {
  const stage = new Stage();
  const dataDirectory = join(stage.folder, "first");
  const { rootCertificatePem } = await initManager({
    ...{ dataDirectory, database, smartAccount: "Example", clock: stage.time },
  });
  const manager = await stage.open("first", database);
  const agents: Agent[] = [];
  t.after(async () => {
    for (const agent of agents) await agent.stop();
    await stage.close();
    rmSync(stage.folder, { recursive: true, force: true });
  });
  const pass = (ms: number) =>
    stage.time.advanceTo(stage.time.now() + ms, async () => {
      for (const agent of agents) await agent.idle();
    });
  /** A device with trust that uses so many. */
  const addDevice = async (by: Manager, count: number) => {
    const agent = await createAgent({
      stateDirectory: new MemoryDisk(),
      product: {
        ...{ softwareTag, softwareVersion: "17.1" },
        members: [{ udi: { pid: "EDGE-24", serialNumber: `EXA2031A00${agents.length + 1}` }, role: "Active" }],
      },
      transport: { type: "smart", url: "https://localhost/licservice/license" },
      trustAnchors: rootCertificatePem,
      keyType: "p-256",
      exchange: (_url, body) => stage.exchange(body),
      ...{ clock: stage.time, timers: stage.time },
    });
    agents.push(agent);
    await agent.trust((await by.administration.createToken(cause)).text);
    await useOn(agent, count);
    return agent;
  };
  const useOn = async (agent: Agent, count: number) => {
    await agent.request(tag, count);
    await pass(20 * minuteMs);
    await agent.sync();
    await pass(20 * minuteMs);
  };
  const agent = await addDevice(manager, 1);
  return { stage, agent, pass, addDevice, useOn, use: (count: number) => useOn(agent, count) };
}

const heldBy = (agent: Agent) => agent.reports().filter(({ status }) => status !== "open");
const sequenceOf = (agent: Agent) => agent.state().reporting.lastAckSequence;

async function inUse({ administration }: Manager): Promise<number> {
  return (await administration.listLicenses({})).reduce((sum, license) => sum + license.inUse, 0);
}

async function kindsOf({ administration }: Manager): Promise<readonly string[]> {
  return (await administration.listEvents({ limit: 1000 })).map(({ kind }) => kind);
}

test("[I8] [I10] after an old backup is restored, devices that are ahead report what they hold, totals converge, no policy goes back, and what is lost is named", async (t) => {
  const { stage, agent, use, pass } = await openStage(t);
  const { folder, time } = stage;
  const backup = join(folder, "monday.backup");
  await backupManager({ dataDirectory: join(folder, "first"), to: backup, clock: time });
  cpSync(join(folder, "first"), join(folder, "copied"), { recursive: true });
  for (const count of [2, 3, 4, 5]) await use(count);
  await stage.manager?.administration.setPolicy({ layer: { name: "Stricter" }, ...cause });
  await use(6);
  const before = { sequence: sequenceOf(agent), policyVersion: agent.state().policy.newestVersion };
  assert.ok(before.policyVersion > 1);
  await stage.close();
  for (const count of [7, 8]) await use(count);
  const held = heldBy(agent).length;
  assert.ok(held >= 2, `the device holds ${held} reports`);

  // The same state without a restore: the device refuses every ACK as older than the one it has, and rightly keeps all.
  await stage.open("copied");
  await use(9);
  assert.ok(heldBy(agent).length > held);
  assert.equal(sequenceOf(agent), before.sequence);

  await stage.close();
  const restored = await restoreManager({ from: backup, dataDirectory: join(folder, "restored"), clock: time });
  assert.ok(restored.reports > 0 && restored.ledgers.length === 1);
  const manager = await stage.open("restored");
  await agent.sync();
  await pass(30 * minuteMs);
  assert.deepEqual(heldBy(agent), []);
  assert.equal(await inUse(manager), 9);
  assert.ok(sequenceOf(agent) > before.sequence);
  assert.ok(agent.state().policy.newestVersion > before.policyVersion);
  const kinds = await kindsOf(manager);
  for (const kind of ["manager_restored", "reports_missing"]) assert.ok(kinds.includes(kind), `no event ${kind}`);

  // Once more from the same file: the second restore counts on from above the first.
  const sequenceBefore = sequenceOf(agent);
  await stage.close();
  await restoreManager({ from: backup, dataDirectory: join(folder, "again"), clock: time });
  const again = await stage.open("again");
  await use(10);
  assert.deepEqual([heldBy(agent), await inUse(again)], [[], 10]);
  assert.ok(sequenceOf(agent) > sequenceBefore);
});

test("[I8] several devices come together again, each from where it was: ahead, silent since, removed, and unknown to the backup", async (t) => {
  const { stage, agent: ahead, addDevice, useOn, pass } = await openStage(t);
  const { folder, time } = stage;
  const first = stage.manager ?? assert.fail();
  const silent = await addDevice(first, 10);
  const removed = await addDevice(first, 100);
  const backup = join(folder, "monday.backup");
  await backupManager({ dataDirectory: join(folder, "first"), to: backup, clock: time });
  await useOn(ahead, 2);
  await first.administration.removeProductInstance({ instance: "PID:EDGE-24,SN:EXA2031A003", ...cause });
  const unknown = await addDevice(first, 1000);
  assert.equal(await inUse(first), 1012);
  await stage.close();
  for (const agent of [ahead, unknown]) await agent.request(tag, agent === ahead ? 3 : 2000);
  await pass(40 * minuteMs);

  await restoreManager({ from: backup, dataDirectory: join(folder, "restored"), clock: time });
  const manager = await stage.open("restored");
  assert.equal(await inUse(manager), 111, "as the backup had it");
  const everybody = [ahead, silent, removed, unknown];
  const syncAll = async () => {
    for (const agent of everybody) {
      await agent.sync();
      await pass(30 * minuteMs);
    }
  };
  await syncAll();
  // The removal is forgotten, so it has to be repeated; who came after the backup needs a token again.
  assert.equal(await inUse(manager), 3 + 10 + 100);
  await manager.administration.removeProductInstance({ instance: "PID:EDGE-24,SN:EXA2031A003", ...cause });
  const { text } = await manager.administration.createToken(cause);
  await unknown.trust(text, { force: true });
  await pass(30 * minuteMs);
  await syncAll();
  assert.equal(await inUse(manager), 3 + 10 + 2000);
  assert.deepEqual([ahead, silent, unknown].flatMap(heldBy), []);
  await stage.close();
  // Another restore recomputes all of it.
  const later = join(folder, "tuesday.backup");
  await backupManager({ dataDirectory: join(folder, "restored"), to: later, clock: time });
  const { ledgers } = await restoreManager({ from: later, dataDirectory: join(folder, "later"), clock: time });
  assert.equal(ledgers[0]?.inUse, 3 + 10 + 2000);
});

test("[I8] [I10] a manager on PostgreSQL is backed up while it works and restored into another database, and from the same file to SQLite", async (t) => {
  const server = await PostgresqlServer.start();
  t.after(() => server.stop());
  const [databaseUrl, restoredUrl] = [await server.createDatabase(), await server.createDatabase()];
  const { stage, agent, use, pass } = await openStage(t, databaseUrl);
  const { folder, time } = stage;
  const backup = join(folder, "monday.backup");
  const copied: string[] = [];
  const onTable = ({ table }: { readonly table: string }) => void copied.push(table);
  await backupManager({ dataDirectory: join(folder, "first"), databaseUrl, to: backup, clock: time, onTable });
  assert.ok(copied.includes("reports") && copied.includes("ledger_tiles"));
  for (const count of [2, 3]) await use(count);
  await stage.manager?.administration.setPolicy({ layer: { name: "Stricter" }, ...cause });
  await use(4);
  const before = { sequence: sequenceOf(agent), policyVersion: agent.state().policy.newestVersion };
  await stage.close();
  for (const count of [5, 6]) await use(count);
  assert.ok(heldBy(agent).length >= 2);

  const dataDirectory = join(folder, "restored");
  const wish = { from: backup, dataDirectory, databaseUrl: restoredUrl, clock: time };
  await assert.rejects(restoreManager({ ...wish, databaseUrl }), { code: "copy_target_not_empty" });
  assert.equal(existsSync(dataDirectory), false);
  const restored = await restoreManager(wish);
  assert.ok(restored.reports > 0 && restored.ledgers.length === 1);
  assert.equal(existsSync(join(dataDirectory, "manager.sqlite")), false);
  const manager = await stage.open("restored", restoredUrl);
  await agent.sync();
  await pass(30 * minuteMs);
  assert.deepEqual([heldBy(agent), await inUse(manager)], [[], 6]);
  assert.ok(sequenceOf(agent) > before.sequence);
  assert.ok(agent.state().policy.newestVersion > before.policyVersion);
  const kinds = await kindsOf(manager);
  for (const kind of ["manager_restored", "reports_missing"]) assert.ok(kinds.includes(kind), `no event ${kind}`);

  await stage.close();
  await restoreManager({ from: backup, dataDirectory: join(folder, "again"), clock: time });
  const again = await stage.open("again");
  await use(7);
  assert.deepEqual([heldBy(agent), await inUse(again)], [[], 7]);
});
