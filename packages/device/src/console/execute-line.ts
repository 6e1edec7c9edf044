// One line typed, one answer: help, parsing, the command itself, and the filter behind the bar.

import type { CommandContext, CommandResult, ConsoleNode } from "./command-context.ts";
import { helpFor, renderHelp } from "./command-help.ts";
import type { ConsoleMode } from "./command-node.ts";
import { applyFilter, type FilterMistake, splitFilter } from "./output-filter.ts";
import { describeMistake, lineCharactersMax, parseCommand } from "./parse-command.ts";

export type ConsoleOptions = {
  readonly tree: readonly ConsoleNode[];
  /** A one-line console takes commands of both modes. */
  readonly modes: readonly ConsoleMode[];
  /** True when the line is not on the screen above the answer: a marker then needs it repeated. */
  readonly repeatsLine: boolean;
  readonly promptWidth: number;
};

/** Never throws for what was typed. What a command throws is the caller's to report. */
export async function executeLine(
  line: string,
  context: CommandContext,
  options: ConsoleOptions,
): Promise<CommandResult> {
  if (line.length > lineCharactersMax)
    return mistake(`% Line of more than ${lineCharactersMax} characters.`, "line_too_long");
  if (line.endsWith("?")) return helpResult(line.slice(0, -1), options);
  const split = splitFilter(line);
  if (split.outcome === "mistake") return filterMistake(split.mistake, line, options);
  const parsed = parseCommand(options.tree, options.modes, split.command);
  if (parsed.outcome === "empty") return { outcome: "done", text: "", json: null };
  if (parsed.outcome !== "command") {
    return mistake(marked(describeMistake(parsed, options.promptWidth), line, options), parsed.outcome);
  }
  const result = await parsed.action(context, parsed.arguments);
  if (split.filter?.kind === "json") return { ...result, text: JSON.stringify(result.json, null, 2) };
  return { ...result, text: applyFilter(result.text, split.filter) };
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
  const help = helpFor(options.tree, options.modes, line);
  if (help.outcome === "mistake") return mistake(marked(help.text, line, options), "no_help");
  return { outcome: "done", text: renderHelp(help.choices), json: { choices: help.choices } };
}
