// The SQLite file as it is at one moment, for reading only, beside a manager that goes on writing.

import type { OpenSnapshot } from "../../storage-ports.ts";
import { auditReader } from "../mapping/audit-reader.ts";
import type { Row } from "../mapping/row.ts";
import { accountReader } from "./account-rows.ts";
import { bodyReader } from "./body-rows.ts";
import { Connection } from "./connection.ts";
import { ledgerReader } from "./ledger-rows.ts";
import { trustReader } from "./trust-rows.ts";

export function sqliteSnapshot(path: string): OpenSnapshot {
  return async (work) => {
    const connection = new Connection(path, "read");
    try {
      // Millions of rows are put in order: on disk, not in memory.
      connection.database.exec("pragma temp_store = file");
      connection.database.exec("begin");
      const readers = {
        accounts: accountReader(connection),
        bodies: bodyReader(connection),
        ledger: ledgerReader(connection),
        trust: trustReader(connection),
      };
      return await work(auditReader(readers, (sql, id) => stream(connection, sql, id)));
    } finally {
      connection.close();
    }
  };
}

async function* stream({ database }: Connection, sql: string, smartAccountId: number): AsyncIterable<Row> {
  for (const row of database.prepare(sql.replaceAll("$1", "?1")).iterate(smartAccountId)) yield row as Row;
}

/** What SQLite itself finds wrong with the file; empty when nothing is. */
export function integrityProblems({ database }: Connection): readonly string[] {
  const lines = database.prepare("pragma integrity_check").all();
  return lines.flatMap(({ integrity_check: line }) => (line === "ok" ? [] : [String(line)]));
}
