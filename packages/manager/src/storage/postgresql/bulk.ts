// Many rows of one smart account in one statement: a column is an array, and the text of the statement stays the same, so
// that it is prepared once however many rows there are.

import type { Session, Value } from "./connection.ts";

export type Column<T> = {
  readonly name: string;
  readonly type: "bigint" | "integer" | "text" | "bytea";
  readonly of: (item: T) => string | number | null | Uint8Array;
};

export type BulkInsert<T> = { readonly sql: string; readonly columns: readonly Column<T>[] };

/** `ending` is what follows the rows: a conflict clause, or nothing. */
export function bulkInsert<T>(table: string, columns: readonly Column<T>[], ending = ""): BulkInsert<T> {
  const names = columns.map(({ name }) => name).join(", ");
  const arrays = columns.map(({ type }, at) => `$${at + 2}::${type}[]`).join(", ");
  const sql = `insert into ${table} (smart_account_id, ${names}) select $1::bigint, given.* from unnest(${arrays}) as given ${ending}`;
  return { sql, columns };
}

/** `on conflict (key) do update` of every other column. */
export function replacing<T>(key: readonly string[], columns: readonly Column<T>[]): string {
  const changed = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => `${name} = excluded.${name}`);
  return `on conflict (smart_account_id, ${key.join(", ")}) do update set ${changed.join(", ")}`;
}

/** Does nothing for no items. Answers the number of rows changed. */
export async function insertAll<T>(
  session: Session,
  { sql, columns }: BulkInsert<T>,
  smartAccountId: number,
  items: readonly T[],
): Promise<number> {
  if (items.length === 0) return 0;
  const arrays: Value[] = columns.map(({ of }) => items.map(of));
  return session.run(sql, smartAccountId, ...arrays);
}
