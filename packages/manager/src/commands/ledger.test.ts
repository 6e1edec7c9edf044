import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { decodeProofFile, parseCertificate, verifyProofFile } from "@countersign/protocol";
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
      assert.match(head.stdout, /Size +3\nRoot SHA-256 +[0-9a-f]{64}\n/);
      const { treeHead } = JSON.parse((await run(manager, "ledger", "head", "--size", "2", "--json")).stdout);
      assert.equal(treeHead.size, 2);
      const consistency = JSON.parse((await run(manager, "ledger", "consistency", "2", "--json")).stdout);
      assert.deepEqual([consistency.from.rootSha256, consistency.head.treeHead.size], [treeHead.root_sha256, 3]);
      assert.match((await run(manager, "ledger", "inclusion", "2")).stdout, /Entry +2, leaf hash [0-9a-f]{64}/);
      const beyond = await run(manager, "ledger", "inclusion", "3", "--json");
      assert.deepEqual([beyond.exitCode, JSON.parse(beyond.stderr).error.code], [3, "leaf_unknown"]);
      assert.equal((await run(manager, "ledger", "head", "--size", "4")).exitCode, 3);
    });
  });

  test("prove writes a file that the root alone verifies", async () => {
    await withReports(async (manager, identifier) => {
      const out = join(manager.dataDirectory, "..", "report.proof");
      const words = [identifier, "2", "--out", out, "--data-directory", manager.dataDirectory];
      const written = await runCommand(words, undefined, undefined, prove);
      assert.equal(written.exitCode, 0, written.stderr);
      assert.match(written.stdout, /Ledger entry +1\n/);
      const root = parseCertificate(manager.running.rootCertificatePem);
      const proved = await verifyProofFile(decodeProofFile(readFileSync(out)), [root]);
      assert.deepEqual([proved.authenticity, proved.leafIndex], ["verified", 1]);
    });
  });

  test("[I1] [I3] verify recomputes everything beside the running manager, and says what differs", async () => {
    await withReports(async (manager) => {
      const sound = await run(manager, "ledger", "verify", "--json");
      assert.equal(sound.exitCode, 0, sound.stdout);
      const { isSound, ledgers } = JSON.parse(sound.stdout);
      const [{ size, reports, provedWithoutBody, treeHeads, acknowledgements, inUse }] = ledgers;
      assert.deepEqual(
        [isSound, size, reports, provedWithoutBody, treeHeads, acknowledgements, inUse],
        [true, 3, 3, 0, 1, 1, 3],
      );
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
  ["report_altered", "update reports set use_count = use_count + 1 where leaf_index = 1"],
  [
    "acknowledgement_altered",
    `update acknowledgements set payload = replace(payload, '"leaf_index":1', '"leaf_index":2')`,
  ],
  ["body_altered", "update report_bodies set payload = replace(payload, 'COUNT', 'COUNT ') where leaf_index = 0"],
  ["body_missing", "delete from report_bodies where leaf_index = 2"],
  ["leaf_altered", "update reports set payload_sha256 = zeroblob(32) where leaf_index = 0"],
  ["head_altered", "update tree_heads set root_sha256 = zeroblob(32)"],
  ["leaf_missing", "update ledger_tiles set hashes = substr(hashes, 1, 64) where level = 0"],
] as const;
