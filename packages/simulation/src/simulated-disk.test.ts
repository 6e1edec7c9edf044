import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SeededRandomness } from "./seeded-randomness.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = async (disk: SimulatedDisk, name: string) => {
  const content = await disk.read(name);
  return content === null ? null : new TextDecoder().decode(content);
};
const anySeed = fc.nat();

test("what was answered as durable outlives a loss of power; of the rest any part of the end may be missing", async () => {
  await fc.assert(
    fc.asyncProperty(anySeed, async (seed) => {
      const disk = new SimulatedDisk(new SeededRandomness(seed));
      await disk.replace("state", bytes("whole"));
      await disk.append("log", bytes("durable"), true);
      await disk.append("log", bytes(" and a tail"), false);
      disk.crash();
      const after = disk.afterCrash();
      assert.equal(await text(after, "state"), "whole");
      assert.match((await text(after, "log")) ?? "", /^durable/);
      assert.ok("durable and a tail".startsWith((await text(after, "log")) ?? ""));
    }),
    { numRuns: 50 },
  );
});

test("a loss of power in a write leaves a replaced file old or new, and an appended one with a part of the end", async () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 200; seed += 1) {
    const disk = new SimulatedDisk(new SeededRandomness(seed));
    await disk.replace("state", bytes("old"));
    await disk.append("log", bytes("kept"), true);
    let crashes = 0;
    disk.onCrash = () => {
      crashes += 1;
    };
    disk.crashAtWrite(0);
    const never = seed % 2 === 0 ? disk.replace("state", bytes("new")) : disk.append("log", bytes("tail"), true);
    void never.then(() => assert.fail("a machine without power answers nothing"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([crashes, disk.isDead], [1, true]);
    const after = disk.afterCrash();
    const [state, log] = [(await text(after, "state")) ?? "", (await text(after, "log")) ?? ""];
    assert.ok(state === "old" || state === "new");
    assert.ok(log.startsWith("kept") && "kepttail".startsWith(log));
    seen.add(seed % 2 === 0 ? state : log);
  }
  for (const one of ["old", "new", "kept", "keptta", "kepttail"]) assert.ok(seen.has(one), one);
});

test("power lost at every write of a sequence keeps what came before it, and nothing of what came after", async () => {
  const work: readonly ((disk: SimulatedDisk) => Promise<void>)[] = [
    (disk) => disk.replace("state", bytes("1")),
    (disk) => disk.append("log", bytes("a"), true),
    (disk) => disk.overwrite("slot", bytes("s")),
    (disk) => disk.append("log", bytes("b"), true),
    (disk) => disk.replace("state", bytes("2")),
    (disk) => disk.remove("log"),
  ];
  const contentOf = async (disk: SimulatedDisk) =>
    JSON.stringify(await Promise.all(["state", "log", "slot"].map((name) => text(disk, name))));
  const before: string[] = [];
  const whole = new SimulatedDisk(new SeededRandomness(1));
  for (const each of work) {
    before.push(await contentOf(whole));
    await each(whole);
  }
  const ends = [...before.slice(1), await contentOf(whole)];
  for (let seed = 0; seed < 10; seed += 1) {
    for (const [writes, each] of work.entries()) {
      const disk = new SimulatedDisk(new SeededRandomness(seed));
      disk.crashAtWrite(writes);
      for (const done of work.slice(0, writes)) await done(disk);
      assert.deepEqual([disk.isDead, disk.writes], [false, writes]);
      void each(disk).then(() => assert.fail("a machine without power answers nothing"));
      await new Promise((resolve) => setImmediate(resolve));
      const after = await contentOf(disk.afterCrash());
      // An overwritten slot or a log that began may be there without its content.
      const torn = after.replace('""', "null").replace('"\\u0000"', "null");
      assert.ok([before[writes], ends[writes]].includes(torn), `write ${writes}, seed ${seed}: ${after}`);
    }
  }
});

test("any call fails where it was told to, reads too, but no read for want of space", async () => {
  for (let calls = 0; calls < 4; calls += 1) {
    const outcomes = async (code: "EIO" | "ENOSPC") => {
      const disk = new SimulatedDisk(new SeededRandomness(1));
      await disk.replace("a/b", bytes("1"));
      disk.failCalls(code, calls, 1);
      const each = [disk.list("a"), disk.read("a/b"), disk.readAt("a/b", 0, 1), disk.replace("a/b", bytes("2"))];
      const settled = await Promise.allSettled(each);
      return settled.flatMap(({ status }, at) => (status === "rejected" ? [at] : []));
    };
    assert.deepEqual(await outcomes("EIO"), [calls]);
    assert.deepEqual(await outcomes("ENOSPC"), calls === 0 ? [3] : []);
  }
});

test("writes fail where they were told to, as often as they were told to, and a full disk until there is room", async () => {
  const disk = new SimulatedDisk(new SeededRandomness(1));
  disk.failCalls("EIO", 1, 2);
  await disk.replace("a", bytes("1"));
  await assert.rejects(disk.replace("a", bytes("2")), { code: "EIO" });
  await assert.rejects(disk.remove("a"), { code: "EIO" });
  await disk.replace("a", bytes("3"));
  assert.equal(await text(disk, "a"), "3");
  disk.limitRoom(1);
  await disk.append("b", bytes("ok"), true);
  for (let again = 0; again < 3; again += 1)
    await assert.rejects(disk.append("b", bytes("too much"), true), { code: "ENOSPC" });
  await disk.remove("a");
  disk.heal();
  await disk.append("b", bytes(" again"), true);
  assert.equal(await text(disk, "b"), "ok again");
});

test("an overwritten file keeps its length, and a torn one is a mixture of old and new sectors", async () => {
  const disk = new SimulatedDisk(new SeededRandomness(4));
  await disk.overwrite("state", new Uint8Array(4096).fill(1));
  await disk.overwrite("state", new Uint8Array(10).fill(2));
  assert.equal((await disk.read("state"))?.length, 4096);
  assert.deepEqual(await disk.readAt("state", 9, 2), new Uint8Array([2, 0]));
  disk.crashAtWrite(0);
  void disk.overwrite("state", new Uint8Array(4096).fill(3));
  await new Promise((resolve) => setImmediate(resolve));
  const torn = await disk.afterCrash().read("state");
  assert.ok(torn?.includes(3) && torn.includes(0));
});

test("files are listed by folder, sorted, without those of folders below", async () => {
  const disk = new SimulatedDisk(new SeededRandomness(1));
  for (const name of ["reports/b", "reports/a", "reports/old/c", "state"]) await disk.replace(name, bytes("x"));
  assert.deepEqual(await disk.list("reports"), ["a", "b"]);
  assert.deepEqual(await disk.list(""), ["state"]);
});
