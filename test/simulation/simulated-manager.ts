// The real manager core: one or two processes over one database, one after another. Each can lose its memory before a commit,
// after a commit and before its answer, or be started again on its file, or on a backup of it. What was committed is noted down
// independently (I5, I6).

import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  backupManager,
  createUseCases,
  defaultManagerOptions,
  type Manager,
  type ManagerOptions,
  openManager,
  openSqliteStorage,
  restoreManager,
  type Storage,
  type Transaction,
  type UseCases,
} from "@countersign/manager";
import { decodeRequest, encodeAnswer } from "@countersign/protocol";
import type { ManualTime, SeededRandomness } from "@countersign/simulation";
import type { Journal, JournalSnapshot } from "./journal.ts";

export type Authority = {
  readonly authority: Manager["authority"];
  readonly rootPem: string;
  /** Serial numbers of certificates stand in reports: each run draws its own, so that even lengths repeat. */
  readonly drawSerialsFrom: (random: SeededRandomness) => void;
  /** The files of a data directory's `certificates`, which a backup takes along. */
  readonly files: ReadonlyMap<string, Uint8Array>;
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
  const files = readFiles(join(dataDirectory, "certificates"));
  rmSync(dataDirectory, { recursive: true, force: true });
  const drawSerialsFrom = (source: SeededRandomness) => {
    random = source;
  };
  return { authority, rootPem, drawSerialsFrom, files };
}

function readFiles(folder: string): ReadonlyMap<string, Uint8Array> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** What befalls the next transaction. `fails` refuses to commit, the process goes on. */
export type CommitFate = "whole" | "fails" | "crashes_before" | "crashes_after";

export type SimulatedManagerOptions = {
  readonly time: ManualTime;
  readonly random: SeededRandomness;
  readonly authority: Authority;
  readonly journal: Journal;
  readonly managerOptions: Partial<ManagerOptions>;
  /** A folder for data directories and backups; null keeps the database in memory, where a restart loses all the rest. */
  readonly folder: string | null;
  /** How many processes take reports side by side. A device meets either, by chance. */
  readonly processes: number;
};

export type Backup = { readonly file: string; readonly takenAtMs: number; readonly snapshot: JournalSnapshot };

type Process = { isAlive: boolean; readonly useCases: UseCases };

export class SimulatedManager {
  readonly #options: SimulatedManagerOptions;
  readonly #chance: SeededRandomness;
  /** Data directories so far: each restore makes another. */
  #directories = 0;
  #storage: Storage;
  #processes: Process[];
  #administration: UseCases;
  #nextFate: () => CommitFate = () => "whole";
  #backups = 0;
  restarts = 0;

  constructor(options: SimulatedManagerOptions) {
    this.#options = options;
    this.#chance = options.random.fork();
    if (options.folder !== null) this.#layOutDirectory(options.authority.files);
    this.#storage = this.#openStorage();
    this.#processes = this.#startProcesses();
    this.#administration = this.#useCasesOver(this.#watchedStorage(this.#storage));
  }

  /** Administrators work through a process of their own over the same database, and nothing disturbs it. */
  get administration(): UseCases {
    return this.#administration;
  }

  /** What the manager goes by when it is asked for one code more; it is kept by difference. */
  async authorizedTotal(virtualAccount: string, tag: string): Promise<number> {
    const { accounts, authorizations } = this.#storage.read;
    const known = (await accounts.listVirtualAccounts(1)).find(({ name }) => name === virtualAccount);
    return known === undefined ? 0 : authorizations.findAuthorizedTotal(1, known.virtualAccountId, tag);
  }

  get processes(): number {
    return this.#options.processes;
  }

  /** Chooses the fate of each transaction that a device's request causes. */
  fateOfCommits(choose: () => CommitFate): void {
    this.#nextFate = choose;
  }

