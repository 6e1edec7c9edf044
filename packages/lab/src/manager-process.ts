// The lab's manager is a process of its own, as in life: it can be killed at any moment, and is started again on the
// same data and the same port.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type ManagerProcessOptions = {
  readonly dataDirectory: string;
  /** 0 lets the system choose; the chosen port is kept over restarts. */
  readonly port: number;
  /** Told each time the process ended without being asked to. */
  readonly onExit: (how: { readonly code: number | null; readonly signal: NodeJS.Signals | null }) => void;
};

export type ManagerReady = { readonly url: string; readonly port: number };

const restartPauseMs = 200;

export class ManagerProcess {
  readonly #options: ManagerProcessOptions;
  #child: ChildProcess | null = null;
  #ready: ManagerReady;
  #starting: Promise<void> = Promise.resolve();
  #stopping = false;
  #restart: NodeJS.Timeout | null = null;
  #restarts = 0;

  private constructor(options: ManagerProcessOptions) {
    this.#options = options;
    this.#ready = { url: "", port: options.port };
  }

  /** Resolves when the manager answers; rejects with its last words if it cannot start. */
  static async start(options: ManagerProcessOptions): Promise<ManagerProcess> {
    const manager = new ManagerProcess(options);
    await manager.#spawn();
    return manager;
  }

  get url(): string {
    return this.#ready.url;
  }

  get port(): number {
    return this.#ready.port;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** How often it had to be started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves when the manager that is being started, if one is, listens. */
  async running(): Promise<void> {
    while (this.#child === null) await this.#starting;
    await this.#starting;
  }

  /** Resolves when the process has ended. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    await ended;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    await this.kill("SIGTERM");
  }

  async #spawn(): Promise<void> {
    const child = spawn(process.execPath, serveArguments(this.#options.dataDirectory, this.#ready.port), {
      // With the channel the manager ends when this process does, however that comes.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // A group of its own: Ctrl-C reaches the lab, and the lab stops the manager in order.
      detached: true,
    });
    this.#child = child;
    let lastWords = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-2000);
    });
    const ready = await waitUntilReady(child, () => lastWords);
    this.#ready = ready;
    child.once("exit", (code, signal) => this.#ended(code, signal));
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = null;
    if (this.#stopping) return;
    this.#options.onExit({ code, signal });
    this.#restarts += 1;
    this.#starting = new Promise((resolve) => {
      this.#restart = setTimeout(() => {
        this.#spawn()
          .catch(() => this.#ended(null, null))
          .finally(resolve);
      }, restartPauseMs);
    });
  }
}

function serveArguments(dataDirectory: string, port: number): readonly string[] {
  const main = fileURLToPath(import.meta.resolve("@countersign/manager/main"));
  return [
    ...process.execArgv.filter((option) => option.startsWith("--conditions")),
    main,
    "serve",
    "--data-directory",
    dataDirectory,
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--json",
  ];
}

/** The manager prints one JSON line with its URL when it listens. */
async function waitUntilReady(child: ChildProcess, lastWords: () => string): Promise<ManagerReady> {
  if (child.stdout === null) throw new Error("the manager's output is not connected");
  const lines = createInterface({ input: child.stdout });
  return await new Promise<ManagerReady>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      reject(new Error(`the manager ended while starting (${signal ?? `exit code ${code}`}): ${lastWords().trim()}`));
    });
    lines.on("line", (line) => {
      const ready = parseReady(line);
      if (ready !== null) resolve(ready);
    });
  });
}

function parseReady(line: string): ManagerReady | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("url" in value) || typeof value.url !== "string") return null;
    return { url: value.url, port: Number(new URL(value.url).port) };
  } catch {
    return null;
  }
}
