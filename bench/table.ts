// The figures as a table for people. It fits the terminal: notes are wrapped below it, not beside.

import type { Figure } from "./figure.ts";

const captions = ["figure", "value", "unit", "ceiling", "ratio", "p50 ms", "p99 ms"] as const;
const narrowestColumns = 60;

/** Renders figures as lines of at most `columns` characters; the last line ends with a line feed. */
export function renderTable(figures: readonly Figure[], columns: number): string {
  const width = Math.max(columns, narrowestColumns);
  const rows = [captions, ...figures.map(cellsOf)];
  const widths = captions.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const isTooWide = widths.reduce((sum, cell) => sum + cell + 2, -2) > width;
  const lines = isTooWide ? figures.flatMap(blockOf) : rows.map((row) => lineOf(row, widths));
  const notes = figures.flatMap((figure) => ["", ...wrap(`${figure.name}: ${figure.note}`, width)]);
  return `${[...lines, ...notes].join("\n")}\n`;
}

function cellsOf(figure: Figure): readonly string[] {
  const { name, value, unit, ceiling, ratio, p50Ms, p99Ms } = figure;
  return [name, formatNumber(value), unit, formatNumber(ceiling), ratio.toFixed(2), formatMs(p50Ms), formatMs(p99Ms)];
}

/** One figure over several short lines, for terminals narrower than the table. */
function blockOf(figure: Figure): readonly string[] {
  const { name, value, unit, ceiling, ratio, p50Ms, p99Ms } = figure;
  return [
    name,
    `  ${formatNumber(value)} ${unit}, ceiling ${formatNumber(ceiling)}, ratio ${ratio.toFixed(2)}`,
    ...(p50Ms === null ? [] : [`  p50 ${formatMs(p50Ms)} ms, p99 ${formatMs(p99Ms)} ms`]),
  ];
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  const isText = (column: number) => column === 0 || column === 2;
  return cells
    .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
    .join("  ")
    .trimEnd();
}

function formatNumber(value: number): string {
  if (value >= 1000)
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, " ");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function formatMs(value: number | null): string {
  return value === null ? "-" : value.toPrecision(3);
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ` ${word}`;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
