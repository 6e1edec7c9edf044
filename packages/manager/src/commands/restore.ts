// countersign manager restore: a new data directory out of a backup.

import type { Command } from "@countersign/terminal";
import { databaseUrlOf } from "../configuration/database-url.ts";
import { reasonOption } from "./administer.ts";
import { configurationOf, dataDirectoryOptions } from "./configuration-options.ts";
import {
  failWith,
  formatInstant,
  optionText,
  renderFacts,
  requireWords,
  show,
  tableTeller,
  UsageError,
} from "./output.ts";

export const restore: Command = {
  name: "restore",
  summary: "Make a manager out of a backup, on SQLite or PostgreSQL, after recomputing its ledger from the raw reports",
  usage: "--from FILE --data-directory DIR [--database postgres://…] [--reason TEXT]",
  options: {
    ...dataDirectoryOptions,
    from: { type: "string", description: "A file that `countersign manager backup` has written." },
    ...reasonOption,
  },
  run: async (input) => {
    try {
      requireWords(input);
      const from = optionText(input, "from");
      if (from === undefined) throw new UsageError("--from is missing");
      const { values } = configurationOf(input);
      const { dataDirectory } = values;
      const databaseUrl = databaseUrlOf(values);
      const { restoreManager } = await import("../program/restore-manager.ts");
      const onTable = tableTeller(input);
      const wish = { from, dataDirectory, databaseUrl, onTable, reason: optionText(input, "reason") };
      return show(input, await restoreManager(wish), (result) =>
        renderFacts([
          ["Data directory", result.dataDirectory],
          ["As of", formatInstant(result.takenAtMs)],
          ["Reports", `${result.reports}, each compared with its hash and its leaf`],
          ...(result.provedWithoutBody === 0
            ? []
            : [["Purged bodies", `${result.provedWithoutBody} of these`] as const]),
          ["Administrative acts", `${result.acts}, each compared with its leaf`],
          ...result.ledgers.map(({ size, rootSha256 }) => ["Ledger", `${size} leaves, head ${rootSha256}`] as const),
        ]),
      );
    } catch (error) {
      return failWith(error, input);
    }
  },
};
