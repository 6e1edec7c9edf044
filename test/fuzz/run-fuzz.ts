// Feeds a target hostile inputs until its time or its number is up. What is watched: only refusals come out, no input takes
// long, memory does not grow with the runs, and nothing is left behind in the prototypes.

import { createHash } from "node:crypto";
import { SeededRandomness } from "@countersign/simulation";
import type { FuzzTarget } from "./fuzz-target.ts";
import { mutate } from "./mutate.ts";

/** Of wall-clock time; generous, because other work shares the machine. */
const inputMsMax = 5_000;
const memoryGrowthBytesMax = 512 * 1024 * 1024;
/** The event loop must turn for timers to see a hang, and for the manager behind some targets to work. */
const turnEvery = 64;

export type Crasher = {
  readonly target: string;
  readonly seed: number;
  readonly run: number;
  readonly input: Buffer;
  readonly problem: string;
};
export type FuzzResult = {
  readonly target: string;
  readonly runs: number;
  readonly slowestMs: number;
  readonly crasher: Crasher | null;
};
export type FuzzLimits = {
  readonly seed: number;
  readonly ms: number;
  readonly firstRun?: number;
  readonly runsMax?: number;
};

/** The input of one run; depends on target, seed and number only. */
export function inputOf(target: FuzzTarget, seed: number, run: number): Buffer {
  const mixed = createHash("sha256").update(`${target.name} ${seed} ${run}`).digest().readUInt32BE(0);
  return mutate(target.seeds, target.grammar, new SeededRandomness(mixed));
}

export async function fuzz(target: FuzzTarget, limits: FuzzLimits): Promise<FuzzResult> {
  for (const seed of target.seeds) await target.feed(seed);
  const firstRun = limits.firstRun ?? 0;
  const rssAtStart = process.memoryUsage.rss();
  const endsAt = performance.now() + limits.ms;
  let slowestMs = 0;
  let run = firstRun;
  for (; run - firstRun < (limits.runsMax ?? Number.POSITIVE_INFINITY) && performance.now() < endsAt; run += 1) {
    const input = inputOf(target, limits.seed, run);
    const startedAt = performance.now();
    const problem = await problemOf(target, input);
    const tookMs = performance.now() - startedAt;
    slowestMs = Math.max(slowestMs, tookMs);
    const found = problem ?? (tookMs > inputMsMax ? `took ${Math.round(tookMs)} ms` : null);
    if (found !== null) {
      const crasher = { target: target.name, seed: limits.seed, run, input, problem: found };
      return { target: target.name, runs: run - firstRun + 1, slowestMs, crasher };
    }
    if (run % turnEvery === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const grown = process.memoryUsage.rss() - rssAtStart;
  if (grown > memoryGrowthBytesMax) throw new Error(`${target.name}: memory grew by ${grown} bytes in ${run} runs`);
  return { target: target.name, runs: run - firstRun, slowestMs, crasher: null };
}

/** What is wrong with how the target behaves on the input; null if nothing is. */
export async function problemOf(target: FuzzTarget, input: Buffer): Promise<string | null> {
  const timer = Promise.withResolvers<string>();
  const timeout = setTimeout(() => timer.resolve(`no end after ${inputMsMax} ms`), inputMsMax);
  const feed = async (): Promise<string | null> => {
    try {
      await target.feed(input);
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ""}` : String(error);
    }
    return pollution();
  };
  try {
    return await Promise.race([feed(), timer.promise]);
  } finally {
    clearTimeout(timeout);
  }
}

const prototypes: readonly object[] = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
const memberCounts = prototypes.map((each) => Reflect.ownKeys(each).length);

function pollution(): string | null {
  const changed = prototypes.findIndex((each, at) => Reflect.ownKeys(each).length !== memberCounts[at]);
  return changed === -1 ? null : `a prototype was changed: ${prototypes[changed]?.constructor.name}`;
}
