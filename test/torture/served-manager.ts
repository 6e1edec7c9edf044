// The real manager program in a process of its own, which is there to be killed.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("main.ts", import.meta.resolve("@countersign/manager")));
const lastWordsCharacters = 2000;

export class ServedManager {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #gone: Promise<unknown>;
  #lastWords = "";

  private constructor(dataDirectory: string, settings: readonly string[]) {
    const serve = ["serve", "--data-directory", dataDirectory, "--host", "127.0.0.1", "--port", "0", "--json"];
    this.#child = spawn(process.execPath, ["--conditions=countersign-source", program, ...serve, ...settings], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#gone = once(this.#child, "exit");
    this.#child.stderr.setEncoding("utf8").on("data", (words: string) => {
      this.#lastWords = (this.#lastWords + words).slice(-lastWordsCharacters);
    });
  }

  /** Starts the process and does not wait for anything. `settings` are further flags. */
  static spawn(dataDirectory: string, settings: readonly string[] = []): ServedManager {
    return new ServedManager(dataDirectory, settings);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The port, once the manager listens; rejects with its last words if it ends before. */
  listening(): Promise<number> {
    return new Promise((resolve, reject) => {
      let text = "";
      const look = (chunk: Buffer) => {
        text += chunk.toString();
        const port = /"url":"https:\/\/127\.0\.0\.1:(\d+)"/.exec(text)?.[1];
        if (port === undefined) return;
        this.#child.stdout.off("data", look).resume();
        resolve(Number(port));
      };
      this.#child.stdout.on("data", look);
      void this.#gone.then(() => reject(new Error(`The manager ended while it started. ${this.#lastWords.trim()}`)));
    });
  }

  /** SIGKILL; resolves when the process is gone. Throws if it had ended by itself. */
  async kill(): Promise<void> {
    const { exitCode } = this.#child;
    if (exitCode !== null) throw new Error(`The manager ended by itself with ${exitCode}. ${this.#lastWords.trim()}`);
    this.#child.stdout.resume();
    this.#child.kill("SIGKILL");
    await this.#gone;
  }
}
