// A manager moves from SQLite to PostgreSQL: while it works, then for good; interrupted and taken up; and what is refused.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { decodeSmartLicense } from "@countersign/protocol";
import { initManager } from "../program/init-manager.ts";
import { migrateDatabase } from "../program/migrate-database.ts";
import { type RunningManager, startManager } from "../program/start-manager.ts";
import { openManager } from "../program.ts";
import { openPostgresqlStorage } from "../storage/postgresql/postgresql-storage.ts";
import { PostgresqlServer } from "../test-support/postgresql-server.ts";
import { runCommand } from "../test-support/run-command.ts";
import { randomUdi, TestDevice } from "../test-support/test-device.ts";
import { recordingStream } from "../test-support/test-manager.ts";

const server = await PostgresqlServer.start();
const folder = mkdtempSync(join(tmpdir(), "countersign-move-"));
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
const migratingChild = join(import.meta.dirname, "../test-support/migrating-child.ts");
const cause = { kind: "operator", name: "test" } as const;
const quiet = { logLevel: "silent", isProcessMeasured: false, port: 0 } as const;
let directories = 0;

async function newDirectory(): Promise<string> {
  directories += 1;
  const dataDirectory = join(folder, String(directories));
  await initManager({ dataDirectory, smartAccount: "Example Corp" });
  return dataDirectory;
}

/** A trusted device that talks to the manager directly. */
async function enrol({ manager }: RunningManager): Promise<TestDevice> {
  const { text } = await manager.administration.createToken({ cause });
  const exchange = async (body: string) =>
    Buffer.from((await manager.endpoint.answer(Buffer.from(body), { reportsMax: 40 })).body);
  const device = new TestDevice(randomUdi(), manager.rootCertificatePem, exchange);
  await device.enrol(text);
  return device;
}

/** The same device at another manager. */
function moved(device: TestDevice, { manager }: RunningManager): TestDevice {
  const exchange = async (body: string) =>
    Buffer.from((await manager.endpoint.answer(Buffer.from(body), { reportsMax: 40 })).body);
  const there = new TestDevice(
    `PID:${device.udi.pid},SN:${device.udi.serialNumber}`,
    manager.rootCertificatePem,
    exchange,
  );
  Object.assign(there, { keys: device.keys, trust: device.trust });
  return there;
}

async function acknowledgementOf(device: TestDevice, payloads: readonly string[]): Promise<string> {
  const answer = await device.ask("LICENSE_USAGE", await device.usage(payloads));
  assert.equal(answer.statusCode, "OK");
  const data = answer.data as { readonly device_list: readonly { readonly smart_license: string }[] };
  const objects = decodeSmartLicense(data.device_list[0]?.smart_license ?? "");
  return objects.find(({ header }) => header.type === "ack")?.payload ?? "";
}

function move(dataDirectory: string, database: string, ...more: string[]) {
  const where = ["--data-directory", dataDirectory, "--from", "sqlite", "--to", database];
  return runCommand(["migrate-database", ...where, ...more, "--json"]);
}

