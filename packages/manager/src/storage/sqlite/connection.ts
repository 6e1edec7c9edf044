// One SQLite connection: durability settings, prepared statements, and the bridge from the query builder.

import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Compilable } from "kysely";

export type Value = SQLInputValue;

/**
 * Usage and hashes of tokens are nobody else's to read, whoever made the folder: SQLite would make the file as the umask says, and
 * gives its log the same rights. What an earlier version left open is closed.
 */
function keepFromOthers(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o077) !== 0) chmodSync(file, 0o600);
  }
}

/** How long a writer waits for another process on the same file. */
const busyTimeoutMs = 10_000;
/** Pages cached per connection, in KiB; the operating system caches the rest. */
const cacheKibibytes = { write: 16_384, read: 8_192 } as const;
const statementsMax = 400;

export type ConnectionUse = "read" | "write";

export class Connection {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, use: ConnectionUse) {
    if (use === "write" && path !== ":memory:") keepFromOthers(path);
    this.database = new DatabaseSync(path, { readOnly: use === "read", timeout: busyTimeoutMs });
    // A new file keeps a map of its pages, so that purged room can be given back while it is used; an older one stays as it is.
    const keepsMap = () => this.database.prepare("pragma auto_vacuum").get()?.auto_vacuum !== 0;
    if (use === "write" && !keepsMap()) this.database.exec("pragma auto_vacuum = incremental");
    if (use === "write") this.database.exec("pragma journal_mode = wal");
    // FULL makes a commit wait for the log to reach the disk: nothing is acknowledged before that (I5).
    this.database.exec(
      `pragma synchronous = full; pragma cache_size = -${cacheKibibytes[use]}; pragma temp_store = memory; pragma wal_autocheckpoint = 8192`,
    );
    this.database.exec("pragma journal_size_limit = 67108864");
  }

  /** Prepares once; the cache is bounded because built queries can have many shapes. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= statementsMax) this.#statements.clear();
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  all<T>(query: Compilable<T>): T[] {
    const { sql, parameters } = query.compile();
    return this.prepare(sql).all(...(parameters as Value[])) as T[];
  }

  first<T>(query: Compilable<T>): T | undefined {
    const { sql, parameters } = query.compile();
    return this.prepare(sql).get(...(parameters as Value[])) as T | undefined;
  }

  /** Answers the number of rows changed. */
  run(query: Compilable<unknown>): number {
    const { sql, parameters } = query.compile();
    return Number(this.prepare(sql).run(...(parameters as Value[])).changes);
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }
}
