// The command: many seeds and the search for the planted mistakes, or one seed again with everything that happened in it.

import { parseArgs } from "node:util";
import { mutations } from "./mutations.ts";
import { findMutations, runSeeds, seedsFrom } from "./run-processes.ts";
import type { RunResult } from "./run-seed.ts";
import { asWorkload, type Workload } from "./workload.ts";

export type Output = { write(text: string): unknown };
type Figures = { seeds: number; deviceDays: number; reports: number; violations: number };

const daysPerYear = 365.25;
/** A planted mistake counts as found only if so many seeds are enough. */
export const mutationSeedsMax = 200;
const usage = "usage: npm run simulate -- [--seeds N | --seed N] [--workload 1|2|3] [--json]\n";

/** Answers the exit code: 0 when every invariant held and every planted mistake was found, 1 if not, 2 for a wrong command. */
export async function simulate(parameters: readonly string[], output: Output): Promise<number> {
  const options = readOptions(parameters);
  if (options === null) {
    output.write(usage);
    return 2;
  }
  return options.seed === null
    ? simulateMany(options.seeds, options, output)
    : repeatOne(options.seed, options, output);
}

function readOptions(parameters: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...parameters],
      options: {
        seeds: { type: "string" },
        seed: { type: "string" },
        workload: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const [seeds, seed] = [Number(values.seeds ?? 200), values.seed === undefined ? null : Number(values.seed)];
    const isSound = [seeds, seed ?? 1].every((value) => Number.isSafeInteger(value) && value > 0);
    return isSound ? { seeds, seed, workload: asWorkload(values.workload), json: values.json } : null;
  } catch {
    return null;
  }
}

type How = { readonly workload: Workload; readonly json: boolean };

async function simulateMany(seeds: number, { workload, json }: How, output: Output): Promise<number> {
  const figures: Figures = { seeds: 0, deviceDays: 0, reports: 0, violations: 0 };
  await runSeeds(seedsFrom(1, seeds), workload, (result) => {
    addResult(figures, result);
    if (!json) output.write(describeFailure(result, workload));
  });
  let mutationsFound = 0;
  await findMutations(mutationSeedsMax, (mutation, found) => {
    if (found !== null) mutationsFound += 1;
    if (!json)
      output.write(`${mutation.name}: ${found === null ? "NOT FOUND" : `seed ${found.seed}, ${found.violation}`}\n`);
  });
  const summary = {
    seeds: figures.seeds,
    virtualDeviceYears: Math.round((figures.deviceDays / daysPerYear) * 10) / 10,
    reports: figures.reports,
    violations: figures.violations,
    mutationsPlanted: mutations.length,
    mutationsFound,
  };
  output.write(json ? `${JSON.stringify(summary)}\n` : describeSummary(summary));
  return figures.violations === 0 && mutationsFound === mutations.length ? 0 : 1;
}

export function addResult(figures: Figures, { deviceDays, reports, violations }: RunResult): void {
  figures.seeds += 1;
  figures.deviceDays += deviceDays;
  figures.reports += reports;
  figures.violations += violations.length;
}

/** Empty for a run in which every invariant held; else what broke and the one line that repeats it. */
export function describeFailure({ seed, violations, acts }: RunResult, workload: Workload): string {
  if (violations.length === 0) return "";
  const [first] = violations;
  return `${first}\n  last act: ${acts.at(-1) ?? "none"}\n  repeat: npm run simulate -- --seed ${seed} --workload ${workload}\n`;
}

function describeSummary(summary: Readonly<Record<string, number>>): string {
  return Object.entries(summary)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}

async function repeatOne(seed: number, { workload, json }: How, output: Output): Promise<number> {
  let code = 0;
  await runSeeds([seed], workload, (result) => {
    if (result.violations.length > 0) code = 1;
    if (json) return void output.write(`${JSON.stringify(result)}\n`);
    for (const act of result.acts) output.write(`${act}\n`);
    output.write(`${JSON.stringify(result.counters)}\n`);
    output.write(result.violations.length === 0 ? "every invariant held\n" : `${result.violations.join("\n")}\n`);
  });
  return code;
}
