import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import {
  appendLeaves,
  decodeRumReport,
  emptyTree,
  latestMeasurement,
  reportLeaf,
  rootOf,
  sha256,
} from "@countersign/protocol";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import { allLeaves, auditLeavesOf } from "../test-support/ledger-leaves.ts";

const rounds = 30;
const child = new URL("../test-support/reporting-child.ts", import.meta.url).pathname;

type Acknowledged = {
  readonly identifier: string;
  readonly reportId: number;
  readonly hash: string;
  readonly leafIndex: number;
};

/** Kills the process with SIGKILL once it has acknowledged `count` reports; answers every acknowledgement that was seen. */
async function reportAndKill(path: string, round: number, count: number): Promise<readonly Acknowledged[]> {
  const running: ChildProcess = spawn(
    process.execPath,
    ["--conditions=countersign-source", child, path, `R${round}N`],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = once(running, "exit");
  const seen: Acknowledged[] = [];
  assert.ok(running.stdout !== null);
  for await (const line of createInterface({ input: running.stdout })) {
    const [identifier = "", reportId = "", hash = "", leafIndex] = line.split(" ");
    // The last line may be cut by the kill; what it would have said was never seen by anybody.
    if (leafIndex === undefined || hash.length !== 64) continue;
    seen.push({ identifier, reportId: Number(reportId), hash, leafIndex: Number(leafIndex) });
    if (seen.length === count) running.kill("SIGKILL");
  }
  const [, signal] = await ended;
  assert.equal(signal, "SIGKILL", "the process reported until it was killed");
  return seen;
}

type StoredRow = {
  readonly identifier: string;
  readonly reportId: number;
  readonly hash: string;
  readonly leafIndex: number;
  readonly payload: string;
};

function readStored(path: string): readonly StoredRow[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const sql = `select p.product_instance_identifier as identifier, r.report_id, lower(hex(r.payload_sha256)) as hash, r.leaf_index, b.payload
    from reports r join product_instances p on p.smart_account_id = r.smart_account_id and p.instance_id = r.instance_id
    join report_bodies b on b.smart_account_id = r.smart_account_id and b.leaf_index = r.leaf_index order by r.leaf_index`;
  const rows = database
    .prepare(sql)
    .all()
    .map((row) => ({
      identifier: String(row.identifier),
      reportId: Number(row.report_id),
      hash: String(row.hash),
      leafIndex: Number(row.leaf_index),
      payload: String(row.payload),
    }));
  database.close();
  return rows;
}

/** The sum that the raw reports give, computed without any of the manager's own sums. */
function sumOfLatest(stored: readonly StoredRow[]): number {
  const latest = new Map<
    string,
    { readonly endsAtSeconds: number; readonly reportId: number; readonly count: number }
  >();
  for (const { identifier, payload } of stored) {
    const one = latestMeasurement(decodeRumReport(payload));
    const known = latest.get(identifier);
    if (known === undefined || one.endsAtSeconds > known.endsAtSeconds) latest.set(identifier, one);
  }
  return [...latest.values()].reduce((sum, { count }) => sum + count, 0);
}

test("[I1] [I2] [I3] [I5] thirty kills in the middle of group commits lose no acknowledged report, count none twice, and the ledger recomputes", async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-crash-"));
  const path = join(directory, "manager.sqlite");
  const acknowledged: Acknowledged[] = [];
  try {
    for (let round = 0; round < rounds; round += 1)
      acknowledged.push(...(await reportAndKill(path, round, 1 + ((round * 7) % 90))));
    const storage = openSqliteStorage(path);
    const stored = readStored(path);
    const byId = new Map(stored.map((row) => [`${row.identifier} ${row.reportId}`, row]));
    assert.equal(byId.size, stored.length, "no report id stands twice");
    for (const one of acknowledged) {
      const row = byId.get(`${one.identifier} ${one.reportId}`);
      assert.deepEqual(
        [row?.hash, row?.leafIndex],
        [one.hash, one.leafIndex],
        `acknowledged report ${one.reportId} of ${one.identifier}`,
      );
    }
    const leaves = new Map(await auditLeavesOf(storage, 1));
    for (const { leafIndex, payload } of stored) leaves.set(leafIndex, reportLeaf(sha256(payload)));
    const head = await storage.read.ledger.readHead(1);
    const tree = appendLeaves(emptyTree, allLeaves(leaves, head.size));
    const treeHead = await storage.read.ledger.findTreeHead(1, head.size);
    assert.equal(treeHead?.rootSha256, Buffer.from(rootOf(tree)).toString("hex"));
    const balances = await storage.read.licenses.listBalances(1, Date.now());
    assert.equal(
      balances.reduce((sum, { inUseVerified }) => sum + inUseVerified, 0),
      sumOfLatest(stored),
    );
    await storage.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
