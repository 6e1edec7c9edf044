// Brings a database to the newest schema, one transaction per migration.

import { ManagerError } from "../../errors.ts";
import { sqliteDialect } from "../dialect.ts";
import { type Migration, migrations } from "../migrations/migration.ts";
import type { Connection } from "./connection.ts";

/** Throws `storage_newer` for a database that a newer version of the program has migrated. */
export function migrate(connection: Connection, now: number, all: readonly Migration[] = migrations): void {
  connection.database.exec(
    "create table if not exists schema_migrations (version integer primary key, name text not null, applied_at_ms bigint not null)",
  );
  const applied = schemaVersion(connection);
  if (applied > all.length)
    throw new ManagerError("storage_newer", `Schema version ${applied}; this version knows ${all.length}.`);
  for (const migration of all.slice(applied)) apply(connection, migration, now);
}

export function schemaVersion(connection: Connection): number {
  const row = connection.database.prepare("select max(version) as version from schema_migrations").get();
  return Number(row?.version ?? 0);
}

function apply(connection: Connection, migration: Migration, now: number): void {
  const { database } = connection;
  database.exec("begin immediate");
  try {
    // Another process may have been first while this one waited for the lock.
    if (schemaVersion(connection) < migration.version) {
      for (const statement of migration.statements(sqliteDialect)) database.exec(statement);
      database.prepare("insert into schema_migrations values (?, ?, ?)").run(migration.version, migration.name, now);
    }
    database.exec("commit");
  } catch (error) {
    database.exec("rollback");
    throw error;
  }
}
