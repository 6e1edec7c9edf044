// Copies a manager's PostgreSQL database as of one moment into a SQLite file of the same tables, while managers go on. Rows
// come through a cursor, a page at a time, so that memory does not grow with the database.

import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type pg from "pg";
import { DatabaseError } from "../database-error.ts";
import { newestSchemaVersion } from "../migrations/migration.ts";
import { openPool } from "../postgresql/connection.ts";
import { schemaVersion } from "../postgresql/migrate.ts";
import { Connection } from "../sqlite/connection.ts";
import { migrate } from "../sqlite/migrate.ts";
import type { CopiedTableResult } from "./copy-database.ts";
import { requireNoUnfinishedCopy } from "./copy-mark.ts";
import { type CopiedTable, copiedTables } from "./source-tables.ts";

const rowsPerPage = 500;

export type CopyToFileWish = {
  readonly databaseUrl: string;
  /** An empty file. */
  readonly path: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly onTable: (result: CopiedTableResult) => void;
};

/** Throws `copy_schema_differs`, `copy_unfinished`, or what a database says. What it left in the file is worth nothing then. */
export async function copyToFile({ databaseUrl, path, now, onTable }: CopyToFileWish): Promise<void> {
  const source = openPool({ url: databaseUrl, connectionsMax: 1, isPipelined: false });
  try {
    await requireNoUnfinishedCopy(source);
    if ((await schemaVersion(source)) !== newestSchemaVersion) throw new DatabaseError("copy_schema_differs");
    const target = new Connection(path, "write");
    try {
      migrate(target, now);
      // Whoever asked for the file flushes it as a whole; until then nobody relies on it.
      target.database.exec("pragma journal_mode = delete; pragma synchronous = off");
      await copyTables(source, target.database, onTable);
    } finally {
      target.close();
    }
  } finally {
    await source.end();
  }
}

async function copyTables(
  source: pg.Pool,
  target: DatabaseSync,
  onTable: (result: CopiedTableResult) => void,
): Promise<void> {
  const client = await source.connect();
  try {
    // Every statement sees the database as the first one did.
    await client.query("begin isolation level repeatable read read only");
    for (const table of copiedTables(target)) {
      target.exec("begin");
      const rows = await copyTable(client, target, table);
      target.exec("commit");
      onTable({ table: table.name, rows, written: rows });
    }
    await client.query("commit");
  } finally {
    // Destroyed, not given back: after a failure a cursor may be open.
    client.release(true);
  }
}

async function copyTable(client: pg.PoolClient, target: DatabaseSync, table: CopiedTable): Promise<number> {
  const names = table.columns.map(({ name }) => name);
  const insert = target.prepare(
    `insert into ${table.name} (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`,
  );
  // In the order of the key a clustered table is written from its beginning to its end.
  await client.query(
    `declare every_row no scroll cursor for select ${names.join(", ")} from ${table.name} order by ${table.key.join(", ")}`,
  );
  let count = 0;
  for (;;) {
    const { rows } = await client.query(`fetch ${rowsPerPage} from every_row`);
    if (rows.length === 0) break;
    for (const row of rows) insert.run(...names.map((name) => row[name] as SQLInputValue));
    count += rows.length;
  }
  await client.query("close every_row");
  return count;
}
