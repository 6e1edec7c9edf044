// One small file replaced as a whole, with what a loss of power needs: the bytes flushed before the rename, the folder after it.
// Where nobody waits for each write. An agent's own files are written by its disk, which is faster for them and knows one writer only.

import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

const ownerOnly = 0o600;

/** A reader or a crash sees the file before or this one, nothing between; several processes may write at the same time. */
export async function writeFileAtomically(path: string, content: string, mode: number = ownerOnly): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await syncDirectory(dirname(path));
}

/** A new name, or one that is gone, is durable only after its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
