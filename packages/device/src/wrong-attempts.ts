// Wrong passwords by address, for every door of a device: whoever guesses too often waits, and no password is hashed meanwhile.

/** Wrong passwords from one address within `wrongAttemptsSeconds`; after them nothing is tried until that time is over. */
export const wrongAttemptsPerAddressMax = 10;
export const wrongAttemptsSeconds = 60;

/** Addresses whose wrong attempts are remembered. */
export const rememberedAddressesMax = 1024;

type Attempts = { readonly count: number; readonly sinceMs: number };

export class WrongAttempts {
  readonly #monotonicMs: () => number;
  readonly #wrong = new Map<string, Attempts>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** How long this address has to wait; 0 when it may try. */
  waitMs(address: string): number {
    const wrong = this.#wrong.get(address);
    if (wrong === undefined || wrong.count < wrongAttemptsPerAddressMax) return 0;
    const waitMs = wrong.sinceMs + wrongAttemptsSeconds * 1000 - this.#monotonicMs();
    if (waitMs <= 0) this.#wrong.delete(address);
    return Math.max(0, waitMs);
  }

  /**
   * Tries a password; true when it was right. Counted before it is tried, so that attempts at the same time are not more than
   * others; one that could not be tried does not count.
   */
  async judge(address: string, isRight: () => Promise<boolean>): Promise<boolean> {
    this.#count(address, 1);
    let isWrong = false;
    try {
      isWrong = !(await isRight());
    } finally {
      if (!isWrong) this.#count(address, -1);
    }
    return !isWrong;
  }

  #count(address: string, step: 1 | -1): void {
    const before = this.#wrong.get(address);
    const now = this.#monotonicMs();
    const isOld = before === undefined || now - before.sinceMs >= wrongAttemptsSeconds * 1000;
    const next = isOld ? { count: 0, sinceMs: now } : before;
    const count = Math.max(0, next.count + step);
    this.#wrong.delete(address);
    if (count > 0) this.#wrong.set(address, { ...next, count });
    const oldest = this.#wrong.keys().next();
    if (this.#wrong.size > rememberedAddressesMax && !oldest.done) this.#wrong.delete(oldest.value);
  }
}
