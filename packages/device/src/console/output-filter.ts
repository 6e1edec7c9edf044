// What stands behind the bar of a command: `| include Trust`. Works on the printed lines of any command (CLI-22).

import { compileLinePattern, type LinePattern } from "./line-pattern.ts";

export const filterKinds = ["begin", "count", "exclude", "include", "json", "redirect", "section"] as const;
export type FilterKind = (typeof filterKinds)[number];

export const filterHelp: Readonly<Record<FilterKind, string>> = {
  begin: "From the first line that matches",
  count: "Number of lines that match",
  exclude: "Lines that do not match",
  include: "Lines that match",
  json: "The same answer for programs",
  redirect: "Into a file of the flash",
  section: "Lines that match, with what is indented below them",
};

export type OutputFilter =
  | { readonly kind: "json" }
  | { readonly kind: "redirect"; readonly path: string }
  | { readonly kind: Exclude<FilterKind, "json" | "redirect">; readonly pattern: LinePattern };

export type SplitLine =
  | { readonly outcome: "split"; readonly command: string; readonly filter: OutputFilter | null }
  | { readonly outcome: "mistake"; readonly mistake: FilterMistake };

/** `column` is where the word begins that no filter accepts, from 0. */
export type FilterMistake =
  | { readonly outcome: "incomplete" }
  | { readonly outcome: "invalid"; readonly column: number }
  | { readonly outcome: "bad pattern"; readonly pattern: string };

/** Splits a line at its first bar outside quotes. A second bar belongs to the pattern, as on real consoles. */
export function splitFilter(line: string): SplitLine {
  const bar = barOf(line);
  if (bar === -1) return { outcome: "split", command: line, filter: null };
  const command = line.slice(0, bar);
  const [, name = "", pattern = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line.slice(bar + 1)) ?? [];
  const kinds = filterKinds.filter((kind) => name !== "" && kind.startsWith(name.toLowerCase()));
  if (kinds.length === 0) {
    const column = bar + 1 + (line.slice(bar + 1).length - line.slice(bar + 1).trimStart().length);
    return { outcome: "mistake", mistake: name === "" ? { outcome: "incomplete" } : { outcome: "invalid", column } };
  }
  return withPattern(command, kinds[0] as FilterKind, pattern, line);
}

function withPattern(command: string, kind: FilterKind, pattern: string, line: string): SplitLine {
  if (kind === "json") {
    const split = { outcome: "split", command, filter: { kind } } as const;
    const column = line.lastIndexOf(pattern);
    return pattern === "" ? split : { outcome: "mistake", mistake: { outcome: "invalid", column } };
  }
  if (pattern === "") return { outcome: "mistake", mistake: { outcome: "incomplete" } };
  if (kind === "redirect") return { outcome: "split", command, filter: { kind, path: pattern } };
  const compiled = compileLinePattern(pattern);
  if (compiled === null) return { outcome: "mistake", mistake: { outcome: "bad pattern", pattern } };
  return { outcome: "split", command, filter: { kind, pattern: compiled } };
}

/** Where the first bar outside quotes stands; -1 for none. */
export function barOf(line: string): number {
  let isQuoted = false;
  for (let index = 0; index < line.length; index += 1) {
    if (line[index] === '"') isQuoted = !isQuoted;
    if (line[index] === "|" && !isQuoted) return index;
  }
  return -1;
}

/** Applies a filter to printed text; `json` and `redirect` leave it alone, they choose what is printed, and where to. */
export function applyFilter(text: string, filter: OutputFilter | null): string {
  if (filter === null || filter.kind === "json" || filter.kind === "redirect") return text;
  const { kind, pattern } = filter;
  const lines = text.split("\n");
  switch (kind) {
    case "include":
      return lines.filter((line) => pattern.test(line)).join("\n");
    case "exclude":
      return lines.filter((line) => !pattern.test(line)).join("\n");
    case "begin": {
      const first = lines.findIndex((line) => pattern.test(line));
      return first === -1 ? "" : lines.slice(first).join("\n");
    }
    case "count":
      return `Number of lines which match regexp = ${lines.filter((line) => pattern.test(line)).length}`;
    default:
      return sectionsOf(lines, pattern).join("\n");
  }
}

/** Every matching line, and after each the lines that are indented deeper than it. */
function sectionsOf(lines: readonly string[], pattern: LinePattern): readonly string[] {
  const kept: string[] = [];
  let sectionIndent = -1;
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    const isInside = sectionIndent >= 0 && line.trim() !== "" && indent > sectionIndent;
    if (!isInside) sectionIndent = pattern.test(line) ? indent : -1;
    if (sectionIndent >= 0) kept.push(line);
  }
  return kept;
}
