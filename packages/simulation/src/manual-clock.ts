// A clock that moves only when told to, with its timers. A year passes as fast as its timers can be answered.

type Timer = { readonly atMs: number; readonly order: number; readonly callback: () => void; cancelled: boolean };

export class ManualClock {
  #nowMs: number;
  #order = 0;
  readonly #timers: Timer[] = [];
  readonly #settle: () => Promise<void>;

  /**
   * `startMs` is the first instant, epoch milliseconds. `settle` is awaited between timers and must resolve when all work
   * that a timer started has come to rest; by default that is one turn of the event loop.
   */
  constructor(startMs: number, settle: () => Promise<void> = oneTurn) {
    this.#nowMs = startMs;
    this.#settle = settle;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Calls back once at the instant, or at the next advance if it has passed. Returns what cancels it. */
  callAt(atMs: number, callback: () => void): () => void {
    const timer: Timer = { atMs, order: this.#order, callback, cancelled: false };
    this.#order += 1;
    insertSorted(this.#timers, timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** The instant of the next timer, or null. */
  get nextTimerAtMs(): number | null {
    this.#dropCancelled();
    return this.#timers[0]?.atMs ?? null;
  }

  /** Moves to the instant, firing every timer on the way in order of time, then of creation. */
  async advanceTo(untilMs: number): Promise<void> {
    await this.#settle();
    for (;;) {
      const next = this.nextTimerAtMs;
      if (next === null || next > untilMs) break;
      const timer = this.#timers.shift() as Timer;
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.callback();
      await this.#settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  async advanceBy(durationMs: number): Promise<void> {
    await this.advanceTo(this.#nowMs + durationMs);
  }

  /** Sets the wall clock without firing timers, as an operator or NTP does. */
  jump(deltaMs: number): void {
    this.#nowMs += deltaMs;
  }

  #dropCancelled(): void {
    while (this.#timers[0]?.cancelled === true) this.#timers.shift();
  }
}

function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Binary search by (time, order), so that thousands of timers stay cheap. */
function insertSorted(timers: Timer[], timer: Timer): void {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = timers[middle] as Timer;
    if (other.atMs < timer.atMs || (other.atMs === timer.atMs && other.order < timer.order)) low = middle + 1;
    else high = middle;
  }
  timers.splice(low, 0, timer);
}
