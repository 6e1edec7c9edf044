import assert from "node:assert/strict";
import { test } from "node:test";
import { type BalanceRow, complianceOf, standingsOf } from "./standing.ts";
import {
  edgesOf,
  type Hierarchy,
  problemsOf,
  substitutionEdgesMax,
  substitutionFamilyEdgesMax,
} from "./substitution.ts";

const row = (tag: string, purchased: number, inUse: number, more: Partial<BalanceRow> = {}): BalanceRow => ({
  ...{ virtualAccountId: 1, tag, purchased, inUseVerified: inUse, inUseUnverified: 0, installations: 1, reserved: 0 },
  ...more,
});
const from = (...hierarchies: readonly Hierarchy[]) => edgesOf({ hierarchies, edges: [] });
const told = (rows: readonly BalanceRow[], edges: ReturnType<typeof from>) =>
  standingsOf(rows, edges).map(({ tag, borrowed, lent, balance }) => [tag, borrowed, lent, balance]);

test("[CNT-12] [CNT-13] [CNT-14] a generic Network licence covers what older images ask by model, and is never covered by it", () => {
  const models = ["C9500_32C", "C9500_32QC", "C9500_24Y4C", "C9500_48Y4C"].map((model) => `${model}_NW_ADVANTAGE`);
  const edges = from([["C9500_NW_ADVANTAGE"], models]);
  const [oldest = "", other = ""] = models;
  const rows = [row("C9500_NW_ADVANTAGE", 5, 1), row(oldest, 0, 2), row(other, 0, 1)];
  assert.deepEqual(told(rows, edges), [
    ["C9500_NW_ADVANTAGE", 0, 3, 1],
    [oldest, 2, 0, 0],
    [other, 1, 0, 0],
  ]);
  assert.ok(
    standingsOf(rows, edges).every((one) => complianceOf(one) === "in_compliance"),
    "both tags of the account",
  );
  assert.deepEqual(told([row("C9500_NW_ADVANTAGE", 0, 2), row(oldest, 9, 0)], edges), [
    ["C9500_NW_ADVANTAGE", 0, 0, -2],
    [oldest, 0, 0, 9],
  ]);
});

test("100 owned, 10 used and 50 of a lower one used: 50 are lent, 40 are left, and the lower one is covered", () => {
  const edges = from([["CUWL"], ["ENHANCED_PLUS"]]);
  assert.deepEqual(told([row("CUWL", 100, 10), row("ENHANCED_PLUS", 0, 50)], edges), [
    ["CUWL", 0, 50, 40],
    ["ENHANCED_PLUS", 50, 0, 0],
  ]);
});

test("with several parents the nearest lends first, whatever is lacking is shown at the consumer, reserved ones stay", () => {
  const edges = from([["ENTERPRISE"], ["FOUNDATION"], ["STANDARD"]]);
  const rows = [row("ENTERPRISE", 10, 2, { reserved: 5 }), row("FOUNDATION", 4, 1), row("STANDARD", 1, 12)];
  const [enterprise, foundation, standard] = standingsOf(rows, edges);
  assert.deepEqual([enterprise?.lent, enterprise?.balance], [5, 3]);
  assert.deepEqual([foundation?.lent, foundation?.balance], [3, 0]);
  assert.deepEqual(standard?.borrowedFrom, [
    { provider: "ENTERPRISE", consumer: "STANDARD", covered: 5 },
    { provider: "FOUNDATION", consumer: "STANDARD", covered: 3 },
  ]);
  assert.deepEqual([standard?.balance, standard && complianceOf(standard)], [-3, "out_of_compliance"]);
});

test("a licence that covers several is lent whole as soon as it covers one; nothing crosses virtual accounts", () => {
  const edges = edgesOf({ hierarchies: [], edges: [{ provider: "TEN", consumer: "ONE", ratio: 10, rank: 1 }] });
  const rows = [row("ONE", 0, 11), row("TEN", 3, 0), row("ONE", 0, 5, { virtualAccountId: 2 })];
  assert.deepEqual(told(rows, edges), [
    ["ONE", 11, 0, 0],
    ["TEN", 0, 2, 1],
    ["ONE", 0, 0, -5],
  ]);
});

test("a declaration that cannot stand is refused with every reason", () => {
  const edge = (provider: string, consumer: string, more: object = {}) => ({
    provider,
    consumer,
    ratio: 1,
    rank: 1,
    ...more,
  });
  const problems = problemsOf([
    edge("A", "B"),
    edge("A", "B", { rank: 2 }),
    edge("A", "C", { ratio: 2 }),
    edge("D", "D"),
  ]);
  assert.deepEqual(problems, [
    "declared twice, with different numbers: A covers B",
    "A has more than one ratio",
    "D would cover itself",
  ]);
  assert.deepEqual(problemsOf(edgesOf({ hierarchies: [[["A"], ["B"]]], edges: [edge("A", "B")] })), []);
});

test("1000 edges may be declared, and 100 that hang together", () => {
  const apart = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ provider: `P${at}`, consumer: `C${at}`, ratio: 1, rank: 1 }));
  const together = (count: number) => apart(count).map((edge) => ({ ...edge, provider: "P" }));
  assert.deepEqual(problemsOf(apart(substitutionEdgesMax)), []);
  assert.deepEqual(problemsOf(apart(substitutionEdgesMax + 1)), ["more than 1000 edges"]);
  assert.deepEqual(problemsOf(together(substitutionFamilyEdgesMax)), []);
  assert.deepEqual(problemsOf(together(substitutionFamilyEdgesMax + 1)), [
    "more than 100 edges hang together, around P",
  ]);
});
