// What a manager does whose disk fails: no ACK leaves that is not stored, and after healing everything counts once.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ReportsNotStored } from "../errors.ts";
import { Connection } from "../storage/sqlite/connection.ts";
import { openSqliteStorage, storageOn } from "../storage/sqlite/sqlite-storage.ts";
import { acknowledgementOf, createDevice, createTrustedDevice } from "../test-support/core-device.ts";
import { createTestManager, operator } from "../test-support/core-manager.ts";
import { FailingStorage } from "../test-support/failing-storage.ts";

const notStored = (error: unknown) => error instanceof ReportsNotStored;

test("[I1] [I2] [I5] [I6] a report whose nth storage call fails is not acknowledged and leaves no trace; repeated when the disk is well, it counts once", async () => {
  const storage = new FailingStorage(openSqliteStorage(":memory:", 0));
  const manager = await createTestManager({ storage });
  const device = await createTrustedDevice(manager);
  const { size: acts } = await storage.read.ledger.readHead(1);
  let reportId = 0;
  for (let calls = 0; ; calls += 1) {
    reportId += 1;
    const reports = [await device.report({ reportId, count: reportId, fromSeconds: reportId * 900 })];
    const eventsBefore = (await manager.useCases.listEvents({ limit: 1000 })).length;
    storage.callsLeft = calls;
    storage.failures = 0;
    const failure = await device.sendReports(reports).then(
      () => null,
      (error: unknown) => error,
    );
    if (storage.failures === 0) break;
    assert.ok(notStored(failure), `call ${calls}: ${failure}`);
    storage.callsLeft = null;
    assert.equal((await manager.useCases.listEvents({ limit: 1000 })).length, eventsBefore, `call ${calls}`);
    const { acknowledgement } = acknowledgementOf((await device.sendReports(reports)).answer);
    const [entry] = acknowledgement.reports;
    assert.deepEqual(
      [entry?.outcome, entry?.outcome !== "refused" && entry?.leaf_index],
      ["accepted", acts + reportId - 1],
    );
  }
  storage.callsLeft = null;
  assert.ok(reportId > 10, `only ${reportId} calls make a report durable`);
  const [license] = await manager.useCases.listLicenses({});
  assert.equal(license?.inUse, reportId);
  const head = await storage.read.ledger.readHead(1);
  assert.equal(head.size, acts + reportId);
});

test("[I9] an enrolment whose nth storage call fails uses no token; repeated when the disk is well, it succeeds with the one use", async () => {
  const storage = new FailingStorage(openSqliteStorage(":memory:", 0));
  const manager = await createTestManager({ storage });
  for (let calls = 0; ; calls += 1) {
    const token = await manager.useCases.createToken({ usesMax: 1, cause: operator });
    const device = createDevice(manager);
    storage.callsLeft = calls;
    storage.failures = 0;
    const failed = await device.trust(token.text).then(
      () => false,
      () => true,
    );
    storage.callsLeft = null;
    if (!failed) {
      assert.ok(calls > 5, `only ${calls} calls make an enrolment durable`);
      return;
    }
    assert.ok(storage.failures > 0, `call ${calls}`);
    const { answer } = await device.trust(token.text);
    assert.equal(answer.statusCode, "OK", `call ${calls}`);
  }
});

test("[I1] [I2] [I5] a database that may not grow acknowledges nothing, answers reads, and goes on when it has room again", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-full-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "manager.sqlite");
  const writing = new Connection(path, "write");
  const storage = storageOn(writing, () => new Connection(path, "read"), 0);
  const manager = await createTestManager({ storage });
  const device = await createTrustedDevice(manager);
  const { size: acts } = await storage.read.ledger.readHead(1);
  const ids = Array.from({ length: 120 }, (_, at) => at + 1);
  const reports = await Promise.all(
    ids.map((reportId) => device.report({ reportId, count: reportId, fromSeconds: reportId * 900 })),
  );
  const pages = Number(writing.database.prepare("pragma page_count").get()?.page_count);
  writing.database.exec(`pragma max_page_count = ${pages + 8}`);
  const outcomes = await Promise.allSettled(reports.map((report) => device.sendReports([report])));
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.ok(refused.length > 0, "the database was never full");
  for (const { reason } of refused) {
    assert.ok(notStored(reason), String(reason));
    assert.match(String(reason.cause), /full/);
  }
  await assert.rejects(device.sendReports(reports.slice(-1)), notStored);
  const stored = (await storage.read.ledger.readHead(1)).size - acts;
  assert.equal(stored, outcomes.length - refused.length, "what was acknowledged, and nothing else, is in the ledger");
  writing.database.exec("pragma max_page_count = 1073741823");
  for (const at of [0, 40, 80]) acknowledgementOf((await device.sendReports(reports.slice(at, at + 40))).answer);
  assert.equal((await storage.read.ledger.readHead(1)).size, acts + ids.length);
  assert.equal((await manager.useCases.listLicenses({}))[0]?.inUse, ids.length);
  await storage.close();
});
