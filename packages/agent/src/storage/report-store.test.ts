import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeRumReport, encodeRumReport, parseIdRanges, type RumReport, reportHash } from "@countersign/protocol";
import { countSeconds } from "../lifecycle/merge-reports.ts";
import type { ReportEffect, ReportStore } from "../ports.ts";
import { CountingDisk } from "../test-support/counting-disk.ts";
import { advancedTag, baseTag } from "../test-support/example-state.ts";
import { FailingDisk } from "../test-support/failing-disk.ts";
import { close, measure, signBuiltin, wholeReport } from "../test-support/report-effects.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { DiskReportStore, unwrittenBytesMax } from "./report-store.ts";

async function openStore(disk = new MemoryDisk(), bytesMax?: number) {
  const store = new DiskReportStore(disk, bytesMax);
  return { disk, store, opened: await store.open() };
}

function statuses(store: ReportStore): Record<number, string> {
  return Object.fromEntries([...store.entries()].map((entry) => [entry.reportId, entry.status]));
}

async function draftOf(store: ReportStore, reportId: number): Promise<RumReport> {
  const body = await store.read(reportId);
  assert.equal(body?.kind, "draft");
  return body.report;
}

test("a report is measured, closed, handed out, and stays the same after a restart", async () => {
  const { disk, store } = await openStore();
  await store.apply(1, [measure(7, 0, 3)]);
  await store.apply(2, [measure(7, 1, 5), close(7)]);
  const draft = await draftOf(store, 7);
  assert.deepEqual(
    draft.measurements.map((m) => m.value.value),
    ["3", "5"],
  );
  assert.equal(draft.measurements.at(-1)?.meta.close_reason, "SMART");
  decodeRumReport(encodeRumReport(draft));
  const { reports, newIds } = await store.handOut([7], signBuiltin);
  assert.deepEqual(newIds, [7]);
  store.told(newIds);
  const again = await openStore(disk);
  assert.deepEqual(statuses(again.store), { 7: "pending" });
  assert.deepEqual((await again.store.handOut([7], signBuiltin)).reports, reports);
  const hashes = reports.map(({ report }) => reportHash(report));
  assert.deepEqual([again.store.find(7)?.payloadSha256], hashes);
  assert.equal(again.opened.greatestReportId, 7);
});

test("[I7] a signature that could not be stored is shown to nobody: the report stays unsigned, and may be signed as another", async () => {
  const failing = new FailingDisk(new MemoryDisk());
  const store = new DiskReportStore(failing);
  await store.open();
  await store.apply(1, [measure(7, 0, 3), close(7)]);
  const draft = await draftOf(store, 7);
  failing.writesLeft = 0;
  await assert.rejects(store.handOut([7], signBuiltin), { code: "ENOSPC" });
  assert.equal(store.find(7)?.payloadSha256, null);
  assert.deepEqual(await draftOf(store, 7), draft);
  failing.writesLeft = -1;
  const { reports, newIds } = await store.handOut([7], async (body) => {
    assert.equal(body.kind, "draft");
    return signBuiltin({ kind: "draft", report: { ...draft, meta: { ...draft.meta, software_version: "2" } } });
  });
  assert.deepEqual(newIds, [7]);
  assert.deepEqual(
    [store.find(7)?.payloadSha256],
    reports.map(({ report }) => reportHash(report)),
  );
});

test("[I7] what cannot be read for a while is not taken for nothing: the store says what it has", async () => {
  const memory = new MemoryDisk();
  const failing = new FailingDisk(memory);
  const store = new DiskReportStore(failing);
  await store.open();
  await store.apply(1, [measure(7, 0, 3), close(7)]);
  const written: readonly ReportEffect[] = [measure(8, 0, 1), { type: "delete-reports", reportIds: [6] }];
  failing.writesLeft = 0;
  await assert.rejects(store.apply(2, written), { code: "ENOSPC" });
  failing.writesLeft = -1;
  failing.isUnreadable = true;
  // After a write that failed the store is read anew, which fails too.
  await assert.rejects(store.apply(2, written), { code: "EIO" });
  assert.equal(store.find(7)?.status, "closed");
  assert.deepEqual(
    store.oldestWaiting(9).map(({ reportId }) => reportId),
    [7],
  );
  failing.isUnreadable = false;
  await store.apply(2, written);
  assert.deepEqual(statuses(store), { 7: "closed", 8: "open" });
});

