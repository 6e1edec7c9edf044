// A backup is one SQLite file: the manager's database as of one moment, compact, and beside its tables the other files of
// the data directory. It is taken by a connection of its own, so a running manager goes on writing. The file is the same
// whatever database the manager has.

import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BackupError } from "../../backup-error.ts";

/** Another format gets another number, and this program says so instead of guessing. */
const formatVersion = 1;
const busyTimeoutMs = 10_000;

export type KeptFile = { readonly name: string; readonly content: Uint8Array };
export type BackupContent = { readonly takenAtMs: number; readonly files: readonly KeptFile[] };

/**
 * Writes the backup under another name, flushes it, and only then gives it its own. Throws `backup_exists`, or what `fill`
 * throws, which writes the manager's tables into an empty file. The file can be read by its owner only: private keys are in it.
 */
export async function writeBackupFile(
  target: string,
  content: BackupContent,
  fill: (building: string) => void | Promise<void>,
): Promise<void> {
  const building = `${target}.${randomBytes(6).toString("hex")}.new`;
  closeSync(openSync(building, "wx", 0o600));
  try {
    await fill(building);
    addFiles(building, content);
    flush(building);
    // Unlike a rename, a link never replaces what is there.
    linkSync(building, target);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST")
      throw new BackupError("backup_exists", target, { cause });
    throw cause;
  } finally {
    for (const ending of ["", "-wal", "-shm"]) rmSync(`${building}${ending}`, { force: true });
  }
  flush(dirname(resolve(target)));
}

/** The state of one moment, whatever is written meanwhile. */
export function copySqlite(databaseFile: string, building: string): void {
  const source = new DatabaseSync(databaseFile, { readOnly: true, timeout: busyTimeoutMs });
  try {
    // What is restored from it can give room back, whatever the source could.
    if (source.prepare("pragma auto_vacuum").get()?.auto_vacuum === 0) source.exec("pragma auto_vacuum = incremental");
    source.prepare("vacuum into ?").run(building);
  } finally {
    source.close();
  }
}

function addFiles(path: string, { takenAtMs, files }: BackupContent): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(`begin immediate;
      create table backup_facts (format_version integer not null, taken_at_ms integer not null);
      create table backup_files (name text primary key, content blob not null)`);
    database.prepare("insert into backup_facts values (?, ?)").run(formatVersion, takenAtMs);
    const add = database.prepare("insert into backup_files values (?, ?)");
    for (const { name, content } of files) add.run(name, content);
    database.exec("commit");
  } finally {
    database.close();
  }
}

/**
 * Takes the files of a copied backup out of it, so that what remains is the manager's database; erases what it deletes,
 * because there are keys among it. Throws `backup_unreadable`.
 */
export function takeFilesOut(path: string): BackupContent {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path);
    database.exec("pragma secure_delete = on");
  } catch (cause) {
    throw new BackupError("backup_unreadable", "", { cause });
  }
  try {
    const content = readContent(database);
    database.exec("begin immediate; drop table backup_files; drop table backup_facts; commit");
    return content;
  } finally {
    database.close();
  }
}

function readContent(database: DatabaseSync): BackupContent {
  try {
    const facts = database.prepare("select format_version, taken_at_ms from backup_facts").get();
    if (facts?.format_version !== formatVersion) throw new Error(`format ${facts?.format_version}`);
    const files = database.prepare("select name, content from backup_files order by name").all();
    return {
      takenAtMs: Number(facts.taken_at_ms),
      files: files.map(({ name, content }) => ({ name: String(name), content: content as Uint8Array })),
    };
  } catch (cause) {
    throw new BackupError("backup_unreadable", "", { cause });
  }
}

function flush(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
