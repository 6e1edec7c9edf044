import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import {
  auditLeaf,
  decodeActProofFile,
  decodeProofFile,
  parseCertificate,
  verifyActProofFile,
  verifyProofFile,
} from "@countersign/protocol";
import { prove } from "../commands.ts";
import { runCommand } from "../test-support/run-command.ts";
import { type TestManager, withManager } from "../test-support/test-manager.ts";

/** A running manager with a few reports; the identifier of the device that sent them. */
async function withReports(run: (manager: TestManager, identifier: string) => Promise<void>): Promise<void> {
  await withManager({}, async (manager) => {
    const device = manager.device();
    await device.enrol(await manager.token());
    const payloads = [1, 2, 3].map((reportId) => device.reportPayload(reportId, reportId));
    assert.equal((await device.ask("LICENSE_USAGE", await device.usage(payloads))).statusCode, "OK");
    const [instance] = await manager.running.manager.administration.listProductInstances({});
    await run(manager, instance?.productInstanceIdentifier ?? "");
  });
}

const run = (manager: TestManager, ...words: string[]) =>
  runCommand([...words, "--data-directory", manager.dataDirectory]);

suite("countersign manager ledger", () => {
  test("head, consistency and inclusion answer from the running manager, for people and for programs", async () => {
    await withReports(async (manager) => {
      const head = await run(manager, "ledger", "head");
      assert.match(head.stdout, /Size +6\nRoot SHA-256 +[0-9a-f]{64}\n/);
      const { treeHead } = JSON.parse((await run(manager, "ledger", "head", "--size", "5", "--json")).stdout);
      assert.equal(treeHead.size, 5);
      const consistency = JSON.parse((await run(manager, "ledger", "consistency", "5", "--json")).stdout);
      assert.deepEqual([consistency.from.rootSha256, consistency.head.treeHead.size], [treeHead.root_sha256, 6]);
      assert.match((await run(manager, "ledger", "inclusion", "5")).stdout, /Entry +5, leaf hash [0-9a-f]{64}/);
      const beyond = await run(manager, "ledger", "inclusion", "6", "--json");
      assert.deepEqual([beyond.exitCode, JSON.parse(beyond.stderr).error.code], [3, "leaf_unknown"]);
      assert.equal((await run(manager, "ledger", "head", "--size", "7")).exitCode, 3);
    });
  });

  test("prove writes a file that the root alone verifies", async () => {
    await withReports(async (manager, identifier) => {
      const out = join(manager.dataDirectory, "..", "report.proof");
      const words = [identifier, "2", "--out", out, "--data-directory", manager.dataDirectory];
      const written = await runCommand(words, undefined, undefined, prove);
      assert.equal(written.exitCode, 0, written.stderr);
      assert.match(written.stdout, /Ledger entry +4\n/);
      const root = parseCertificate(manager.running.rootCertificatePem);
      const proved = await verifyProofFile(decodeProofFile(readFileSync(out)), [root]);
      assert.deepEqual([proved.authenticity, proved.leafIndex], ["verified", 4]);
      for (const [leaf, more, act] of [
        ["2", [], "create_token"],
        ["0", ["--manager"], "add_operator"],
      ] as const) {
        const actWords = ["act", leaf, ...more, "--out", out, "--data-directory", manager.dataDirectory];
        const ended = await runCommand(actWords, undefined, undefined, prove);
        assert.equal(ended.exitCode, 0, ended.stderr);
        const file = await verifyActProofFile(decodeActProofFile(readFileSync(out)), [root]);
        assert.deepEqual([file.entry.act, file.leafIndex], [act, Number(leaf)]);
      }
      const noAct = await runCommand(
        ["act", "4", "--data-directory", manager.dataDirectory],
        undefined,
        undefined,
        prove,
      );
      assert.deepEqual([noAct.exitCode, noAct.stdout], [3, ""]);
    });
  });

  test("[I1] [I3] verify recomputes everything beside the running manager, and says what differs", async () => {
    await withReports(async (manager) => {
      const sound = await run(manager, "ledger", "verify", "--json");
      assert.equal(sound.exitCode, 0, sound.stdout);
      const { isSound, ledgers } = JSON.parse(sound.stdout);
      const [{ size, reports, acts, provedWithoutBody, treeHeads, acknowledgements, inUse }, managers] = ledgers;
      assert.deepEqual(
        [isSound, size, reports, acts, provedWithoutBody, treeHeads, acknowledgements, inUse],
        [true, 6, 3, 3, 0, 4, 1, 3],
      );
      assert.deepEqual([managers.smartAccount, managers.size, managers.acts], ["(managers)", 1, 1]);
      const [act] = JSON.parse((await run(manager, "audit", "list", "--limit", "1", "--json")).stdout);
      const inclusion = await run(manager, "ledger", "inclusion", `${act.leafIndex}`, "--json");
      const leaf = auditLeaf(createHash("sha256").update(act.entry).digest());
      assert.equal(JSON.parse(inclusion.stdout).leafHash, Buffer.from(leaf).toString("hex"));
      assert.equal((await run(manager, "ledger", "inclusion", "0", "--manager")).exitCode, 0);
      assert.match((await run(manager, "ledger", "verify")).stdout, /Everything is as the raw reports say/);
      for (const [code, sql] of alterations) {
        const database = new DatabaseSync(join(manager.dataDirectory, "manager.sqlite"));
        database.exec("begin");
        assert.ok(Number(database.prepare(sql).run().changes) > 0, sql);
        database.exec("commit");
        const altered = await run(manager, "ledger", "verify", "--json");
        const codes = JSON.parse(altered.stdout).findings.map((finding: { code: string }) => finding.code);
        assert.deepEqual([altered.exitCode, codes.includes(code)], [3, true], `${sql}: ${codes}`);
        database.close();
      }
    });
  });
});

/** Each on top of the ones before it. */
const alterations = [
  ["totals_altered", "update usage_totals set in_use_verified = in_use_verified + 1"],
  ["usage_altered", "update installation_usage set use_count = use_count + 1"],
  ["report_altered", "update reports set use_count = use_count + 1 where leaf_index = 4"],
  [
    "acknowledgement_altered",
    `update acknowledgements set payload = replace(payload, '"leaf_index":4', '"leaf_index":5')`,
  ],
  ["body_altered", "update report_bodies set payload = replace(payload, 'COUNT', 'COUNT ') where leaf_index = 3"],
  ["body_missing", "delete from report_bodies where leaf_index = 5"],
  ["leaf_altered", "update reports set payload_sha256 = zeroblob(32) where leaf_index = 3"],
  ["act_altered", "update audit_entries set entry = replace(entry, 'create_', 'delete_') where leaf_index = 2"],
  ["leaf_altered", "delete from audit_entries where leaf_index = 1"],
  ["leaf_missing", "update audit_entries set leaf_index = 9 where leaf_index = 0"],
  ["head_altered", "update tree_heads set root_sha256 = zeroblob(32)"],
  ["leaf_missing", "update ledger_tiles set hashes = substr(hashes, 1, 64) where level = 0"],
] as const;
