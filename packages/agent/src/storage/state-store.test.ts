import assert from "node:assert/strict";
import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Disk, StoredStep } from "../ports.ts";
import { exampleState } from "../test-support/example-state.ts";
import { temporaryDirectory } from "../test-support/temporary-directory.ts";
import { FileDisk } from "./file-disk.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { DiskStateStore } from "./state-store.ts";

function stepNumber(step: number): StoredStep {
  return { step, state: exampleState(), outbox: [{ type: "delete-keys", keyIds: [`key-${step}`] }], unwritten: [] };
}

async function loadStep(disk: Disk) {
  const { stored, damage } = await new DiskStateStore(disk).load();
  return { step: stored?.step ?? null, damage };
}

test("a saved state is read back whole, with its outbox", async () => {
  const disk = new MemoryDisk();
  const store = new DiskStateStore(disk);
  await store.load();
  await store.save(stepNumber(1));
  await store.save(stepNumber(2));
  const { stored, damage } = await new DiskStateStore(disk).load();
  assert.deepEqual(stored, stepNumber(2));
  assert.deepEqual(damage, []);
});

test("a state shorter than the one before it in its slot is read back, and leaves nothing of the longer one", async () => {
  const disk = new MemoryDisk();
  const store = new DiskStateStore(disk);
  await store.load();
  const long: StoredStep = { ...stepNumber(1), outbox: [{ type: "delete-keys", keyIds: ["key".repeat(1000)] }] };
  for (const step of [long, stepNumber(2), stepNumber(3)]) await store.save(step);
  assert.deepEqual(await loadStep(disk), { step: 3, damage: [] });
  assert.ok(!Buffer.from((await disk.read("state.1")) ?? []).includes("keykey"), "nothing of the older state is left");
});

test("a state whose writing was cut short by a crash is answered by the generation before it", async () => {
  const disk = new MemoryDisk();
  const store = new DiskStateStore(disk);
  await store.load();
  for (const step of [1, 2, 3]) await store.save(stepNumber(step));
  const whole = Buffer.from((await disk.read("state.0")) ?? []);
  const next = Buffer.from(whole.toString("latin1").replace("key-2", "key-4"), "latin1");
  for (let length = 1; length < whole.length; length += 13) {
    // The beginning is new, the end is old, as after a power cut in the middle of an overwrite.
    await disk.replace("state.0", Buffer.concat([next.subarray(0, length), whole.subarray(length)]));
    const { step } = await loadStep(disk);
    assert.ok(step === 3, `cut after ${length} bytes`);
  }
});

test("a newest state cut at any byte is answered by the generation before it, and told", async (t) => {
  const directory = temporaryDirectory(t);
  const disk = await FileDisk.open(directory);
  const store = new DiskStateStore(disk);
  await store.load();
  for (const step of [1, 2]) await store.save(stepNumber(step));
  const newest = join(directory, "state.0");
  const whole = await readFile(newest);
  for (let length = whole.length - 1; length >= 0; length -= 1) {
    await truncate(newest, length);
    const { step, damage } = await loadStep(disk);
    assert.equal(step, 1, `cut to ${length} bytes`);
    assert.deepEqual(
      damage.map(({ file, answer }) => [file, answer]),
      [["state.0", "used the other generation"]],
    );
  }
});

test("a flipped bit anywhere in the newest state is found", async () => {
  const disk = new MemoryDisk();
  const store = new DiskStateStore(disk);
  await store.load();
  for (const step of [1, 2]) await store.save(stepNumber(step));
  const whole = Buffer.from((await disk.read("state.0")) ?? []);
  for (let at = 0; at < whole.length; at += 7) {
    const altered = Buffer.from(whole);
    altered[at] = (altered[at] ?? 0) ^ 0x10;
    await disk.replace("state.0", altered);
    assert.equal((await loadStep(disk)).step, 1, `bit in byte ${at}`);
  }
});

test("after a damaged newest state the next save replaces the damaged file, never the good one", async () => {
  const disk = new MemoryDisk();
  const first = new DiskStateStore(disk);
  await first.load();
  for (const step of [1, 2]) await first.save(stepNumber(step));
  await disk.replace("state.0", Buffer.from("torn"));
  const second = new DiskStateStore(disk);
  await second.load();
  await second.save(stepNumber(3));
  await disk.replace("state.0", Buffer.from("torn again"));
  assert.equal((await loadStep(disk)).step, 1);
});

test("when both generations are damaged the agent starts without a state instead of failing", async () => {
  const disk = new MemoryDisk();
  await disk.replace("state.0", Buffer.from("nothing"));
  await disk.replace("state.1", Buffer.alloc(0));
  const { step, damage } = await loadStep(disk);
  assert.equal(step, null);
  assert.deepEqual(
    damage.map(({ answer }) => answer),
    ["started without a state", "started without a state"],
  );
});

test("state and directory are readable by their owner only", async (t) => {
  const directory = temporaryDirectory(t);
  await writeFile(join(directory, "left-over"), "", { mode: 0o644 });
  const store = new DiskStateStore(await FileDisk.open(directory));
  await store.load();
  await store.save(stepNumber(1));
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
  assert.equal((await stat(join(directory, "state.1"))).mode & 0o777, 0o600);
});
