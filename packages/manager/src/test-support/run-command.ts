// Runs a command of the table as the command line does, and catches what it writes.

import { Writable } from "node:stream";
import { parseArgs } from "node:util";
import type { Command } from "@countersign/terminal";
import { commands } from "../commands.ts";

export type CommandResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** `columns` is the width of the terminal that standard output pretends to be; `top` a command that is not in the table. */
export async function runCommand(
  words: readonly string[],
  columns?: number,
  signal = new AbortController().signal,
  top?: Command,
): Promise<CommandResult> {
  let command = top;
  let among: readonly Command[] | undefined = top === undefined ? commands : undefined;
  let at = 0;
  for (; among !== undefined; at += 1) {
    const next: Command | undefined = among.find(({ name }) => name === words[at]);
    if (next === undefined) break;
    command = next;
    among = next.subcommands;
  }
  if (command?.run === undefined) throw new Error(`there is no command ${words.join(" ")}`);
  const described = Object.entries(command.options ?? {}).map(
    ([name, { type, multiple = false }]) => [name, { type, multiple }] as const,
  );
  const options = { ...Object.fromEntries(described), json: { type: "boolean" as const } };
  const { values, positionals } = parseArgs({ args: words.slice(at), options, allowPositionals: true });
  const stdout = textStream(columns);
  const stderr = textStream();
  const input = {
    values,
    positionals,
    stdout: stdout.stream,
    stderr: stderr.stream,
    json: "json" in values && values.json === true,
    signal,
  };
  const exitCode = await command.run(input);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function textStream(columns?: number) {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: columns === undefined ? stream : Object.assign(stream, { columns }), text: () => text };
}
