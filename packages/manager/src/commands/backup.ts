// countersign manager backup: one file with everything, taken while the manager runs.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "@countersign/terminal";
import { databaseUrlOf } from "../configuration/database-url.ts";
import { sqlitePathOf } from "../storage/open-storage.ts";
import { NotInitialisedError } from "./administer.ts";
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

export const backup: Command = {
  name: "backup",
  summary: "Write a backup of the manager, whatever its database, to one file, also while it runs",
  usage: "--to FILE",
  options: {
    ...dataDirectoryOptions,
    to: { type: "string", description: "The file to write; it must not exist. Only its owner can read it." },
  },
  run: async (input) => {
    try {
      requireWords(input);
      const to = optionText(input, "to");
      if (to === undefined) throw new UsageError("--to is missing");
      const { values } = configurationOf(input);
      const { dataDirectory } = values;
      const databaseUrl = databaseUrlOf(values);
      const needed = databaseUrl === null ? sqlitePathOf(dataDirectory) : join(dataDirectory, "certificates");
      if (!existsSync(needed)) throw new NotInitialisedError(`There is no manager in ${dataDirectory}.`);
      const { backupManager } = await import("../program/backup-manager.ts");
      const onTable = tableTeller(input);
      const result = await backupManager({ dataDirectory, databaseUrl, to, onTable });
      return show(input, result, ({ file, takenAtMs, secrets }) => {
        const facts = renderFacts([
          ["Backup", file],
          ["As of", formatInstant(takenAtMs)],
        ]);
        return `${facts}Keep it as you keep the manager itself. In it are:\n${secrets.map((one) => `  - ${one}\n`).join("")}`;
      });
    } catch (error) {
      return failWith(error, input);
    }
  },
};
