import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { BackupError, type BackupErrorCode } from "../backup-error.ts";
import { openManager } from "../program.ts";
import { runCommand } from "../test-support/run-command.ts";
import { randomUdi, TestDevice } from "../test-support/test-device.ts";
import { type TestManager, withManager } from "../test-support/test-manager.ts";
import { backupManager } from "./backup-manager.ts";
import { createRequestHandler } from "./request-handler.ts";
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

/** As if it had been received so many days earlier, with what stands before it in the ledger. */
function ageFirstReport(dataDirectory: string, days: number): void {
  const database = new DatabaseSync(join(dataDirectory, "manager.sqlite"));
  database
    .prepare("update tree_heads set at_ms = at_ms - ? where size <= 1 + (select min(leaf_index) from reports)")
    .run(days * 86_400_000);
  database.close();
}

/** As if licences had been looked at a day earlier. */
function ageDays(dataDirectory: string): void {
  const database = new DatabaseSync(join(dataDirectory, "manager.sqlite"));
  database.exec("update license_days set day = day - 1");
  database.close();
}

suite("backup and restore", () => {
  test("a backup is taken while the manager runs, says what is secret in it, and becomes a manager with the same root", async () => {
    await withReports(async (manager, folder) => {
      const file = join(folder, "a.backup");
      const bearer = manager.init.operator?.bearer ?? "";
      const { signIns } = manager.running.manager.applicationPorts.useCases;
      const { secret = "" } = (await signIns.signIn(bearer)) ?? {};
      assert.equal((await signIns.findSignedIn(secret))?.name, "ada");
      const { upkeep, administration } = manager.running.manager;
      await upkeep.noteStandings();
      ageDays(manager.dataDirectory);
      const tag = (await administration.listLicenses({}))[0]?.tag ?? "";
      const history = await administration.showLicenseHistory({ tag });
      assert.ok((history.steps[0]?.day ?? "") < history.to && (history.steps[0]?.inUseMax ?? 0) > 0);
      const taken = await runCommand(["backup", "--to", file, "--data-directory", manager.dataDirectory]);
      assert.equal(taken.exitCode, 0, taken.stderr);
      assert.match(taken.stdout, /private keys of the licensing root/);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const target = join(folder, "restored");
      const restored = await runCommand(["restore", "--from", file, "--data-directory", target, "--json"]);
      assert.equal(restored.exitCode, 0, restored.stderr);
      const { reports, acts, ledgers } = JSON.parse(restored.stdout);
      // The account's ledger with the account, a virtual one, a token and the reports; the managers' own with its operator.
      const sizes = ledgers.map(({ size }: { size: number }) => size);
      assert.deepEqual([reports, acts, sizes], [3, 4, [6, 1]]);
      assert.equal(statSync(target).mode & 0o777, 0o700);
      assert.equal(statSync(join(target, "certificates", "signing.pem")).mode & 0o777, 0o600);
      const opened = await openManager({ dataDirectory: target, logLevel: "silent", isProcessMeasured: false });
      assert.equal(opened.rootCertificatePem, manager.running.rootCertificatePem);
      assert.equal((await opened.administration.findOperator(bearer))?.name, "ada");
      const signedIn = await opened.applicationPorts.useCases.signIns.findSignedIn(secret);
      assert.equal(signedIn, undefined, "no browser is signed in by a backup");
      assert.deepEqual(await opened.administration.showLicenseHistory({ tag }), history);
      const [event] = await opened.administration.listEvents({ limit: 1 });
      assert.equal(event?.kind, "manager_restored");
      await opened.close();
      const bytes = readFileSync(join(target, "manager.sqlite"));
      assert.equal(bytes.includes("PRIVATE KEY"), false, "no key stays behind in the database");
    });
  });

  test("[I8] a poll for an acknowledgement that the backup does not have never gets another one", async () => {
    await withReports(async ({ dataDirectory, running }, folder) => {
      const open = (directory: string) =>
        openManager({
          dataDirectory: directory,
          acknowledgeMode: "poll",
          logLevel: "silent",
          isProcessMeasured: false,
        });
      await running.stop();
      let manager = await open(dataDirectory);
      const exchange = async (body: string) => Buffer.from(await createRequestHandler(manager)(Buffer.from(body)));
      const device = new TestDevice(randomUdi(), running.rootCertificatePem, exchange);
      const { text } = await manager.administration.createToken({ cause: { kind: "local" } });
      await device.enrol(text);
      const report = async (reportId: number) => {
        const answer = await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(reportId, 1)]));
        assert.ok(answer.statusCode === "OK_POLL");
        return answer.data.poll_id;
      };
      const poll = (poll_id: string) => {
        const asked = { original_request_type: "LICENSE_USAGE", original_piid: device.identifier } as const;
        return device.ask("POLL_REQ", { ...device.common(), ...asked, poll_id });
      };
      const from = join(folder, "polled.backup");
      await backupManager({ dataDirectory, to: from });
      const forgotten = await report(1);
      await manager.close();
      const restored = join(folder, "polled");
      await restoreManager({ from, dataDirectory: restored });
      manager = await open(restored);
      try {
        const given = await report(2);
        assert.notEqual(given, forgotten);
        assert.equal((await poll(given)).statusCode, "OK");
        const refused = await poll(forgotten);
        assert.deepEqual(
          [refused.statusCode, (refused.data as { code?: string } | null)?.code],
          ["FAILED", "poll_unknown"],
        );
      } finally {
        await manager.close();
      }
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

  test("[I6] a restore is an act in the new ledger, with its reason; purged bodies are known from damaged ones", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      await device.enrol(await manager.token());
      for (const reportId of [1, 2]) {
        await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(reportId, reportId)]));
      }
      ageFirstReport(manager.dataDirectory, 401);
      const where = ["--data-directory", manager.dataDirectory, "--json"];
      const short = await runCommand(["purge", "--older-than", "399", ...where]);
      assert.deepEqual([short.exitCode, JSON.parse(short.stderr).error.code], [3, "input_invalid"]);
      const dry = await runCommand(["purge", "--older-than", "400", "--dry-run", ...where]);
      const purged = await runCommand(["purge", "--older-than", "400", "--reason", "rule 7", ...where]);
      assert.deepEqual(JSON.parse(purged.stdout).accounts, JSON.parse(dry.stdout).accounts);
      assert.equal(JSON.parse(purged.stdout).accounts[0].bodies, 1);
      const again = await runCommand(["purge", "--older-than", "400", ...where]);
      assert.equal(JSON.parse(again.stdout).accounts[0].bodies, 0);
      const from = join(manager.dataDirectory, "..", "purged.backup");
      await backupManager({ dataDirectory: manager.dataDirectory, to: from });
      const dataDirectory = join(manager.dataDirectory, "..", "restored");
      const restored = await runCommand([
        "restore",
        "--from",
        from,
        "--reason",
        "fire",
        ...where.with(1, dataDirectory),
      ]);
      assert.equal(restored.exitCode, 0, restored.stderr);
      assert.deepEqual([JSON.parse(restored.stdout).reports, JSON.parse(restored.stdout).provedWithoutBody], [2, 1]);
      for (const scope of [[], ["--manager"]]) {
        const acts = await runCommand(["audit", "list", ...scope, ...where.with(1, dataDirectory)]);
        const [newest] = JSON.parse(acts.stdout);
        assert.deepEqual([newest.act, newest.reason, newest.by], ["restore_backup", "fire", { kind: "local" }]);
      }
      const writing = new DatabaseSync(from);
      writing.exec("update report_body_purges set below_leaf_index = 0");
      writing.close();
      const other = join(manager.dataDirectory, "..", "other");
      await assert.rejects(restoreManager({ from, dataDirectory: other }), failsWith("backup_damaged"));
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
        "update report_bodies set payload = replace(payload, 'COUNT', 'COUNT ') where leaf_index = 4",
        "update reports set payload_sha256 = zeroblob(32) where leaf_index = 3",
        "update installation_usage set use_count = use_count + 1",
        "update usage_totals set in_use_verified = in_use_verified - 1",
        "update tree_heads set root_sha256 = zeroblob(32)",
        "update acknowledgements set payload = replace(payload, '\"leaf_index\":4', '\"leaf_index\":5')",
        "update ledger_tiles set hashes = substr(hashes, 1, 64) where level = 0",
        "delete from report_bodies where leaf_index = 5",
        "update audit_entries set entry = replace(entry, 'ada', 'bob')",
        "delete from audit_entries where act = 'create_token'",
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
