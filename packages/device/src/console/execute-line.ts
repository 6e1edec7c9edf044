// One line typed, one answer: help, parsing, the command itself, and the filter behind the bar.

import type { ControlOutcome } from "../device-control.ts";
import { answerOf, type CommandContext, type CommandResult, type ConsoleNode, notRunning } from "./command-context.ts";
import { helpFor, renderHelp } from "./command-help.ts";
import { type ConsoleMode, isConfigurationMode } from "./command-node.ts";
import { applyFilter, type FilterMistake, type OutputFilter, type SplitLine, splitFilter } from "./output-filter.ts";
import { describeMistake, lineCharactersMax, parseCommand } from "./parse-command.ts";

export type ConsoleOptions = {
  readonly tree: readonly ConsoleNode[];
  /** In the order in which they are tried. */
  readonly modes: readonly ConsoleMode[];
  /** True when the line is not on a screen above the answer: a marker then needs it repeated, and `?` is part of it. */
  readonly repeatsLine: boolean;
  readonly promptWidth: number;
};

/** What was typed, answered; `mode` is the one that took the line. */
export type ExecutedCommand = CommandResult & { readonly mode?: ConsoleMode };

/** Never throws for what was typed. What a command throws is the caller's to report. */
export async function executeLine(
  line: string,
  context: CommandContext,
  options: ConsoleOptions,
): Promise<ExecutedCommand> {
  if (line.length > lineCharactersMax)
    return mistake(`% Line of more than ${lineCharactersMax} characters.`, "line_too_long");
  if (options.repeatsLine && line.endsWith("?")) return helpResult(line.slice(0, -1), options);
  const { modes, command, width } = withoutDo(line, options.modes);
  // In a name, a password or a tag that is configured, a bar is a character.
  const whole = parseCommand(options.tree, modes, command);
  const isConfigured = whole.outcome === "command" && isConfigurationMode(whole.mode);
  const split = isConfigured ? notSplit(command) : splitFilter(command);
  const inner = { ...options, modes, promptWidth: options.promptWidth + width };
  if (split.outcome === "mistake") return filterMistake(split.mistake, line, inner);
  const parsed = parseCommand(options.tree, modes, split.command);
  if (parsed.outcome === "empty") return { outcome: "done", text: "", json: null };
  if (parsed.outcome !== "command") {
    return mistake(marked(describeMistake(parsed, inner.promptWidth), line, options), parsed.outcome);
  }
  // Who may only read writes no files either.
  if (split.filter?.kind === "file" && parsed.mode === "user") return answerOf(readOnly, "");
  const result = await parsed.action(context, parsed.arguments);
  return { ...(await filtered(result, split.filter, context)), mode: parsed.mode };
}

function notSplit(command: string): SplitLine {
  return { outcome: "split", command, filter: null };
}

const readOnly: ControlOutcome = {
  outcome: "refused",
  code: "privilege_needed",
  message: "Only privileged EXEC writes files.",
  remedy: "Enter `enable` first.",
};

/** `do` before a line of a configuration mode: the rest is a command of privileged EXEC, `width` columns further right. */
export function withoutDo(line: string, modes: readonly ConsoleMode[]) {
  const prefix = modes.includes("config") ? (/^\s*do\s+/i.exec(line)?.[0] ?? "") : "";
  if (prefix === "") return { modes, command: line, width: 0 };
  return { modes: ["exec"] as const, command: line.slice(prefix.length), width: prefix.length };
}

async function filtered(
  result: CommandResult,
  filter: OutputFilter | null,
  context: CommandContext,
): Promise<CommandResult> {
  // Why something was refused is not looked for, it is said.
  if (result.outcome !== "done" && filter?.kind !== "json") return result;
  if (filter?.kind === "json") return { ...result, text: JSON.stringify(result.json, null, 2) };
  if (filter?.kind === "file") {
    const { control } = context;
    const { path, appends, isShown } = filter;
    const text = `${result.text}\n`;
    const written = control === null ? notRunning : await control[appends ? "appendToFile" : "writeFile"](path, text);
    if (!isShown) return answerOf(written, "");
    return written.outcome === "refused" ? besideRefusal(result, written) : result;
  }
  return { ...result, text: applyFilter(result.text, filter) };
}

/** What was to be shown is, though it could not be written. */
function besideRefusal(result: CommandResult, refused: ControlOutcome): CommandResult {
  const answer = answerOf(refused, "");
  return { ...answer, text: `${result.text}\n${answer.text}` };
}

function filterMistake(found: FilterMistake, line: string, options: ConsoleOptions): CommandResult {
  if (found.outcome === "bad pattern")
    return mistake(`% Invalid regular expression: ${found.pattern}`, "invalid_pattern");
  return mistake(marked(describeMistake(found, options.promptWidth), line, options), "invalid_filter");
}

/** Where the line is not on the screen, it is repeated above the marker, without a prompt. */
function marked(text: string, line: string, options: ConsoleOptions): string {
  return options.repeatsLine && text.includes("^\n") ? `${line}\n${text}` : text;
}

function mistake(text: string, code: string): CommandResult {
  return { outcome: "mistake", text, json: { code, message: text } };
}

function helpResult(line: string, options: ConsoleOptions): CommandResult {
  const { modes, command } = withoutDo(line, options.modes);
  const help = helpFor(options.tree, modes, command);
  if (help.outcome === "mistake") return mistake(marked(help.text, line, options), "no_help");
  const choices = help.choices.map((choice) => ({ shown: choice.shown, help: choice.help }));
  return { outcome: "done", text: renderHelp(choices), json: { choices } };
}
