// Every command of a tree as the words that make it, for whoever documents or counts them.

import type { CommandNode, ConsoleMode } from "./command-node.ts";
import { inModes, matchToken, tokenize } from "./parse-command.ts";

export type CommandLine = {
  /** Keywords and, in angle brackets, names of arguments. */
  readonly words: string;
  /** Of the last word. */
  readonly help: string;
  readonly modes: readonly ConsoleMode[];
};

type Place = { readonly before: readonly string[]; readonly modes: readonly ConsoleMode[] };

const anywhere: Place = { before: [], modes: ["exec", "config"] };

export function commandLines<Action>(
  nodes: readonly CommandNode<Action>[],
  { before, modes }: Place = anywhere,
): readonly CommandLine[] {
  return nodes.flatMap((node) => {
    const words = [...before, wordOf(node)];
    const within = node.modes ?? modes;
    const own = node.action === undefined ? [] : [{ words: words.join(" "), help: node.help, modes: within }];
    return [...own, ...commandLines(node.next, { before: words, modes: within })];
  });
}

function wordOf({ part }: CommandNode<unknown>): string {
  return part.type === "keyword" ? part.word : `<${part.name}>`;
}

/** Which of them a typed line is; null for none. The modes are tried in their order. */
export function commandLineOf<Action>(
  tree: readonly CommandNode<Action>[],
  modes: readonly ConsoleMode[],
  line: string,
): CommandLine | null {
  for (const mode of modes) {
    const found = inMode(tree, mode, line);
    if (found !== null) return found;
  }
  return null;
}

function inMode<Action>(tree: readonly CommandNode<Action>[], mode: ConsoleMode, line: string): CommandLine | null {
  let [place, candidates] = [anywhere, inModes(tree, [mode])];
  const tokens = tokenize(line);
  for (const [index, { text }] of tokens.entries()) {
    const [node, other] = matchToken(candidates, text);
    if (node === undefined || other !== undefined) return null;
    place = { before: [...place.before, wordOf(node)], modes: node.modes ?? place.modes };
    const isLast = index === tokens.length - 1 || (node.part.type === "argument" && node.part.kind === "line");
    if (isLast && node.action === undefined) return null;
    if (isLast) return { words: place.before.join(" "), help: node.help, modes: place.modes };
    candidates = inModes(node.next, [mode]);
  }
  return null;
}
