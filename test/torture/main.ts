// npm run torture [-- --rounds N] [--seed S] [--json]: kills the real manager N times under load and judges its files. With
// --floors two managers, one below the other, in N rounds while they synchronise, and in a tenth as many while they register.
// Exit codes: 0 nothing lost and nothing doubled, 1 otherwise, 2 the command line is wrong. A failed run's files are kept.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tortureFloors } from "./floors.ts";
import { torture } from "./torture.ts";

const usage = "usage: npm run torture -- [--floors] [--rounds N] [--seed S] [--json]\n";

type Wish = { readonly floors: boolean; readonly rounds: number; readonly seed: number; readonly json: boolean };

function readWish(): Wish | null {
  try {
    const options = {
      floors: { type: "boolean" },
      rounds: { type: "string" },
      seed: { type: "string" },
      json: { type: "boolean" },
    } as const;
    const { values } = parseArgs({ options });
    const rounds = Number(values.rounds ?? 1000);
    const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
    return Number.isSafeInteger(rounds) && rounds > 0 && Number.isSafeInteger(seed)
      ? { floors: values.floors === true, rounds, seed, json: values.json === true }
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
  const onRound = (round: number, acknowledged: number) => {
    if (round % 50 === 0) process.stderr.write(`${round} rounds, ${acknowledged} reports acknowledged\n`);
  };
  const registrations = Math.ceil(wish.rounds / 10);
  const result = wish.floors
    ? await tortureFloors({ ...wish, registrations, directory, onRound })
    : await torture({ ...wish, directory, onRound });
  const { acknowledged, lost, doubled, integrity } = result;
  const [kills, apart] = "apart" in result ? [result.kills, result.apart] : [result.rounds, 0];
  const isWell = lost === 0 && doubled === 0 && apart === 0 && integrity === "ok";
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  const found = `${acknowledged} reports acknowledged, ${lost} lost, ${doubled} doubled, ${apart} on one floor alone`;
  const text = `${kills} kills in ${seconds} s: ${found}, integrity ${integrity}\n`;
  process.stdout.write(wish.json ? `${JSON.stringify(result)}\n` : text);
  if (isWell) rmSync(directory, { recursive: true, force: true });
  else process.stderr.write(`The files of this run stand in ${directory}; repeat it with --seed ${wish.seed}.\n`);
  return isWell ? 0 : 1;
}

process.exitCode = await main();
