// A command of the doctor, called as the command line calls it.

import { PassThrough } from "node:stream";
import type { Command, CommandInput } from "@countersign/terminal";

export async function called(
  command: Command,
  positionals: readonly string[],
  { json = false, values = {} }: Partial<Pick<CommandInput, "json" | "values">> = {},
): Promise<{ readonly exitCode: number | undefined; readonly out: string; readonly err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const signal = new AbortController().signal;
  const exitCode = await command.run?.({ positionals, values, json, stdout, stderr, signal });
  return { exitCode, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}
