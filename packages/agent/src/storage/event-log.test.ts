import assert from "node:assert/strict";
import { test } from "node:test";
import { DiskEventLog, formatEvent } from "./event-log.ts";
import { MemoryDisk } from "./memory-disk.ts";

const atMs = Date.UTC(2025, 0, 24, 13, 58, 23, 900);

test("[LOG-19] an event is one line with its time, its name and its keys in quotes", () => {
  assert.equal(
    formatEvent(atMs, "SAEVT_COMM_FAIL", { error: 'Connection "timed"\nout' }),
    `2025-01-24 13:58:23.900 UTC SAEVT_COMM_FAIL error="Connection 'timed' out"`,
  );
});

test("lines come back oldest first, from the moment that is asked for, also after a restart", async () => {
  const disk = new MemoryDisk();
  const first = new DiskEventLog(disk);
  await first.append(atMs, [{ name: "SAEVT_INIT_START", details: {} }]);
  await first.append(atMs + 1000, [{ name: "SAEVT_READY", details: {} }]);
  const second = new DiskEventLog(disk);
  await second.append(atMs + 2000, [{ name: "SAEVT_ENABLED", details: {} }]);
  const names = (await second.lines(atMs + 1000)).map((line) => line.split(" ")[3]);
  assert.deepEqual(names, ["SAEVT_READY", "SAEVT_ENABLED"]);
});

test("the log never grows past its bytes and keeps the newest events", async () => {
  const disk = new MemoryDisk();
  const log = new DiskEventLog(disk, 20_000);
  for (let count = 0; count < 1000; count += 1)
    await log.append(atMs + count, [{ name: "SAEVT_TICK", details: { count: String(count) } }]);
  assert.ok(disk.bytes <= 20_000, `${disk.bytes} bytes`);
  const lines = await log.lines(0);
  assert.ok(lines.length > 200);
  assert.match(lines.at(-1) ?? "", /count="999"$/);
});

test("a cleared log is empty and goes on", async () => {
  const log = new DiskEventLog(new MemoryDisk());
  await log.append(atMs, [{ name: "SAEVT_READY", details: {} }]);
  await log.clear();
  assert.deepEqual(await log.lines(0), []);
  await log.append(atMs, [{ name: "SAEVT_ENABLED", details: {} }]);
  assert.equal((await log.lines(0)).length, 1);
});
