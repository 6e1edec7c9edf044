// Work that may take minutes beside a running manager gives way to it.

import { readdirSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

const threadsOfThisProcess = "/proc/self/task";
const { PRIORITY_BELOW_NORMAL } = constants.priority;

/**
 * Lowers the priority of this process for the rest of its life. Linux has one for each thread, and those of the thread pool are
 * there already; a thread that begins later takes the priority of the one that begins it.
 */
export function yieldToOthers(): void {
  for (const thread of threadIds()) {
    if (getPriority(thread) < PRIORITY_BELOW_NORMAL) setPriority(thread, PRIORITY_BELOW_NORMAL);
  }
}

function threadIds(): readonly number[] {
  try {
    return readdirSync(threadsOfThisProcess).map(Number);
  } catch {
    return [process.pid];
  }
}
