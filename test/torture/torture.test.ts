import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { AcknowledgedList } from "./acknowledged-list.ts";
import { audit } from "./audit.ts";
import { torture } from "./torture.ts";

const rounds = 50;
const seed = 20_311_121;

test(`[I1] [I2] [I3] [I5] ${rounds} times kill -9 under load lose no acknowledged report and double none; the same judge finds what is taken away or altered`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-torture-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  t.diagnostic(`seed ${seed}`);
  const result = await torture({ directory, rounds, seed });
  const { acknowledged, ...judged } = result;
  assert.deepEqual(judged, { rounds, lost: 0, doubled: 0, integrity: "ok" });
  assert.ok(acknowledged > rounds, `only ${acknowledged} reports were acknowledged`);
  t.diagnostic(`${acknowledged} reports acknowledged`);

  const database = join(directory, "manager", "manager.sqlite");
  const entries = new AcknowledgedList(join(directory, "acknowledged.jsonl")).all();
  assert.equal(entries.length, acknowledged);
  const spoil = (sql: string) => {
    const writing = new DatabaseSync(database);
    writing.exec(sql);
    writing.close();
    return audit(database, entries);
  };
  assert.match(spoil("update usage_totals set in_use_verified = in_use_verified + 1").integrity, /by the sums/);
  const leaf = (at: number) => `leaf_index = (select leaf_index from reports order by leaf_index limit 1 offset ${at})`;
  assert.equal(spoil(`delete from reports where ${leaf(3)}`).lost, 1);
  assert.equal(spoil(`update report_bodies set payload = payload || ' ' where ${leaf(4)}`).lost, 2);
  const altered = `update reports set payload_sha256 = zeroblob(32) where ${leaf(5)}`;
  assert.match(spoil(altered).integrity, /leaf \d+ is not its report's/);
  assert.match(spoil("update audit_entries set entry = entry || ' '").integrity, /leaf \d+ is not its act's/);
});
