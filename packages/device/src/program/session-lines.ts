// The lines of a device: who is logged in on each, from where, and since when nothing was typed. A console has no address.

import type { LoggedInUser } from "../license-view.ts";

export type SessionLine = {
  /** As log lines name it: `vty0 (127.0.0.1)`, `console`. */
  readonly name: string;
  typed(): void;
  leave(): void;
};

type Taken = {
  readonly kind: "con" | "vty";
  readonly number: number;
  readonly user: string;
  readonly address: string | null;
  typedAtMs: number;
};

export class SessionLines {
  readonly #taken = new Map<SessionLine, Taken>();
  /** Milliseconds of a clock that nobody sets. */
  readonly #elapsedMs: () => number;

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** The first free line of its kind, until the session leaves it. */
  take({ user, address = null }: { readonly user: string; readonly address?: string | null }): SessionLine {
    const kind = address === null ? "con" : "vty";
    const numbers = new Set([...this.#taken.values()].filter((one) => one.kind === kind).map((one) => one.number));
    let number = 0;
    while (numbers.has(number)) number += 1;
    const taken: Taken = { kind, number, user, address, typedAtMs: this.#elapsedMs() };
    const line: SessionLine = {
      name: kind === "con" ? "console" : `vty${number} (${address})`,
      typed: () => {
        taken.typedAtMs = this.#elapsedMs();
      },
      leave: () => void this.#taken.delete(line),
    };
    this.#taken.set(line, taken);
    return line;
  }

  /** Consoles first. Whoever asks is not idle; null where the question comes from no session. */
  users(asking: SessionLine | null): readonly LoggedInUser[] {
    const rank = ({ kind, number }: Taken) => (kind === "con" ? number : 1e6 + number);
    const entries = [...this.#taken].sort(([, one], [, other]) => rank(one) - rank(other));
    return entries.map(([line, { kind, number, user, address, typedAtMs }]) => {
      const isAsking = line === asking;
      const idleSeconds = isAsking ? 0 : Math.floor((this.#elapsedMs() - typedAtMs) / 1000);
      return { line: `${kind} ${number}`, user, location: address, idleSeconds, isAsking };
    });
  }
}
