// Runs seeds in as many processes as there are processors, and mutated sources in processes of their own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Mutation, mutations } from "./mutations.ts";
import type { RunResult } from "./run-seed.ts";
import { newestWorkload, type Workload } from "./workload.ts";

const batch = fileURLToPath(new URL("./run-batch.ts", import.meta.url));
const plant = new URL("./plant-mutation.ts", import.meta.url).href;
/** A planted source never meets what was compiled of the right one. */
const withoutCache = { NODE_DISABLE_COMPILE_CACHE: "1" };

/** So many seeds, counted from `first`. */
export function seedsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => first + at);
}

/** Runs the seeds and tells each result as it comes; throws when a process ends badly. */
export async function runSeeds(
  seeds: readonly number[],
  workload: Workload,
  told: (result: RunResult) => void,
): Promise<void> {
  const processes = Math.min(availableParallelism(), seeds.length);
  const shares = seedsFrom(0, processes).map((share) => seeds.filter((_, at) => at % processes === share));
  await Promise.all(shares.map((share) => runBatch(["--workload", `${workload}`, ...share.map(String)], null, told)));
}

export type Found = { readonly seed: number; readonly violation: string; readonly runs: number };

/** A seed that finds the mutation: the one that did before, else the first of so many, or null. */
export async function findMutation(mutation: Mutation, seedsMax: number): Promise<Found | null> {
  return (await searchMutation(mutation, [mutation.foundBy])) ?? searchMutation(mutation, seedsFrom(1, seedsMax));
}

async function searchMutation(mutation: Mutation, seeds: readonly number[]): Promise<Found | null> {
  let runs = 0;
  let found: Found | null = null;
  await runBatch(
    ["--until-found", "--workload", `${newestWorkload}`, ...seeds.map(String)],
    mutation,
    ({ seed, violations }) => {
      runs += 1;
      const [violation] = violations;
      if (violation !== undefined) found ??= { seed, violation, runs };
    },
  );
  return found;
}

/** Every mutation, two at a time where there are two processors. */
export async function findMutations(seedsMax: number, told: (mutation: Mutation, found: Found | null) => void) {
  const waiting = [...mutations];
  const work = async () => {
    for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift())
      told(mutation, await findMutation(mutation, seedsMax));
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
}

async function runBatch(
  parameters: readonly string[],
  mutation: Mutation | null,
  told: (result: RunResult) => void,
): Promise<void> {
  const planted = mutation === null ? [] : ["--import", plant];
  const child = spawn(process.execPath, ["--conditions=countersign-source", ...planted, batch, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      ...(mutation === null ? {} : withoutCache),
      COUNTERSIGN_MUTATION: mutation?.name ?? "",
    },
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) told(JSON.parse(line) as RunResult);
  const [code] = await ended;
  if (code !== 0) throw new Error(`a process of the simulation ended with ${code}`);
}
