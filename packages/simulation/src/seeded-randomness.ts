// Randomness that a seed repeats: xoshiro128** (Blackman and Vigna), seeded by SplitMix32. Never for keys of a real device.

export class SeededRandomness {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = new Uint32Array(4);
    let mixed = seed >>> 0;
    for (let i = 0; i < 4; i += 1) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let z = mixed;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.#state[i] = (z ^ (z >>> 16)) >>> 0;
    }
  }

  /** The next 32 bits. */
  nextUint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    const nextC = c ^ a;
    const nextD = d ^ b;
    this.#state[1] = b ^ nextC;
    this.#state[0] = a ^ nextD;
    this.#state[2] = nextC ^ shifted;
    this.#state[3] = rotateLeft(nextD, 11);
    return result;
  }

  /** A whole number from 0 up to, not including, `end`; every value is equally likely. */
  nextBelow(end: number): number {
    const span = 2 ** 32;
    const limit = span - (span % end);
    for (;;) {
      const value = this.nextUint32();
      if (value < limit) return value % end;
    }
  }

  /** From 0 up to, not including, 1. */
  nextFraction(): number {
    return this.nextUint32() / 2 ** 32;
  }

  nextBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.nextUint32() >>> 24);
  }

  /** A source of its own for one part, so that no other part's draws change what it draws. */
  fork(): SeededRandomness {
    return new SeededRandomness(this.nextUint32());
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("nothing to pick from");
    return items[this.nextBelow(items.length)] as T;
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
