// The least group commit there is: whatever is added while a transaction runs goes into the next one.

import { DatabaseSync, type SQLInputValue } from "node:sqlite";

export type Rows = readonly (readonly SQLInputValue[])[];

export type GroupCommit = {
  /** Resolves when the rows, all of them, are durable. */
  add(rows: Rows): Promise<void>;
  close(): void;
};

/** A database as the manager keeps it (WAL, FULL) with one table of the shape key, number, bytes. */
export function openGroupCommit(file: string): GroupCommit {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY, a TEXT, b BLOB)");
  const insert = database.prepare("INSERT INTO rows (a, b) VALUES (?, ?)");
  let waiting: { readonly rows: Rows; resolve(): void }[] = [];
  const commit = (): void => {
    const taken = waiting;
    waiting = [];
    database.exec("BEGIN IMMEDIATE");
    for (const { rows } of taken) for (const row of rows) insert.run(...row);
    database.exec("COMMIT");
    for (const { resolve } of taken) resolve();
    if (waiting.length > 0) setImmediate(commit);
  };
  return {
    add: (rows) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ rows, resolve });
      return promise;
    },
    close: () => database.close(),
  };
}
