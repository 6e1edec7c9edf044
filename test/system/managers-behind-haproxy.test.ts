// Two manager processes over one PostgreSQL database behind HAProxy, without sticky sessions. Agents report to whichever they
// meet, one process after the other is killed, and what an agent saw acknowledged is there, once.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { type Agent, createAgent, MemoryDisk } from "@countersign/agent";
import { initManager, type Manager, openManager } from "@countersign/manager";
import { freePort, PostgresqlServer } from "@countersign/manager/test-support/postgresql-server";
import { sha256Hex } from "@countersign/protocol";
import { SeededRandomness } from "@countersign/simulation";

const managerProgram = join(import.meta.dirname, "../../packages/manager/src/main.ts");
const tag = "regid.2031-01.org.example.Feature,1.0_00000000-0000-4000-8000-0000000000f1";
const agentCount = 6;
const rounds = 6;
const turnsMax = 400;
const seed = 20_311_120;

test("[I1] [I2] [I3] [I5] agents meet two managers of one database; killed ones lose nothing, and nothing counts twice", async (t) => {
  t.diagnostic(`seed ${seed}`);
  const folder = mkdtempSync(join(tmpdir(), "countersign-two-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const server = await PostgresqlServer.start();
  t.after(() => server.stop());
  const database = await server.createDatabase();
  const directories = [join(folder, "one"), join(folder, "other")] as const;
  const { rootCertificatePem, token } = await initialise(directories, database);
  const managers = await Promise.all(directories.map((directory) => ManagerProcess.start(t, directory, database)));
  const url = await startProxy(t, folder, managers);
  const fleet = await Promise.all(
    Array.from({ length: agentCount }, (_, number) => FleetAgent.start(t, number, url, rootCertificatePem, token)),
  );
  await killWhileReporting(fleet, managers);
  const served = managers.map((manager) => manager.requestsServed);
  assert.ok(Math.min(...served) > 0, `one manager was never asked: ${served}`);
  for (const manager of managers) await manager.stop();
  const manager = await openManager({
    dataDirectory: directories[0],
    database,
    logLevel: "silent",
    isProcessMeasured: false,
  });
  try {
    await checkEverything(manager, fleet);
  } finally {
    await manager.close();
  }
});

/** The second data directory gets the certificates of the first, and nothing else: what is shared stands in the database. */
async function initialise(directories: readonly [string, string], database: string) {
  const [dataDirectory, other] = directories;
  const { rootCertificatePem } = await initManager({ dataDirectory, database, smartAccount: "Example Corp" });
  mkdirSync(other, { mode: 0o700 });
  cpSync(join(dataDirectory, "certificates"), join(other, "certificates"), { recursive: true });
  const manager = await openManager({ dataDirectory, database, logLevel: "silent", isProcessMeasured: false });
  const cause = { kind: "operator", name: "test" } as const;
  const { text: token } = await manager.administration.createToken({ usesMax: agentCount, cause });
  await manager.close();
  return { rootCertificatePem, token };
}

class ManagerProcess {
  readonly port: number;
  readonly #directory: string;
  readonly #database: string;
  #child: ChildProcess | undefined;
  requestsServed = 0;

  private constructor(directory: string, database: string, port: number) {
    this.#directory = directory;
    this.#database = database;
    this.port = port;
  }

  static async start(t: TestContext, directory: string, database: string): Promise<ManagerProcess> {
    const manager = new ManagerProcess(directory, database, await freePort());
    await manager.run();
    t.after(() => manager.kill());
    return manager;
  }

  async run(): Promise<void> {
    const where = ["--data-directory", this.#directory, "--database", this.#database, "--port", String(this.port)];
    const child = spawn(process.execPath, [managerProgram, "serve", ...where, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error("the manager ended before it listened")));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const { event, requestType } = JSON.parse(line);
        if (event === "manager_started") resolve();
        if (requestType === "LICENSE_USAGE") this.requestsServed += 1;
      });
    });
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

/** Connections go round; one that meets a dead manager is given to the other. */
async function startProxy(t: TestContext, folder: string, managers: readonly ManagerProcess[]): Promise<string> {
  const port = await freePort();
  const servers = managers.map(
    (manager, number) =>
      `  server manager${number} 127.0.0.1:${manager.port} check inter 200ms fall 1 rise 1 on-marked-down shutdown-sessions`,
  );
  const configuration = `defaults
  mode tcp
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  retries 3
  option redispatch 1
frontend devices
  bind 127.0.0.1:${port}
  default_backend managers
backend managers
  balance roundrobin
${servers.join("\n")}
`;
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, configuration);
  const proxy = spawn("haproxy", ["-db", "-f", file], { stdio: "ignore" });
  t.after(async () => {
    if (proxy.exitCode !== null || proxy.signalCode !== null) return;
    const ended = once(proxy, "exit");
    proxy.kill("SIGKILL");
    await ended;
  });
  while (!(await accepts(port))) assert.equal(proxy.exitCode, null, "HAProxy ended before it listened");
  return `https://127.0.0.1:${port}/licservice/license`;
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: "127.0.0.1", port }, () => resolve(true));
  socket.once("error", () => resolve(false)).once("close", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** An agent, and what it saw acknowledged: the witness against the managers. */
class FleetAgent {
  readonly udi: string;
  readonly agent: Agent;
  readonly acknowledged: ReadonlySet<number>;
  count = 0;

  private constructor(udi: string, agent: Agent, acknowledged: ReadonlySet<number>) {
    this.udi = udi;
    this.agent = agent;
    this.acknowledged = acknowledged;
  }

  static async start(t: TestContext, number: number, url: string, trustAnchors: string, token: string) {
    const acknowledged = new Set<number>();
    const serialNumber = `FLEET${number}`;
    const agent = await createAgent({
      stateDirectory: new MemoryDisk(),
      keyType: "p-256",
      product: {
        softwareTag: "regid.2031-01.org.example.Product,v1_00000000-0000-4000-8000-000000000001",
        softwareVersion: "1.0",
        members: [{ udi: { pid: "EDGE", serialNumber }, role: "Active" }],
      },
      transport: { type: "smart", url },
      trustAnchors,
      on: { acknowledged: ({ reportIds }) => reportIds.forEach((id) => void acknowledged.add(id)) },
    });
    t.after(() => agent.stop());
    await agent.trust(token);
    await agent.idle();
    const { attempt, lastRefusal } = agent.state().trust;
    assert.deepEqual([attempt, lastRefusal], [null, null], `${serialNumber} has no trust`);
    return new FleetAgent(`PID:EDGE,SN:${serialNumber}`, agent, acknowledged);
  }

  async useAndReport(count: number): Promise<void> {
    this.count = count;
    await this.agent.request(tag, count);
    await this.report();
  }

  async report(): Promise<void> {
    await this.agent.sync();
    await this.agent.idle();
  }

  get waiting(): number {
    const { pending, closed } = this.agent.state().reporting.counts;
    return pending + closed;
  }
}

async function killWhileReporting(fleet: readonly FleetAgent[], managers: readonly ManagerProcess[]): Promise<void> {
  const randomness = new SeededRandomness(seed);
  let restarting: readonly (Promise<void> | undefined)[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const reporting = Promise.all(fleet.map((one, number) => one.useAndReport(round * 10 + number)));
    // Agents of one process share a connection, so the manager that is being asked is killed: the next must go to the other.
    const [victim] = managers.toSorted((one, other) => other.requestsServed - one.requestsServed);
    for (let turn = randomness.nextBelow(turnsMax); turn > 0; turn -= 1) await nextTurn();
    await Promise.all(restarting);
    await victim?.kill();
    restarting = [victim?.run()];
    await reporting;
  }
  await Promise.all(restarting);
  for (let attempt = 0; attempt < 20 && fleet.some((one) => one.waiting > 0); attempt += 1)
    await Promise.all(fleet.map((one) => one.report()));
}

async function checkEverything(manager: Manager, fleet: readonly FleetAgent[]): Promise<void> {
  const { administration } = manager;
  const leaves: number[] = [];
  for (const one of fleet) {
    assert.equal(one.waiting, 0, `${one.udi} could not report at last`);
    assert.ok(one.acknowledged.size >= rounds, `${one.udi} had only ${one.acknowledged.size} reports acknowledged`);
    const stored = await administration.listReports({ instance: one.udi, limit: 1000 });
    const ids = stored.map(({ reportId }) => reportId);
    assert.deepEqual(
      [...one.acknowledged].filter((id) => !ids.includes(id)),
      [],
      `${one.udi}: acknowledged and lost`,
    );
    assert.equal(new Set(ids).size, ids.length, `${one.udi}: stored twice`);
    for (const { reportId, payloadSha256, leafIndex } of stored) {
      const { payload } = await administration.showReport({ instance: one.udi, reportId });
      assert.equal(sha256Hex(payload), payloadSha256);
      leaves.push(leafIndex);
    }
  }
  const acts = (await administration.listAuditEntries({ limit: 1000 })).map(({ leafIndex }) => leafIndex);
  assert.deepEqual(
    [...leaves, ...acts].sort((a, b) => a - b),
    Array.from([...leaves, ...acts], (_, index) => index),
    "the ledger has a hole",
  );
  const [license] = await administration.listLicenses({});
  assert.equal(
    license?.inUse,
    fleet.reduce((sum, { count }) => sum + count, 0),
  );
  assert.equal((await administration.listProductInstances({})).length, fleet.length);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
