import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { AcknowledgedList } from "./acknowledged-list.ts";
import { tortureFloors } from "./floors.ts";
import { judgeFloors } from "./judge-floors.ts";

const registrations = 1;
const rounds = 5;
const seed = 20_311_130;

test("[I1] [I2] [I3] [I5] [ONP-6] kill -9 on both floors while they register and synchronise loses no report on either, and doubles none", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-floors-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  t.diagnostic(`seed ${seed}`);
  const { kills, acknowledged, ...judged } = await tortureFloors({ directory, registrations, rounds, seed });
  assert.deepEqual(judged, { lost: 0, doubled: 0, apart: 0, integrity: "ok" });
  assert.ok(kills >= registrations + rounds && acknowledged > rounds, `${kills} kills, ${acknowledged} reports`);
  t.diagnostic(`${kills} kills, ${acknowledged} reports acknowledged`);

  const entries = new AcknowledgedList(join(directory, "acknowledged.jsonl")).all();
  const floor = (name: string) => ({ databaseFile: join(directory, name, "manager.sqlite") });
  const spoil = (name: string, sql: string) => {
    const writing = new DatabaseSync(floor(name).databaseFile);
    writing.exec(sql);
    writing.close();
    return judgeFloors({ below: floor("below"), above: floor("above") }, entries);
  };
  const purchase = spoil("below", "update purchases set quantity = quantity + 1");
  assert.deepEqual([purchase.lost, purchase.apart], [0, 1]);
  const gone = spoil("above", "delete from reports where leaf_index = (select max(leaf_index) from reports)");
  assert.deepEqual([gone.lost, gone.apart], [1, 2]);
  assert.match(gone.integrity, /above: .*leaves are a report or an act/);
});