test("measurements wait for a write up to their bytes, and are in the store as if they had been written", async () => {
  const counting = new CountingDisk(new MemoryDisk());
  const store = new DiskReportStore(counting);
  await store.open();
  counting.reset();
  let waiting = 0;
  let position = 0;
  for (; counting.bytesWritten === 0; position += 1) {
    waiting = store.bytes;
    await store.apply(position + 1, [measure(7, position, 3)]);
    assert.equal(store.unwritten.length, counting.bytesWritten === 0 ? position + 1 : 0);
  }
  assert.ok(waiting <= unwrittenBytesMax, `${waiting} bytes waited`);
  // The one measurement more was too much, and all of them were written at once.
  assert.ok(counting.bytesWritten > unwrittenBytesMax);
  assert.equal(counting.operations, 1);
  await store.apply(100, [measure(7, position, 3)]);
  assert.equal(counting.operations, 1);
  assert.deepEqual(
    store.unwritten.map(({ step }) => step),
    [100],
  );
  const open = await store.read(7);
  assert.equal(open?.kind === "measurements" && open.measurements.length, position + 1);
  counting.reset();
  await store.flush();
  assert.deepEqual(store.unwritten, []);
  assert.equal(counting.operations, 1);
});

test("what closes, deletes or hands out reports is written at once, with the measurements before it", async () => {
  for (const write of [
    (store: ReportStore) => store.apply(2, [close(7)]),
    (store: ReportStore) => store.apply(2, [measure(8, 0, 1), { type: "delete-reports", reportIds: [6] }]),
    (store: ReportStore) => store.handOut([7], signBuiltin),
  ]) {
    const { disk, store } = await openStore();
    await store.apply(1, [measure(7, 0, 3)]);
    assert.equal(disk.bytes, 0);
    await write(store);
    assert.deepEqual(store.unwritten, []);
    assert.equal((await openStore(disk)).opened.greatestReportId >= 7, true);
  }
});

test("unwritten steps that the store has in part, or already, are taken back once", async () => {
  const steps = [1, 2, 3].map((step) => ({
    step,
    effects: [measure(7, 2 * step, step), measure(7, 2 * step + 1, step)],
  }));
  const { disk, store } = await openStore();
  for (const { step, effects } of steps) await store.apply(step, effects);
  await store.apply(3, steps[2]?.effects ?? []);
  assert.deepEqual(store.unwritten, steps);
  await store.flush();
  const bytes = (await disk.read("reports/segment-000000001")) ?? new Uint8Array();
  for (let length = 0; length <= bytes.length; length += 1) {
    const cut = new MemoryDisk();
    await cut.append("reports/segment-000000001", bytes.slice(0, length));
    const again = new DiskReportStore(cut);
    const { lastStep } = await again.open(steps);
    assert.equal(lastStep, 3);
    if (length === bytes.length) assert.deepEqual(again.unwritten, []);
    const open = await again.read(7);
    assert.deepEqual(
      open?.kind === "measurements" && open.measurements.map((measurement) => measurement.value.value),
      ["1", "1", "2", "2", "3", "3"],
      `cut to ${length} bytes`,
    );
  }
});

test("a write that failed costs none of the measurements that waited for it", async () => {
  const memory = new MemoryDisk();
  const failing = new FailingDisk(memory);
  const store = new DiskReportStore(failing);
  await store.open();
  await store.apply(1, [measure(7, 0, 1)]);
  await store.apply(2, [measure(7, 1, 2)]);
  for (const isPartial of [false, true]) {
    failing.isPartial = isPartial;
    failing.writesLeft = 0;
    await assert.rejects(store.flush(), { code: "ENOSPC" });
    assert.equal(store.unwritten.length, 2);
  }
  failing.writesLeft = -1;
  await store.apply(3, [measure(7, 2, 3), close(7)]);
  assert.deepEqual(
    (await draftOf((await openStore(memory)).store, 7)).measurements.map((m) => m.value.value),
    ["1", "2", "3"],
  );
});

test("a report that was signed is closed to whoever has not counted it as handed out, and is named again", async () => {
  const { disk, store } = await openStore();
  await store.apply(1, [measure(7, 0, 3), close(7), measure(8, 0, 1), close(8)]);
  const { newIds } = await store.handOut([7], signBuiltin);
  assert.deepEqual(newIds, [7]);
  // The count could not be stored: nobody said that it was.
  assert.deepEqual(statuses(store), { 7: "closed", 8: "closed" });
  const again = await store.handOut([7, 8], signBuiltin);
  assert.deepEqual(again.newIds, [7, 8]);
  assert.equal(again.reports.length, 2);
  store.told(again.newIds);
  assert.deepEqual(statuses(store), { 7: "pending", 8: "pending" });
  assert.deepEqual((await store.handOut([7, 8], signBuiltin)).newIds, []);
  // A start counts anew.
  assert.deepEqual(statuses((await openStore(disk)).store), { 7: "pending", 8: "pending" });
});

