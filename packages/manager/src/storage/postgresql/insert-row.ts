// One row of a table, its columns checked against the schema's types.

import type { Tables } from "../schema.ts";
import { statementsWith } from "../statements.ts";
import type { Session, Value } from "./connection.ts";

/** In PostgreSQL's words; running them is the session's business. */
export const statements = statementsWith((number) => `$${number}`);

/** The row's columns in the order of the literal; `smart_account_id` leads. */
export async function insertRow<T extends keyof Tables>(session: Session, table: T, row: Tables[T]): Promise<void> {
  const values: Readonly<Record<string, unknown>> = row;
  const columns = Object.keys(values).filter((name) => name !== "smart_account_id");
  const ordered = Object.fromEntries(["smart_account_id", ...columns].map((name) => [name, values[name]]));
  const { sql, parameters } = statements.insertInto(table, ordered as Tables[T]).compile();
  const [smartAccountId, ...rest] = parameters;
  await session.run(sql, smartAccountId as number, ...(rest as Value[]));
}
