// The run: a cluster, two managers, devices; the primary is killed, comes back as a standby; the next primary is cut off, is
// healed, and comes back too; the one after that loses its standbys, is killed alone, and comes back. Then everything that was
// acknowledged is looked for in the database.
//
// Without synchronous replication only the last fault is made, which then has to lose what the lone primary acknowledged.

import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { initManager } from "@countersign/manager";
import { clientOf } from "@countersign/manager/test-support/postgresql-server";
import { AcknowledgedList } from "../torture/acknowledged-list.ts";
import { type Audit, audit } from "../torture/audit.ts";
import { createTortureToken } from "../torture/create-token.ts";
import { ServedManager } from "../torture/served-manager.ts";
import { databasePort, managersPort, startDatabaseBalancer, startManagersBalancer } from "./balancers.ts";
import { copyForAudit } from "./copy-for-audit.ts";
import { DatabaseCluster, type DatabaseMember } from "./database-cluster.ts";
import { DeviceLoad } from "./device-load.ts";
import { hubAddress, layHub } from "./network.ts";
import { type Replication, superuser } from "./patroni-configuration.ts";
import { until } from "./server-process.ts";

export type FailoverWish = {
  /** An empty folder; everything stays in it for the reader of a failure. */
  readonly folder: string;
  readonly replication: Replication;
  readonly tell: (text: string) => void;
};
/** What `npm run test:ha -- --json` prints. */
export type FailoverResult = {
  readonly acknowledged: number;
  /** By fault, from the last ACK before it to the first after it. */
  readonly secondsWithoutWrites: Readonly<Record<string, number>>;
} & Audit;

const reportsBefore = 200;
const reportsAfter = 400;
/**
 * More than can have been on their way when the cables were pulled, which a standby may have: a message of each device, of at most
 * four reports. And few enough to stay below Patroni's `maximum_lag_on_failover`, or no standby would dare to take over.
 */
const reportsAlone = 80;
const failoverSecondsMax = 90;
const database = `postgres://${superuser}@${hubAddress}:${databasePort}/countersign`;

export async function runFailovers({ folder, replication, tell }: FailoverWish): Promise<FailoverResult> {
  layHub();
  const cluster = await DatabaseCluster.start(folder, replication);
  startDatabaseBalancer(
    folder,
    cluster.members.map(({ cable }) => cable.address),
  );
  tell("three members follow one primary");
  const list = new AcknowledgedList(join(folder, "acknowledged.jsonl"));
  const { managers, load } = await startManagers(folder, list);
  await load.furtherAcknowledgements(reportsBefore, failoverSecondsMax);
  tell(`${list.length} reports acknowledged`);
  const scene = { cluster, load, list, tell };
  const secondsWithoutWrites = await (replication === "synchronous" ? makeFaults(scene) : loseLonePrimary(scene));
  await load.settle();
  for (const manager of managers) await manager.kill();
  const deferrals = [...load.deferrals].map(([code, count]) => `${count} ${code}`);
  tell(`asked to come again: ${deferrals.join(", ") || "nobody"}`);
  const judged = await judgeMembers(folder, cluster, list);
  return { acknowledged: list.length, ...judged, secondsWithoutWrites };
}

async function makeFaults(scene: Scene): Promise<Readonly<Record<string, number>>> {
  const { tell } = scene;
  const primaryKilled = await killPrimary(scene);
  tell(`${primaryKilled} s without a write; the killed member is back`);
  const primaryCutOff = await cutPrimaryOff(scene);
  tell(`${primaryCutOff} s without a write; the member that was cut off is back`);
  const lonePrimaryKilled = await killLonePrimary(scene);
  tell(`${lonePrimaryKilled} s without a write; the killed member is back`);
  return { primaryKilled, primaryCutOff, lonePrimaryKilled };
}

async function startManagers(folder: string, list: AcknowledgedList) {
  await createDatabase();
  const directories = [join(folder, "manager1"), join(folder, "manager2")] as const;
  const [dataDirectory, other] = directories;
  const { rootCertificatePem } = await initManager({ dataDirectory, database, smartAccount: "High availability" });
  mkdirSync(other, { mode: 0o700 });
  cpSync(join(dataDirectory, "certificates"), join(other, "certificates"), { recursive: true });
  const token = await createTortureToken(dataDirectory, database);
  const managers = directories.map((directory) => ServedManager.spawn(directory, ["--database", database]));
  startManagersBalancer(folder, await Promise.all(managers.map((manager) => manager.listening())));
  const load = await until("the managers' balancer listens", 20, () =>
    DeviceLoad.start({ port: managersPort, rootCertificatePem }, token, list).catch(whenRefused),
  );
  return { managers, load };
}

/** HAProxy has no word for "I am listening now". */
function whenRefused(error: unknown): undefined {
  const code = (error as { readonly code?: unknown }).code;
  if (code !== "ECONNREFUSED" && code !== "ECONNRESET") throw error;
}

/** Until its first checks have failed, HAProxy takes every member for one that can be written to, each in its turn. */
const connectionsInARow = 12;

async function createDatabase(): Promise<void> {
  await until("the balancer sends to the primary alone", 60, async () => {
    for (let count = 0; count < connectionsInARow; count += 1) {
      if ((await askThrough("select pg_is_in_recovery() as standby"))?.standby !== false) return undefined;
    }
    return true;
  });
  if ((await askThrough("create database countersign")) === null) throw new Error("the database could not be made");
}

