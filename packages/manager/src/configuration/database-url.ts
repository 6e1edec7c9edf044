// Where the database is, as the settings say it: from the setting itself, or from a file where a password belongs to it.

import { readFileSync, statSync } from "node:fs";
import { ConfigurationError } from "./resolve-configuration.ts";
import type { Configuration } from "./settings.ts";

const othersMayRead = 0o004;

/** Null for SQLite in the data directory. Throws `ConfigurationError`; no problem repeats what stands in the file. */
export function databaseUrlOf({
  database,
  databaseUrlFile,
}: Pick<Configuration, "database" | "databaseUrlFile">): string | null {
  if (databaseUrlFile === "") return database === "" ? null : database;
  const problem = (text: string) => new ConfigurationError([`databaseUrlFile: ${databaseUrlFile}: ${text}`]);
  if (database !== "") throw problem("only one of database and databaseUrlFile can be set");
  let url: string;
  try {
    if ((statSync(databaseUrlFile).mode & othersMayRead) !== 0) throw problem("other users may read it");
    url = readFileSync(databaseUrlFile, "utf8").trim();
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    throw problem("cannot be read");
  }
  if (!/^postgres(ql)?:\/\/\S+$/.test(url)) throw problem("does not hold one postgres:// URL");
  return url;
}
