import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ManagerError } from "../../errors.ts";
import { describeStorage } from "../../test-support/storage-conformance.ts";
import { postgresqlDialect, sqliteDialect } from "../dialect.ts";
import { migrations, newestSchemaVersion } from "../migrations/migration.ts";
import { Connection } from "./connection.ts";
import { migrate, schemaVersion } from "./migrate.ts";
import { openSqliteStorage } from "./sqlite-storage.ts";

function temporaryFile() {
  const directory = mkdtempSync(join(tmpdir(), "countersign-storage-"));
  return { path: join(directory, "manager.sqlite"), remove: () => rmSync(directory, { recursive: true }) };
}

describeStorage("SQLite in memory", async () => {
  const storage = openSqliteStorage(":memory:", 1);
  return { storage, dispose: () => storage.close() };
});

describeStorage("SQLite in a file", async () => {
  const { path, remove } = temporaryFile();
  const storage = openSqliteStorage(path, 1);
  return { storage, dispose: () => storage.close().then(remove) };
});

test("[I5] every connection waits for the disk at each commit, and shares the write-ahead log", () => {
  const { path, remove } = temporaryFile();
  const connections = [new Connection(path, "write"), new Connection(path, "read")];
  for (const { database } of connections) {
    assert.equal(database.prepare("pragma synchronous").get()?.synchronous, 2);
    assert.equal(database.prepare("pragma journal_mode").get()?.journal_mode, "wal");
    assert.ok(Number(database.prepare("pragma busy_timeout").get()?.timeout) > 0);
  }
  for (const connection of connections) connection.close();
  remove();
});

test("database and log can be read by their owner only, also where an earlier version had made them", () => {
  const { path, remove } = temporaryFile();
  const modes = () => ["", "-wal", "-shm"].map((ending) => statSync(path + ending).mode & 0o777);
  for (const _ of ["a new one", "one that was open to others"]) {
    const connection = new Connection(path, "write");
    connection.database.exec("create table if not exists written (a)");
    assert.deepEqual(modes(), [0o600, 0o600, 0o600]);
    connection.close();
    chmodSync(path, 0o644);
  }
  remove();
});

test("what was written is there after the file was closed and opened again", async () => {
  const { path, remove } = temporaryFile();
  const first = openSqliteStorage(path, 1);
  await first.inTransaction(({ accounts }) =>
    accounts.addSmartAccount({ name: "Example", ledgerId: "l", allowUntrustedReports: false, createdAtMs: 3 }),
  );
  await first.close();
  const second = openSqliteStorage(path, 2);
  assert.deepEqual(
    (await second.read.accounts.listSmartAccounts()).map(({ name }) => name),
    ["Example"],
  );
  await second.close();
  remove();
});

test("migrations are numbered without a hole, run once, and a newer database is refused", () => {
  assert.deepEqual(
    migrations.map(({ version }) => version),
    migrations.map((_, at) => at + 1),
  );
  const connection = new Connection(":memory:", "write");
  migrate(connection, 1);
  migrate(connection, 2);
  assert.equal(schemaVersion(connection), newestSchemaVersion);
  assert.throws(
    () => migrate(connection, 3, []),
    (error) => error instanceof ManagerError && error.code === "storage_newer",
  );
  connection.close();
});

test("a migration that fails changes nothing, and the ones before it stay", () => {
  const connection = new Connection(":memory:", "write");
  const broken = {
    version: newestSchemaVersion + 1,
    name: "broken",
    statements: () => ["create table half_done (a integer)", "nonsense"],
  };
  assert.throws(() => migrate(connection, 1, [...migrations, broken]));
  assert.equal(schemaVersion(connection), newestSchemaVersion);
  assert.equal(
    connection.database.prepare("select count(*) as found from sqlite_master where name = 'half_done'").get()?.found,
    0,
  );
  connection.close();
});

test("every table's primary key begins with the smart account", () => {
  for (const migration of migrations) {
    for (const statement of migration.statements(sqliteDialect).filter((one) => one.startsWith("create table"))) {
      assert.match(statement, /primary key \(smart_account_id[,)]/);
    }
  }
});

test("the definitions for PostgreSQL use none of SQLite's own words", () => {
  const text = migrations.flatMap((migration) => migration.statements(postgresqlDialect)).join("\n");
  assert.doesNotMatch(text, /without rowid|\bblob\b|autoincrement/i);
});
