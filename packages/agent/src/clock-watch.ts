// Tells when the wall clock was set: it then moved by another amount than the clock that never jumps.

import type { Clock } from "./ports.ts";

/** Smaller differences are drift and corrections by NTP, not a change of the clock. */
const jumpSecondsMin = 10;

export class ClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = this.#offset();
  }

  /** Seconds by which the wall clock was moved since the last call, 0 when it was not. */
  jumpSeconds(): number {
    const offsetMs = this.#offset();
    const deltaSeconds = Math.round((offsetMs - this.#offsetMs) / 1000);
    if (Math.abs(deltaSeconds) < jumpSecondsMin) return 0;
    this.#offsetMs = offsetMs;
    return deltaSeconds;
  }

  #offset(): number {
    return this.#clock.now() - this.#clock.monotonicMs();
  }
}
