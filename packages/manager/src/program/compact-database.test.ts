import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { dayMs } from "@countersign/protocol";
import { sqlitePathOf } from "../storage/open-storage.ts";
import { FileSpaceKeeper } from "../storage/sqlite/free-space.ts";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import { createTrustedDevice } from "../test-support/core-device.ts";
import { createTestManager, operator, startMs } from "../test-support/core-manager.ts";
import { runCommand } from "../test-support/run-command.ts";
import { withManager } from "../test-support/test-manager.ts";
import { purgeAgeDaysMin } from "../usage/retention.ts";
import { backupManager } from "./backup-manager.ts";
import { compactDatabase } from "./compact-database.ts";

const neverAborted = new AbortController().signal;
const mebibyte = 1_048_576;

async function inFolder(run: (dataDirectory: string) => Promise<void>): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "countersign-compact-"));
  try {
    await run(dataDirectory);
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

function measure(dataDirectory: string) {
  const space = new FileSpaceKeeper(sqlitePathOf(dataDirectory));
  try {
    return { ...space.measure(), canShrinkOnline: space.canShrinkOnline };
  } finally {
    space.close();
  }
}

/** What a purge of so many mebibytes leaves behind. */
function leaveFree(dataDirectory: string, mebibytes: number): void {
  const database = new DatabaseSync(sqlitePathOf(dataDirectory), { timeout: 10_000 });
  database.exec("create table filling (bytes blob not null)");
  for (let at = 0; at < mebibytes; at += 1) database.prepare("insert into filling values (zeroblob(?))").run(mebibyte);
  database.exec("drop table filling");
  database.close();
}

suite("the space of purged bodies", () => {
  test("is used again: purging and filling in turn does not make the file grow", async () => {
    await inFolder(async (dataDirectory) => {
      const storage = openSqliteStorage(sqlitePathOf(dataDirectory), startMs);
      const manager = await createTestManager({ storage });
      const device = await createTrustedDevice(manager);
      const [messages, perMessage] = [10, 40];
      const sizes: number[] = [];
      let reportId = 0;
      let bodies = 0;
      for (let round = 0; round < 5; round += 1) {
        for (let message = 0; message < messages; message += 1) {
          const ids = Array.from({ length: perMessage }, () => (reportId += 1));
          await device.sendReports(await Promise.all(ids.map((id) => device.report({ reportId: id, count: 1 }))));
        }
        manager.clock.advance((purgeAgeDaysMin + 1) * dayMs);
        const purged = await manager.useCases.purgeReportBodies({ olderThanDays: purgeAgeDaysMin, cause: operator });
        assert.equal(purged.bodies, messages * perMessage);
        bodies = purged.bytes;
        sizes.push(measure(dataDirectory).bytes);
      }
      await storage.close();
      const [, second = 0] = sizes;
      // What stays of a report is a small part of its body.
      assert.ok((sizes.at(-1) ?? 0) - second < bodies, `${sizes} with ${bodies} of bodies`);
    });
  });

  test("is given back step by step while the manager takes reports, and everything is as before", async () => {
    await withManager({}, async (manager) => {
      const { dataDirectory } = manager;
      const device = manager.device();
      await device.enrol(await manager.token());
      leaveFree(dataDirectory, 24);
      const compacting = runCommand(["compact", "--data-directory", dataDirectory, "--json"]);
      let reports = 0;
      const isOver = compacting.then(() => true);
      const soon = () => new Promise<false>((resolve) => setImmediate(() => resolve(false)));
      for (let ended = false; !ended; ended = await Promise.race([isOver, soon()])) {
        reports += 1;
        const answer = await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(reports, 1)]));
        assert.equal(answer.statusCode, "OK");
      }
      assert.ok(reports > 5, `${reports} were taken meanwhile`);
      const { exitCode, stdout, stderr } = await compacting;
      assert.equal(exitCode, 0, stderr);
      const { before, after, ...how } = JSON.parse(stdout);
      assert.deepEqual(how, { isWrittenAnew: false, isInterrupted: false });
      assert.ok(before.bytes > 24 * mebibyte && before.freeBytes >= 24 * mebibyte);
      assert.ok(after.bytes < 4 * mebibyte && after.freeBytes < mebibyte, stdout);
      const verified = await runCommand(["ledger", "verify", "--data-directory", dataDirectory, "--json"]);
      assert.equal(JSON.parse(verified.stdout).ledgers[0].reports, reports);
      const database = new DatabaseSync(sqlitePathOf(dataDirectory), { readOnly: true });
      assert.deepEqual(database.prepare("pragma integrity_check").get()?.integrity_check, "ok");
      database.close();
    });
  });

  test("is given back by a file of an earlier version once the manager stands still, and from then on beside it", async () => {
    await withManager({}, async (manager) => {
      const { dataDirectory } = manager;
      const path = sqlitePathOf(dataDirectory);
      await manager.running.stop();
      const database = new DatabaseSync(path);
      database.exec("pragma auto_vacuum = none; vacuum");
      database.close();
      await manager.restart();
      leaveFree(dataDirectory, 4);
      assert.equal(measure(dataDirectory).canShrinkOnline, false);
      const refused = await runCommand(["compact", "--data-directory", dataDirectory, "--json"]);
      assert.deepEqual(
        [refused.exitCode === 0, JSON.parse(refused.stderr).error.code],
        [false, "data_directory_in_use"],
      );
      await manager.running.stop();
      const { before, after, isWrittenAnew } = await compactDatabase(dataDirectory, neverAborted);
      assert.ok(isWrittenAnew && before.freeBytes >= 4 * mebibyte && after.freeBytes === 0);
      assert.equal(measure(dataDirectory).canShrinkOnline, true);
      await manager.restart();
    });
  });

  test("is left where it is when compacting is interrupted; the next run goes on", async () => {
    await inFolder(async (dataDirectory) => {
      await openSqliteStorage(sqlitePathOf(dataDirectory), startMs).close();
      leaveFree(dataDirectory, 4);
      const { before, after, isInterrupted } = await compactDatabase(dataDirectory, AbortSignal.abort());
      assert.deepEqual([isInterrupted, after], [true, before]);
      assert.equal((await compactDatabase(dataDirectory, neverAborted)).after.freeBytes, 0);
    });
  });

  test("a backup can give room back, whatever its source could; PostgreSQL is not asked to", async () => {
    await withManager({}, async ({ dataDirectory, running }) => {
      await running.stop();
      for (const source of ["none", "incremental"]) {
        const database = new DatabaseSync(sqlitePathOf(dataDirectory));
        database.exec(`pragma auto_vacuum = ${source}; vacuum`);
        database.close();
        const to = join(dataDirectory, "..", `${source}.backup`);
        await backupManager({ dataDirectory, to });
        const backup = new DatabaseSync(to, { readOnly: true });
        assert.equal(backup.prepare("pragma auto_vacuum").get()?.auto_vacuum, 2);
        backup.close();
      }
      const where = ["--data-directory", dataDirectory, "--database", "postgres://localhost/none"];
      const refused = await runCommand(["compact", ...where]);
      assert.deepEqual([refused.exitCode, refused.stdout], [2, ""]);
      assert.match(refused.stderr, /PostgreSQL does it by itself/);
    });
  });
});
