// Room inside the SQLite file that nothing uses any more, and giving it back to the file system while a manager goes on writing.

import type { DatabaseSync } from "node:sqlite";
import { Connection } from "./connection.ts";

export type FileSpace = { readonly bytes: number; readonly freeBytes: number };

/** Pages of one transaction: 2 MiB are moved at most, for which nobody waits long. */
const pagesPerStep = 512;
/** `pragma auto_vacuum`: the file keeps a map by which its last pages can be moved into free ones. */
const incremental = 2;

export class FileSpaceKeeper {
  readonly #connection: Connection;

  /** Throws what SQLite says about the file. */
  constructor(path: string) {
    this.#connection = new Connection(path, "write");
  }

  measure(): FileSpace {
    const { database } = this.#connection;
    const pageBytes = numberOf(database, "page_size");
    return {
      bytes: numberOf(database, "page_count") * pageBytes,
      freeBytes: numberOf(database, "freelist_count") * pageBytes,
    };
  }

  /** False for a file that an earlier version of this program made: it has to be written anew once. */
  get canShrinkOnline(): boolean {
    return numberOf(this.#connection.database, "auto_vacuum") === incremental;
  }

  /** One short transaction. Answers whether any free page is left. */
  shrinkSome(): boolean {
    const { database } = this.#connection;
    database.exec(`pragma incremental_vacuum(${pagesPerStep})`);
    // The file itself becomes smaller when the log is written into it, as far as no reader needs what was there.
    database.exec("pragma wal_checkpoint(passive)");
    return numberOf(database, "freelist_count") > 0;
  }

  /** The whole file, as one transaction: it needs the database for itself, and the room for all that is used once more. */
  writeAnew(): void {
    const { database } = this.#connection;
    database.exec("pragma auto_vacuum = incremental; vacuum; pragma wal_checkpoint(truncate)");
  }

  close(): void {
    this.#connection.close();
  }
}

function numberOf(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0]);
}
