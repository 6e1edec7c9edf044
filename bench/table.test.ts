import assert from "node:assert/strict";
import { test } from "node:test";
import { type Figure, figureOf } from "./figure.ts";
import { renderTable } from "./table.ts";

const figures: readonly Figure[] = [
  figureOf({
    name: "ingest-single-64",
    value: 4567.891,
    unit: "reports/s",
    ceiling: 6000,
    p50Ms: 12.34567,
    p99Ms: 34.5,
    note: "words ".repeat(60).trim(),
  }),
  figureOf({
    name: "agent-append-365d",
    value: 0.31,
    unit: "ms",
    ceiling: 0.21,
    p50Ms: 0.31,
    p99Ms: 0.9,
    note: "short",
  }),
];

test("no line is wider than the terminal, however wide that is", () => {
  for (const columns of [60, 72, 80, 100, 200]) {
    for (const line of renderTable(figures, columns).split("\n"))
      assert.ok(line.length <= columns, `${columns}: ${line}`);
  }
});

test("a terminal too narrow for the table gets every number, one figure below the other", () => {
  const narrow = renderTable(figures, 60);
  for (const text of ["4 568 reports/s", "ceiling 6 000", "ratio 0.76", "p50 12.3 ms"])
    assert.ok(narrow.includes(text), narrow);
});

test("the ratio is the value over the ceiling, and numbers keep four digits", () => {
  assert.deepEqual(
    figures.map(({ value, ratio, p50Ms }) => ({ value, ratio, p50Ms })),
    [
      { value: 4568, ratio: 0.7613, p50Ms: 12.35 },
      { value: 0.31, ratio: 1.476, p50Ms: 0.31 },
    ],
  );
});
