// A directory of the file system as the agent's disk: owner-only, atomic replacement, flushed before it answers.
// No file stays open between calls, so that a process can hold thousands of agents.

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
    const path = join(this.#root, name);
    const written = await orNull(
      withFile(path, "r+", async (file) => {
        const { size } = await file.stat();
        // The length stays, so that the flush has no more to write than the bytes themselves.
        await file.writeFile(bytes.length < size ? padded(bytes, size) : bytes);
        await file.datasync();
        return true;
      }),
    );
    if (written === null) await this.replace(name, bytes);
  }

  async append(name: string, bytes: Uint8Array, isDurable: boolean): Promise<void> {
    const path = await this.#prepare(name);
    const isNew = await withFile(path, "a", async (file) => {
      const { size } = await file.stat();
      await file.writeFile(bytes);
      if (isDurable) await file.datasync();
      return size === 0;
    });
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
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
