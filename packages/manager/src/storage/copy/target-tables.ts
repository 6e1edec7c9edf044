// The same tables in PostgreSQL: which rows of a page are missing or differ, and how they come to be there.

import type pg from "pg";
import { runStatement, type Value } from "../postgresql/connection.ts";
import { type CopiedRow, type CopiedTable, textOf } from "./source-tables.ts";

/** Rows of a page that the target lacks or has otherwise. */
export async function differing(
  target: pg.Pool | pg.PoolClient,
  table: CopiedTable,
  page: readonly CopiedRow[],
): Promise<readonly CopiedRow[]> {
  const keyColumns = table.key.map((name) => columnOf(table, name));
  const given = keyColumns.map(({ type }, at) => `$${at + 1}::${type}[]`).join(", ");
  const sql = `select kept.* from unnest(${given}) as asked(${table.key.join(", ")}) join ${table.name} kept using (${table.key.join(", ")})`;
  const { rows } = await runStatement(target, sql, arraysOf(page, table.key));
  const keptByKey = new Map((rows as readonly CopiedRow[]).map((row) => [textOf(row, keyColumns), row]));
  return page.filter((row) => {
    const kept = keptByKey.get(textOf(row, keyColumns));
    return kept === undefined || textOf(kept, table.columns) !== textOf(row, table.columns);
  });
}

export async function put(target: pg.PoolClient, table: CopiedTable, rows: readonly CopiedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const names = table.columns.map(({ name }) => name);
  const given = table.columns.map(({ type }, at) => `$${at + 1}::${type}[]`).join(", ");
  const changed = names.filter((name) => !table.key.includes(name)).map((name) => `${name} = excluded.${name}`);
  const action = changed.length === 0 ? "nothing" : `update set ${changed.join(", ")}`;
  await runStatement(
    target,
    `insert into ${table.name} (${names.join(", ")}) select * from unnest(${given})
     on conflict (${table.key.join(", ")}) do ${action}`,
    arraysOf(rows, names),
  );
}

export async function countIn(target: pg.Pool, table: CopiedTable): Promise<number> {
  const { rows } = await target.query(`select count(*)::bigint as count from ${table.name}`);
  return rows[0]?.count as number;
}

/** Takes away what the source has no more. Walks the whole table; needed only when the counts differ. */
export async function removeOthers(
  target: pg.Pool,
  table: CopiedTable,
  isInSource: (row: CopiedRow) => boolean,
  rowsPerPage: number,
): Promise<void> {
  const key = table.key.join(", ");
  const client = await target.connect();
  try {
    await client.query("begin");
    await client.query(`declare every_row no scroll cursor for select ${key} from ${table.name}`);
    for (;;) {
      const { rows } = await client.query(`fetch ${rowsPerPage} from every_row`);
      if (rows.length === 0) break;
      const others = (rows as CopiedRow[]).filter((row) => !isInSource(row));
      if (others.length > 0) await remove(client, table, others);
    }
    await client.query("commit");
  } finally {
    client.release(true);
  }
}

async function remove(client: pg.PoolClient, table: CopiedTable, rows: readonly CopiedRow[]): Promise<void> {
  const given = table.key.map((name, at) => `$${at + 1}::${columnOf(table, name).type}[]`).join(", ");
  const key = table.key.join(", ");
  await runStatement(
    client,
    `delete from ${table.name} where (${key}) in (select * from unnest(${given}))`,
    arraysOf(rows, table.key),
  );
}

function columnOf(table: CopiedTable, name: string): CopiedTable["columns"][number] {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) throw new Error(`${table.name} has no column ${name}`);
  return column;
}

function arraysOf(rows: readonly CopiedRow[], names: readonly string[]): Value[] {
  return names.map((name) => rows.map((row) => row[name] ?? null));
}