/** The first row, or an empty one; null where nobody answered. */
async function askThrough(statement: string): Promise<Readonly<Record<string, unknown>> | null> {
  const client = clientOf({ connectionString: database.replace(/\/countersign$/, "/postgres") });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query(statement)).rows[0] ?? {};
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}

type Scene = {
  readonly cluster: DatabaseCluster;
  readonly load: DeviceLoad;
  readonly list: AcknowledgedList;
  readonly tell: (text: string) => void;
};

async function killPrimary({ cluster, load, tell }: Scene): Promise<number> {
  const primary = await cluster.primary();
  tell(`killing ${primary.name}`);
  const seconds = await load.secondsWithoutWrites(() => primary.kill(), reportsAfter, failoverSecondsMax);
  await requireSuccessor(cluster, primary, tell);
  primary.start();
  await cluster.whole();
  return seconds;
}

async function cutPrimaryOff({ cluster, load, tell }: Scene): Promise<number> {
  const primary = await cluster.primary();
  tell(`cutting ${primary.name} off`);
  const pull = async () => primary.cable.pull();
  const seconds = await load.secondsWithoutWrites(pull, reportsAfter, failoverSecondsMax);
  await requireSuccessor(cluster, primary, tell);
  primary.cable.plugIn();
  await cluster.whole();
  return seconds;
}

/** Its standbys are cut off first, so it has commits that nobody else has; they come back to choose one of themselves. */
async function killLonePrimary({ cluster, load, list, tell }: Scene): Promise<number> {
  const primary = await cluster.primary();
  tell(`cutting everybody off from ${primary.name}`);
  const fault = async () => {
    for (const { cable } of others(cluster, primary)) cable.pull();
    await until("a commit waits for a standby", 30, async () =>
      (await commitsWaiting(primary)) > 0 ? true : undefined,
    );
    tell(`commits wait, ${list.length} reports are acknowledged; killing ${primary.name}`);
    await loseMachine(cluster, primary);
  };
  const seconds = await load.secondsWithoutWrites(fault, reportsAfter, failoverSecondsMax);
  await requireSuccessor(cluster, primary, tell);
  repairMachine(primary);
  await cluster.whole();
  return seconds;
}

/** The same fault where commits wait for nobody: the lone primary acknowledges, and takes that with it. */
async function loseLonePrimary({ cluster, load, list, tell }: Scene): Promise<Readonly<Record<string, number>>> {
  const primary = await cluster.primary();
  tell(`cutting everybody off from ${primary.name}`);
  for (const { cable } of others(cluster, primary)) cable.pull();
  const before = list.length;
  await load.furtherAcknowledgements(reportsAlone, failoverSecondsMax);
  // Devices would be lied to from here on: the successor knows less than they do.
  await load.settle();
  tell(`${list.length - before} reports acknowledged by ${primary.name} alone; killing it`);
  await loseMachine(cluster, primary);
  await requireSuccessor(cluster, primary, tell);
  repairMachine(primary);
  return {};
}

/** Its cable goes too: a kernel goes on to send what a killed process left in its sockets. */
async function loseMachine(cluster: DatabaseCluster, primary: DatabaseMember): Promise<void> {
  primary.cable.pull();
  await primary.kill();
  for (const { cable } of others(cluster, primary)) cable.plugIn();
}

function repairMachine(member: DatabaseMember): void {
  member.cable.plugIn();
  member.start();
}

function others(cluster: DatabaseCluster, one: DatabaseMember): readonly DatabaseMember[] {
  return cluster.members.filter((member) => member !== one);
}

async function commitsWaiting({ cable }: DatabaseMember): Promise<number> {
  const client = clientOf({ host: cable.address, user: superuser, database: "countersign" });
  await client.connect();
  try {
    const { rows } = await client.query("select count(*) as n from pg_stat_activity where wait_event = 'SyncRep'");
    return Number(rows[0]?.n);
  } finally {
    await client.end();
  }
}

/** Otherwise the fault was none, and whatever is measured says nothing. */
async function requireSuccessor(cluster: DatabaseCluster, before: DatabaseMember, tell: (text: string) => void) {
  const now = await cluster.primary();
  if (now === before) throw new Error(`${before.name} is the primary still`);
  tell(`${now.name} has taken over from ${before.name}`);
}

/** Every member has to hold everything, not only the one that leads. */
async function judgeMembers(folder: string, cluster: DatabaseCluster, list: AcknowledgedList): Promise<Audit> {
  await cluster.whole();
  const entries = list.all();
  const judged: Audit[] = [];
  for (const { name, cable } of cluster.members) {
    const file = join(folder, `${name}.sqlite`);
    await copyForAudit({ host: cable.address, user: superuser, database: "countersign" }, file);
    judged.push(audit(file, entries));
  }
  const problems = judged.map(({ integrity }) => integrity).filter((integrity) => integrity !== "ok");
  return {
    lost: Math.max(...judged.map(({ lost }) => lost)),
    doubled: Math.max(...judged.map(({ doubled }) => doubled)),
    integrity: problems.join("; ") || "ok",
  };
}
