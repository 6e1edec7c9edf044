// Clock, timers and randomness of the machine: the defaults of the ports.

import { randomBytes } from "node:crypto";
import type { Clock, Randomness, Timers } from "./ports.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** Node's timers hold at most 2^31 - 1 ms; a longer wait is cut and the agent asks again. */
const delayMsMax = 2_147_483_647;

/** The timer does not keep the process alive: licensing must not stop a product from ending. */
export const systemTimers: Timers = {
  start(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), delayMsMax));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export const systemRandomness: Randomness = { bytes: (count) => randomBytes(count) };
