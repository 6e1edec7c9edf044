// One relay serves from one state directory: SQLite's own file lock, which the system gives back however its holder ends.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RelayError } from "../relay-error.ts";

const sqliteBusy = 5;

/** Throws `relay_running`; what the disk says where it cannot be written. */
export function lockForServing(directory: string): { release(): void } {
  const database = new DatabaseSync(join(directory, "serving.lock"), { timeout: 500 });
  try {
    database.exec(
      "pragma locking_mode = exclusive; begin exclusive; create table if not exists held (at integer); commit",
    );
    database.exec("begin exclusive");
  } catch (cause) {
    database.close();
    if (!(cause instanceof Error && "errcode" in cause && cause.errcode === sqliteBusy)) throw cause;
    throw new RelayError("relay_running", directory, { cause });
  }
  return { release: () => database.close() };
}
