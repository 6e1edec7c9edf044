// The real manager core as one process after another over one database: it can lose its memory before a commit, after a
// commit and before its answer, or be started again on its file. What was committed is noted down independently (I5).

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createUseCases,
  defaultManagerOptions,
  type Manager,
  type ManagerOptions,
  openManager,
  openSqliteStorage,
  type Storage,
  type Transaction,
  type UseCases,
} from "@countersign/manager";
import { decodeRequest, encodeAnswer } from "@countersign/protocol";
import type { ManualTime, SeededRandomness } from "@countersign/simulation";
import type { Journal } from "./journal.ts";

export type Authority = {
  readonly authority: Manager["authority"];
  readonly rootPem: string;
  /** Serial numbers of certificates stand in reports: each run draws its own, so that even lengths repeat. */
  readonly drawSerialsFrom: (random: SeededRandomness) => void;
};

/** Keys and certificates of one licensing authority, shared by all runs of a process: its keys decide nothing. */
export async function makeAuthority(startAtMs: number): Promise<Authority> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "countersign-simulation-"));
  const clock = { now: () => startAtMs };
  let random: SeededRandomness | null = null;
  const drawBytes = (size: number) => random?.nextBytes(size) ?? randomBytes(size);
  const options = { dataDirectory, clock, randomBytes: drawBytes, isProcessMeasured: false };
  const manager = await openManager({ ...options, logLevel: "silent" });
  const { authority, rootCertificatePem: rootPem } = manager;
  await manager.close();
  rmSync(dataDirectory, { recursive: true, force: true });
  const drawSerialsFrom = (source: SeededRandomness) => {
    random = source;
  };
  return { authority, rootPem, drawSerialsFrom };
}

/** What befalls the next transaction. `fails` refuses to commit, the process goes on. */
export type CommitFate = "whole" | "fails" | "crashes_before" | "crashes_after";

export type SimulatedManagerOptions = {
  readonly time: ManualTime;
  readonly random: SeededRandomness;
  readonly authority: Manager["authority"];
  readonly journal: Journal;
  readonly managerOptions: Partial<ManagerOptions>;
  /** A folder for the database file; null keeps it in memory, where a restart loses everything but the database. */
  readonly folder: string | null;
};

type Process = { isAlive: boolean; readonly useCases: UseCases };

export class SimulatedManager {
  readonly #options: SimulatedManagerOptions;
  #storage: Storage;
  #process: Process;
  #administration: UseCases;
  #nextFate: () => CommitFate = () => "whole";
  restarts = 0;

  constructor(options: SimulatedManagerOptions) {
    this.#options = options;
    this.#storage = this.#openStorage();
    this.#process = this.#startProcess();
    this.#administration = this.#useCasesOver(this.#storage);
  }

  /** Administrators work through a process of their own over the same database, and nothing disturbs it. */
  get administration(): UseCases {
    return this.#administration;
  }

  get storage(): Storage {
    return this.#storage;
  }

  /** Chooses the fate of each transaction that a device's request causes. */
  fateOfCommits(choose: () => CommitFate): void {
    this.#nextFate = choose;
  }

  /** An orderly or disorderly end makes no difference to a program that keeps its promises: memory goes, the database stays. */
  async restart(): Promise<void> {
    this.#process.isAlive = false;
    this.restarts += 1;
    if (this.#options.folder !== null) {
      await this.#storage.close();
      this.#storage = this.#openStorage();
      this.#administration = this.#useCasesOver(this.#storage);
    }
    this.#process = this.#startProcess();
  }

  /** Bytes in, bytes out, as over a socket; throws when the process ends meanwhile. */
  async answer(from: string, body: Uint8Array): Promise<Uint8Array> {
    const process = this.#process;
    const { authority, journal, time } = this.#options;
    const request = decodeRequest(body);
    const reply = await process.useCases.answerRequest(request);
    if (!process.isAlive) throw new Error("the manager ended");
    const context = {
      header: request.header,
      productInstanceIdentifier: reply.productInstanceIdentifier,
      connectInfo: defaultManagerOptions.connectInfo,
      now: time.now(),
    };
    const bytes = await encodeAnswer(reply.content, context, authority.signing.current());
    if (!process.isAlive) throw new Error("the manager ended");
    journal.answered(from, request, reply);
    return Buffer.from(bytes);
  }

  async close(): Promise<void> {
    this.#process.isAlive = false;
    await this.#storage.close();
  }

  #openStorage(): Storage {
    const { folder, time } = this.#options;
    return openSqliteStorage(folder === null ? ":memory:" : join(folder, "manager.sqlite"), time.now());
  }

  #startProcess(): Process {
    const life = { isAlive: true };
    return Object.assign(life, { useCases: this.#useCasesOver(this.#mortalStorage(() => life.isAlive)) });
  }

  #useCasesOver(storage: Storage): UseCases {
    const { time, random, authority, managerOptions } = this.#options;
    return createUseCases({
      clock: { now: () => time.now() },
      randomness: { bytes: (size) => random.nextBytes(size) },
      issuer: authority.issuer,
      signing: authority.signing,
      storage,
      options: { ...defaultManagerOptions, ...managerOptions },
    });
  }

  /** The storage as one process sees it: after its end nothing more is written. */
  #mortalStorage(isAlive: () => boolean): Storage {
    const storage = this.#storage;
    const inTransaction = async <T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> => {
      const fate = this.#nextFate();
      const staged = this.#options.journal.stage();
      const result = await storage.inTransaction(async (transaction) => {
        staged.begin();
        const done = await work(staged.watch(transaction));
        // A slow disk: whoever answers without waiting for it is faster.
        for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        if (!isAlive()) throw new Error("the manager ended");
        if (fate === "fails") throw new Error("the database refused to commit");
        if (fate === "crashes_before") await this.#crash();
        return done;
      });
      staged.commit();
      if (fate === "crashes_after") await this.#crash();
      return result;
    };
    return { read: storage.read, inTransaction, check: () => storage.check(), close: async () => undefined };
  }

  /** The file is opened anew between two acts; here only the memory is lost. */
  async #crash(): Promise<never> {
    this.#process.isAlive = false;
    this.restarts += 1;
    this.#process = this.#startProcess();
    throw new Error("the manager ended");
  }
}
