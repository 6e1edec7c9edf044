// Starts what is measured in a process of its own, and makes sure that it does not outlive the bench: a program ends when
// its standard input ends. It says on its first line what a client must know, and answers "usage" with what it has used.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

export type ChildUsage = {
  readonly rssMegabytes: number;
  readonly peakMegabytes: number;
  /** Processor time since the start, of all threads and of the main thread. */
  readonly cpuMs: number;
  readonly mainThreadCpuMs: number;
};

export type ChildProgram<Ready> = {
  readonly ready: Ready;
  usage(): Promise<ChildUsage>;
  /** Ends it as Ctrl-C would, and waits until it is gone. */
  stop(): Promise<void>;
};

export type ChildOptions = {
  readonly parameters: readonly string[];
  /** Folder for a CPU profile of the program, written when it ends; null for none. */
  readonly profileDirectory: string | null;
};

/** Resolves with the program's first line, parsed; rejects with what it wrote to standard error when it ends before. */
export async function startChild<Ready>(source: URL, options: ChildOptions): Promise<ChildProgram<Ready>> {
  const profile = options.profileDirectory === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profileDirectory}`];
  const runtime = ["--conditions=countersign-source", ...profile];
  const child = spawn(process.execPath, [...runtime, fileURLToPath(source), ...options.parameters], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const errors = keepTail(child.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async <T>(): Promise<T> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${source.pathname.split("/").at(-1)} ended early. ${errors()}`);
    return JSON.parse(line.value) as T;
  };
  const ready = await nextLine<Ready>();
  return {
    ready,
    usage: () => {
      child.stdin.write("usage\n");
      return nextLine<ChildUsage>();
    },
    stop: () => endChild(child, errors),
  };
}

const stopWithinMs = 20_000;

async function endChild(child: ChildProcessByStdio<Writable, Readable, Readable>, errors: () => string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.stdin.end();
  const hardStop = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
  const [code] = await gone;
  clearTimeout(hardStop);
  if (code !== 0) throw new Error(`The program ended with ${String(code)}. ${errors()}`);
}

const tailCharacters = 4000;

function keepTail(stream: Readable): () => string {
  let tail = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    tail = (tail + chunk).slice(-tailCharacters);
  });
  return () => tail;
}
