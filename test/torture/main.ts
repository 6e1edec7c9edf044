// npm run torture [-- --rounds N] [--seed S] [--json]: kills the real manager N times under load and judges its files.
// Exit codes: 0 nothing lost and nothing doubled, 1 otherwise, 2 the command line is wrong. A failed run's files are kept.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { torture } from "./torture.ts";

const usage = "usage: npm run torture -- [--rounds N] [--seed S] [--json]\n";

function readWish(): { readonly rounds: number; readonly seed: number; readonly json: boolean } | null {
  try {
    const options = { rounds: { type: "string" }, seed: { type: "string" }, json: { type: "boolean" } } as const;
    const { values } = parseArgs({ options });
    const rounds = Number(values.rounds ?? 1000);
    const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
    return Number.isSafeInteger(rounds) && rounds > 0 && Number.isSafeInteger(seed)
      ? { rounds, seed, json: values.json === true }
      : null;
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
  const directory = mkdtempSync(join(tmpdir(), "countersign-torture-"));
  const startedAtMs = performance.now();
  process.stderr.write(`seed ${wish.seed}\n`);
  const result = await torture({
    ...wish,
    directory,
    onRound: (round, acknowledged) => {
      if (round % 50 === 0) process.stderr.write(`${round} kills, ${acknowledged} reports acknowledged\n`);
    },
  });
  const isWell = result.lost === 0 && result.doubled === 0 && result.integrity === "ok";
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  const text = `${result.rounds} kills in ${seconds} s: ${result.acknowledged} reports acknowledged, ${result.lost} lost, ${result.doubled} doubled, integrity ${result.integrity}\n`;
  process.stdout.write(wish.json ? `${JSON.stringify(result)}\n` : text);
  if (isWell) rmSync(directory, { recursive: true, force: true });
  else process.stderr.write(`The files of this run stand in ${directory}; repeat it with --seed ${wish.seed}.\n`);
  return isWell ? 0 : 1;
}

process.exitCode = await main();
