// What a process takes, told apart by what can leak and what cannot.

import { getHeapSpaceStatistics } from "node:v8";

const megabyte = 1_000_000;

export type MemoryUse = {
  readonly residentMegabytes: number;
  /** Of it the young generation of V8: room for what is about to die, which grows in steps with the load, up to a bound. */
  readonly youngMegabytes: number;
  /** Live objects of the JavaScript heap, after collecting where `globalThis.gc` is there. */
  readonly heapMegabytes: number;
  /** Buffers outside the heap. */
  readonly buffersMegabytes: number;
};

/** Collects first, so that it says what is kept. */
export function measureMemory(): MemoryUse {
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  return {
    residentMegabytes: inMegabytes(rss),
    youngMegabytes: inMegabytes(young?.physical_space_size ?? 0),
    heapMegabytes: inMegabytes(heapUsed),
    buffersMegabytes: inMegabytes(arrayBuffers),
  };
}

function inMegabytes(bytes: number): number {
  return Math.round((bytes / megabyte) * 100) / 100;
}
