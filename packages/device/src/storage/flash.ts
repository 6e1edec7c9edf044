// The flash of a device: a folder that console commands may write files to, and nothing above it.

import { lstat, mkdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { DeviceError } from "../device-error.ts";

const pathCharactersMax = 255;

/**
 * The file that a console command means by `flash:usage.txt` or `bootflash:a/b.txt`; the folders to it exist afterwards.
 * Throws `path_outside_flash` for anything that would leave the flash, symbolic links included.
 */
export async function resolveFlashPath(flashDirectory: string, path: string): Promise<string> {
  const parts = partsOf(path);
  await mkdir(flashDirectory, { recursive: true, mode: 0o700 });
  const root = await realpath(flashDirectory);
  const target = join(root, ...parts);
  await makeFoldersInside(root, dirname(target));
  await refuseLink(target);
  return target;
}

/**
 * The content of a file of the flash, at most so many bytes. Throws `path_outside_flash`, and `flash_file_unreadable` for a
 * file that is not there, is none, or is larger.
 */
export async function readFlashFile(flashDirectory: string, path: string, bytesMax: number): Promise<Uint8Array> {
  const parts = partsOf(path);
  const root = await realpath(flashDirectory).catch(() => flashDirectory);
  for (const [at] of parts.entries()) await refuseLink(join(root, ...parts.slice(0, at + 1)));
  const source = join(root, ...parts);
  try {
    const found = await stat(source);
    if (!found.isFile()) throw new DeviceError("flash_file_unreadable", `${JSON.stringify(path)} is no file.`);
    if (found.size > bytesMax) throw new DeviceError("flash_file_unreadable", `It is larger than ${bytesMax} bytes.`);
    return await readFile(source);
  } catch (cause) {
    if (cause instanceof DeviceError) throw cause;
    throw new DeviceError("flash_file_unreadable", JSON.stringify(path), { cause });
  }
}

/** Names below the flash; a file system's name such as `bootflash:` before them means the same flash. */
function partsOf(path: string): readonly string[] {
  const local = path.replace(/^[a-z0-9-]{1,20}:/i, "").replace(/^\/+/, "");
  const parts = local.split("/");
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[\p{Cc}\\]/u.test(part));
  if (!isPlain || path.length > pathCharactersMax)
    throw new DeviceError("path_outside_flash", JSON.stringify(path.slice(0, 80)));
  return parts;
}

/** Creates folders one by one, so that a link among them is noticed before anything is made behind it. */
async function makeFoldersInside(root: string, folder: string): Promise<void> {
  const below = folder
    .slice(root.length)
    .split(sep)
    .filter((part) => part !== "");
  let current = root;
  for (const part of below) {
    current = join(current, part);
    await refuseLink(current);
    await mkdir(current, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function refuseLink(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.isSymbolicLink()) throw new DeviceError("path_outside_flash", JSON.stringify(basename(path)));
}
