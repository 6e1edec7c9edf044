// Slows down whoever guesses operator tokens: failures per address in the current minute, bounded in memory.

export interface BearerLimiter {
  isBlocked(address: string): boolean;
  countFailure(address: string): void;
}

const windowMs = 60_000;
/** Past this many addresses all further ones share one count: memory stays bounded under a flood. */
const addressesMax = 10_000;

export function createBearerLimiter(failuresPerMinuteMax: number, clock: { now(): number }): BearerLimiter {
  let windowStartsAtMs = Number.NEGATIVE_INFINITY;
  let failures = new Map<string, number>();
  const slotOf = (address: string): string => {
    const now = clock.now();
    if (Math.abs(now - windowStartsAtMs) >= windowMs) {
      windowStartsAtMs = now;
      failures = new Map();
    }
    return failures.has(address) || failures.size < addressesMax ? address : "";
  };
  return {
    isBlocked(address) {
      const slot = slotOf(address);
      return (failures.get(slot) ?? 0) >= failuresPerMinuteMax;
    },
    countFailure(address) {
      const slot = slotOf(address);
      failures.set(slot, (failures.get(slot) ?? 0) + 1);
    },
  };
}