  /** An orderly or disorderly end makes no difference to a program that keeps its promises: memory goes, the database stays. */
  async restart(): Promise<void> {
    await this.#stopProcesses();
    this.restarts += 1;
    if (this.#options.folder !== null) this.#storage = this.#openStorage();
    this.#startAll();
  }

  /** With the program's own code, while the processes go on; null when the database is in memory. */
  async backUp(): Promise<Backup | null> {
    const { folder, time, journal } = this.#options;
    if (folder === null) return null;
    this.#backups += 1;
    const file = join(folder, `backup-${this.#backups}`);
    const { takenAtMs } = await backupManager({ dataDirectory: this.#dataDirectory(), to: file, clock: time });
    return { file, takenAtMs, snapshot: journal.snapshot() };
  }

  /** The data directory is lost; what a backup held begins a new epoch, with the program's own code. */
  async restore({ file, takenAtMs, snapshot }: Backup): Promise<void> {
    const { time, journal } = this.#options;
    await this.#stopProcesses();
    rmSync(this.#dataDirectory(), { recursive: true, force: true });
    this.#directories += 1;
    await restoreManager({ from: file, dataDirectory: this.#dataDirectory(), clock: time });
    journal.restore(snapshot, [{ ...restoredEvent, atMs: time.now(), after: { backupTakenAtMs: takenAtMs } }]);
    this.#storage = this.#openStorage();
    this.#startAll();
  }

  /** Bytes in, bytes out, as over a socket; throws when the process ends meanwhile. */
  async answer(from: string, body: Uint8Array): Promise<Uint8Array> {
    const process = this.#chance.pick(this.#processes);
    const { authority, journal, time } = this.#options;
    const request = decodeRequest(body);
    journal.arrived(from, request, time.now());
    const reply = await process.useCases.answerRequest(request);
    if (!process.isAlive) throw new Error("the manager ended");
    const context = {
      header: request.header,
      productInstanceIdentifier: reply.productInstanceIdentifier,
      connectInfo: defaultManagerOptions.connectInfo,
      now: time.now(),
    };
    const bytes = await encodeAnswer(reply.content, context, authority.authority.signing.current());
    if (!process.isAlive) throw new Error("the manager ended");
    journal.answered(from, request, reply);
    return Buffer.from(bytes);
  }

  async close(): Promise<void> {
    for (const process of this.#processes) process.isAlive = false;
    await this.#storage.close();
  }

  async #stopProcesses(): Promise<void> {
    for (const process of this.#processes) process.isAlive = false;
    if (this.#options.folder !== null) await this.#storage.close();
  }

  #startAll(): void {
    this.#administration = this.#useCasesOver(this.#watchedStorage(this.#storage));
    this.#processes = this.#startProcesses();
  }

  #dataDirectory(): string {
    return join(this.#options.folder ?? "", `data-${this.#directories}`);
  }

  #layOutDirectory(files: ReadonlyMap<string, Uint8Array>): void {
    const certificates = join(this.#dataDirectory(), "certificates");
    mkdirSync(certificates, { recursive: true });
    for (const [name, content] of files) writeFileSync(join(certificates, name), content);
  }

  #openStorage(): Storage {
    const { folder, time } = this.#options;
    return openSqliteStorage(folder === null ? ":memory:" : join(this.#dataDirectory(), "manager.sqlite"), time.now());
  }

  #startProcesses(): Process[] {
    return Array.from({ length: this.#options.processes }, () => this.#startProcess());
  }

  #startProcess(): Process {
    const process: Process = { isAlive: true, useCases: this.#useCasesOver(this.#mortalStorage(() => process)) };
    return process;
  }

  #useCasesOver(storage: Storage): UseCases {
    const { time, random, authority, managerOptions } = this.#options;
    return createUseCases({
      clock: { now: () => time.now() },
      randomness: { bytes: (size) => random.nextBytes(size) },
      issuer: authority.authority.issuer,
      signing: authority.authority.signing,
      storage,
      options: { ...defaultManagerOptions, ...managerOptions },
    });
  }

  /** What is written through it is noted in the journal once it is durable. */
  #watchedStorage(
    storage: Storage,
    end: (moment: "before" | "after") => Promise<void> = async () => undefined,
  ): Storage {
    const { journal } = this.#options;
    const inTransaction = async <T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> => {
      const staged = journal.stage();
      const result = await storage.inTransaction(async (transaction) => {
        staged.begin();
        const done = await work(staged.watch(transaction));
        await end("before");
        return done;
      });
      staged.commit();
      await end("after");
      return result;
    };
    return { read: storage.read, inTransaction, check: () => storage.check(), close: async () => undefined };
  }

  /** The storage as one process sees it: after its end nothing more is written. */
  #mortalStorage(of: () => Process): Storage {
    const storage = this.#storage;
    const inTransaction: Storage["inTransaction"] = (work) => {
      const fate = this.#nextFate();
      const mortal = this.#watchedStorage(storage, async (moment) => {
        if (moment === "before") await this.#meetFate(of(), fate);
        else if (fate === "crashes_after") this.#crash(of());
      });
      return mortal.inTransaction(work);
    };
    return { ...this.#watchedStorage(storage), inTransaction };
  }

  async #meetFate(process: Process, fate: CommitFate): Promise<void> {
    // A slow disk: whoever answers without waiting for it is faster.
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (!process.isAlive) throw new Error("the manager ended");
    if (fate === "fails") throw new Error("the database refused to commit");
    if (fate === "crashes_before") this.#crash(process);
  }

  /** The file is opened anew between two acts; here only the memory is lost, and the other process goes on. */
  #crash(process: Process): never {
    process.isAlive = false;
    this.restarts += 1;
    const at = this.#processes.indexOf(process);
    if (at !== -1) this.#processes[at] = this.#startProcess();
    throw new Error("the manager ended");
  }
}

const restoredEvent = {
  smartAccountId: 1,
  kind: "manager_restored",
  virtualAccountId: null,
  installationId: null,
  cause: { kind: "system", reason: "restore" },
  before: null,
} as const;
