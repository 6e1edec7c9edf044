// What can be wrong with a database as a whole, and with a copy of one. Codes are interface: never renamed, never reused.

import type { RetryClass } from "@countersign/protocol";

type Description = { readonly meaning: string; readonly remedy: string; readonly retry: RetryClass };

export const databaseErrors = {
  database_not_durable: {
    meaning:
      "The PostgreSQL server runs with fsync or full_page_writes switched off: it may lose what it called written.",
    remedy: "Set both to on in the server's configuration and restart it.",
    retry: "permanent",
  },
  database_of_other_root: {
    meaning: "The database belongs to managers with another licensing root than this data directory's.",
    remedy: "Replace the folder `certificates` of this data directory by a copy of theirs.",
    retry: "permanent",
  },
  database_moved: {
    meaning: "The database of this data directory was moved to PostgreSQL.",
    remedy: "Name that database: --database, the configuration file, or the environment.",
    retry: "permanent",
  },
  copy_source_missing: {
    meaning: "The data directory has no SQLite database.",
    remedy: "Name the data directory of the manager that is to be moved.",
    retry: "permanent",
  },
  copy_source_below: {
    meaning: "The manager stands below another one, which managers on PostgreSQL cannot.",
    remedy: "Leave it with the database that comes with it; PostgreSQL is for the manager above.",
    retry: "permanent",
  },
  copy_source_empty: {
    meaning: "The SQLite database has no account yet.",
    remedy: "There is nothing to move: use `init` with the new database.",
    retry: "permanent",
  },
  copy_schema_differs: {
    meaning: "The two databases are not both of this version of the program.",
    remedy: "Start the manager once with this version, then copy.",
    retry: "permanent",
  },
  copy_target_not_empty: {
    meaning: "The PostgreSQL database holds something else than an unfinished copy of this one.",
    remedy: "Name an empty database.",
    retry: "permanent",
  },
  copy_differs: {
    meaning: "The copy is not equal to its source.",
    remedy: "Run the copy again; if it stays, keep the SQLite database in use and report it.",
    retry: "transient",
  },
  copy_unfinished: {
    meaning: "The PostgreSQL database is an unfinished copy.",
    remedy: "Finish it with `countersign manager migrate-database`.",
    retry: "permanent",
  },
} as const satisfies Record<string, Description>;
export type DatabaseErrorCode = keyof typeof databaseErrors;

export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, detail = "", options?: ErrorOptions) {
    super(detail === "" ? databaseErrors[code].meaning : `${databaseErrors[code].meaning} (${detail})`, options);
    this.code = code;
  }

  get remedy(): string {
    return databaseErrors[this.code].remedy;
  }
}
