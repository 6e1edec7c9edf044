// A storage whose nth call inside a transaction fails, the commit counting as a call too: as when the disk is full or broken.

import type { Storage, Transaction } from "../storage-ports.ts";

export class FailingStorage implements Storage {
  readonly #storage: Storage;
  /** Calls that still succeed; null for all. From then on every one fails, until this is set again. */
  callsLeft: number | null = null;
  failures = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get read() {
    return this.#storage.read;
  }

  inTransaction<T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    return this.#storage.inTransaction(async (transaction) => {
      const result = await work(this.#failing(transaction));
      this.#spend();
      return result;
    });
  }

  check(): Promise<void> {
    return this.#storage.check();
  }

  close(): Promise<void> {
    return this.#storage.close();
  }

  #failing(transaction: Transaction): Transaction {
    const parts = Object.entries(transaction).map(([name, part]) => [name, this.#failingPart(part)] as const);
    return Object.fromEntries(parts) as unknown as Transaction;
  }

  #failingPart(part: object): object {
    const methods = Object.entries(part as Record<string, (...input: unknown[]) => unknown>);
    return Object.fromEntries(
      methods.map(([name, method]) => [
        name,
        (...input: unknown[]) => {
          this.#spend();
          return method(...input);
        },
      ]),
    );
  }

  #spend(): void {
    if (this.callsLeft === 0) {
      this.failures += 1;
      throw Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
    }
    if (this.callsLeft !== null) this.callsLeft -= 1;
  }
}
