import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { BackupError, type BackupErrorCode } from "../backup-error.ts";
import { openManager } from "../program.ts";
import { runCommand } from "../test-support/run-command.ts";
import { type TestManager, withManager } from "../test-support/test-manager.ts";
import { backupManager } from "./backup-manager.ts";
import { restoreManager } from "./restore-manager.ts";

const failsWith = (code: BackupErrorCode) => (error: unknown) => error instanceof BackupError && error.code === code;

/** A running manager with a few reports, and a place for files beside it. */
async function withReports(run: (manager: TestManager, folder: string) => Promise<void>): Promise<void> {
  await withManager({}, async (manager) => {
    const device = manager.device();
    await device.enrol(await manager.token());
    const payloads = [1, 2, 3].map((reportId) => device.reportPayload(reportId, reportId));
    assert.equal((await device.ask("LICENSE_USAGE", await device.usage(payloads))).statusCode, "OK");
    await run(manager, join(manager.dataDirectory, ".."));
  });
}

suite("backup and restore", () => {
  test("a backup is taken while the manager runs, says what is secret in it, and becomes a manager with the same root", async () => {
    await withReports(async (manager, folder) => {
      const file = join(folder, "a.backup");
      const taken = await runCommand(["backup", "--to", file, "--data-directory", manager.dataDirectory]);
      assert.equal(taken.exitCode, 0, taken.stderr);
      assert.match(taken.stdout, /private keys of the licensing root/);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const target = join(folder, "restored");
      const restored = await runCommand(["restore", "--from", file, "--data-directory", target, "--json"]);
      assert.equal(restored.exitCode, 0, restored.stderr);
      const { reports, ledgers } = JSON.parse(restored.stdout);
      assert.deepEqual([reports, ledgers.length, ledgers[0].size], [3, 1, 3]);
      assert.equal(statSync(target).mode & 0o777, 0o700);
      assert.equal(statSync(join(target, "certificates", "signing.pem")).mode & 0o777, 0o600);
      const opened = await openManager({ dataDirectory: target, logLevel: "silent", isProcessMeasured: false });
      assert.equal(opened.rootCertificatePem, manager.running.rootCertificatePem);
      assert.equal(opened.operators.authenticate(manager.init.operator?.bearer ?? ""), "ada");
      const [event] = await opened.administration.listEvents({ limit: 1 });
      assert.equal(event?.kind, "manager_restored");
      await opened.close();
      const bytes = readFileSync(join(target, "manager.sqlite"));
      assert.equal(bytes.includes("PRIVATE KEY"), false, "no key stays behind in the database");
    });
  });

  test("nothing is ever overwritten: not a file by a backup, not a directory by a restore", async () => {
    await withReports(async (manager, folder) => {
      const { dataDirectory } = manager;
      const to = join(folder, "a.backup");
      await backupManager({ dataDirectory, to });
      const before = readFileSync(to);
      await assert.rejects(backupManager({ dataDirectory, to }), failsWith("backup_exists"));
      assert.deepEqual(readFileSync(to), before);
      await assert.rejects(restoreManager({ from: to, dataDirectory }), failsWith("restore_target_in_use"));
      const refused = await runCommand(["restore", "--from", to, "--data-directory", dataDirectory]);
      assert.equal(refused.exitCode, 3);
      mkdirSync(join(folder, "empty"));
      await restoreManager({ from: to, dataDirectory: join(folder, "empty") });
      assert.deepEqual(
        readdirSync(folder).filter((name) => /\.new|restoring/.test(name)),
        [],
      );
    });
  });

  test("a file that is no backup, and a backup that was altered anywhere in reports, ledger or sums, is refused and leaves nothing", async () => {
    await withReports(async (manager, folder) => {
      const dataDirectory = join(folder, "restored");
      const noBackup = join(folder, "no.backup");
      writeFileSync(noBackup, "something else");
      await assert.rejects(restoreManager({ from: noBackup, dataDirectory }), failsWith("backup_unreadable"));
      const database = join(manager.dataDirectory, "manager.lock");
      await assert.rejects(restoreManager({ from: database, dataDirectory }), failsWith("backup_unreadable"));
      const alterations = [
        "update report_bodies set payload = replace(payload, 'COUNT', 'COUNT ') where leaf_index = 1",
        "update reports set payload_sha256 = zeroblob(32) where leaf_index = 0",
        "update installation_usage set use_count = use_count + 1",
        "update usage_totals set in_use_verified = in_use_verified - 1",
        "update tree_heads set root_sha256 = zeroblob(32)",
        "update acknowledgements set payload = replace(payload, '\"leaf_index\":1', '\"leaf_index\":2')",
        "update ledger_tiles set hashes = substr(hashes, 1, 64) where level = 0",
        "delete from report_bodies where leaf_index = 2",
        "update backup_files set name = '../outside.pem' where name like '%signing.pem'",
      ];
      for (const [at, sql] of alterations.entries()) {
        const altered = join(folder, `${at}.backup`);
        await backupManager({ dataDirectory: manager.dataDirectory, to: altered });
        const writing = new DatabaseSync(altered);
        assert.ok(Number(writing.prepare(sql).run().changes) > 0, sql);
        writing.close();
        await assert.rejects(restoreManager({ from: altered, dataDirectory }), failsWith("backup_damaged"), sql);
      }
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith("restored")),
        [],
      );
    });
  });
});
