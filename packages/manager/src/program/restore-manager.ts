// Makes a data directory out of a backup: all of it, verified, or nothing.

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { syncDirectory } from "@countersign/terminal";
import { BackupError } from "../backup-error.ts";
import { readLicensingAuthorities } from "../certificates/authority-directory.ts";
import { ManagerError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { CopiedTableResult, CopyWish } from "../storage/copy/copy-database.ts";
import { sqlitePathOf } from "../storage/open-storage.ts";
import { type KeptFile, takeFilesOut } from "../storage/sqlite/backup-file.ts";
import { beginEpoch } from "../storage/sqlite/begin-epoch.ts";
import { Connection } from "../storage/sqlite/connection.ts";
import { migrate } from "../storage/sqlite/migrate.ts";
import { integrityProblems, sqliteSnapshot } from "../storage/sqlite/snapshot.ts";
import { type AuditVerdict, auditLedgers } from "../use-cases/ledger-audit/audit-ledger.ts";

export type RestoreWish = {
  readonly from: string;
  readonly dataDirectory: string;
  /** An empty PostgreSQL database that shall hold what was backed up; null for SQLite in the data directory. */
  readonly databaseUrl?: string | null;
  readonly clock?: Clock;
  /** Told of each table that was copied to PostgreSQL. */
  readonly onTable?: (result: CopiedTableResult) => void;
  /** Why; it stands in the audit log. */
  readonly reason?: string | undefined;
};
export type RestoreResult = {
  readonly dataDirectory: string;
  readonly takenAtMs: number;
  readonly reports: number;
  readonly provedWithoutBody: number;
  readonly acts: number;
  readonly ledgers: AuditVerdict["ledgers"];
};

/** No path comes from a file: only these names, as the manager itself gives them. */
const knownFile = /^(operators\.json|certificates\/[a-z][a-z-]{0,40}\.pem)$/;
const publicFile = "certificates/licensing-root.pem";

/**
 * Throws `restore_target_in_use`, `backup_unreadable`, `backup_damaged`, `storage_newer`, or a `DatabaseError`; no directory is
 * left behind then, and a PostgreSQL database that was begun is one that managers refuse.
 */
export async function restoreManager(wish: RestoreWish): Promise<RestoreResult> {
  const { from, databaseUrl = null, clock = { now: Date.now }, onTable = () => undefined, reason } = wish;
  const dataDirectory = resolve(wish.dataDirectory);
  if (existsSync(dataDirectory) && readdirSync(dataDirectory).length > 0)
    throw new BackupError("restore_target_in_use", dataDirectory);
  const building = `${dataDirectory}.restoring-${randomBytes(6).toString("hex")}`;
  mkdirSync(building, { recursive: true, mode: 0o700 });
  try {
    const { takenAtMs, ledgers } = await unpack(from, building, { now: clock.now(), reason });
    if (databaseUrl !== null) await moveToPostgresql(building, { databaseUrl, now: clock.now(), onTable });
    await syncDirectory(building);
    // Replaces an empty directory, and fails for one that something was put into meanwhile.
    renameSync(building, dataDirectory);
    await syncDirectory(resolve(dataDirectory, ".."));
    const sum = (count: (ledger: (typeof ledgers)[number]) => number) =>
      ledgers.reduce((total, ledger) => total + count(ledger), 0);
    const provedWithoutBody = sum((ledger) => ledger.provedWithoutBody);
    const reports = sum((ledger) => ledger.reports) + provedWithoutBody;
    return { dataDirectory, takenAtMs, reports, provedWithoutBody, acts: sum((ledger) => ledger.acts), ledgers };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** The last thing before the directory gets its name: only a whole copy may be used, and then it is verified. */
async function moveToPostgresql(building: string, wish: Pick<CopyWish, "databaseUrl" | "now" | "onTable">) {
  const sqlitePath = sqlitePathOf(building);
  const { copyDatabase } = await import("../storage/copy/copy-database.ts");
  await copyDatabase({ ...wish, sqlitePath, isLast: true });
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${sqlitePath}${ending}`, { force: true });
}

type Restoring = { readonly now: number; readonly reason: string | undefined };

async function unpack(from: string, building: string, restoring: Restoring) {
  const databaseFile = sqlitePathOf(building);
  copyFileSync(from, databaseFile);
  chmodSync(databaseFile, 0o600);
  try {
    return await takeApart(databaseFile, building, restoring);
  } catch (cause) {
    throw isKnown(cause) ? cause : new BackupError("backup_damaged", "It cannot be read to its end.", { cause });
  }
}

/** A refusal, or a disk that fails: whatever else a foreign file makes SQLite or a check trip over is damage. */
function isKnown(cause: unknown): boolean {
  return (
    cause instanceof BackupError || cause instanceof ManagerError || (cause instanceof Error && "syscall" in cause)
  );
}

async function takeApart(databaseFile: string, building: string, { now, reason }: Restoring) {
  const { takenAtMs, files } = takeFilesOut(databaseFile);
  for (const file of files) writeKept(building, file);
  const connection = new Connection(databaseFile, "write");
  try {
    const damage = integrityProblems(connection);
    if (damage.length > 0) throw new BackupError("backup_damaged", damage.join("; "));
    migrate(connection, now);
    const ledgers = await requireSound(databaseFile, building);
    const cause = { kind: "local", ...(reason === undefined ? {} : { reason }) } as const;
    await beginEpoch(connection, { startsAtMs: now, takenAtMs, randomness: { bytes: randomBytes }, cause });
    return { takenAtMs, ledgers };
  } finally {
    connection.close();
  }
}

/** Everything is recomputed from the raw reports before the manager may go on from it. */
async function requireSound(databaseFile: string, building: string): Promise<AuditVerdict["ledgers"]> {
  const authorities = await readLicensingAuthorities(building);
  const snapshot = sqliteSnapshot(databaseFile);
  const { isSound, ledgers, findings } = await snapshot((reader) => auditLedgers(reader, authorities));
  if (!isSound)
    throw new BackupError("backup_damaged", findings.map(({ code, where }) => `${code}: ${where}`).join("; "));
  return ledgers;
}

function writeKept(building: string, { name, content }: KeptFile): void {
  if (!knownFile.test(name)) throw new BackupError("backup_damaged", `It holds a file ${JSON.stringify(name)}.`);
  mkdirSync(join(building, "certificates"), { recursive: true, mode: 0o700 });
  writeFileSync(join(building, name), content, { mode: name === publicFile ? 0o644 : 0o600, flag: "wx", flush: true });
}