test("[I1] [I2] [I3] a manager is copied while it works, finished when it is stopped, and goes on as if nothing had been", async () => {
  const dataDirectory = await newDirectory();
  const database = await server.createDatabase();
  const sqlite = await startManager({ ...quiet, dataDirectory });
  const devices = [await enrol(sqlite), await enrol(sqlite)] as const;
  const [device, leaving] = devices;
  const first = device.reportPayload(1, 5);
  const [leafOfFirst] = JSON.parse(await acknowledgementOf(device, [first])).reports;
  await acknowledgementOf(device, [device.reportPayload(4, 6)]);
  await acknowledgementOf(leaving, [leaving.reportPayload(1, 2)]);
  const online = await move(dataDirectory, database, "--online");
  assert.equal(online.exitCode, 0, online.stderr);
  assert.equal(JSON.parse(online.stdout).isFinished, false);
  await assert.rejects(openPostgresqlStorage({ url: database }), { code: "copy_unfinished" });
  // Rows change and go away behind the copy: a gap closes, an installation is emptied.
  const newest = [device.reportPayload(2, 7), device.reportPayload(3, 8)];
  const acknowledged = await acknowledgementOf(device, newest);
  await sqlite.manager.administration.removeProductInstance({ instance: leaving.identifier, cause });
  // Noted by each manager at its start: since when is decided here, so that it has to be copied too.
  await sqlite.manager.upkeep.noteStandings();
  // A day earlier: what was written down is copied, and not only how it stands now.
  const days = new DatabaseSync(join(dataDirectory, "manager.sqlite"));
  days.exec("update license_days set day = day - 1");
  days.close();
  const inUse = await sqlite.manager.administration.listLicenses({});
  assert.notEqual(inUse[0]?.shortSinceMs, null);
  const tag = inUse[0]?.tag ?? "";
  const history = await sqlite.manager.administration.showLicenseHistory({ tag });
  assert.ok((history.steps[0]?.day ?? "") < history.to && (history.steps[0]?.inUseMax ?? 0) > 0);
  const refused = await move(dataDirectory, database);
  assert.deepEqual([refused.exitCode, JSON.parse(refused.stderr).error.code], [3, "data_directory_in_use"]);
  await sqlite.stop();
  const finished = await move(dataDirectory, database);
  assert.equal(finished.exitCode, 0, finished.stderr);
  const { isFinished, ledgers } = JSON.parse(finished.stdout);
  // Five reports, and the acts: the account, two tokens, and a removal.
  assert.deepEqual([isFinished, ledgers], [true, [{ smartAccountId: 1, size: 9 }]]);

  await assert.rejects(openManager({ ...quiet, dataDirectory }), { code: "database_moved" });
  const postgresql = await startManager({ ...quiet, dataDirectory, database });
  try {
    const { administration } = postgresql.manager;
    assert.deepEqual(await administration.listLicenses({}), inUse);
    assert.deepEqual(await administration.showLicenseHistory({ tag }), history);
    const there = moved(device, postgresql);
    assert.equal(await acknowledgementOf(there, newest), acknowledged);
    const { reports } = JSON.parse(await acknowledgementOf(there, [first]));
    assert.deepEqual(reports, [{ ...leafOfFirst, outcome: "known" }]);
    assert.equal(JSON.parse(await acknowledgementOf(there, [device.reportPayload(5, 9)])).tree_head.size, 10);
    assert.deepEqual((await administration.showProductInstance({ instance: device.identifier })).missingReports, []);
  } finally {
    await postgresql.stop();
  }
  const again = await move(dataDirectory, database);
  assert.equal(JSON.parse(again.stderr).error.code, "copy_source_missing");
});

test("a copy that was interrupted after any table is finished by the next run", async () => {
  const dataDirectory = await newDirectory();
  const databaseUrl = await server.createDatabase();
  const wish = { dataDirectory, databaseUrl, isOnline: false, now: Date.now() };
  for (const last of ["acknowledgements", "events", "smart_accounts"]) {
    const onTable = ({ table }: { readonly table: string }) => {
      if (table === last) throw new RangeError("interrupted");
    };
    await assert.rejects(migrateDatabase({ ...wish, onTable }), new RangeError("interrupted"));
    assert.ok(existsSync(join(dataDirectory, "manager.sqlite")));
  }
  const written = new Map<string, number>();
  const { isFinished } = await migrateDatabase({ ...wish, onTable: (one) => written.set(one.table, one.written) });
  assert.ok(isFinished);
  assert.deepEqual([written.get("smart_accounts"), written.get("events")], [0, 0]);
});

test("[I5] a copy whose process is killed in the middle of a table is finished by the next one, which writes only what is missing", async () => {
  const dataDirectory = await newDirectory();
  const database = await server.createDatabase();
  const rows = 20_000;
  const file = new DatabaseSync(join(dataDirectory, "manager.sqlite"));
  file.exec(`with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${rows})
    insert into purchases select 1, n, 1, 1, n, 'perpetual', 0, null, 'order ' || n from numbers`);
  file.close();
  const name = database.slice(database.lastIndexOf("/") + 1);
  const copied = async () => {
    const made = await server.query("select to_regclass('purchases') is not null as made", name);
    return made[0]?.made === true ? Number((await server.query("select count(*) from purchases", name))[0]?.count) : 0;
  };
  const child = spawn(process.execPath, ["--conditions=countersign-source", migratingChild, dataDirectory, database], {
    stdio: "ignore",
  });
  const gone = once(child, "exit");
  while ((await copied()) === 0) assert.equal(child.exitCode, null, "the copy ended before it could be killed");
  child.kill("SIGKILL");
  await gone;
  const before = await copied();
  assert.ok(before < rows, "the copy was complete already");
  await assert.rejects(openPostgresqlStorage({ url: database }), { code: "copy_unfinished" });
  const finished = JSON.parse((await move(dataDirectory, database)).stdout);
  const table = finished.tables.find(({ table }: { readonly table: string }) => table === "purchases");
  assert.deepEqual([finished.isFinished, table.rows], [true, rows]);
  // A page that was being committed when the process ended is there or not; both are right.
  assert.ok(table.written > 0 && table.written <= rows - before, `${table.written} written after ${before}`);
});

