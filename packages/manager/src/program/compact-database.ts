// Gives back what a purge left free in the SQLite file: step by step beside a running manager.

import { setTimeout as pause } from "node:timers/promises";
import { lockDataDirectory } from "../data-directory/data-directory-lock.ts";
import { sqlitePathOf } from "../storage/open-storage.ts";
import { type FileSpace, FileSpaceKeeper } from "../storage/sqlite/free-space.ts";

export type CompactResult = {
  readonly before: FileSpace;
  readonly after: FileSpace;
  /** The file was written anew, as files of earlier versions have to be once. */
  readonly isWrittenAnew: boolean;
  readonly isInterrupted: boolean;
};

/** A writer that found the file taken asks again within this time. */
const pauseMsMin = 50;

/**
 * Needs no help of a running manager. Throws `data_directory_in_use` for a file that must be written anew while a manager runs, or
 * what SQLite says. Ends early, between two steps, when `signal` is aborted.
 */
export async function compactDatabase(dataDirectory: string, signal: AbortSignal): Promise<CompactResult> {
  const space = new FileSpaceKeeper(sqlitePathOf(dataDirectory));
  try {
    const before = space.measure();
    const isWrittenAnew = !space.canShrinkOnline;
    if (isWrittenAnew) writeAnew(space, dataDirectory);
    else await shrink(space, signal);
    const after = space.measure();
    return { before, after, isWrittenAnew, isInterrupted: signal.aborted && after.freeBytes > 0 };
  } finally {
    space.close();
  }
}

function writeAnew(space: FileSpaceKeeper, dataDirectory: string): void {
  const lock = lockDataDirectory(dataDirectory);
  try {
    space.writeAnew();
  } finally {
    lock.release();
  }
}

/** As long as it takes it also leaves the file to the manager. */
async function shrink(space: FileSpaceKeeper, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const startedAt = performance.now();
    if (!space.shrinkSome()) return;
    await pause(Math.max(pauseMsMin, performance.now() - startedAt));
  }
}
