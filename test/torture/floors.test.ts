import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { audit } from "./audit.ts";
import { tortureFloors } from "./floors.ts";

const registrations = 2;
const rounds = 8;
const seed = 20_311_130;

test("[I1] [I2] [I3] [I5] [ONP-6] kill -9 on both floors while they register and synchronise loses no report on either, and doubles none", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-floors-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  t.diagnostic(`seed ${seed}`);
  const { kills, acknowledged, ...judged } = await tortureFloors({ directory, registrations, rounds, seed });
  assert.deepEqual(judged, { lost: 0, doubled: 0, apart: 0, integrity: "ok" });
  assert.ok(kills >= registrations + rounds && acknowledged > rounds, `${kills} kills, ${acknowledged} reports`);
  t.diagnostic(`${kills} kills, ${acknowledged} reports acknowledged`);
});
