// Whose turn it is to write, where several threads of one process have a connection each to one database file. SQLite would
// make the second writer sleep, and with it everything else that its thread does; here it waits like for any promise, and
// nobody is passed over: turns are given in the order in which they were asked for.

import type { SharedTurns } from "../../ports.ts";

export function createSharedTurns(): SharedTurns {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

const asked = 0;
const served = 1;

export class WriteTurns {
  readonly #turns: SharedTurns;

  constructor(turns: SharedTurns = createSharedTurns()) {
    this.#turns = turns;
  }

  /** Resolves when it is the caller's turn; every turn must be ended. */
  async begin(): Promise<void> {
    const mine = Atomics.add(this.#turns, asked, 1);
    for (;;) {
      const now = Atomics.load(this.#turns, served);
      if (now === mine) return;
      await Atomics.waitAsync(this.#turns, served, now).value;
    }
  }

  end(): void {
    Atomics.add(this.#turns, served, 1);
    Atomics.notify(this.#turns, served);
  }
}
