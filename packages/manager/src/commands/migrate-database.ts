// countersign manager migrate-database: moves a manager from SQLite to PostgreSQL.

import { resolve } from "node:path";
import type { Command, CommandInput } from "@countersign/terminal";
import { databaseUrlOf } from "../configuration/database-url.ts";
import { resolveConfiguration } from "../configuration/resolve-configuration.ts";
import type { CopyResult } from "../storage/copy/copy-database.ts";
import { configurationOf, dataDirectoryOptions } from "./configuration-options.ts";
import { failWith, optionText, requireWords, show, tableTeller, UsageError } from "./output.ts";

export const migrateDatabase: Command = {
  name: "migrate-database",
  summary: "Copy the SQLite database of a data directory to PostgreSQL, verified and resumable",
  usage: "--from sqlite {--to postgres://… | --to-url-file FILE} [--online]",
  options: {
    config: dataDirectoryOptions.config as NonNullable<Command["options"]>[string],
    "data-directory": dataDirectoryOptions["data-directory"] as NonNullable<Command["options"]>[string],
    from: { type: "string", description: "What to copy from; sqlite is the only kind." },
    to: { type: "string", description: "The PostgreSQL database, a URL without a password." },
    "to-url-file": { type: "string", description: "File with the URL, for one that carries a password." },
    online: {
      type: "boolean",
      description:
        "Copy while the manager runs; run again without this once it is stopped, which then takes less time.",
    },
  },
  run: async (input) => {
    try {
      return show(input, await run(input), render);
    } catch (error) {
      return failWith(error, input);
    }
  },
};

type Shown = CopyResult & { readonly dataDirectory: string };

async function run(input: CommandInput): Promise<Shown> {
  requireWords(input);
  if (optionText(input, "from") !== "sqlite") throw new UsageError("--from must be sqlite");
  const databaseUrl = targetOf(input);
  const { dataDirectory } = configurationOf(input).values;
  const { migrateDatabase: migrate } = await import("../program/migrate-database.ts");
  const result = await migrate({
    dataDirectory,
    databaseUrl,
    isOnline: input.values.online === true,
    now: Date.now(),
    onTable: tableTeller(input),
  });
  return { ...result, dataDirectory: resolve(dataDirectory) };
}

/** Checked as the setting is: a password never stands on a command line. */
function targetOf(input: CommandInput): string {
  const database = optionText(input, "to") ?? "";
  const databaseUrlFile = optionText(input, "to-url-file") ?? "";
  const flags = { database, "database-url-file": databaseUrlFile };
  const url = databaseUrlOf(resolveConfiguration({ fileText: null, environment: {}, flags }).values);
  if (url === null) throw new UsageError("--to or --to-url-file is missing");
  return url;
}

function render({ tables, ledgers, isFinished, dataDirectory }: Shown): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  if (!isFinished)
    return `${rows} rows were copied from a manager at work. Stop it and run this again without --online to finish.\n`;
  const heads = ledgers.map(({ smartAccountId, size }) => `${smartAccountId}: ${size} leaves`).join(", ");
  return `${rows} rows are equal in both databases, ledger heads too (smart account ${heads || "without leaves"}).
The SQLite file was put aside in ${dataDirectory}; start the manager with --database from now on.\n`;
}
