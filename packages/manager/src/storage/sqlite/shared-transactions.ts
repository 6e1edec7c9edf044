// Transactions that were asked for while the disk was busy share the next wait for it. Each is a savepoint of its own inside
// one transaction: it sees what the ones before it did, fails alone, and is durable when its promise resolves.

import type { DatabaseSync } from "node:sqlite";
import { WriteTurns } from "./write-turns.ts";

/** How many wait for the disk together at most, so that the first of them is not kept waiting for ever. */
const sharingMax = 128;

type Waiting = { readonly run: () => Promise<() => void>; readonly fail: (error: unknown) => void };

export type CommitHooks = {
  /** What was done since the last call is durable. */
  readonly committed: () => void;
  /** Something of what was done since the last call was undone. */
  readonly undone: () => void;
};

export class SharedTransactions {
  readonly #database: DatabaseSync;
  readonly #hooks: CommitHooks;
  readonly #turns: WriteTurns;
  #waiting: Waiting[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(database: DatabaseSync, hooks: CommitHooks, turns: WriteTurns = new WriteTurns()) {
    this.#database = database;
    this.#hooks = hooks;
    this.#turns = turns;
  }

  /** Resolves when `work` is durable; rejects with what it threw, and left no trace then. */
  add<T>(work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async () => {
        const result = await work();
        return () => resolve(result);
      };
      this.#waiting.push({ run, fail: reject });
      if (!this.#isRunning) this.#running = this.#runAll();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#isRunning) await this.#running;
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      // One turn of the event loop lets everything that is ready join.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#turns.begin();
      try {
        await this.#runGroup(this.#waiting.splice(0, sharingMax));
      } finally {
        this.#turns.end();
      }
    }
    this.#isRunning = false;
  }

  async #runGroup(group: readonly Waiting[]): Promise<void> {
    const done: { readonly resolve: () => void; readonly fail: (error: unknown) => void }[] = [];
    try {
      this.#database.exec("begin immediate");
      for (const { run, fail } of group) {
        const resolve = await this.#runOne(run, fail);
        if (resolve !== null) done.push({ resolve, fail });
      }
      this.#database.exec("commit");
      this.#hooks.committed();
    } catch (error) {
      // Work may come after the end: it is refused as any other, or nobody would hear of it and the process would end.
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("rollback");
      this.#hooks.undone();
      for (const { fail } of group) fail(error);
      return;
    }
    for (const { resolve } of done) resolve();
  }

  /** Answers how to tell success, once the group is durable; null if the work failed and was told so. */
  async #runOne(run: Waiting["run"], fail: Waiting["fail"]): Promise<(() => void) | null> {
    this.#database.exec("savepoint work");
    try {
      const resolve = await run();
      this.#database.exec("release work");
      return resolve;
    } catch (error) {
      // Full disks and the like end the whole transaction; then nobody's work is kept.
      if (!this.#database.isTransaction) throw error;
      this.#database.exec("rollback to work; release work");
      this.#hooks.undone();
      fail(error);
      return null;
    }
  }
}
