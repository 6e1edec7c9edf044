// Floor of an append: the same number of bytes to the end of one file, made durable each time.

import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Milliseconds of each of `count` appends of `bytes` bytes. */
export function measureRawAppends(directory: string, count: number, bytes: number): Float64Array {
  const block = Buffer.alloc(bytes, "x");
  const file = openSync(join(directory, "append-ceiling.log"), "a");
  const samplesMs = new Float64Array(count);
  try {
    for (let index = 0; index < count; index += 1) {
      const startedAtMs = performance.now();
      writeSync(file, block);
      fdatasyncSync(file);
      samplesMs[index] = performance.now() - startedAtMs;
    }
  } finally {
    closeSync(file);
  }
  return samplesMs;
}
