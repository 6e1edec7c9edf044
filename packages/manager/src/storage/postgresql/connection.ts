// Connections to PostgreSQL: durability settings, whole numbers as numbers, statements prepared once a connection.

import { createHash } from "node:crypto";
import pg from "pg";
import { DatabaseError } from "../database-error.ts";
import type { Row } from "../mapping/row.ts";

export type Value = string | number | null | Uint8Array | readonly (string | number | null | Uint8Array)[];

/** Where statements run: the pool for reads, one connection for a transaction. $1 is always the smart account. */
export interface Session {
  all(sql: string, smartAccountId: number, ...values: readonly Value[]): Promise<readonly Row[]>;
  first(sql: string, smartAccountId: number, ...values: readonly Value[]): Promise<Row | undefined>;
  /** Answers the number of rows changed. */
  run(sql: string, smartAccountId: number, ...values: readonly Value[]): Promise<number>;
  /** Rows of all smart accounts, as they are at this moment. */
  anywhere(sql: string, ...values: readonly Value[]): Promise<readonly Row[]>;
  /** One row that is found before its smart account is known. */
  lookUp(sql: string, ...values: readonly Value[]): Promise<Row | undefined>;
}

export type ConnectionOptions = {
  /** `postgres://…`, as libpq writes it; the password may come from PGPASSFILE. */
  readonly url: string;
  readonly connectionsMax: number;
  /** Statements are sent without waiting for the answers to the ones before. */
  readonly isPipelined: boolean;
  /** When a statement is given up; 0 for never. */
  readonly statementTimeoutMs?: number;
};

const connectTimeoutMs = 5000;
/** A statement that takes longer is given up with its connection: the server may be cut off. */
const defaultStatementTimeoutMs = 15_000;
/** A manager that was cut off in the middle of a transaction must not keep its locks (milliseconds, on the server). */
const idleTransactionMs = 10_000;
/** Shorter than a statement's: who gives up waiting here leaves nobody waiting on the server (milliseconds). */
const lockTimeoutMs = 10_000;

export function openPool(options: ConnectionOptions): pg.Pool {
  const { url, connectionsMax, isPipelined, statementTimeoutMs = defaultStatementTimeoutMs } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "countersign-manager",
    max: connectionsMax,
    pipeline: isPipelined,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleTransactionMs,
    lock_timeout: lockTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    types: { getTypeParser: parserOf },
    verify: (client, done) => prepareConnection(client).then(() => done(), done),
  });
  // An idle connection that dies is replaced when the next one is asked for; whoever uses one hears of it by its own call.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** `on` makes a commit wait for the log to reach the disk, and the standby where there is one (I5); more is left as it is. */
async function prepareConnection(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query(`select
    current_setting('fsync', true) as fsync, current_setting('full_page_writes', true) as pages,
    case when current_setting('synchronous_commit') in ('on', 'remote_apply') then ''
      else set_config('synchronous_commit', 'on', false) end as synchronous`);
  if (rows[0]?.fsync === "off" || rows[0]?.pages === "off") throw new DatabaseError("database_not_durable");
}

const bigintType = 20;
const numericType = 1700;

/** All whole numbers that are stored are safe integers; sums of them come as `numeric`. */
function parserOf(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  if (oid === bigintType || oid === numericType) return toSafeInteger;
  return pg.types.getTypeParser(oid, format as "text") as (value: string) => unknown;
}

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError("a stored number is not a safe integer");
  return value;
}

const namesMax = 2000;
const names = new Map<string, string>();

/** A name for a statement, the same for the same text: the server parses and plans it once a connection. */
function nameOf(sql: string): string {
  let name = names.get(sql);
  if (name === undefined) {
    if (names.size >= namesMax) names.clear();
    name = `countersign_${createHash("sha256").update(sql).digest("hex").slice(0, 24)}`;
    names.set(sql, name);
  }
  return name;
}

/** Runs one prepared statement on a pool or a connection. */
export async function runStatement(
  on: Pick<pg.Pool, "query"> | Pick<pg.ClientBase, "query">,
  sql: string,
  values: readonly Value[],
): Promise<{ readonly rows: readonly Row[]; readonly changes: number }> {
  const { rows, rowCount } = await on.query({ name: nameOf(sql), text: sql, values: values as unknown[] });
  return { rows, changes: rowCount ?? 0 };
}