test("an effect that is repeated after a crash is carried out once", async () => {
  const { disk, store } = await openStore();
  const effects = [measure(1, 0, 2), measure(1, 1, 3), close(1), measure(2, 0, 1)];
  await store.apply(5, effects);
  await store.apply(5, effects);
  const again = await openStore(disk);
  assert.equal(again.opened.lastStep, 5);
  await again.store.apply(5, effects);
  assert.equal((await draftOf(again.store, 1)).measurements.length, 2);
  const open = await again.store.read(2);
  assert.equal(open?.kind === "measurements" && open.measurements.length, 1);
});

test("a step that was cut off in the middle is finished, not repeated", async () => {
  const effects = [measure(1, 0, 2), measure(1, 1, 3), measure(1, 2, 4), close(1)];
  const whole = await openStore();
  await whole.store.apply(1, effects);
  const bytes = (await whole.disk.read("reports/segment-000000001")) ?? new Uint8Array();
  for (let length = 0; length <= bytes.length; length += 1) {
    const disk = new MemoryDisk();
    await disk.append("reports/segment-000000001", bytes.slice(0, length));
    const { store } = await openStore(disk);
    await store.apply(1, effects);
    const { store: again } = await openStore(disk);
    assert.deepEqual(
      (await draftOf(again, 1)).measurements.map((m) => m.value.value),
      ["2", "3", "4"],
      `cut to ${length} bytes`,
    );
  }
});

test("a torn end is told, left out, and never written after", async () => {
  const { disk, store } = await openStore();
  await store.apply(1, wholeReport(1));
  await disk.append("reports/segment-000000001", Buffer.from([0, 0, 1, 0, 9]));
  const { store: second, opened } = await openStore(disk);
  assert.deepEqual(
    opened.damage.map(({ file }) => file),
    ["reports/segment-000000001"],
  );
  await second.apply(2, wholeReport(2));
  const { store: third } = await openStore(disk);
  assert.deepEqual(statuses(third), { 1: "closed", 2: "closed" });
});

test("a flipped bit costs the one record it stands in", async () => {
  const { disk, store } = await openStore();
  for (const id of [1, 2, 3]) await store.apply(id, wholeReport(id));
  const name = "reports/segment-000000001";
  const bytes = Buffer.from((await disk.read(name)) ?? []);
  bytes[bytes.indexOf('"id":2,"tag"', bytes.indexOf("draft") + 100)] = 0x21;
  await disk.replace(name, bytes);
  const { store: again, opened } = await openStore(disk);
  assert.equal(opened.damage.length, 1);
  assert.deepEqual(Object.keys(statuses(again)), ["1", "2", "3"]);
  assert.equal(again.find(3)?.status, "closed");
});

test("acknowledged reports are gone, refused ones are kept and not sent until they are asked for again", async () => {
  const { disk, store } = await openStore();
  for (const id of [1, 2, 3, 4]) await store.apply(id, wholeReport(id));
  await store.handOut([1, 2, 3], signBuiltin);
  await store.apply(10, [{ type: "delete-reports", reportIds: [1] }]);
  await store.apply(11, [{ type: "mark-reports", reportIds: [2], status: "refused" }]);
  const waiting = (from: ReportStore) => from.oldestWaiting(10).map((entry) => entry.reportId);
  assert.deepEqual(waiting(store), [3, 4]);
  assert.deepEqual(waiting((await openStore(disk)).store), [3, 4]);
  await store.apply(12, [{ type: "requeue-refused" }]);
  assert.deepEqual(statuses((await openStore(disk)).store), { 2: "pending", 3: "pending", 4: "closed" });
  await store.apply(13, [{ type: "delete-all-reports" }]);
  assert.deepEqual(statuses((await openStore(disk)).store), {});
});

