import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryDisk } from "./memory-disk.ts";
import { DiskMessageHistory, historyEntriesPerKindMax, historyTextCharactersMax } from "./message-history.ts";

const entry = (number: number, response = "answer") => ({
  requestAtMs: number,
  request: `request ${number}`,
  responseAtMs: number + 1,
  response,
});

test("[REP-15] [BET-36] each kind keeps its own last messages, oldest first, also over a restart", async () => {
  const disk = new MemoryDisk();
  const first = new DiskMessageHistory(disk);
  for (let number = 1; number <= 8; number += 1) await first.append("usage_reporting", entry(number));
  const second = new DiskMessageHistory(disk);
  for (let number = 9; number <= 12; number += 1) await second.append("usage_reporting", entry(number));
  await second.append("trust_sync", entry(1));
  const numbers = (await second.entries("usage_reporting")).map(({ requestAtMs }) => requestAtMs);
  assert.deepEqual(
    numbers,
    Array.from({ length: historyEntriesPerKindMax }, (_, position) => position + 3),
  );
  assert.equal((await second.entries("trust_sync")).length, 1);
});

test("a long message is cut, and says by how much", async () => {
  const history = new DiskMessageHistory(new MemoryDisk());
  await history.append("hello", entry(1, "x".repeat(historyTextCharactersMax + 7)));
  await history.append("hello", entry(2, "x".repeat(historyTextCharactersMax)));
  const [cut, whole] = await history.entries("hello");
  assert.match(cut?.response ?? "", /x … 7 more characters$/);
  assert.equal(whole?.response.length, historyTextCharactersMax);
});

test("an entry that a crash cut is left out", async () => {
  const disk = new MemoryDisk();
  const history = new DiskMessageHistory(disk);
  await history.append("hello", entry(1));
  await disk.append("history/hello-000000002", Buffer.from('{"requestAtMs":'));
  assert.equal((await new DiskMessageHistory(disk).entries("hello")).length, 1);
});
