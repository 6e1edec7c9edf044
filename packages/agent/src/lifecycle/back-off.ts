// How long to wait before the next attempt. The original tries once more after a minute and then falls silent (TRU-6,
// BET-4); this never does. There is no jitter: one device shows exactly when it tries next, and a fleet spreads by itself.

const minuteMs = 60_000;

/** Waits after the first, second, … failure in a row; the last one repeats for ever. */
export const backOffMs: readonly number[] = [1, 2, 5, 15, 30, 60, 120, 240, 360].map((minutes) => minutes * minuteMs);

/** The wait after this many failures in a row, or what the peer asked for if that is longer (at most a day). */
export function retryDelayMs(failuresInARow: number, askedForSeconds = 0, firstMs = minuteMs): number {
  const index = Math.min(Math.max(failuresInARow, 1), backOffMs.length) - 1;
  const waitMs = index === 0 ? firstMs : Math.max(backOffMs[index] as number, firstMs);
  return Math.max(waitMs, askedForMs(askedForSeconds));
}

const askedForMsMax = 86_400_000;

/** A wait that a peer named, kept between a second and a day. */
export function askedForMs(seconds: number): number {
  return Math.min(Math.max(seconds * 1000, 1000), askedForMsMax);
}
