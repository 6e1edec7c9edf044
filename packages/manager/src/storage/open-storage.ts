// Picks the adapter. PostgreSQL's driver is loaded only where it is used.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SharedTurns } from "../ports.ts";
import type { OpenSnapshot, Storage } from "../storage-ports.ts";
import { DatabaseError } from "./database-error.ts";
import { sqliteSnapshot } from "./sqlite/snapshot.ts";
import { openSqliteStorage } from "./sqlite/sqlite-storage.ts";

export type StorageWish = {
  readonly dataDirectory: string;
  /** Null for SQLite in the data directory. */
  readonly databaseUrl: string | null;
  readonly connectionsMax: number;
  /** How long a lost server is waited for, in milliseconds. */
  readonly retryForMs: number;
  /** A PostgreSQL without a synchronous standby counts as lost. */
  readonly isStandbyRequired: boolean;
  /** SHA-256 of the licensing root; managers that share a database have the same. */
  readonly rootFingerprint: string;
  /** Stamps migrations that are applied; epoch milliseconds. */
  readonly now: number;
  /** Shared with other threads that write to the SQLite file. */
  readonly turns: SharedTurns;
};

/** Throws `storage_newer`, `database_not_durable`, or what the database says. */
export async function openStorage({
  dataDirectory,
  databaseUrl,
  connectionsMax,
  retryForMs,
  isStandbyRequired,
  rootFingerprint,
  now,
  turns,
}: StorageWish): Promise<Storage> {
  if (databaseUrl === null) {
    if (existsSync(movedPathOf(dataDirectory)) && !existsSync(sqlitePathOf(dataDirectory))) {
      // A manager that went on with SQLite would acknowledge what its successor never hears of.
      throw new DatabaseError("database_moved", movedPathOf(dataDirectory));
    }
    return openSqliteStorage(sqlitePathOf(dataDirectory), now, turns);
  }
  const { openPostgresqlStorage } = await import("./postgresql/postgresql-storage.ts");
  return openPostgresqlStorage({
    url: databaseUrl,
    ...{ connectionsMax, retryForMs, isStandbyRequired, rootFingerprint, now },
  });
}

/** The database of a data directory at one moment, whether its manager runs or not. Throws what the database says. */
export async function openSnapshot(where: Pick<StorageWish, "dataDirectory" | "databaseUrl">): Promise<OpenSnapshot> {
  if (where.databaseUrl === null) return sqliteSnapshot(sqlitePathOf(where.dataDirectory));
  const { postgresqlSnapshot } = await import("./postgresql/snapshot.ts");
  return postgresqlSnapshot(where.databaseUrl);
}

/** Where the SQLite file stands after a move. */
export function movedPathOf(dataDirectory: string): string {
  return `${sqlitePathOf(dataDirectory)}.moved`;
}

export function sqlitePathOf(dataDirectory: string): string {
  return join(dataDirectory, "manager.sqlite");
}