test("[BET-22] a year without an acknowledgement: every append costs the same, and the whole stays below its bytes", async () => {
  const counting = new CountingDisk(new MemoryDisk());
  const store = new DiskReportStore(counting);
  await store.open();
  const tags = [
    baseTag,
    advancedTag,
    `${baseTag.slice(0, -1)}3`,
    `${baseTag.slice(0, -1)}4`,
    `${baseTag.slice(0, -1)}5`,
  ];
  const costs: number[] = [];
  let reportId = 0;
  let bytesWritten = 0;
  for (let day = 1; day <= 365; day += 1) {
    for (const tag of tags) {
      reportId += 1;
      counting.reset();
      await store.apply(reportId, wholeReport(reportId, 8, tag));
      costs.push(counting.operations);
      // One report of eight measurements, and at most the live part of one segment that is rewritten.
      assert.ok(counting.bytesWritten < 300_000, `${counting.bytesWritten} bytes on day ${day}`);
      bytesWritten += counting.bytesWritten;
    }
  }
  // Measurements are dead once their report is closed, so that now and then a segment is rewritten.
  assert.ok(
    costs.every((operations) => operations === 1 || operations === 4),
    `${Math.max(...costs)} operations`,
  );
  assert.ok(bytesWritten / reportId < 12_000, `${bytesWritten / reportId} bytes a report`);
  assert.ok(store.bytes < 50_000_000);
  assert.equal([...store.entries()].length, 5 * 365);
  counting.reset();
  assert.deepEqual(
    store.oldestWaiting(3).map((entry) => entry.reportId),
    [1, 2, 3],
  );
  assert.equal(counting.operations, 0);
});

test("[BET-22] a full store merges its oldest reports: no second of usage is lost, no handed-out byte is touched", async () => {
  const bytesMax = 400_000;
  const { disk, store } = await openStore(new MemoryDisk(), bytesMax);
  await store.apply(1, wholeReport(1, 2));
  const { reports: handedOut } = await store.handOut([1], signBuiltin);
  let expected = 0n;
  const merged: number[] = [];
  let largest = 0;
  for (let id = 2; id <= 1500; id += 1) {
    const merges = await store.apply(id, wholeReport(id, 2));
    for (const merge of merges) merged.push(...merge.removed.map((report) => report.reportId));
    expected += 900n * 3n;
    largest = Math.max(largest, disk.bytes);
  }
  assert.ok(merged.length > 500, `${merged.length} merged`);
  assert.ok(largest <= bytesMax, `${largest} bytes`);
  const { store: again } = await openStore(disk, bytesMax);
  let sum = 0n;
  const named = new Set<number>();
  for (const entry of again.entries()) {
    if (entry.reportId === 1) continue;
    const draft = decodeRumReport(encodeRumReport(await draftOf(again, entry.reportId)));
    for (const measurement of draft.measurements) sum += countSeconds(measurement);
    named.add(entry.reportId);
    for (const [from, to] of parseIdRanges(draft.meta.merged_report_ids ?? "0")) {
      for (let id = from; id <= to; id += 1) if (id > 0) named.add(id);
    }
  }
  assert.equal(sum, expected);
  assert.equal(named.size, 1499);
  assert.deepEqual((await again.handOut([1], signBuiltin)).reports, handedOut);
});

test("[BET-22] even when everything was handed out and nothing acknowledged, the store stays below its bytes", async () => {
  const bytesMax = 400_000;
  const { disk, store } = await openStore(new MemoryDisk(), bytesMax);
  let expected = 0n;
  for (let id = 1; id <= 1000; id += 1) {
    await store.apply(id, wholeReport(id, 2));
    await store.handOut([id - 1], signBuiltin);
    expected += 900n * 3n;
    assert.ok(disk.bytes <= bytesMax, `${disk.bytes} bytes after ${id}`);
  }
  let sum = 0n;
  for (const entry of store.entries()) {
    const body = await store.read(entry.reportId);
    assert.ok(body !== null && body.kind !== "measurements");
    const report = body.kind === "draft" ? body.report : decodeRumReport(body.report.payload);
    for (const measurement of report.measurements) sum += countSeconds(measurement);
  }
  assert.equal(sum, expected);
});

test("a write that fails leaves the store as it was, and the same step succeeds later", async () => {
  for (const isPartial of [false, true]) {
    const memory = new MemoryDisk();
    const failing = new FailingDisk(memory);
    const store = new DiskReportStore(failing);
    await store.open();
    await store.apply(1, wholeReport(1));
    failing.writesLeft = 0;
    failing.isPartial = isPartial;
    await assert.rejects(store.apply(2, wholeReport(2, 3)), /no space left/);
    failing.writesLeft = -1;
    await store.apply(2, wholeReport(2, 3));
    const { store: again } = await openStore(memory);
    assert.equal((await draftOf(again, 2)).measurements.length, 3);
    assert.equal((await draftOf(again, 1)).measurements.length, 1);
  }
});
