// A directory of the file system as the agent's disk: owner-only, atomic replacement, flushed before it answers.
// No file stays open between calls, so that a process can hold thousands of agents.
//
// What a change of usage waits for (`overwrite`, `append`) goes to the thread pool once: it is one write, which on a file opened
// for synchronous writing returns when the bytes are durable. Opening and closing wait for no disk, and cost less than
// waking a thread for them (docs/decisions/0105-a-durable-write-wakes-one-thread.md).

import { closeSync, constants, fdatasync, fstatSync, openSync, write } from "node:fs";
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AgentError } from "../agent-error.ts";
import type { Disk } from "../ports.ts";

const directoryMode = 0o700;
const fileMode = 0o600;

export class FileDisk implements Disk {
  readonly #root: string;
  readonly #foldersMade = new Set<string>();

  private constructor(root: string) {
    this.#root = root;
  }

  /** Creates the directory and takes the rights of others away; throws `directory_unusable`. */
  static async open(root: string): Promise<FileDisk> {
    try {
      await mkdir(root, { recursive: true, mode: directoryMode });
      await chmod(root, directoryMode);
    } catch (cause) {
      throw new AgentError("directory_unusable", root, { cause });
    }
    return new FileDisk(root);
  }

  async list(folder: string): Promise<readonly string[]> {
    const entries = await orNull(readdir(join(this.#root, folder), { withFileTypes: true }));
    return (entries ?? [])
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  }

  read(name: string): Promise<Uint8Array | null> {
    return orNull(readFile(join(this.#root, name)));
  }

  async readAt(name: string, offset: number, length: number): Promise<Uint8Array> {
    return withFile(join(this.#root, name), "r", async (file) => {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    });
  }

  async replace(name: string, bytes: Uint8Array): Promise<void> {
    const path = await this.#prepare(name);
    const temporary = `${path}.new`;
    await withFile(temporary, "w", async (file) => {
      await file.writeFile(bytes);
      await file.sync();
    });
    await rename(temporary, path);
    await syncFolder(dirname(path));
  }

  async overwrite(name: string, bytes: Uint8Array): Promise<void> {
    const file = openIfThere(join(this.#root, name), constants.O_WRONLY | durableWrites);
    if (file === null) return this.replace(name, bytes);
    await closing(file, () => {
      const { size } = fstatSync(file);
      // The length stays, so that the flush has no more to write than the bytes themselves.
      return writeDurably(file, bytes.length < size ? padded(bytes, size) : bytes);
    });
  }

  async append(name: string, bytes: Uint8Array, isDurable: boolean): Promise<void> {
    const path = await this.#prepare(name);
    const { O_WRONLY, O_APPEND, O_CREAT } = constants;
    const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | (isDurable ? durableWrites : 0), fileMode);
    const isNew = fstatSync(file).size === 0;
    await closing(file, () => (isDurable ? writeDurably(file, bytes) : writeWhole(file, bytes)));
    if (isNew && isDurable) await syncFolder(dirname(path));
  }

  async remove(name: string): Promise<void> {
    const path = join(this.#root, name);
    await rm(path, { force: true });
    await orNull(syncFolder(dirname(path)));
  }

  async #prepare(name: string): Promise<string> {
    const path = join(this.#root, name);
    const folder = dirname(path);
    if (folder !== this.#root && !this.#foldersMade.has(folder)) {
      const made = await mkdir(folder, { recursive: true, mode: directoryMode });
      if (made !== undefined) await syncFolder(dirname(folder));
      this.#foldersMade.add(folder);
    }
    return path;
  }
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
}

/** Linux flushes with the write what a flush of the data would; elsewhere the flush is asked for. */
const durableWrites = process.platform === "linux" ? constants.O_DSYNC : 0;

function openIfThere(path: string, flags: number): number | null {
  try {
    return openSync(path, flags);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function closing(file: number, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    closeSync(file);
  }
}

async function writeDurably(file: number, bytes: Uint8Array): Promise<void> {
  await writeWhole(file, bytes);
  if (durableWrites === 0) await flush(file);
}

/** From where the file stands: its start, or with O_APPEND its end. A disk that is nearly full takes a part first, and then refuses. */
async function writeWhole(file: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await writeSome(file, bytes.subarray(at));
}

function writeSome(file: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(file, bytes, (error, written) => (error === null ? resolve(written) : reject(error)));
  });
}

function flush(file: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
  });
}

async function withFile<T>(path: string, flags: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags, fileMode);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** A rename or a new name is durable only when its folder has been flushed too. */
async function syncFolder(path: string): Promise<void> {
  await withFile(path, "r", (folder) => folder.sync());
}

async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
