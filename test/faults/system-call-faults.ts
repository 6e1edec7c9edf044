// Makes system calls of a running process fail, or counts them, from outside with strace; detaching heals everything. The
// process does not know, and runs the code that users run.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";

export type SystemCallFault = {
  /** The call that fails on the file, and with what. */
  readonly call: "pwrite64" | "fsync";
  readonly error: "EIO" | "ENOSPC";
  /** Which of the calls fail, as strace writes it: `2+3` is the second and every third after it. All when left out. */
  readonly when?: string;
};

export class SystemCallWatch {
  readonly #tracer: ChildProcess;
  readonly #record: string;

  private constructor(tracer: ChildProcess, record: string) {
    this.#tracer = tracer;
    this.#record = record;
  }

  /** Resolves when the process is watched. Throws when the system does not allow to watch processes. */
  static async attach(pid: number, file: string, record: string, fault?: SystemCallFault): Promise<SystemCallWatch> {
    const when = fault?.when === undefined ? "" : `:when=${fault.when}`;
    const inject = fault === undefined ? [] : ["-e", `inject=${fault.call}:error=${fault.error}${when}`];
    const watched = ["-f", "-p", String(pid), "-P", file, "-e", "trace=pwrite64,fdatasync,fsync", ...inject];
    const tracer = spawn("strace", [...watched, "-o", record], { stdio: ["ignore", "ignore", "pipe"] });
    let words = "";
    for await (const chunk of tracer.stderr) {
      words += String(chunk);
      if (words.includes("attached")) break;
    }
    if (!words.includes("attached")) throw new Error(`Processes cannot be watched here: ${words.trim()}`);
    return new SystemCallWatch(tracer, record);
  }

  /** Ends the watch; the process goes on. Answers the calls on the file that were seen, by name. */
  async detach(): Promise<{ readonly flushes: number; readonly failed: number }> {
    const gone = once(this.#tracer, "exit");
    this.#tracer.kill("SIGINT");
    await gone;
    const lines = existsSync(this.#record) ? readFileSync(this.#record, "utf8").split("\n") : [];
    const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
    return { flushes: count(/\b(fdatasync|fsync)\(.*= 0/), failed: count(/INJECTED/) };
  }
}
