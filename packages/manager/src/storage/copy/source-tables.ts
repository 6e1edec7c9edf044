// A SQLite database as tables of rows, whatever tables its schema has: the catalogue says their columns and keys.

import type { DatabaseSync, SQLInputValue } from "node:sqlite";

export type CopiedValue = string | number | null | Uint8Array;
export type CopiedRow = Readonly<Record<string, CopiedValue>>;

export type CopiedTable = {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: "bigint" | "integer" | "text" | "bytea" }[];
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
};

/** Tables that each database keeps for itself. */
const notCopied: ReadonlySet<string> = new Set(["schema_migrations"]);

export function copiedTables(source: DatabaseSync): readonly CopiedTable[] {
  const tables = source
    .prepare(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
    )
    .all();
  return tables.map(({ name }) => String(name)).flatMap((name) => (notCopied.has(name) ? [] : [tableOf(source, name)]));
}

function tableOf(source: DatabaseSync, name: string): CopiedTable {
  const columns = source.prepare("select name, type, pk from pragma_table_info(?) order by cid").all(name);
  const key = columns.filter(({ pk }) => Number(pk) > 0).sort((one, other) => Number(one.pk) - Number(other.pk));
  return {
    name,
    columns: columns.map((column) => ({ name: String(column.name), type: typeOf(String(column.type)) })),
    key: key.map((column) => String(column.name)),
  };
}

function typeOf(declared: string): CopiedTable["columns"][number]["type"] {
  switch (declared.toLowerCase()) {
    case "bigint":
    case "integer":
    case "text":
      return declared.toLowerCase() as "bigint" | "integer" | "text";
    case "blob":
      return "bytea";
    default:
      throw new Error(`a column is declared as ${declared}, which has no counterpart`);
  }
}

/** All rows, in the order of the primary key, so many at a time; each page is read when it is asked for. */
export function* pagesOf(
  source: DatabaseSync,
  table: CopiedTable,
  rowsPerPage: number,
): Generator<readonly CopiedRow[]> {
  const key = table.key.join(", ");
  const first = source.prepare(`select * from ${table.name} order by ${key} limit ${rowsPerPage}`);
  const next = source.prepare(
    `select * from ${table.name} where (${key}) > (${table.key.map(() => "?").join(", ")}) order by ${key} limit ${rowsPerPage}`,
  );
  let rows = first.all() as CopiedRow[];
  while (rows.length > 0) {
    yield rows;
    const last = rows.at(-1) as CopiedRow;
    rows = next.all(...table.key.map((name) => last[name] as SQLInputValue)) as CopiedRow[];
  }
}

export function countOf(source: DatabaseSync, table: CopiedTable): number {
  return Number(source.prepare(`select count(*) as count from ${table.name}`).get()?.count);
}

/** Whether the source has a row of this key. */
export function holds(source: DatabaseSync, table: CopiedTable): (row: CopiedRow) => boolean {
  const find = source.prepare(
    `select 1 from ${table.name} where ${table.key.map((name) => `${name} = ?`).join(" and ")}`,
  );
  return (row) => find.get(...table.key.map((name) => row[name] as SQLInputValue)) !== undefined;
}

/** Equal for equal rows, in whatever classes a driver answers bytes. */
export function textOf(row: CopiedRow, columns: readonly { readonly name: string }[]): string {
  return JSON.stringify(
    columns.map(({ name }) => {
      const value = row[name];
      return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : value;
    }),
  );
}
