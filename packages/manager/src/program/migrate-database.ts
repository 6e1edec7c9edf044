// Moves a manager from SQLite to PostgreSQL: as often as wanted while it runs, and a last time while it does not.

import { existsSync, renameSync, rmSync } from "node:fs";
import { lockDataDirectory } from "../data-directory/data-directory-lock.ts";
import { type CopiedTableResult, type CopyResult, copyDatabase } from "../storage/copy/copy-database.ts";
import { DatabaseError } from "../storage/database-error.ts";
import { movedPathOf, sqlitePathOf } from "../storage/open-storage.ts";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";

export type MigrateDatabaseOptions = {
  readonly dataDirectory: string;
  readonly databaseUrl: string;
  /** True to copy from a manager at work; then another run without it has to follow. */
  readonly isOnline: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly onTable?: (result: CopiedTableResult) => void;
};

/**
 * The last run holds the data directory's lock, so that nothing is accepted that would not be copied, and puts the SQLite
 * file aside, so that no manager goes on with it by mistake. Throws `DatabaseError` or `DataDirectoryInUseError`.
 */
export async function migrateDatabase(options: MigrateDatabaseOptions): Promise<CopyResult> {
  const { dataDirectory, databaseUrl, isOnline, now } = options;
  const sqlitePath = sqlitePathOf(dataDirectory);
  if (!existsSync(sqlitePath)) throw new DatabaseError("copy_source_missing", dataDirectory);
  const onTable = options.onTable ?? (() => undefined);
  if (isOnline) return copyDatabase({ sqlitePath, databaseUrl, isLast: false, now, onTable });
  const lock = lockDataDirectory(dataDirectory);
  try {
    // Brings the source to the newest schema, and what stands in its log into the file.
    await openSqliteStorage(sqlitePath, now).close();
    const result = await copyDatabase({ sqlitePath, databaseUrl, isLast: true, now, onTable });
    renameSync(sqlitePath, movedPathOf(dataDirectory));
    for (const ending of ["-wal", "-shm"]) rmSync(`${sqlitePath}${ending}`, { force: true });
    return result;
  } finally {
    lock.release();
  }
}
