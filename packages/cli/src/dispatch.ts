// From words to a command and its input: finds the command in the tree, parses its options, answers --help.

import type { Writable } from "node:stream";
import type { ParseArgsConfig } from "node:util";
import type { Command, CommandInput } from "@countersign/terminal";
import { renderHelp } from "./help.ts";

// An import of node:util reads all its names, and loads what is behind each of them.
const { parseArgs } = process.getBuiltinModule("node:util");

export type Streams = { readonly stdout: Writable; readonly stderr: Writable };

/** Options that every command has. */
const everywhere = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
} as const;

/** Runs the command that the given words name below `root`; returns the exit code. `becomeSmall` is called for a daemon, and need not return. */
export async function dispatch(
  root: Command,
  given: readonly string[],
  streams: Streams,
  signal: AbortSignal,
  becomeSmall: () => void = () => undefined,
): Promise<number> {
  // What people type first at a program that they do not know.
  const words = given[0] === "--version" ? ["version", ...given.slice(1)] : given;
  const { path, rest } = await findCommand(root, words);
  const command = path.at(-1) ?? root;
  const refuse = (problem: string) => tellWrongLine(path, problem, words.includes("--json"), streams);
  const [first] = rest;
  // Before its options: they are not those of a command that is none.
  if (command.run === undefined && first !== undefined && !first.startsWith("-"))
    return refuse(`there is no command "${first}" here`);
  const parsed = parseWords(command, rest);
  if ("problem" in parsed) return refuse(parsed.problem);
  if (parsed.values.help === true) {
    streams.stdout.write(renderHelp(path));
    return 0;
  }
  if (command.run === undefined) return refuse("a command is missing");
  if (command.isDaemon === true) becomeSmall();
  return command.run({ ...parsed, ...streams, json: parsed.values.json === true, signal });
}

type Found = { readonly path: readonly Command[]; readonly rest: readonly string[] };

async function findCommand(root: Command, words: readonly string[]): Promise<Found> {
  const path = [await loaded(root)];
  let at = 0;
  for (;;) {
    const next = path.at(-1)?.subcommands?.find((candidate) => candidate.name === words[at]);
    if (next === undefined) return { path, rest: words.slice(at) };
    path.push(await loaded(next));
    at += 1;
  }
}

export async function loaded(command: Command): Promise<Command> {
  if (command.loadSelf !== undefined) return command.loadSelf();
  return command.load === undefined ? command : { ...command, subcommands: await command.load() };
}

function parseWords(
  command: Command,
  words: readonly string[],
): Pick<CommandInput, "values" | "positionals"> | { problem: string } {
  const options: NonNullable<ParseArgsConfig["options"]> = { ...everywhere };
  for (const [name, { type, short, multiple }] of Object.entries(command.options ?? {})) {
    options[name] = {
      type,
      ...(short === undefined ? {} : { short }),
      ...(multiple === undefined ? {} : { multiple }),
    };
  }
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
    return { values, positionals };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function tellWrongLine(path: readonly Command[], problem: string, json: boolean, { stderr }: Streams): number {
  const error = { code: "usage", message: problem, remedy: "See --help." };
  stderr.write(json ? `${JSON.stringify({ error })}\n` : `${problem}\n\n${renderHelp(path)}`);
  return 2;
}
