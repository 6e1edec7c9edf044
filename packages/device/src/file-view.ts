// The files of a device, as plain values: what `dir`, `more`, `delete` and `copy` of the console look at and change.

import type { Refused } from "./device-control.ts";

export type FileEntry = {
  /** What the file system numbers it by. */
  readonly index: number;
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly bytes: number;
  /** By the clock of the device. */
  readonly modifiedAtMs: number;
};

export type FileSpace = { readonly bytesTotal: number; readonly bytesFree: number };

/** `path` begins with a slash, which is the flash itself. */
export type FolderView = FileSpace & { readonly path: string; readonly entries: readonly FileEntry[] };

/** Entries of one folder that are listed; more are counted, not shown. */
export const listedEntriesMax = 10_000;
/** A larger file is carried away to be read. */
export const readableBytesMax = 4 * 1024 * 1024;

/** The names of the one file system that the device has. */
export const fileSystemNames = ["bootflash", "flash"] as const;

export type FileAnswer<T> = { readonly outcome: "done"; readonly found: T } | Refused;

export interface DeviceFiles {
  /** A folder, or a file alone. */
  list(path: string): Promise<FileAnswer<FolderView>>;
  read(path: string): Promise<FileAnswer<Uint8Array>>;
  /** Null where there is nothing. */
  find(path: string): Promise<FileAnswer<{ readonly path: string; readonly kind: FileEntry["kind"] | null }>>;
  /** A folder only `withContent`. */
  remove(path: string, withContent: boolean): Promise<FileAnswer<null>>;
  /** Over what is there; the bytes that were copied. */
  copy(from: string, to: string): Promise<FileAnswer<number>>;
  /** Everything below the flash, folders before what is in them; `name` is the path from there. */
  all(): Promise<FileAnswer<FolderView>>;
  space(): Promise<FileAnswer<FileSpace>>;
}
