// Copies a manager's SQLite database to PostgreSQL. Each page is compared and only what differs is written, so that a run
// that was interrupted, or one that copied from a manager at work, is finished by the next one. The last run has the data
// directory to itself and ends with a verification: the same counts, the same ledger heads, and every row read back.

import { DatabaseSync } from "node:sqlite";
import type pg from "pg";
import { DatabaseError } from "../database-error.ts";
import { newestSchemaVersion } from "../migrations/migration.ts";
import { openPool } from "../postgresql/connection.ts";
import { migrate, schemaVersion } from "../postgresql/migrate.ts";
import { beginCopy, finishCopy } from "./copy-mark.ts";
import { type CopiedTable, copiedTables, countOf, holds, pagesOf } from "./source-tables.ts";
import { countIn, differing, put, removeOthers } from "./target-tables.ts";

const rowsPerPage = 500;

export type CopyWish = {
  /** File of the source. */
  readonly sqlitePath: string;
  readonly databaseUrl: string;
  /** True when no manager writes to the source: the copy is verified and may be used. */
  readonly isLast: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly onTable?: (result: CopiedTableResult) => void;
};

export type CopiedTableResult = { readonly table: string; readonly rows: number; readonly written: number };
export type CopyResult = {
  readonly tables: readonly CopiedTableResult[];
  /** Size of each ledger by smart account, verified equal in both; empty before the last run. */
  readonly ledgers: readonly { readonly smartAccountId: number; readonly size: number }[];
  readonly isFinished: boolean;
};

/** Throws `DatabaseError`, `storage_newer`, `database_not_durable`, or what a database says. May be run again after any failure. */
export async function copyDatabase(wish: CopyWish): Promise<CopyResult> {
  const source = new DatabaseSync(wish.sqlitePath, { readOnly: true });
  const target = openPool({ url: wish.databaseUrl, connectionsMax: 2, isPipelined: false });
  try {
    requireNewest(source);
    requireNoUpstream(source);
    await migrate(target, wish.now);
    if ((await schemaVersion(target)) !== newestSchemaVersion) throw new DatabaseError("copy_schema_differs");
    await beginCopy(source, target, wish.now);
    const tables: CopiedTableResult[] = [];
    for (const table of copiedTables(source)) {
      const result = await copyTable(source, target, table, wish.isLast);
      wish.onTable?.(result);
      tables.push(result);
    }
    if (!wish.isLast) return { tables, ledgers: [], isFinished: false };
    const ledgers = await requireSameLedgers(source, target);
    await finishCopy(target, wish.now);
    return { tables, ledgers, isFinished: true };
  } finally {
    source.close();
    await target.end();
  }
}

function requireNewest(source: DatabaseSync): void {
  const { version } = source.prepare("select max(version) as version from schema_migrations").get() ?? {};
  if (version !== newestSchemaVersion) throw new DatabaseError("copy_schema_differs");
}

/** Before anything is written: what was begun in the target is refused by managers. */
function requireNoUpstream(source: DatabaseSync): void {
  const below = source.prepare("select 1 from premises where upstream is not null limit 1").get();
  if (below !== undefined) throw new DatabaseError("copy_source_below");
}

async function copyTable(
  source: DatabaseSync,
  target: pg.Pool,
  table: CopiedTable,
  isLast: boolean,
): Promise<CopiedTableResult> {
  let rows = 0;
  let written = 0;
  for (const page of pagesOf(source, table, rowsPerPage)) {
    const others = await differing(target, table, page);
    if (others.length > 0) await putAndReadBack(target, table, others);
    rows += page.length;
    written += others.length;
  }
  if (isLast) await requireSameCount(source, target, table);
  return { table: table.name, rows, written };
}

async function putAndReadBack(target: pg.Pool, table: CopiedTable, rows: Parameters<typeof put>[2]): Promise<void> {
  const client = await target.connect();
  let isWell = false;
  try {
    await client.query("begin");
    await put(client, table, rows);
    if ((await differing(client, table, rows)).length > 0) throw new DatabaseError("copy_differs", table.name);
    await client.query("commit");
    isWell = true;
  } finally {
    client.release(!isWell);
  }
}

/** What a run before copied may have been deleted since. */
async function requireSameCount(source: DatabaseSync, target: pg.Pool, table: CopiedTable): Promise<void> {
  const expected = countOf(source, table);
  if ((await countIn(target, table)) !== expected) await removeOthers(target, table, holds(source, table), rowsPerPage);
  if ((await countIn(target, table)) !== expected) throw new DatabaseError("copy_differs", table.name);
}

/** The heads say what all leaves were; they are compared by themselves, although their rows were. */
async function requireSameLedgers(source: DatabaseSync, target: pg.Pool): Promise<CopyResult["ledgers"]> {
  const select = "select smart_account_id, size, frontier from ledgers order by smart_account_id";
  const expected = source.prepare(select).all();
  const { rows } = await target.query(select);
  const texts = (heads: readonly Record<string, unknown>[]) =>
    heads.map(
      (head) => `${head.smart_account_id} ${head.size} ${Buffer.from(head.frontier as Uint8Array).toString("hex")}`,
    );
  if (texts(expected).join("\n") !== texts(rows).join("\n")) throw new DatabaseError("copy_differs", "ledgers");
  return rows.map((head) => ({ smartAccountId: Number(head.smart_account_id), size: Number(head.size) }));
}