test("a database that is in use, another's copy, an empty source and another version are refused", async () => {
  const dataDirectory = await newDirectory();
  const used = await server.createDatabase();
  await (await openManager({ ...quiet, dataDirectory: join(folder, "used"), database: used })).close();
  await initManager({ dataDirectory: join(folder, "used"), database: used, smartAccount: "Other" });
  const codeOf = async (directory: string, database: string) =>
    JSON.parse((await move(directory, database)).stderr).error.code;
  assert.equal(await codeOf(dataDirectory, used), "copy_target_not_empty");
  const shared = await server.createDatabase();
  assert.equal((await move(await newDirectory(), shared, "--online")).exitCode, 0);
  assert.equal(await codeOf(dataDirectory, shared), "copy_target_not_empty");
  const empty = join(folder, "empty");
  await (await openManager({ ...quiet, dataDirectory: empty })).close();
  assert.equal(await codeOf(empty, await server.createDatabase()), "copy_source_empty");
  const old = await newDirectory();
  const file = new DatabaseSync(join(old, "manager.sqlite"));
  file.exec("update schema_migrations set version = version - 1");
  file.close();
  const online = await move(old, await server.createDatabase(), "--online");
  assert.equal(JSON.parse(online.stderr).error.code, "copy_schema_differs");
});

test("a copy that does not come out equal is given up, and the source stays in place", async () => {
  const dataDirectory = await newDirectory();
  const database = await server.createDatabase();
  await (await openPostgresqlStorage({ url: database })).close();
  const name = database.slice(database.lastIndexOf("/") + 1);
  await server.query(
    `create function spoil() returns trigger language plpgsql as $$ begin new.cause := '{}'; return new; end $$;
     create trigger spoil before insert on events for each row execute function spoil()`,
    name,
  );
  const failed = await move(dataDirectory, database);
  assert.deepEqual([failed.exitCode, JSON.parse(failed.stderr).error.code], [1, "copy_differs"]);
  await (await openManager({ ...quiet, dataDirectory })).close();
});

test("backup and restore take the database from the flags that every command has, and tell on the way how far they are", async () => {
  const database = await server.createDatabase();
  const dataDirectory = join(folder, "backed-up");
  await initManager({ dataDirectory, database, smartAccount: "Example Corp" });
  const to = join(folder, "a.backup");
  const taken = await runCommand(["backup", "--data-directory", dataDirectory, "--database", database, "--to", to]);
  assert.equal(taken.exitCode, 0, taken.stderr);
  assert.match(taken.stderr, /^smart_accounts: 1 rows, 1 written$/m);
  assert.match(taken.stdout, /private keys of the licensing root/);
  const restored = join(folder, "restored");
  const where = ["--data-directory", restored, "--from", to, "--json"];
  const refused = await runCommand(["restore", ...where, "--database", database]);
  assert.deepEqual([refused.exitCode, JSON.parse(refused.stderr).error.code], [3, "copy_target_not_empty"]);
  const other = await server.createDatabase();
  const done = await runCommand(["restore", ...where, "--database", other]);
  assert.deepEqual([done.exitCode, JSON.parse(done.stdout).reports], [0, 0], done.stderr);
  const manager = await openManager({ ...quiet, dataDirectory: restored, database: other });
  assert.equal((await manager.administration.listAccounts())[0]?.name, "Example Corp");
  await manager.close();
  const nothing = await runCommand([
    "backup",
    "--data-directory",
    join(folder, "none"),
    "--database",
    other,
    "--to",
    to,
  ]);
  assert.notEqual(nothing.exitCode, 0);
});

test("a manager whose licensing root is another than that of the database's managers is refused", async () => {
  const database = await server.createDatabase();
  await initManager({ dataDirectory: join(folder, "first"), database, smartAccount: "Example" });
  const stranger = openManager({ ...quiet, dataDirectory: join(folder, "stranger"), database });
  await assert.rejects(stranger, { code: "database_of_other_root" });
  await (await openManager({ ...quiet, dataDirectory: join(folder, "first"), database })).close();
});

