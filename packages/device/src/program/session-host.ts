// Drives one console session: carries its effects out, one after the other, and closes it when nobody types any more.

import { StringDecoder } from "node:string_decoder";
import type { CommandResult, ConsoleNode } from "../console/command-context.ts";
import type { SessionRun } from "../console/one-line.ts";
import {
  ConsoleSession,
  type SessionEffect,
  type SessionEvent,
  type SessionResult,
} from "../console/session/console-session.ts";

import type { SessionLine } from "./session-lines.ts";

export type SessionTerminal = {
  readonly user: string;
  readonly privilege: number;
  readonly columns: number;
  readonly rows: number;
  /** Of whoever comes over the network; left out for a console. */
  readonly address?: string;
  /** Closed after so long without a key; null for never. */
  readonly idleSeconds: number | null;
  write(text: string): void;
  close(): void;
};

export type SessionDevice = {
  readonly tree: readonly ConsoleNode[];
  hostname(): string;
  readonly line: SessionLine;
  run(run: SessionRun): Promise<SessionResult>;
  noteConfigured(): void;
  onLogLine(listener: (text: string) => void): () => void;
  onReload(listener: () => void): () => void;
};

export type HostedSession = {
  input(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** The terminal is gone. */
  end(): void;
};

export function hostSession(terminal: SessionTerminal, device: SessionDevice): HostedSession {
  const hosted = new Hosted(terminal, device);
  hosted.begin();
  return hosted;
}

class Hosted implements HostedSession {
  readonly #terminal: SessionTerminal;
  readonly #device: SessionDevice;
  readonly #session: ConsoleSession;
  readonly #decoder = new StringDecoder("utf8");
  readonly #subscriptions: readonly (() => void)[];
  #idle: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(terminal: SessionTerminal, device: SessionDevice) {
    this.#terminal = terminal;
    this.#device = device;
    const { privilege, columns, rows } = terminal;
    this.#session = new ConsoleSession({ tree: device.tree, hostname: device.hostname(), privilege, columns, rows });
    this.#subscriptions = [
      device.onLogLine((line) => this.#receive({ type: "log", line })),
      device.onReload(() => this.#close("\r\nThe device reloads.\r\n")),
    ];
  }

  begin(): void {
    this.#restartIdle();
    this.#receive({ type: "begin" });
  }

  input(bytes: Uint8Array): void {
    this.#restartIdle();
    this.#device.line.typed();
    this.#receive({ type: "input", text: this.#decoder.write(Buffer.from(bytes)) });
  }

  resize(columns: number, rows: number): void {
    this.#receive({ type: "resize", columns, rows });
  }

  end(): void {
    this.#isOver = true;
    this.#device.line.leave();
    if (this.#idle !== null) clearTimeout(this.#idle);
    for (const unsubscribe of this.#subscriptions) unsubscribe();
  }

  #restartIdle(): void {
    const { idleSeconds } = this.#terminal;
    if (this.#idle !== null) clearTimeout(this.#idle);
    if (idleSeconds === null || this.#isOver) return;
    this.#idle = setTimeout(
      () => this.#close("\r\nNothing was typed for a while; the session ends.\r\n"),
      idleSeconds * 1000,
    );
    this.#idle.unref();
  }

  #close(words: string): void {
    if (this.#isOver) return;
    this.#terminal.write(words);
    this.end();
    this.#terminal.close();
  }

  #receive(event: SessionEvent): void {
    if (this.#isOver) return;
    for (const effect of this.#session.receive(event)) this.#carryOut(effect);
  }

  #carryOut(effect: SessionEffect): void {
    switch (effect.type) {
      case "write":
        this.#terminal.write(effect.text);
        return;
      case "run":
        void this.#answer(this.#device.run(effect));
        return;
      case "ask":
        void this.#answer(effect.run());
        return;
      case "configured":
        this.#device.noteConfigured();
        return;
      case "close":
        this.#close("");
        return;
      default:
        effect satisfies never;
    }
  }

  async #answer(running: Promise<SessionResult>): Promise<void> {
    const result = await running.catch(failure);
    this.#receive({ type: "result", result, hostname: this.#device.hostname() });
  }
}

/** A session outlives what a command breaks. */
function failure(error: unknown): CommandResult {
  const message = error instanceof Error ? error.message : String(error);
  return { outcome: "failed", text: `% ${message}`, json: { code: "internal_error", message } };
}
