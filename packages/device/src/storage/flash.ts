// The flash of a device: a folder whose files console commands may write, read and remove, and nothing above it.

import { copyFile, lstat, mkdir, readdir, readFile, realpath, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { DeviceError } from "../device-error.ts";
import { type FileEntry, type FileSpace, fileSystemNames } from "../file-view.ts";

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

/** What stands at a path of the flash, which may be the flash itself: its name from there, and null for nothing. */
export type FlashPlace = { readonly path: string; readonly kind: FileEntry["kind"] | null };

/** Throws `path_outside_flash`. */
export async function findInFlash(flashDirectory: string, path: string): Promise<FlashPlace> {
  const place = await placeOf(flashDirectory, path);
  const found = await stat(place.target).catch(() => null);
  return { path: place.path, kind: found === null ? null : found.isDirectory() ? "folder" : "file" };
}

/** The entries of a folder of the flash by name, or a file alone; links, which nothing here follows, are none. */
export async function listFlash(flashDirectory: string, path: string, entriesMax: number): Promise<FileEntry[]> {
  const { target } = await placeOf(flashDirectory, path);
  const found = await stat(target);
  const names = found.isDirectory() ? (await readdir(target)).sort() : [""];
  const entries: FileEntry[] = [];
  for (const name of names) {
    if (entries.length >= entriesMax) break;
    const entry = await lstat(join(target, name)).catch(() => null);
    if (entry === null || !(entry.isFile() || entry.isDirectory())) continue;
    entries.push({
      index: entry.ino,
      name: name === "" ? basename(target) : name,
      kind: entry.isFile() ? "file" : "folder",
      bytes: entry.size,
      modifiedAtMs: Math.floor(entry.mtimeMs),
    });
  }
  return entries;
}

/** The flash with everything in it, each folder before what it holds; the name is the path from the flash. */
export async function listWholeFlash(flashDirectory: string, entriesMax: number): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  const folders = [""];
  for (let folder = folders.shift(); folder !== undefined && entries.length < entriesMax; folder = folders.shift()) {
    const reading = listFlash(flashDirectory, `flash:/${folder}`, entriesMax - entries.length);
    // A folder that went meanwhile, or whose name no path can say, holds nothing that could be shown.
    const listed = folder === "" ? await reading : await reading.catch(() => []);
    const inside = listed.map((entry) => ({ ...entry, name: `${folder}${folder === "" ? "" : "/"}${entry.name}` }));
    const place = folder === "" ? 0 : entries.findIndex(({ name }) => name === folder) + 1;
    entries.splice(place, 0, ...inside);
    folders.push(...inside.flatMap(({ kind, name }) => (kind === "folder" ? [name] : [])));
  }
  return entries;
}

/** Throws `path_outside_flash`, also for the flash itself. */
export async function removeFromFlash(flashDirectory: string, path: string): Promise<void> {
  partsOf(path);
  const { target } = await placeOf(flashDirectory, path);
  await rm(target, { recursive: true });
}

/** Throws what `resolveFlashPath` throws. */
export async function copyInFlash(flashDirectory: string, from: string, to: string): Promise<number> {
  partsOf(from);
  const { target } = await placeOf(flashDirectory, from);
  const destination = await resolveFlashPath(flashDirectory, to);
  await copyFile(target, destination);
  return (await stat(destination)).size;
}

/** Of the file system that the flash lies in. */
export async function flashSpace(flashDirectory: string): Promise<FileSpace> {
  await mkdir(flashDirectory, { recursive: true, mode: 0o700 });
  const { bsize, blocks, bavail } = await statfs(flashDirectory);
  return { bytesTotal: bsize * blocks, bytesFree: bsize * bavail };
}

/** A path that may be the flash itself, as `flash:` and `flash:/` are; makes the flash and no folder in it. */
async function placeOf(flashDirectory: string, path: string): Promise<{ target: string; path: string }> {
  const isRoot = /^\/*$/.test(withoutFileSystem(path));
  const parts = isRoot ? [] : partsOf(path.replace(/\/+$/, ""));
  await mkdir(flashDirectory, { recursive: true, mode: 0o700 });
  const root = await realpath(flashDirectory);
  for (const [at] of parts.entries()) await refuseLink(join(root, ...parts.slice(0, at + 1)));
  return { target: join(root, ...parts), path: `/${parts.join("/")}` };
}

/** `flash:` and `bootflash:` before a name are the same flash; other file systems the device does not have. */
function withoutFileSystem(path: string): string {
  const [prefix = "", name = ""] = /^([a-z0-9-]{1,20}):/i.exec(path) ?? [];
  const isKnown = prefix === "" || (fileSystemNames as readonly string[]).includes(name.toLowerCase());
  if (!isKnown) throw new DeviceError("file_system_unknown", JSON.stringify(prefix));
  return path.slice(prefix.length);
}

/** Names below the flash. */
function partsOf(path: string): readonly string[] {
  const parts = withoutFileSystem(path).replace(/^\/+/, "").split("/");
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
