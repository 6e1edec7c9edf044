// The flash of a running device for its console. Nothing here is part of licensing: files are read and removed as they are.

import { type Refused, refusal } from "../device-control.ts";
import {
  type DeviceFiles,
  type FileAnswer,
  type FileEntry,
  type FolderView,
  listedEntriesMax,
  readableBytesMax,
} from "../file-view.ts";
import {
  copyInFlash,
  findInFlash,
  flashSpace,
  listFlash,
  listWholeFlash,
  readFlashFile,
  removeFromFlash,
} from "../storage/flash.ts";
import { answering } from "./answering.ts";
import type { DeviceCore } from "./device-core.ts";

export const noFlash: Refused = {
  outcome: "refused",
  code: "no_flash",
  message: "This device has no flash.",
  remedy: "Give it a state folder.",
};

/** `flashDirectory` is null for a device that keeps everything in memory. */
export function createFlashFiles(core: DeviceCore, flashDirectory: string | null): DeviceFiles {
  const inFlash = async <T>(run: (flash: string) => Promise<FileAnswer<T>>): Promise<FileAnswer<T>> =>
    flashDirectory === null ? noFlash : answering(() => run(flashDirectory));
  const inOrder = <T>(run: (flash: string) => Promise<FileAnswer<T>>) => core.inOrder(() => inFlash(run));
  return {
    list: (path) => inFlash((flash) => list(core, flash, path)),
    read: (path) => inFlash((flash) => read(flash, path)),
    find: (path) => inFlash(async (flash) => found(await findInFlash(flash, path))),
    remove: (path, withContent) => inOrder((flash) => remove(flash, path, withContent)),
    copy: (from, to) => inOrder((flash) => copy(flash, from, to)),
    all: () => inFlash((flash) => all(core, flash)),
    space: () => inFlash(async (flash) => found(await flashSpace(flash))),
  };
}

function found<T>(value: T): FileAnswer<T> {
  return { outcome: "done", found: value };
}

async function list(core: DeviceCore, flash: string, path: string): Promise<FileAnswer<FolderView>> {
  const place = await findInFlash(flash, path);
  if (place.kind === null) return missing("opening", place.path);
  return found({ path: place.path, ...(await shownOf(core, flash, await listFlash(flash, path, listedEntriesMax))) });
}

async function all(core: DeviceCore, flash: string): Promise<FileAnswer<FolderView>> {
  return found({ path: "/", ...(await shownOf(core, flash, await listWholeFlash(flash, listedEntriesMax))) });
}

/** By the clock of the device, beside the room there is. */
async function shownOf(core: DeviceCore, flash: string, listed: readonly FileEntry[]) {
  const { offsetMs } = core.clock.view();
  const entries = listed.map((entry) => ({ ...entry, modifiedAtMs: entry.modifiedAtMs + offsetMs }));
  return { entries, ...(await flashSpace(flash)) };
}

async function read(flash: string, path: string): Promise<FileAnswer<Uint8Array>> {
  const place = await findInFlash(flash, path);
  if (place.kind === null) return missing("opening", place.path);
  if (place.kind === "folder") return isFolder("opening", place.path);
  return found(await readFlashFile(flash, path, readableBytesMax));
}

async function remove(flash: string, path: string, withContent: boolean): Promise<FileAnswer<null>> {
  const place = await findInFlash(flash, path);
  if (place.kind === null) return missing("deleting", place.path);
  if (place.kind === "folder" && !withContent) return isFolder("deleting", place.path);
  await removeFromFlash(flash, path);
  return found(null);
}

async function copy(flash: string, from: string, to: string): Promise<FileAnswer<number>> {
  const [source, destination] = [await findInFlash(flash, from), await findInFlash(flash, to)];
  if (source.kind === null) return missing("opening", source.path);
  if (source.kind === "folder") return isFolder("opening", source.path);
  if (destination.kind === "folder") return isFolder("opening", destination.path);
  if (destination.path === source.path)
    return refusal("same_file", `Error copying flash:${source.path} (Source and destination are the same file)`, "");
  return found(await copyInFlash(flash, from, to));
}

function missing(act: string, path: string): Refused {
  return refusal("file_unknown", `Error ${act} flash:${path} (No such file or directory)`, "");
}

function isFolder(act: string, path: string): Refused {
  return refusal("is_folder", `Error ${act} flash:${path} (Is a directory)`, "");
}
