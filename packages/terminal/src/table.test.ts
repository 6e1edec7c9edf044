import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Column, renderTable } from "./table.ts";

type Row = { readonly name: string; readonly count: number; readonly id: string };
const columns: readonly Column<Row>[] = [
  { title: "Name", value: (row) => row.name },
  { title: "Count", value: (row) => String(row.count), align: "right" },
  { title: "Id", value: (row) => row.id, keep: true },
];

test("without a width nothing is cut, numbers stand at the right", () => {
  const rows = [
    { name: "network-advantage", count: 3, id: "a" },
    { name: "dna", count: 12, id: "b" },
  ];
  assert.equal(
    renderTable(columns, rows),
    "Name               Count  Id\nnetwork-advantage      3  a\ndna                   12  b\n",
  );
  assert.equal(renderTable(columns, rows, 0), renderTable(columns, rows));
});

test("a table is never wider than the terminal as long as its columns can shrink, and ids stay whole", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: fc.string(), count: fc.nat(), id: fc.uuid() }), { minLength: 1 }),
      fc.integer({ min: 60, max: 200 }),
      (rows, width) => {
        const text = renderTable(columns, rows, width);
        const lines = text.trimEnd().split("\n");
        assert.equal(lines.length, rows.length + 1);
        for (const line of lines) assert.ok(line.length <= width, line);
        for (const [i, row] of rows.entries()) assert.ok(lines[i + 1]?.endsWith(row.id));
      },
    ),
  );
});

test("control characters of foreign names never reach the terminal", () => {
  const text = renderTable(columns, [{ name: "evil\u001b[2J\n\u202ename\u2028", count: 1, id: "x" }]);
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\u202e\u2028]/u);
  assert.equal(text.trimEnd().split("\n").length, 2);
});
