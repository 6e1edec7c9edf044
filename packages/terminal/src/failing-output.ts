// Output that cannot be written: the disk is full, or whoever read it has gone. Without a listener node ends the process with a
// stack; a manager must not end because of its log, and a command says so in words.

import { writeSync } from "node:fs";
import type { Writable } from "node:stream";

type Program = {
  readonly stdout: Writable;
  readonly stderr: Writable;
  exitCode?: number | string | null | undefined;
  on(event: "exit", listener: () => void): unknown;
};

/** What cannot be written is told once and makes the exit code 1; a reader that has seen enough (`| head`) is no failure. */
export function tellFailingOutput(program: Program): void {
  program.stderr.on("error", () => undefined);
  program.stdout.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
    if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return;
    program.stderr.write(`error: The output could not be written.\n(${code})\n`);
    program.on("exit", () => {
      program.exitCode = 1;
    });
  });
}

/** Lines of a log: one that cannot be written is lost, the program and the lines after it are not. */
export type LogLines = { write(line: string): void };

export function logLines(stream: Writable): LogLines {
  // Of a file node's own stream ends with its first failure, also when there is room again later.
  const file = fileOf(stream);
  return {
    write(line) {
      if (file === null) {
        if (stream.writable) stream.write(line);
        return;
      }
      try {
        writeSync(file, line);
      } catch {}
    },
  };
}

/** Pipes and terminals are sockets or have a size; what is left of the streams with a number is a file. */
function fileOf(stream: Writable): number | null {
  const { fd } = stream as { readonly fd?: unknown };
  return typeof fd === "number" && !("connecting" in stream) ? fd : null;
}
