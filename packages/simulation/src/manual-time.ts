// Time that moves only when told to: clock and timers for tests, simulations and `lab --clock fast`. It has the shape of the
// ports that the programs ask for.

type Waiting = { readonly dueAtMs: number; readonly order: number; readonly callback: () => void };

export class ManualTime {
  #monotonicMs = 0;
  #offsetMs: number;
  #order = 0;
  readonly #waiting = new Map<number, Waiting>();

  constructor(startAtMs: number) {
    this.#offsetMs = startAtMs;
  }

  /** Wall clock, epoch milliseconds. */
  now(): number {
    return this.#offsetMs + this.#monotonicMs;
  }

  /** Milliseconds since the start; a jump of the wall clock does not move it. */
  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Calls back once after the delay, while time is advanced. Answers how to cancel. */
  start(delayMs: number, callback: () => void): () => void {
    const order = this.#order;
    this.#order += 1;
    this.#waiting.set(order, { dueAtMs: this.#monotonicMs + Math.max(delayMs, 0), order, callback });
    return () => this.#waiting.delete(order);
  }

  /** Moves the wall clock alone, as a person or NTP does. */
  jump(deltaMs: number): void {
    this.#offsetMs += deltaMs;
  }

  /** Wall-clock time of the earliest timer, or null when none waits. */
  nextTimerAt(): number | null {
    const next = this.#earliest();
    return next === null ? null : this.#offsetMs + next.dueAtMs;
  }

  /**
   * Moves time forward to `untilMs` (wall clock) and fires every timer on the way, each at its own moment. After each one
   * it waits for `settle`, so that what the timer started can finish and start timers of its own.
   */
  async advanceTo(untilMs: number, settle: () => Promise<void> = nextTurn): Promise<void> {
    await settle();
    for (let next = this.#earliest(); next !== null; next = this.#earliest()) {
      const until = untilMs - this.#offsetMs;
      if (next.dueAtMs > until) break;
      this.#waiting.delete(next.order);
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueAtMs);
      next.callback();
      await settle();
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, untilMs - this.#offsetMs);
  }

  #earliest(): Waiting | null {
    let earliest: Waiting | null = null;
    for (const waiting of this.#waiting.values()) {
      if (earliest === null || waiting.dueAtMs < earliest.dueAtMs) earliest = waiting;
    }
    return earliest;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