test("a manager below another one stays with its own database: neither connected on PostgreSQL, nor moved or restored there", async (t) => {
  const above = await startManager({ ...quiet, dataDirectory: await newDirectory() });
  t.after(() => above.stop());
  const announce = async (name: string) => {
    const { token } = await above.manager.administration.addLowerManager({ name, cause });
    return { url: above.url.replace("127.0.0.1", "localhost"), rootPem: above.rootCertificatePem, token };
  };
  const onPremises = { smartAccount: "Example Works", role: "onprem" } as const;

  const shared = join(folder, "shared");
  const database = await server.createDatabase();
  await initManager({ ...onPremises, dataDirectory: shared, database });
  const refused = await openManager({ ...quiet, dataDirectory: shared, database });
  const before = readdirSync(join(shared, "certificates")).toSorted();
  const { administration } = refused;
  const wish = await announce("shared");
  const answer = {
    ...{ version: "1.0", manager_identifier: "00000000-0000-4000-8000-000000000000" },
    ...{ smart_account_name: "Example Corp", virtual_account_name: "DEFAULT" },
    issuing: new X509Certificate(above.rootCertificatePem).raw.toString("base64"),
  };
  const carried = { rootPem: wish.rootPem, registered: JSON.stringify(answer) };
  const unsupported = { code: "upstream_unsupported" };
  await assert.rejects(administration.connectUpstream({ ...wish, cause }), unsupported);
  await assert.rejects(administration.requestRegistration({}), unsupported);
  await assert.rejects(administration.connectUpstream({ ...carried, cause }), unsupported);
  assert.deepEqual((await administration.showUpstream({})).upstream, null);
  assert.deepEqual(readdirSync(join(shared, "certificates")).toSorted(), before, "no key was made for it");
  await refused.close();
  const [{ registeredAtMs } = { registeredAtMs: 0 }] = await above.manager.administration.listLowerManagers({});
  assert.equal(registeredAtMs, null, "and the manager above heard nothing of it");

  const own = join(folder, "own");
  await initManager({ ...onPremises, dataDirectory: own });
  const connected = await openManager({ ...quiet, dataDirectory: own });
  await connected.administration.connectUpstream({ ...(await announce("own")), cause });
  await connected.close();
  const target = await server.createDatabase();
  for (const more of [[], ["--online"]]) {
    const moving = await move(own, target, ...more);
    assert.deepEqual([moving.exitCode, JSON.parse(moving.stderr).error.code], [1, "copy_source_below"]);
  }
  const backup = join(folder, "own-backup");
  assert.equal((await runCommand(["backup", "--data-directory", own, "--to", backup])).exitCode, 0);
  const there = ["--data-directory", join(folder, "own-restored"), "--database", target, "--json"];
  const restoring = await runCommand(["restore", "--from", backup, ...there]);
  assert.equal(JSON.parse(restoring.stderr).error.code, "copy_source_below");
  assert.equal(existsSync(join(folder, "own-restored")), false);
  const at = await openManager({ ...quiet, dataDirectory: own });
  assert.notEqual((await at.administration.showUpstream({})).upstream, null, "what was refused is where it was");
  await at.close();
});

test("a password comes from a closed file, is refused anywhere else, and is shown nowhere", async () => {
  const canary = "canary-password-2718";
  const dataDirectory = join(folder, "guarded");
  await server.query(`create role guarded login password '${canary}'`);
  await server.query("create database guarded owner guarded");
  const url = server.url("guarded", "guarded").replace("guarded@", `guarded:${canary}@`);
  const file = join(folder, "database-url");
  writeFileSync(file, `${url}\n`, { mode: 0o600 });
  const told = [
    await runCommand(["init", "--data-directory", dataDirectory, "--database", url, "--smart-account", "X"]),
  ];
  assert.equal(told[0]?.exitCode, 2);
  told.push(await runCommand(["config", "print", "--database", url, "--json"]));
  const where = ["--data-directory", dataDirectory, "--database-url-file", file];
  told.push(await runCommand(["init", ...where, "--smart-account", "Example", "--json"]));
  assert.equal(told.at(-1)?.exitCode, 0, told.at(-1)?.stderr);
  told.push(await runCommand(["token", "list", ...where, "--json"]));
  assert.equal(told.at(-1)?.exitCode, 0, told.at(-1)?.stderr);
  told.push(await runCommand(["config", "print", ...where, "--json"]));
  const log = recordingStream();
  const options = { ...quiet, logLevel: "debug", logDestination: log.stream } as const;
  const manager = await startManager({ ...options, dataDirectory, databaseUrlFile: file });
  await server.query("alter role guarded nologin");
  await server.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'guarded'");
  assert.equal((await manager.manager.health()).dependencies.storage?.state, "failing");
  await server.query("alter role guarded login");
  assert.equal((await manager.manager.health()).dependencies.storage?.state, "ok");
  await manager.stop();
  rmSync(file);
  writeFileSync(file, url, { mode: 0o604 });
  told.push(await runCommand(["token", "list", ...where]));
  assert.equal(told.at(-1)?.exitCode, 2);
  for (const { stdout, stderr } of told) assert.doesNotMatch(stdout + stderr, new RegExp(canary));
  assert.doesNotMatch(log.text(), new RegExp(canary));
});
