// countersign manager compact: gives the room that a purge left free back to the file system, while the manager works.

import { existsSync } from "node:fs";
import type { Command } from "@countersign/terminal";
import { databaseUrlOf } from "../configuration/database-url.ts";
import type { CompactResult } from "../program/compact-database.ts";
import { sqlitePathOf } from "../storage/open-storage.ts";
import { NotInitialisedError } from "./administer.ts";
import { configurationOf, dataDirectoryOptions } from "./configuration-options.ts";
import { failWith, renderFacts, requireWords, show, UsageError } from "./output.ts";

export const compact: Command = {
  name: "compact",
  summary: "Give the space of purged report bodies back to the file system, also while the manager runs (SQLite)",
  options: dataDirectoryOptions,
  run: async (input) => {
    try {
      requireWords(input);
      const { values } = configurationOf(input);
      const { dataDirectory } = values;
      if (databaseUrlOf(values) !== null)
        throw new UsageError("PostgreSQL does it by itself; see docs/operating/README.md, How long reports are kept");
      if (!existsSync(sqlitePathOf(dataDirectory)))
        throw new NotInitialisedError(`There is no manager in ${dataDirectory}.`);
      const { compactDatabase } = await import("../program/compact-database.ts");
      return show(input, await compactDatabase(dataDirectory, input.signal), render);
    } catch (error) {
      return failWith(error, input);
    }
  },
};

function render({ before, after, isInterrupted }: CompactResult): string {
  const mebibytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`;
  const facts = renderFacts([
    ["Before", `${mebibytes(before.bytes)}, ${mebibytes(before.freeBytes)} of them free`],
    ["Now", `${mebibytes(after.bytes)}, ${mebibytes(after.freeBytes)} of them free`],
  ]);
  return `${facts}${isInterrupted ? "Interrupted; the next run goes on from here.\n" : ""}`;
}
