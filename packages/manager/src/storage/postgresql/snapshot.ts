// The database as it is at one moment, for reading only, beside managers that go on writing. Rows come through cursors.

import type pg from "pg";
import type { OpenSnapshot } from "../../storage-ports.ts";
import { auditReader } from "../mapping/audit-reader.ts";
import type { Row } from "../mapping/row.ts";
import { accountReader } from "./account-rows.ts";
import { bodyReader } from "./body-rows.ts";
import { openPool, runStatement, type Session } from "./connection.ts";
import { ledgerReader } from "./ledger-rows.ts";
import { trustReader } from "./trust-rows.ts";

const rowsPerFetch = 1000;

export function postgresqlSnapshot(url: string): OpenSnapshot {
  return async (work) => {
    // Putting millions of rows in order takes as long as it takes.
    const pool = openPool({ url, connectionsMax: 1, isPipelined: false, statementTimeoutMs: 0 });
    try {
      const client = await pool.connect();
      try {
        await client.query("begin isolation level repeatable read read only");
        await client.query("set local idle_in_transaction_session_timeout = 0");
        const session = sessionOf(client);
        const readers = {
          accounts: accountReader(session),
          bodies: bodyReader(session),
          ledger: ledgerReader(session),
          trust: trustReader(session),
        };
        return await work(auditReader(readers, cursors(client)));
      } finally {
        client.release(true);
      }
    } finally {
      await pool.end();
    }
  };
}

function cursors(client: pg.PoolClient) {
  let opened = 0;
  return async function* stream(sql: string, smartAccountId: number): AsyncIterable<Row> {
    opened += 1;
    const name = `audit_${opened}`;
    await client.query(`declare ${name} no scroll cursor for ${sql}`, [smartAccountId]);
    for (;;) {
      const { rows } = await client.query(`fetch ${rowsPerFetch} from ${name}`);
      yield* rows as Row[];
      if (rows.length < rowsPerFetch) break;
    }
    await client.query(`close ${name}`);
  };
}

function sessionOf(client: pg.PoolClient): Session {
  const all = async (sql: string, ...values: Parameters<typeof runStatement>[2]) =>
    (await runStatement(client, sql, values)).rows;
  return {
    all: (sql, ...values) => all(sql, ...values),
    first: async (sql, ...values) => (await all(sql, ...values))[0],
    run: () => Promise.reject(new Error("nothing is written in a snapshot")),
    anywhere: (sql, ...values) => all(sql, ...values),
    lookUp: async (sql, ...values) => (await all(sql, ...values))[0],
  };
}
