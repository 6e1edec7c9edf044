// Transactions that end in one of two ways: durable, or without a trace. A lost race or a lost server runs the whole
// transaction again; nothing is signed inside one, so nobody can tell the difference.
//
// Transactions on one smart account follow one another, in whatever process: each takes the account's row first. Statements
// after that see everything that was committed before, so a transaction may decide from what it reads, as on SQLite.

import { randomUUID } from "node:crypto";
import type pg from "pg";
import { ManagerError } from "../../errors.ts";
import { managerScope } from "../../storage-ports.ts";
import type { Row } from "../mapping/row.ts";
import { runStatement, type Session, type Value } from "./connection.ts";
import { CommitInDoubt, type FailureKind, kindOfFailure, StandbyMissing } from "./failures.ts";

const attemptsMax = 30;
const pauseMinMs = 20;
const pauseMaxMs = 1000;
/** SQLSTATEs of warnings; nothing else warns at a commit. */
const warningClass = "01";

export class TransactionSession implements Session {
  readonly #client: pg.PoolClient;
  readonly #entered = new Map<number, Promise<unknown>>();

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** The first smart account that this transaction worked on. */
  get firstAccountId(): number | undefined {
    return this.#entered.keys().next().value;
  }

  async all(sql: string, smartAccountId: number, ...values: readonly Value[]): Promise<readonly Row[]> {
    await this.#enter(smartAccountId);
    return (await runStatement(this.#client, sql, [smartAccountId, ...values])).rows;
  }

  async first(sql: string, smartAccountId: number, ...values: readonly Value[]): Promise<Row | undefined> {
    return (await this.all(sql, smartAccountId, ...values))[0];
  }

  async run(sql: string, smartAccountId: number, ...values: readonly Value[]): Promise<number> {
    await this.#enter(smartAccountId);
    return (await runStatement(this.#client, sql, [smartAccountId, ...values])).changes;
  }

  async anywhere(sql: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    return (await runStatement(this.#client, sql, values)).rows;
  }

  /** Looks again once the account is this transaction's: what was found before may have changed while it waited. */
  async lookUp(sql: string, ...values: readonly Value[]): Promise<Row | undefined> {
    const [found] = await this.anywhere(sql, ...values);
    const smartAccountId = found?.smart_account_id as number | undefined;
    if (smartAccountId === undefined || this.#entered.has(smartAccountId)) return found;
    await this.#enter(smartAccountId);
    return (await this.anywhere(sql, ...values))[0];
  }

  async #enter(smartAccountId: number): Promise<void> {
    let entered = this.#entered.get(smartAccountId);
    if (entered === undefined) {
      const lock = smartAccountId === managerScope ? managerLockSql : lockSql;
      entered = runStatement(this.#client, lock, [smartAccountId]);
      this.#entered.set(smartAccountId, entered);
    }
    await entered;
  }
}

const lockSql = "select 1 from smart_accounts where smart_account_id = $1 for update";
/** What belongs to the managers themselves has no account's row to take; this one is there for nothing else. */
const managerLockSql = `insert into sequences (smart_account_id, kind, next_id) values ($1, 'manager', 1)
  on conflict (smart_account_id, kind) do update set next_id = 1`;

export type TransactionOptions = {
  /** Transactions of this process at one time; each has a connection. */
  readonly slots: number;
  /** How long a lost server is waited for, in milliseconds. */
  readonly retryForMs: number;
  /** A server that names no synchronous standby counts as lost. */
  readonly isStandbyRequired: boolean;
};

/** Collects writes of one attempt, to be sent together; `flush` sends what is left before the commit. */
export type Attempt<W> = { readonly work: W; readonly flush: () => Promise<void>; readonly committed: () => void };

type Outcome<T> =
  | { readonly kind: "done"; readonly result: T }
  | { readonly kind: Exclude<FailureKind, "final">; readonly error: unknown };

export class Transactions<W> {
  readonly #pool: pg.Pool;
  readonly #options: TransactionOptions;
  readonly #begin: (session: TransactionSession) => Attempt<W>;
  readonly #writer = randomUUID();
  readonly #freeSlots: number[];
  readonly #waiting: ((slot: number) => void)[] = [];
  #marks = 0;
  #isClosing = false;

  constructor(pool: pg.Pool, options: TransactionOptions, begin: (session: TransactionSession) => Attempt<W>) {
    this.#pool = pool;
    this.#options = options;
    this.#begin = begin;
    this.#freeSlots = Array.from({ length: options.slots }, (_, at) => at);
  }

  /** Resolves when `work` is durable; rejects with what it threw, and left no trace then. */
  async run<T>(work: (transaction: W) => T | Promise<T>): Promise<T> {
    const slot = this.#freeSlots.pop() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)));
    try {
      return await this.#runUntilDone(work, slot);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#freeSlots.push(slot);
      else next(slot);
    }
  }

  /** Waits for what runs and takes this process's marks away. */
  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#freeSlots.length < this.#options.slots)
      await new Promise((resolve) => setTimeout(resolve, pauseMinMs));
    await runStatement(this.#pool, "delete from sequences where kind like $1", [`commit ${this.#writer} %`]).catch(
      () => undefined,
    );
  }

  async #runUntilDone<T>(work: (transaction: W) => T | Promise<T>, slot: number): Promise<T> {
    const deadline = performance.now() + this.#options.retryForMs;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(work, slot, deadline);
      if (outcome.kind === "done") return outcome.result;
      if (outcome.kind === "conflict" && attempt >= attemptsMax) throw outcome.error;
      if (this.#isClosing || performance.now() > deadline) throw storageUnavailable(outcome);
      await pause(outcome.kind === "conflict" ? 1 : attempt);
    }
  }

  async #attempt<T>(work: (transaction: W) => T | Promise<T>, slot: number, deadline: number): Promise<Outcome<T>> {
    let client: pg.PoolClient | undefined;
    let committing: { readonly smartAccountId: number; readonly mark: number; readonly result: T } | undefined;
    try {
      client = await this.#pool.connect();
      await client.query("begin isolation level read committed");
      const session = new TransactionSession(client);
      const attempt = this.#begin(session);
      const result = await work(attempt.work);
      await attempt.flush();
      const smartAccountId = session.firstAccountId;
      if (smartAccountId !== undefined) {
        const mark = await this.#leaveMark(session, smartAccountId, slot);
        committing = { smartAccountId, mark, result };
      }
      await commit(client);
      client.release();
      attempt.committed();
      return { kind: "done", result };
    } catch (error) {
      const kind = kindOfFailure(error);
      if (client !== undefined) await giveBack(client, kind);
      if (kind === "final") throw error;
      if (kind === "lost" && committing !== undefined && (await this.#wasKept(committing, slot, deadline, error)))
        return { kind: "done", result: committing.result };
      return { kind, error };
    }
  }

  /** A row of this slot that changes with each transaction: by it a transaction whose commit got no answer is known again. */
  async #leaveMark(session: TransactionSession, smartAccountId: number, slot: number): Promise<number> {
    this.#marks += 1;
    const mark = this.#marks;
    const left = await session.first(
      `insert into sequences (smart_account_id, kind, next_id) values ($1, $2, $3)
       on conflict (smart_account_id, kind) do update set next_id = excluded.next_id
       returning current_setting('synchronous_standby_names') as standbys`,
      smartAccountId,
      this.#kindOf(slot),
      mark,
    );
    // As late as it can be asked before the commit: whoever runs the cluster may give up the last standby at any time.
    if (this.#options.isStandbyRequired && left?.standbys === "") throw new StandbyMissing();
    return mark;
  }

  #kindOf(slot: number): string {
    return `commit ${this.#writer} ${slot}`;
  }

  /**
   * Asks until the server answers. The account's row waits for the lost transaction's end, in case it goes on without us.
   * To be seen is not to be kept: a primary that gave up waiting for its standby shows what a failover would lose. So the
   * question writes, and its own commit waits for the standby, which has everything before it then.
   */
  async #wasKept(
    { smartAccountId, mark }: { readonly smartAccountId: number; readonly mark: number },
    slot: number,
    deadline: number,
    cause: unknown,
  ): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      let client: pg.PoolClient | undefined;
      try {
        client = await this.#pool.connect();
        await client.query("begin isolation level read committed");
        const session = new TransactionSession(client);
        const isThere = await session.run(
          "update sequences set next_id = $3 where smart_account_id = $1 and kind = $2 and next_id = $3",
          smartAccountId,
          this.#kindOf(slot),
          mark,
        );
        await commit(client);
        client.release();
        return isThere === 1;
      } catch (error) {
        const kind = kindOfFailure(error);
        if (client !== undefined) await giveBack(client, kind);
        if (kind === "final" || performance.now() > deadline) {
          throw new ManagerError("commit_outcome_unknown", "", { cause });
        }
        await pause(attempt);
      }
    }
  }
}

/**
 * A transaction that had failed before answers COMMIT with a rollback and no error. One whose wait for the standby was
 * cancelled answers COMMIT with a warning: it is on one disk only, which is not known to be kept.
 */
async function commit(client: pg.PoolClient): Promise<void> {
  let isInDoubt = false;
  const onNotice = ({ code }: { readonly code: string | undefined }) => {
    if (code?.startsWith(warningClass) === true) isInDoubt = true;
  };
  client.on("notice", onNotice);
  try {
    const { command } = await client.query("commit");
    if (command !== "COMMIT") throw new Error(`the server answered the commit with ${command}`);
  } finally {
    client.off("notice", onNotice);
  }
  if (isInDoubt) throw new CommitInDoubt();
}

/** A race that was lost at the very end is no outage, and is told as it is. */
function storageUnavailable({ kind, error }: Exclude<Outcome<unknown>, { readonly kind: "done" }>): unknown {
  return kind === "lost" ? new ManagerError("storage_unavailable", "", { cause: error }) : error;
}

async function giveBack(client: pg.PoolClient, kind: FailureKind): Promise<void> {
  if (kind === "lost") return client.release(true);
  try {
    await client.query("rollback");
    client.release();
  } catch {
    client.release(true);
  }
}

/** Longer with every attempt, and never the same for two processes that met. */
function pause(attempt: number): Promise<void> {
  const most = Math.min(pauseMaxMs, pauseMinMs * 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)));
}
