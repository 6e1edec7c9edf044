// A terminal for tests: keys go into a session of a device, and the screen can be read and waited for.

import type { Device } from "../program/device-options.ts";
import type { SessionTerminal } from "../program/session-host.ts";

export type TestSession = {
  /** Types, and resolves when the last line of the screen looks like this; a prompt when left out. */
  type(keys: string, until?: RegExp): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Everything that was ever on the screen, as it was left. */
  screen(): string;
  isClosed(): boolean;
};

const promptPattern = /^[\w.-]+(\([\w-]+\))?[>#]$/;

export function openTestSession(device: Device, options: Partial<SessionTerminal> = {}): TestSession {
  const screen = new Screen();
  let isClosed = false;
  let wake = (): void => undefined;
  const session = device.openSession({
    ...{ user: "ada", privilege: 15, columns: 80, rows: 0, idleSeconds: null, ...options },
    write: (text) => {
      screen.write(text);
      wake();
    },
    close: () => {
      isClosed = true;
      wake();
    },
  });
  return {
    type: async (keys, until = promptPattern) => {
      session.input(Buffer.from(keys));
      while (!isClosed && !until.test(screen.lastLine())) await new Promise<void>((resolve) => (wake = resolve));
    },
    resize: (columns, rows) => session.resize(columns, rows),
    screen: () => screen.text(),
    isClosed: () => isClosed,
  };
}

/** Characters, ends of line and backspaces: all that a console writes. */
class Screen {
  #lines: string[] = [""];
  #column = 0;

  write(text: string): void {
    for (const character of text) this.#put(character);
  }

  #put(character: string): void {
    const line = this.#lines.at(-1) ?? "";
    if (character === "\n") this.#lines.push("");
    else if (character === "\r") this.#column = 0;
    else if (character === "\b") this.#column = Math.max(0, this.#column - 1);
    else {
      const filled = line.padEnd(this.#column);
      this.#lines[this.#lines.length - 1] = filled.slice(0, this.#column) + character + filled.slice(this.#column + 1);
      this.#column += 1;
    }
  }

  lastLine(): string {
    return (this.#lines.at(-1) ?? "").trimEnd();
  }

  text(): string {
    return this.#lines.map((line) => line.trimEnd()).join("\n");
  }
}
