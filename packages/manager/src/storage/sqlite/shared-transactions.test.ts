import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { SharedTransactions } from "./shared-transactions.ts";

function open() {
  const database = new DatabaseSync(":memory:");
  database.exec("create table facts (fact text primary key)");
  const told: string[] = [];
  const transactions = new SharedTransactions(database, {
    committed: () => told.push("committed"),
    undone: () => told.push("undone"),
  });
  const put = (fact: string) => database.prepare("insert into facts values (?)").run(fact);
  const facts = () =>
    database
      .prepare("select fact from facts order by fact")
      .all()
      .map(({ fact }) => fact);
  return { database, transactions, put, facts, told };
}

test("work that was asked for together is committed together, in order, each with its own result", async () => {
  const { transactions, put, facts, told } = open();
  const putAndCount = (fact: string) => {
    put(fact);
    return facts().length;
  };
  const results = await Promise.all(["a", "b", "c"].map((fact) => transactions.add(() => putAndCount(fact))));
  assert.deepEqual(results, [1, 2, 3]);
  assert.deepEqual(told, ["committed"]);
});

test("work that fails is undone alone; its neighbours stay", async () => {
  const { transactions, put, facts, told } = open();
  const outcomes = await Promise.allSettled([
    transactions.add(() => put("a")),
    transactions.add(async () => {
      put("b");
      await Promise.resolve();
      throw new Error("not wanted");
    }),
    transactions.add(() => put("a")),
    transactions.add(() => put("c")),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "rejected", "fulfilled"],
  );
  assert.deepEqual(facts(), ["a", "c"]);
  assert.deepEqual(told, ["undone", "undone", "committed"]);
});

test("work that comes after the database was closed is refused, and ends nothing else", async () => {
  const { database, transactions, put } = open();
  await transactions.add(() => put("a"));
  database.close();
  await assert.rejects(
    transactions.add(() => put("b")),
    { code: "ERR_INVALID_STATE" },
  );
  await transactions.idle();
});

test("when the transaction itself is lost, nobody is told that it is durable", async () => {
  const { database, transactions, put, facts } = open();
  const outcomes = await Promise.allSettled([
    transactions.add(() => put("a")),
    transactions.add(() => {
      database.exec("rollback");
      throw new Error("disk full");
    }),
    transactions.add(() => put("b")),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["rejected", "rejected", "rejected"],
  );
  assert.deepEqual(facts(), []);
  await transactions.add(() => put("later"));
  assert.deepEqual(facts(), ["later"]);
});

test("idle waits for everything that was asked for", async () => {
  const { transactions, put, facts } = open();
  for (let i = 0; i < 300; i += 1) void transactions.add(() => put(`fact ${i}`));
  await transactions.idle();
  assert.equal(facts().length, 300);
});
