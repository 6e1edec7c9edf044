// countersign doctor read: what a person pasted from a device, to findings.

import { open } from "node:fs/promises";
import type { Command, CommandInput } from "@countersign/terminal";
import { refuse, report } from "../output/report.ts";
import { type Reading, readSession } from "../reading/read-session.ts";
import { sessionBytesMax } from "../reading/reading-limits.ts";

export const read: Command = {
  name: "read",
  summary: "Read what was pasted from a device: show output, log lines, configuration, ping, telnet",
  usage: "[FILE…]   (standard input without a FILE; exit code 0: nothing to do, 1: someone must act, 2: unreadable)",
  run: async (input) => {
    const readings: Reading[] = [];
    for (const file of input.positionals.length === 0 ? ["-"] : input.positionals) {
      try {
        readings.push(readSession(await bytesOf(file), file === "-" ? "standard input" : file));
      } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error;
        return refuse(`${file} cannot be read (${String(error.code)})`, input);
      }
    }
    return conclude(readings, input);
  },
};

function conclude(readings: readonly Reading[], input: CommandInput): number {
  if (!readings.some(({ isRecognised }) => isRecognised)) {
    const help = "Give it the output of show license status, all or tech support, show logging, show running-config.";
    return refuse(`Nothing of licensing is recognised in what was read.\n${help}`, input);
  }
  const facts = readings.flatMap((reading) => reading.facts);
  return report({ facts, leftOut: readings.flatMap(({ leftOut }) => leftOut) }, input);
}

/** One byte more than is read, so that it is seen that there is more. */
async function bytesOf(file: string): Promise<Uint8Array> {
  const handle = file === "-" ? null : await open(file);
  const stream = handle?.createReadStream() ?? process.stdin;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > sessionBytesMax) break;
  }
  return Buffer.concat(chunks).subarray(0, sessionBytesMax + 1);
}
