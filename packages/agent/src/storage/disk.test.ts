// One suite for every disk: what the stores rely on.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Disk } from "../ports.ts";
import { temporaryDirectory } from "../test-support/temporary-directory.ts";
import { FileDisk } from "./file-disk.ts";
import { MemoryDisk } from "./memory-disk.ts";

const disks: Readonly<Record<string, (t: TestContext) => Promise<Disk>>> = {
  "a directory": (t) => FileDisk.open(temporaryDirectory(t)),
  memory: async () => new MemoryDisk(),
};

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

for (const [name, open] of Object.entries(disks)) {
  test(`${name}: a file is replaced as a whole, and what was read before stays as it was`, async (t) => {
    const disk = await open(t);
    assert.equal(await disk.read("a"), null);
    await disk.replace("a", Buffer.from("first, and long"));
    const before = await disk.read("a");
    await disk.replace("a", Buffer.from("second"));
    assert.deepEqual([text(before), text(await disk.read("a"))], ["first, and long", "second"]);
  });

  test(`${name}: an overwritten file keeps its length and nothing else of what it was`, async (t) => {
    const disk = await open(t);
    await disk.overwrite("a", Buffer.from("first"));
    await disk.overwrite("a", Buffer.from("second, longer"));
    assert.equal(text(await disk.read("a")), "second, longer");
    await disk.overwrite("a", Buffer.from("third"));
    assert.equal(text(await disk.read("a")), `third${"\0".repeat("second, longer".length - "third".length)}`);
  });

  test(`${name}: appended bytes stand behind each other and can be read from anywhere`, async (t) => {
    const disk = await open(t);
    for (const part of ["one ", "two ", "three"]) await disk.append("folder/log", Buffer.from(part), part !== "two ");
    assert.equal(text(await disk.read("folder/log")), "one two three");
    assert.equal(text(await disk.readAt("folder/log", 4, 3)), "two");
    assert.equal(text(await disk.readAt("folder/log", 8, 100)), "three");
  });

  test(`${name}: a folder lists its own files, sorted, and none when it does not exist`, async (t) => {
    const disk = await open(t);
    for (const file of ["folder/b", "folder/a", "folder/deeper/c", "d"]) await disk.replace(file, Buffer.from(file));
    assert.deepEqual(await disk.list("folder"), ["a", "b"]);
    assert.deepEqual(await disk.list(""), ["d"]);
    assert.deepEqual(await disk.list("nowhere"), []);
  });

  test(`${name}: a removed file is gone, and removing it again is no error`, async (t) => {
    const disk = await open(t);
    await disk.replace("folder/a", Buffer.from("a"));
    for (let times = 0; times < 2; times += 1) await disk.remove("folder/a");
    await disk.remove("nowhere/a");
    assert.equal(await disk.read("folder/a"), null);
  });
}
