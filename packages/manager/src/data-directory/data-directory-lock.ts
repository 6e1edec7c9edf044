// One program at a time on one data directory. The lock is SQLite's own file lock on an empty database, so the operating
// system gives it back when the holder dies, however it dies (docs/decisions/0015-one-manager-one-data-directory.md).

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const lockFile = "manager.lock";
const holderFile = "manager.pid";
/** A command holds the lock for moments only; a manager that starts meanwhile waits this long. */
const lockWaitMs = 2000;

/** Another program works on the data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = "DataDirectoryInUseError";
  readonly code = "data_directory_in_use";
  readonly remedy = "Stop the other manager, or give this one a data directory of its own.";
}

export type DataDirectoryLock = { release(): void };

/** Takes the lock, or throws `DataDirectoryInUseError` naming the holder. Makes the directory (owner only) if it is missing. */
export function lockDataDirectory(dataDirectory: string, waitMs = lockWaitMs): DataDirectoryLock {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(dataDirectory, lockFile));
  try {
    database.exec(`PRAGMA busy_timeout=${waitMs}; PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE`);
  } catch (cause) {
    database.close();
    throw new DataDirectoryInUseError(`The data directory ${dataDirectory} is in use${holderOf(dataDirectory)}.`, {
      cause,
    });
  }
  writeFileSync(join(dataDirectory, holderFile), `${process.pid}\n`, { mode: 0o600 });
  return { release: () => database.close() };
}

function holderOf(dataDirectory: string): string {
  try {
    return ` by process ${Number(readFileSync(join(dataDirectory, holderFile), "utf8"))}`;
  } catch {
    // The holder may be between taking the lock and writing its number; the refusal stands without it.
    return "";
  }
}
