// A row in the target that says what it is a copy of and whether it is finished. A manager refuses an unfinished copy, and a
// copy never overwrites a database that a manager has used.

import type { DatabaseSync } from "node:sqlite";
import type pg from "pg";
import { DatabaseError } from "../database-error.ts";

const createMark = `create table if not exists database_copies (copy_id integer primary key, ledger_id text not null,
  started_at_ms bigint not null, finished_at_ms bigint)`;

/** Marks the target, or finds it marked by an earlier run from the same source. */
export async function beginCopy(source: DatabaseSync, target: pg.Pool, now: number): Promise<void> {
  const first = source.prepare("select ledger_id from smart_accounts order by smart_account_id limit 1").get();
  if (first === undefined) throw new DatabaseError("copy_source_empty");
  await target.query(createMark);
  const { rows } = await target.query("select ledger_id, finished_at_ms from database_copies where copy_id = 1");
  if (rows[0] === undefined) {
    const { rows: accounts } = await target.query("select 1 from smart_accounts limit 1");
    if (accounts.length > 0) throw new DatabaseError("copy_target_not_empty");
    await target.query("insert into database_copies values (1, $1, $2, null)", [first.ledger_id, now]);
  } else if (rows[0].ledger_id !== first.ledger_id || rows[0].finished_at_ms !== null) {
    throw new DatabaseError("copy_target_not_empty");
  }
}

export async function finishCopy(target: pg.Pool, now: number): Promise<void> {
  await target.query("update database_copies set finished_at_ms = $1 where copy_id = 1", [now]);
}

/** For whoever opens a database to work on it. Throws `copy_unfinished`. */
export async function requireNoUnfinishedCopy(pool: pg.Pool): Promise<void> {
  const { rows: tables } = await pool.query(
    "select 1 from information_schema.tables where table_schema = current_schema() and table_name = 'database_copies'",
  );
  if (tables.length === 0) return;
  const { rows } = await pool.query("select 1 from database_copies where finished_at_ms is null");
  if (rows.length > 0) throw new DatabaseError("copy_unfinished");
}
