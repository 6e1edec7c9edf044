// The rows that the judge of `npm run torture` looks at, from a PostgreSQL server into a file that it can read. Plain SQL and
// none of the manager's code, and no unique keys: a row that is there twice has to be seen twice.

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { clientOf } from "@countersign/manager/test-support/postgresql-server";

/** Each with the columns by which the judge looks rows up. */
const tables = {
  product_instances: "product_instance_identifier",
  reports: "smart_account_id, installation_id, report_id",
  report_bodies: "smart_account_id, leaf_index",
  ledgers: "smart_account_id",
  ledger_tiles: "smart_account_id, level, tile_index",
  tree_heads: "smart_account_id, size",
  audit_entries: "smart_account_id, leaf_index",
  usage_totals: "smart_account_id",
} as const;

export async function copyForAudit(server: Parameters<typeof clientOf>[0], file: string): Promise<void> {
  const client = clientOf(server);
  const target = new DatabaseSync(file);
  await client.connect();
  try {
    await client.query("begin isolation level repeatable read read only");
    target.exec("begin");
    for (const [table, lookUp] of Object.entries(tables)) {
      await copyTable(client, target, table);
      target.exec(`create index ${table}_look_up on ${table} (${lookUp})`);
    }
    target.exec("commit");
  } finally {
    target.close();
    await client.end();
  }
}

async function copyTable(client: ReturnType<typeof clientOf>, target: DatabaseSync, table: string): Promise<void> {
  const { rows, fields } = await client.query({ text: `select * from ${table}`, rowMode: "array" });
  target.exec(
    `create table ${table} (${fields.map(({ name, dataTypeID }) => `${name} ${typeOf(dataTypeID)}`).join(", ")})`,
  );
  const insert = target.prepare(`insert into ${table} values (${fields.map(() => "?").join(", ")})`);
  for (const row of rows as SQLInputValue[][]) insert.run(...row);
}

const integers: readonly number[] = [20, 23];

/** The driver answers bigint as text, which a column of this affinity takes as the number that it is. */
function typeOf(dataTypeId: number): string {
  return integers.includes(dataTypeId) ? "integer" : "";
}
