// Hot backup: one file with everything that a manager needs to go on elsewhere, taken while it runs.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../ports.ts";
import type { CopiedTableResult } from "../storage/copy/copy-database.ts";
import { sqlitePathOf } from "../storage/open-storage.ts";
import { copySqlite, type KeptFile, writeBackupFile } from "../storage/sqlite/backup-file.ts";

export type BackupWish = {
  readonly dataDirectory: string;
  readonly to: string;
  /** Null for SQLite in the data directory. */
  readonly databaseUrl?: string | null;
  readonly clock?: Clock;
  /** Told of each table that was copied out of PostgreSQL. */
  readonly onTable?: (result: CopiedTableResult) => void;
};
export type BackupResult = {
  readonly file: string;
  readonly takenAtMs: number;
  /** Names of the files beside the database. */
  readonly files: readonly string[];
  /** What whoever holds the file can do with it. */
  readonly secrets: readonly string[];
};

export const backupSecrets: readonly string[] = [
  "the private keys of the licensing root, the issuing CA, the signing certificate and the HTTPS server",
  "hashes of operators' bearer tokens and of ID tokens (not the tokens themselves)",
  "all usage reports, with host names, serial numbers and account names",
];

/** Needs no lock and no help of a running manager. Throws `backup_exists`, or what the file system or a database says. */
export async function backupManager(wish: BackupWish): Promise<BackupResult> {
  const { dataDirectory, to, databaseUrl = null, clock = { now: Date.now }, onTable = () => undefined } = wish;
  const takenAtMs = clock.now();
  const files = readFiles(dataDirectory);
  await writeBackupFile(to, { takenAtMs, files }, async (path) => {
    if (databaseUrl === null) return copySqlite(sqlitePathOf(dataDirectory), path);
    const { copyToFile } = await import("../storage/copy/copy-to-file.ts");
    await copyToFile({ databaseUrl, path, now: takenAtMs, onTable });
  });
  return { file: to, takenAtMs, files: files.map(({ name }) => name), secrets: backupSecrets };
}

/** Each of these is only ever replaced as a whole, so what is read is one or the other, nothing between. */
function readFiles(dataDirectory: string): readonly KeptFile[] {
  const certificates = readdirSync(join(dataDirectory, "certificates"))
    .filter((name) => name.endsWith(".pem"))
    .map((name) => `certificates/${name}`);
  const operators = existsSync(join(dataDirectory, "operators.json")) ? ["operators.json"] : [];
  return [...certificates, ...operators].map((name) => ({ name, content: readFileSync(join(dataDirectory, name)) }));
}
