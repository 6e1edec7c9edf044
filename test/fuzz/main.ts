// npm run fuzz [-- --seconds S] [--seed N] [--target NAME] [--run R] [--json]: feeds every parser of foreign bytes for S seconds
// each. A finding is kept under spec/vectors/crashers and ends the run of its target. Exit codes: 0 none found, 1 found, 2 usage.

import { parseArgs } from "node:util";
import { withTargets } from "./all-targets.ts";
import { keepCrasher } from "./crashers.ts";
import { type FuzzResult, fuzz } from "./run-fuzz.ts";

const usage = "usage: npm run fuzz -- [--seconds S] [--seed N] [--target NAME] [--run R] [--json]\n";

type Wish = {
  readonly ms: number;
  readonly seed: number;
  readonly target: string;
  readonly run: number | null;
  readonly json: boolean;
};

function readWish(): Wish | null {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      options: { seconds: text, seed: text, target: text, run: text, json: { type: "boolean" } },
    });
    const [seconds, seed] = [Number(values.seconds ?? 10), Number(values.seed ?? Date.now() % 1_000_000_000)];
    const run = values.run === undefined ? null : Number(values.run);
    if (!(seconds > 0) || !Number.isSafeInteger(seed) || (run !== null && !Number.isSafeInteger(run))) return null;
    return { ms: seconds * 1000, seed, target: values.target ?? "", run, json: values.json === true };
  } catch {
    return null;
  }
}

async function main(): Promise<number> {
  const wish = readWish();
  if (wish === null) {
    process.stderr.write(usage);
    return 2;
  }
  process.stderr.write(`seed ${wish.seed}\n`);
  const results = await withTargets(async (targets) => {
    const done: FuzzResult[] = [];
    for (const target of targets.filter(({ name }) => name.includes(wish.target))) {
      const once = wish.run === null ? {} : { firstRun: wish.run, runsMax: 1 };
      const result = await fuzz(target, { seed: wish.seed, ms: wish.ms, ...once });
      done.push(result);
      process.stderr.write(lineOf(result));
    }
    return done;
  });
  const findings = results.flatMap(({ crasher }) => (crasher === null ? [] : [crasher]));
  for (const crasher of findings) process.stderr.write(`kept as ${keepCrasher(crasher)}\n${crasher.problem}\n`);
  const runs = results.reduce((sum, result) => sum + result.runs, 0);
  const summary = { targets: results.length, runs, crashers: findings.length, seed: wish.seed };
  process.stdout.write(wish.json ? `${JSON.stringify(summary)}\n` : `${runs} inputs, ${findings.length} findings\n`);
  return findings.length === 0 ? 0 : 1;
}

function lineOf({ target, runs, slowestMs, crasher }: FuzzResult): string {
  const found = crasher === null ? "" : `  FOUND in run ${crasher.run}`;
  return `${target.padEnd(40)}${String(runs).padStart(9)} inputs, slowest ${slowestMs.toFixed(0)} ms${found}\n`;
}

process.exitCode = await main();
