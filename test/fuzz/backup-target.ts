// A backup comes from wherever its operator kept it: a file of SQLite with a manager's tables, or anything else under that name.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BackupError, backupManager, ManagerError, restoreManager } from "@countersign/manager";
import { type FuzzTarget, takesOrRefuses } from "./fuzz-target.ts";

/** `dataDirectory` is that of a manager with reports in it; `folder` is used for the files. */
export async function backupTarget(dataDirectory: string, folder: string): Promise<FuzzTarget> {
  const file = join(folder, "backup");
  const restored = join(folder, "restored");
  await backupManager({ dataDirectory, to: file });
  return {
    ...{ name: "backup", grammar: "der", seeds: [readFileSync(file)] },
    feed: takesOrRefuses(
      async (input) => {
        writeFileSync(file, input);
        rmSync(restored, { recursive: true, force: true });
        await restoreManager({ from: file, dataDirectory: restored });
      },
      (error) => error instanceof BackupError || error instanceof ManagerError,
    ),
  };
}
