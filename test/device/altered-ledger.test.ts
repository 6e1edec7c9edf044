// A device against a manager whose past was altered: somebody at the database wrote another count into a report that had been
// countersigned, and then everything that follows from it, so that the manager itself sees a sound ledger and goes on.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { appendLeaves, emptyTree, type Hash, reportLeaf, rootOf } from "@countersign/protocol";
import { startWatchedDevice } from "./watched-device.test-support.ts";

const program = fileURLToPath(import.meta.resolve("@countersign/cli/main"));
const hashBytes = 32;

type Altered = { readonly leafIndex: number; readonly acknowledgementId: number };

/** Another count in the first report of all; its hash, leaf, tree and heads are made to fit. Only ACKs stay as they are. */
function alterFirstReport(dataDirectory: string): Altered {
  const database = new DatabaseSync(join(dataDirectory, "manager.sqlite"));
  try {
    database.exec("begin immediate");
    const report = database
      .prepare(
        `select r.smart_account_id as account, r.leaf_index, r.acknowledgement_id, r.use_count, b.payload from reports r
         join report_bodies b on b.smart_account_id = r.smart_account_id and b.leaf_index = r.leaf_index
         order by r.leaf_index limit 1`,
      )
      .get();
    assert.ok(report !== undefined);
    const [account, leafIndex] = [Number(report.account), Number(report.leaf_index)];
    const payload = String(report.payload).replaceAll(
      `"value":"${report.use_count}"`,
      `"value":"${Number(report.use_count) + 1}"`,
    );
    assert.notEqual(payload, report.payload);
    const hash = createHash("sha256").update(payload).digest();
    const where = "where smart_account_id = ? and leaf_index = ?";
    database.prepare(`update report_bodies set payload = ? ${where}`).run(payload, account, leafIndex);
    database
      .prepare(`update reports set payload_sha256 = ?, use_count = use_count + 1 ${where}`)
      .run(hash, account, leafIndex);
    rebuildTree(database, account, leafIndex, reportLeaf(hash));
    database.exec("commit");
    return { leafIndex, acknowledgementId: Number(report.acknowledgement_id) };
  } finally {
    database.close();
  }
}

/** The ledger as it would be, had that leaf been the true one: its only tile, its frontier, and every head. */
function rebuildTree(database: DatabaseSync, account: number, leafIndex: number, leaf: Hash): void {
  const tiles = database.prepare("select level, hashes from ledger_tiles where smart_account_id = ?").all(account);
  assert.equal(tiles.length, 1, "a young ledger has one tile");
  const bytes = Buffer.from(tiles[0]?.hashes as Uint8Array);
  bytes.set(leaf, leafIndex * hashBytes);
  database.prepare("update ledger_tiles set hashes = ? where smart_account_id = ?").run(bytes, account);
  const head = database.prepare("update tree_heads set root_sha256 = ? where smart_account_id = ? and size = ?");
  let tree = emptyTree;
  for (let at = 0; at < bytes.length; at += hashBytes) {
    tree = appendLeaves(tree, [bytes.subarray(at, at + hashBytes)]);
    head.run(rootOf(tree), account, tree.size);
  }
  database
    .prepare("update ledgers set frontier = ? where smart_account_id = ?")
    .run(Buffer.concat([...tree.frontier]), account);
}

/** The real command in a process of its own: its exit code, and what it found. */
function verifyLedger(
  dataDirectory: string,
): Promise<{ readonly exitCode: number; readonly findings: readonly object[] }> {
  const words = ["manager", "ledger", "verify", "--data-directory", dataDirectory, "--json"];
  return new Promise((resolve) => {
    execFile(process.execPath, ["--conditions=countersign-source", program, ...words], (error, stdout) => {
      resolve({ exitCode: Number(error?.code ?? 0), findings: JSON.parse(stdout).findings });
    });
  });
}

async function refuseAltered(t: TestContext, while_: "running" | "stopped"): Promise<void> {
  const { manager, device, lines, log, notices, say, pass, report } = await startWatchedDevice(t);
  await report();
  await report();
  const [kept] = device.agent.state().reporting.ledger.heads;
  assert.ok(kept !== undefined);
  const acknowledged = device.agent.schedule().lastAcknowledgementAtMs;
  assert.deepEqual(await verifyLedger(manager.dataDirectory), { exitCode: 0, findings: [] });
  let altered: Altered | undefined;
  const alter = () => {
    altered = alterFirstReport(manager.dataDirectory);
  };
  if (while_ === "running") alter();
  else await manager.whileStopped(alter);
  assert.ok(
    altered !== undefined && altered.leafIndex < kept.size,
    "the head that the device keeps is over that report",
  );

  await report();
  const { ledger } = device.agent.state().reporting;
  assert.deepEqual(ledger.heads[0], kept, "the head that was verified stays");
  assert.ok(ledger.refused !== null && ledger.refused.offered.size > kept.size, "the manager went on, on another past");
  assert.equal(device.agent.schedule().lastAcknowledgementAtMs, acknowledged, "no acknowledgement was taken");
  assert.ok(
    device.agent.reports().some(({ status }) => status !== "open"),
    "the report is kept",
  );
  assert.ok(notices.length > 0 && notices.every((type) => type === "ledger-rewritten"));
  assert.ok(log.some((line) => /%SMART_LIC-2-LEDGER_REWRITTEN: .* acknowledgement was refused/.test(line)));
  assert.match(String(await lines.heard("LEDGER_REWRITTEN")), /%SMART_LIC-2-LEDGER_REWRITTEN/);
  assert.match(await say("show license eventlog"), /SAEVT_LEDGER_REWRITTEN .*keptSize="\d+".*offeredSize="\d+"/);

  await pass(86_400);
  const events = await manager.now().administration.listEvents({});
  assert.match(JSON.stringify(events), /"ledger_disputed"/, "the manager was told what the device refused");
  const { exitCode, findings } = await verifyLedger(manager.dataDirectory);
  assert.equal(exitCode, 3);
  const where = `acknowledgement ${altered.acknowledgementId}`;
  for (const [code, place] of [
    ["acknowledgement_altered", where],
    ["signature_false", `at leaf ${altered.leafIndex}`],
  ] as const) {
    const texts = findings.map((one) => JSON.stringify(one));
    assert.ok(
      texts.some((text) => text.includes(`"${code}"`) && text.includes(place)),
      texts.join(),
    );
  }
}

test("a report that was altered under a running manager, with all that follows from it, is refused by the device and named", (t) =>
  refuseAltered(t, "running"));

test("a report that was altered while the manager was stopped is refused by the device and named", (t) =>
  refuseAltered(t, "stopped"));
