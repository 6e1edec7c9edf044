// `?` on a console: the words that may stand at the cursor, each with one line of help.

import { type CommandNode, type ConsoleMode, isConfigurationMode } from "./command-node.ts";
import { barOf, filterHelp, filterKinds } from "./output-filter.ts";
import { beginsAddress, describeMistake, inModes, matchToken, mistakenColumn, tokenize } from "./parse-command.ts";

export type HelpLine = { readonly shown: string; readonly help: string };

/** `completion` is what Tab puts in place of a beginning of it; null where a person must know what to type. */
type Choice = HelpLine & { readonly completion: string | null };

export type Help =
  | { readonly outcome: "choices"; readonly choices: readonly Choice[] }
  | { readonly outcome: "mistake"; readonly text: string };

/** Help for the line up to the `?`, which is not part of it. A line that ends in a blank asks for the next word. */
export function helpFor<Action>(
  tree: readonly CommandNode<Action>[],
  modes: readonly ConsoleMode[],
  line: string,
  promptWidth = 0,
): Help {
  const bar = modes.slice(0, 1).some(isConfigurationMode) ? -1 : barOf(line);
  if (bar !== -1) return filterChoices(line.slice(bar + 1).trimStart());
  const tokens = tokenize(line);
  const asksForNext = line === "" || /\s$/.test(line);
  const whole = asksForNext ? tokens : tokens.slice(0, -1);
  let candidates = merged(inModes(tree, modes));
  let mayEndHere = false;
  let isShow = false;
  for (const token of whole) {
    const found = matchToken(candidates, token.text);
    if (found.length === 0)
      return mistake({ outcome: "invalid", column: mistakenColumn(candidates, token) }, promptWidth);
    if (found.length > 1) return mistake({ outcome: "ambiguous", line }, promptWidth);
    const node = found[0] as CommandNode<Action>;
    candidates = merged(inModes(node.next, modes));
    mayEndHere = node.action !== undefined;
    isShow ||= node.part.type === "keyword" && filteredWords.includes(node.part.word);
  }
  const partial = asksForNext ? "" : (tokens.at(-1)?.text ?? "");
  const matching = candidates
    .filter(({ part }) => part.type !== "keyword" || part.isHidden !== true)
    .filter((node) => partial === "" || mayBegin(node, partial));
  const choices = matching.map(choiceOf);
  choices.sort((one, other) => (one.shown < other.shown ? -1 : 1));
  if (mayEndHere && partial === "" && isShow)
    choices.push({ shown: "|", help: "Filters of the output", completion: null });
  if (mayEndHere && partial === "") choices.push({ shown: "<cr>", help: "", completion: null });
  if (choices.length > 0) return { outcome: "choices", choices };
  return { outcome: "mistake", text: "% Unrecognized command" };
}

/** Commands that print what somebody may want a part of. */
const filteredWords: readonly string[] = ["show", "dir", "more"];

function mayBegin<Action>(node: CommandNode<Action>, partial: string): boolean {
  if (node.part.type === "argument" && node.part.kind === "address") return beginsAddress(partial);
  if (isFile(node) && fileSystem.startsWith(partial.toLowerCase())) return true;
  return matchToken([node], partial).length > 0;
}

/** A word that begins commands of two modes at once is one word. */
function merged<Action>(nodes: readonly CommandNode<Action>[]): readonly CommandNode<Action>[] {
  const byWord = new Map<string, CommandNode<Action>>();
  for (const node of nodes) {
    const key = node.part.type === "keyword" ? node.part.word : `<${node.part.name}>`;
    const known = byWord.get(key);
    byWord.set(key, known === undefined ? node : { ...known, next: [...known.next, ...node.next] });
  }
  return [...byWord.values()];
}

/** What may stand behind the bar. */
function filterChoices(begun: string): Help {
  const kinds = filterKinds.filter((kind) => kind.startsWith(begun.toLowerCase()));
  if (kinds.length > 0) {
    const choices = kinds.map((kind) => ({ shown: kind, help: filterHelp[kind], completion: `${kind} ` }));
    return { outcome: "choices", choices };
  }
  if (/^\S+\s/.test(begun))
    return { outcome: "choices", choices: [{ shown: "LINE", help: "Expression or file", completion: null }] };
  return { outcome: "mistake", text: "% Unrecognized command" };
}

function mistake(parsed: Parameters<typeof describeMistake>[0], promptWidth: number): Help {
  return { outcome: "mistake", text: describeMistake(parsed, promptWidth) };
}

const fileSystem = "flash:";

function isFile({ part }: CommandNode<unknown>): boolean {
  return part.type === "argument" && (part.kind === "file" || part.kind === "remote");
}

function choiceOf(node: CommandNode<unknown>): Choice {
  const { part, help } = node;
  if (part.type === "keyword") return { shown: part.word, help, completion: `${part.word} ` };
  return { shown: part.shown, help, completion: isFile(node) ? fileSystem : null };
}

/** The words alone, for a `?` that is attached to the beginning of one. */
export function renderCompletions(choices: readonly HelpLine[]): string {
  return choices.map((choice) => choice.shown).join("  ");
}

/** Two columns, as consoles print them. */
export function renderHelp(choices: readonly HelpLine[]): string {
  const width = Math.max(...choices.map((choice) => choice.shown.length)) + 2;
  return choices.map((choice) => `  ${choice.shown.padEnd(width)}${choice.help}`.trimEnd()).join("\n");
}

/** The unique end of the word at the cursor, for the Tab key; null when there is none or several. */
export function completionOf<Action>(
  tree: readonly CommandNode<Action>[],
  modes: readonly ConsoleMode[],
  line: string,
): string | null {
  const help = /\S$/.test(line) ? helpFor(tree, modes, line) : null;
  if (help?.outcome !== "choices" || help.choices.length !== 1) return null;
  const only = help.choices[0]?.completion ?? null;
  const typed = /[^\s|]*$/.exec(line)?.[0] ?? "";
  if (only === null || only === typed) return null;
  return only.toLowerCase().startsWith(typed.toLowerCase()) ? `${line}${only.slice(typed.length)}` : null;
}
