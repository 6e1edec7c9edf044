// Reads one line against a command tree. Keywords may be cut short as long as they stay unambiguous.

import { isIPv4 } from "node:net";
import type { CommandNode, ConsoleMode } from "./command-node.ts";

export type Arguments = Readonly<Record<string, string>>;

export type ParsedLine<Action> =
  | { readonly outcome: "command"; readonly action: Action; readonly arguments: Arguments; readonly mode: ConsoleMode }
  | { readonly outcome: "empty" }
  | { readonly outcome: "ambiguous"; readonly line: string }
  | { readonly outcome: "incomplete" }
  /** `column` is where the word, or the octet of an address, begins that nothing accepts, from 0. */
  | { readonly outcome: "invalid"; readonly column: number };

export type Token = { readonly text: string; readonly column: number };

/** Words of a line with their columns; double quotes hold blanks together. */
export function tokenize(line: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of line.matchAll(/"([^"]*)"|\S+/g)) tokens.push({ text: match[1] ?? match[0], column: match.index });
  return tokens;
}

/** Characters of one command line; a longer one is a mistake of the caller. */
export const lineCharactersMax = 8192;

/**
 * Tries the modes in their order, so that a word of one mode never makes a word of an earlier one ambiguous. When no mode
 * takes the line, the mistake that was found furthest to the right is the one to show.
 */
export function parseCommand<Action>(
  tree: readonly CommandNode<Action>[],
  modes: readonly ConsoleMode[],
  line: string,
): ParsedLine<Action> {
  let mistake: ParsedLine<Action> = { outcome: "invalid", column: 0 };
  for (const mode of modes) {
    const parsed = parseInMode(tree, mode, line);
    // What is ambiguous in one mode must not become another mode's command: `en` is `enable` or `end`, nothing else.
    if (parsed.outcome === "command" || parsed.outcome === "empty" || parsed.outcome === "ambiguous") return parsed;
    if (reach(parsed) > reach(mistake)) mistake = parsed;
  }
  return mistake;
}

/** How far a mistaken line was understood. */
function reach(parsed: ParsedLine<unknown>): number {
  return parsed.outcome === "invalid" ? parsed.column : Number.MAX_SAFE_INTEGER;
}

function parseInMode<Action>(
  tree: readonly CommandNode<Action>[],
  mode: ConsoleMode,
  line: string,
): ParsedLine<Action> {
  const modes = [mode];
  const tokens = tokenize(line);
  if (tokens.length === 0 || line.trimStart().startsWith("!")) return { outcome: "empty" };
  let candidates = inModes(tree, modes);
  const values: Record<string, string> = {};
  for (const [index, token] of tokens.entries()) {
    const found = matchToken(candidates, token.text);
    if (found.length === 0) return { outcome: "invalid", column: mistakenColumn(candidates, token) };
    if (found.length > 1) return { outcome: "ambiguous", line };
    const node = found[0] as CommandNode<Action>;
    const takesRest = node.part.type === "argument" && node.part.kind === "line";
    if (node.part.type === "argument")
      values[node.part.name] = takesRest ? line.slice(token.column).trimEnd() : token.text;
    if (takesRest || index === tokens.length - 1) return endOf(node, values, mode);
    candidates = inModes(node.next, modes);
  }
  return { outcome: "incomplete" };
}

function endOf<Action>(node: CommandNode<Action>, values: Arguments, mode: ConsoleMode): ParsedLine<Action> {
  if (node.action === undefined) return { outcome: "incomplete" };
  return { outcome: "command", action: node.action, arguments: values, mode };
}

export function inModes<Action>(
  nodes: readonly CommandNode<Action>[],
  modes: readonly ConsoleMode[],
): readonly CommandNode<Action>[] {
  return nodes.filter((node) => node.modes === undefined || node.modes.some((mode) => modes.includes(mode)));
}

/** The nodes that a word can mean: an exact keyword before shortened ones, keywords before arguments, numbers before words. */
export function matchToken<Action>(
  nodes: readonly CommandNode<Action>[],
  text: string,
): readonly CommandNode<Action>[] {
  const wanted = text.toLowerCase();
  const exact = nodes.filter(({ part }) => part.type === "keyword" && part.word === wanted);
  if (exact.length > 0) return exact;
  const begun = nodes.filter(
    ({ part }) => part.type === "keyword" && !part.isTypedInFull && part.word.startsWith(wanted),
  );
  if (begun.length > 0) return begun;
  const taking = nodes.filter((node) => takesArgument(node, text));
  const numbers = taking.filter(({ part }) => part.type === "argument" && part.kind === "number");
  return numbers.length > 0 ? numbers : taking;
}

function takesArgument<Action>(node: CommandNode<Action>, text: string): boolean {
  if (node.part.type !== "argument") return false;
  if (node.part.kind === "address") return isIPv4(text);
  if (node.part.kind === "file") return !text.startsWith("/");
  if (node.part.kind === "remote") return /^[a-z0-9-]{1,20}:/i.test(text);
  if (node.part.kind !== "number") return true;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= (node.part.min ?? 0) && value <= (node.part.max ?? Number.MAX_SAFE_INTEGER);
}

/** Where a word that nothing accepts goes wrong: at its beginning or, where an address may stand, at the octet that is none. */
export function mistakenColumn(nodes: readonly CommandNode<unknown>[], { text, column }: Token): number {
  const isAddress = nodes.some(({ part }) => part.type === "argument" && part.kind === "address");
  return isAddress ? column + mistakenOctet(text) : column;
}

const octet = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const addressBegun = new RegExp(String.raw`^(?:${octet}\.){0,3}(?:${octet})?$`);

/** Where the first octet begins that is none; the last one's beginning where one is missing. */
function mistakenOctet(text: string): number {
  const octets = text.split(".");
  const bad = octets.findIndex((one, index) => index > 3 || one === "" || !addressBegun.test(one));
  const before = octets.slice(0, bad === -1 ? -1 : bad);
  return Math.min(
    before.reduce((at, one) => at + one.length + 1, 0),
    Math.max(0, text.length - 1),
  );
}

/** Whether a word may be the beginning of an address. */
export function beginsAddress(text: string): boolean {
  return addressBegun.test(text);
}

/** What a console prints for a line that is no command, in the field's words; `promptWidth` is what stands before the line. */
export function describeMistake(
  parsed: Exclude<ParsedLine<unknown>, { outcome: "command" | "empty" }>,
  promptWidth: number,
): string {
  switch (parsed.outcome) {
    case "ambiguous":
      return `% Ambiguous command:  "${parsed.line.trim()}"`;
    case "incomplete":
      return "% Incomplete command.";
    case "invalid":
      return `${" ".repeat(promptWidth + parsed.column)}^\n% Invalid input detected at '^' marker.`;
    default:
      return parsed satisfies never;
  }
}
