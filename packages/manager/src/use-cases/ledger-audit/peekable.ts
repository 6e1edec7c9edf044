// A stream whose next value can be looked at before it is taken, so that two streams in one order can be joined.

export class Peekable<T> {
  readonly #iterator: AsyncIterator<T>;
  #next: IteratorResult<T> | undefined;

  constructor(values: AsyncIterable<T>) {
    this.#iterator = values[Symbol.asyncIterator]();
  }

  /** Undefined at the end. */
  async peek(): Promise<T | undefined> {
    this.#next ??= await this.#iterator.next();
    return this.#next.done === true ? undefined : this.#next.value;
  }

  async take(): Promise<T | undefined> {
    const value = await this.peek();
    if (value !== undefined) this.#next = undefined;
    return value;
  }

  /** Takes values for as long as they fit. */
  async takeWhile(fits: (value: T) => boolean): Promise<readonly T[]> {
    const taken: T[] = [];
    for (let value = await this.peek(); value !== undefined && fits(value); value = await this.peek()) {
      taken.push(value);
      this.#next = undefined;
    }
    return taken;
  }
}
