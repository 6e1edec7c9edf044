import assert from "node:assert/strict";
import { test } from "node:test";
import { type Column, filtered, nextSort, sorted, sortOf } from "./rows.ts";

type Row = { readonly name: string; readonly count: number };
const columns: readonly Column<Row>[] = [
  { id: "name", title: "Name", value: ({ name }) => name },
  { id: "count", title: "Count", value: ({ count }) => count },
];
const rows: readonly Row[] = [
  { name: "edge 10", count: 9 },
  { name: "Edge 9", count: 10 },
  { name: "core", count: 9 },
];
const namesOf = (found: readonly Row[]) => found.map(({ name }) => name);

test("a filter wants all of its words, anywhere in the row, in any case", () => {
  assert.equal(filtered(rows, columns, "  "), rows);
  assert.deepEqual(namesOf(filtered(rows, columns, "EDGE 9")), ["edge 10", "Edge 9"]);
  assert.deepEqual(namesOf(filtered(rows, columns, "edge 11")), []);
});

test("numbers are sorted as numbers, also within names, and equal rows stay as they came", () => {
  assert.deepEqual(namesOf(sorted(rows, columns, sortOf("name"))), ["core", "Edge 9", "edge 10"]);
  assert.deepEqual(namesOf(sorted(rows, columns, sortOf("-count"))), ["Edge 9", "edge 10", "core"]);
  for (const unknown of [undefined, "other"]) assert.equal(sorted(rows, columns, sortOf(unknown)), rows);
});

test("a column's button goes up, down, and back to how the rows came", () => {
  assert.equal(nextSort(null, "name"), "name");
  assert.equal(nextSort(sortOf("name"), "name"), "-name");
  assert.equal(nextSort(sortOf("-name"), "name"), undefined);
  assert.equal(nextSort(sortOf("-name"), "count"), "count");
});
