import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupCommit, QueueFull } from "./group-commit.ts";

type Item = {
  readonly name: string;
  readonly rows?: number;
  readonly isPoisoned?: boolean;
  readonly meetsOutage?: boolean;
};

class Outage extends Error {}

/** Commits that end when told, so that a test decides what arrives meanwhile. */
function openQueue(
  limits: {
    readonly rowsPerCommitMax?: number;
    readonly waitingRowsMax?: number;
    readonly wholeItemsMax?: number;
  } = {},
) {
  const groups: string[][] = [];
  const held: (() => void)[] = [];
  let isHolding = false;
  const queue = new GroupCommit<Item, string>({
    commit: async (items) => {
      groups.push(items.map(({ name }) => name));
      if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
      if (items.some(({ isPoisoned }) => isPoisoned)) throw new Error("poisoned");
      if (items.some(({ meetsOutage }) => meetsOutage)) throw new Outage();
      return items.map(({ name }) => `${name} written`);
    },
    meetsAll: (error) => error instanceof Outage,
    rowsOf: ({ rows = 1 }) => rows,
    rowsPerCommitMax: limits.rowsPerCommitMax ?? 10,
    waitingRowsMax: limits.waitingRowsMax ?? 100,
    ...(limits.wholeItemsMax === undefined ? {} : { wholeItemsMax: limits.wholeItemsMax }),
  });
  const hold = (value: boolean) => {
    isHolding = value;
    if (!value) for (const release of held.splice(0)) release();
  };
  return { queue, groups, hold };
}

test("what arrives while a transaction is written shares the next one, and each gets its own result", async () => {
  const { queue, groups, hold } = openQueue();
  hold(true);
  const first = queue.add({ name: "a" });
  while (groups.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const others = ["b", "c", "d"].map((name) => queue.add({ name }));
  hold(false);
  assert.deepEqual(await Promise.all([first, ...others]), ["a written", "b written", "c written", "d written"]);
  assert.deepEqual(groups, [["a"], ["b", "c", "d"]]);
});

test("a group is bounded in rows, and an item larger than that goes alone", async () => {
  const { queue, groups } = openQueue({ rowsPerCommitMax: 10 });
  await Promise.all([
    queue.add({ name: "a", rows: 6 }),
    queue.add({ name: "b", rows: 4 }),
    queue.add({ name: "c", rows: 1 }),
    queue.add({ name: "d", rows: 30 }),
    queue.add({ name: "e" }),
  ]);
  assert.deepEqual(groups, [["a", "b"], ["c"], ["d"], ["e"]]);
});

test("where groups are halved, half of what waits is left for the next one, unless few wait", async () => {
  const sizes = async (wholeItemsMax: number, items: number) => {
    const { queue, groups } = openQueue({ wholeItemsMax, rowsPerCommitMax: 100 });
    await Promise.all(Array.from({ length: items }, (_, at) => queue.add({ name: `${at}` })));
    assert.deepEqual(
      groups.flat(),
      Array.from({ length: items }, (_, at) => `${at}`),
    );
    return groups.map((group) => group.length);
  };
  assert.deepEqual(await sizes(4, 4), [4]);
  assert.deepEqual(await sizes(4, 5), [4, 1]);
  assert.deepEqual(await sizes(4, 8), [4, 4]);
  assert.deepEqual(await sizes(4, 21), [11, 5, 4, 1]);
});

test("an item that cannot be written fails alone; those beside it are written", async () => {
  const { queue, groups } = openQueue();
  const results = await Promise.allSettled([
    queue.add({ name: "a" }),
    queue.add({ name: "bad", isPoisoned: true }),
    queue.add({ name: "b" }),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.deepEqual(groups, [["a", "bad", "b"], ["a"], ["bad"], ["b"]]);
  assert.equal(await queue.add({ name: "later" }), "later written");
});

test("beyond the limit of waiting rows an item is turned away; room comes back when they are written", async () => {
  const { queue, hold, groups } = openQueue({ waitingRowsMax: 3 });
  hold(true);
  const first = queue.add({ name: "a" });
  while (groups.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const waiting = [queue.add({ name: "b", rows: 3 })];
  await assert.rejects(queue.add({ name: "c" }), QueueFull);
  hold(false);
  await Promise.all([first, ...waiting]);
  assert.equal(await queue.add({ name: "c" }), "c written");
});

test("a failure that would meet every item is waited for once, and told to all", async () => {
  const { queue, groups } = openQueue();
  const adding = [queue.add({ name: "a", meetsOutage: true }), queue.add({ name: "b" }), queue.add({ name: "c" })];
  for (const { status, ...rest } of await Promise.allSettled(adding)) {
    assert.equal(status, "rejected");
    assert.ok("reason" in rest && rest.reason instanceof Outage);
  }
  assert.deepEqual(groups, [["a", "b", "c"]]);
  assert.equal(await queue.add({ name: "d" }), "d written");
});
