// One row of a table, its columns checked against the schema's types. kysely writes the statement.

import { queriesIn, type Tables } from "../schema.ts";
import type { Session, Value } from "./connection.ts";

export const queries = queriesIn(({ DummyDriver, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler }) => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
}));

/** The row's columns in the order of the literal; `smart_account_id` leads. */
export async function insertRow<T extends keyof Tables>(session: Session, table: T, row: Tables[T]): Promise<void> {
  const values: Readonly<Record<string, unknown>> = row;
  const columns = Object.keys(values).filter((name) => name !== "smart_account_id");
  const ordered = Object.fromEntries(["smart_account_id", ...columns].map((name) => [name, values[name]]));
  const { sql, parameters } = queries()
    .insertInto(table)
    .values(ordered as never)
    .compile();
  const [smartAccountId, ...rest] = parameters;
  await session.run(sql, smartAccountId as number, ...(rest as Value[]));
}
