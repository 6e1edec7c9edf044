// A program that runs beside the test, with its log in the run's folder.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";

export class ServerProcess {
  readonly name: string;
  readonly #child: ChildProcess;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
  }

  static start(name: string, logFile: string, command: readonly [string, ...string[]]): ServerProcess {
    const log = openSync(logFile, "a");
    const [program, ...parameters] = command;
    return new ServerProcess(name, spawn(program, parameters, { stdio: ["ignore", log, log] }));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Throws when the program has ended by itself: waiting for it would be in vain. */
  requireRunning(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) throw new Error(`${this.name} ended with ${exitCode ?? signalCode}`);
  }

  async kill(): Promise<void> {
    this.requireRunning();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** Asks again until `look` answers something, at most so long. */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
