// Brings a database to the newest schema, one transaction per migration, however many managers start at once.

import type pg from "pg";
import { ManagerError } from "../../errors.ts";
import { postgresqlDialect } from "../dialect.ts";
import { type Migration, migrations } from "../migrations/migration.ts";
import { kindOfFailure } from "./failures.ts";

const attemptsMax = 20;

/** Throws `storage_newer` for a database that a newer version of the program has migrated. */
export async function migrate(pool: pg.Pool, now: number, all: readonly Migration[] = migrations): Promise<void> {
  await untilNoConflict(() =>
    pool.query(
      "create table if not exists schema_migrations (version integer primary key, name text not null, applied_at_ms bigint not null)",
    ),
  );
  const applied = await schemaVersion(pool);
  if (applied > all.length)
    throw new ManagerError("storage_newer", `Schema version ${applied}; this version knows ${all.length}.`);
  for (const migration of all.slice(applied)) await untilNoConflict(() => apply(pool, migration, now));
}

export async function schemaVersion(on: Pick<pg.Pool, "query">): Promise<number> {
  const { rows } = await on.query("select coalesce(max(version), 0) as version from schema_migrations");
  return Number(rows[0]?.version);
}

/** What the server's own catalogue says to the second of two that make the same table, or its type, at one moment. */
const madeByAnother: ReadonlySet<unknown> = new Set(["42P07", "42710"]);

/** Whoever was second finds the table the next time. */
export async function untilNoConflict(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run();
      return;
    } catch (error) {
      const isConflict = kindOfFailure(error) === "conflict" || madeByAnother.has((error as { code?: unknown }).code);
      if (!isConflict || attempt >= attemptsMax) throw error;
    }
  }
}

async function apply(pool: pg.Pool, migration: Migration, now: number): Promise<void> {
  const client = await pool.connect();
  let isWell = false;
  try {
    await client.query("begin");
    // The row first: another process waits here until this one has committed, and then finds its work done.
    const { rowCount } = await client.query(
      "insert into schema_migrations (version, name, applied_at_ms) values ($1, $2, $3) on conflict do nothing",
      [migration.version, migration.name, now],
    );
    if (rowCount === 1) for (const statement of migration.statements(postgresqlDialect)) await client.query(statement);
    await client.query("commit");
    isWell = true;
  } finally {
    if (!isWell) await client.query("rollback").catch(() => undefined);
    client.release(!isWell);
  }
}
