// What stands behind the bar of a command: `| include Trust`. Works on the printed lines of any command (CLI-22).

import { compileLinePattern, type LinePattern } from "./line-pattern.ts";

export const filterKinds = [
  "append",
  "begin",
  "count",
  "exclude",
  "include",
  "json",
  "redirect",
  "section",
  "tee",
] as const;
export type FilterKind = (typeof filterKinds)[number];

export const filterHelp: Readonly<Record<FilterKind, string>> = {
  append: "At the end of a file of the flash",
  begin: "From the first line that matches",
  count: "Number of lines that match",
  exclude: "Lines that do not match",
  include: "Lines that match",
  json: "The same answer for programs",
  redirect: "Into a file of the flash",
  section: "Lines that match, with what is indented below them",
  tee: "Into a file of the flash, and here",
};

const fileKinds = ["append", "redirect", "tee"] as const satisfies readonly FilterKind[];
type FileKind = (typeof fileKinds)[number];
type PatternKind = Exclude<FilterKind, "json" | FileKind>;
export type PatternFilter = { readonly kind: PatternKind; readonly pattern: LinePattern };

export type OutputFilter =
  | { readonly kind: "json" }
  /** What is printed goes into a file; `isShown` on the screen too. */
  | { readonly kind: "file"; readonly path: string; readonly appends: boolean; readonly isShown: boolean }
  | PatternFilter;

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
  if (isFileKind(kind)) return intoFile(command, kind, pattern, line);
  const filter = patternFilter(kind, pattern);
  if (filter === null) return { outcome: "mistake", mistake: { outcome: "bad pattern", pattern } };
  return { outcome: "split", command, filter };
}

function isFileKind(kind: FilterKind): kind is FileKind {
  return (fileKinds as readonly FilterKind[]).includes(kind);
}

/** `tee` may be told to write at the end: `| tee /append flash:x`. */
function intoFile(command: string, kind: FileKind, text: string, line: string): SplitLine {
  const [, option = "", path = ""] = (kind === "tee" ? /^(\/append(?:\s+|$))?(.*)$/s : /^()(.*)$/s).exec(text) ?? [];
  if (path === "") return { outcome: "mistake", mistake: { outcome: "incomplete" } };
  const blank = path.search(/\s/);
  if (blank !== -1) {
    const column = line.lastIndexOf(path) + blank + path.slice(blank).search(/\S/);
    return { outcome: "mistake", mistake: { outcome: "invalid", column } };
  }
  const appends = kind === "append" || option !== "";
  return { outcome: "split", command, filter: { kind: "file", path, appends, isShown: kind === "tee" } };
}

/** Null for a pattern that is none. */
export function patternFilter(kind: PatternKind, text: string): PatternFilter | null {
  const pattern = compileLinePattern(text);
  return pattern && { kind, pattern };
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

/** Applies a filter to printed text; `json` and files leave it alone, they choose what is printed, and where to. */
export function applyFilter(text: string, filter: OutputFilter | null): string {
  if (filter === null || filter.kind === "json" || filter.kind === "file") return text;
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
    case "section":
      return sectionsOf(lines, pattern).join("\n");
    default:
      return kind satisfies never;
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
