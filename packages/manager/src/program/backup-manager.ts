// Hot backup: one file with everything that a manager needs to go on elsewhere, taken while it runs.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../ports.ts";
import { type KeptFile, writeBackupFile } from "../storage/sqlite/backup-file.ts";

export type BackupWish = { readonly dataDirectory: string; readonly to: string; readonly clock?: Clock };
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

/** Needs no lock and no help of a running manager. Throws `backup_exists`, or what the file system says. */
export function backupManager({ dataDirectory, to, clock = { now: Date.now } }: BackupWish): BackupResult {
  const takenAtMs = clock.now();
  const files = readFiles(dataDirectory);
  writeBackupFile(join(dataDirectory, "manager.sqlite"), to, { takenAtMs, files });
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
