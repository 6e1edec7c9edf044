// npm run soak [-- --cycles N] [--folder F --from N] [--reports N] [--connections N] [--per-message N] [--key-type T] [--profile F] [--json]:
// first N sync cycles of one agent, watching the resident size; then a drain of N reports over many connections. 0 leaves a part
// out. With a folder that is kept, many cycles can be made in pieces. Exit codes: 0 flat and whole, 1 not, 2 usage.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { reportsPerDeviceMessageMax } from "@countersign/protocol";
import { runDrain } from "./drain.ts";
import { exposeGarbageCollection } from "./garbage-collection.ts";
import { type CyclesResult, residentButYoung, runSyncCycles, type Tenth } from "./sync-cycles.ts";

const usage =
  "usage: npm run soak -- [--cycles N] [--folder F [--from N]] [--reports N] [--connections N] [--per-message N] [--key-type rsa-2048|p-256] [--profile F] [--json]\n";
/** The first one is what agents make where nothing else is said. */
const keyTypes = ["rsa-2048", "p-256"] as const;
/** What may be added from the end of the second tenth to the end and is no leak: compiled code, SQLite's cache of pages. */
const heapGrowthMegabytesMax = 8;
const residentGrowthMegabytesMax = 40;

function readWish() {
  try {
    const text = { type: "string" } as const;
    const numbers = { cycles: text, from: text, reports: text, connections: text, "per-message": text } as const;
    const options = { ...numbers, folder: text, "key-type": text, profile: text, json: { type: "boolean" } } as const;
    const { values } = parseArgs({ options });
    const cycles = Number(values.cycles ?? 100_000);
    const from = Number(values.from ?? 0);
    const reports = Number(values.reports ?? 3_000_000);
    const connections = Number(values.connections ?? 64);
    const perMessage = Number(values["per-message"] ?? reportsPerDeviceMessageMax);
    if (![cycles, from, reports, connections, perMessage].every((each) => Number.isSafeInteger(each) && each >= 0))
      return null;
    if (cycles > 0 && cycles < 10) return null;
    const keyType = keyTypes.find((type) => type === (values["key-type"] ?? keyTypes[0]));
    if (perMessage === 0 || connections === 0) return null;
    if (keyType === undefined) return null;
    if (from > 0 && values.folder === undefined) return null;
    return {
      cycles,
      from,
      folder: values.folder ?? null,
      reports,
      connections,
      perMessage,
      keyType,
      profileDirectory: values.profile ?? null,
      json: values.json === true,
    };
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
  const folder = wish.folder === null ? mkdtempSync(join(tmpdir(), "countersign-soak-")) : resolve(wish.folder);
  mkdirSync(folder, { recursive: true });
  try {
    const tell = (text: string) => void process.stderr.write(`${text}\n`);
    const onTenth = (tenth: Tenth) => tell(JSON.stringify(tenth));
    const { cycles: wanted, from, reports, connections, perMessage, keyType, profileDirectory } = wish;
    const cycles = wanted === 0 ? null : await runSyncCycles({ folder, cycles: wanted, from, onTenth });
    const onProgress = (taken: number, seconds: number) => tell(`${taken} reports in ${seconds.toFixed(1)} s`);
    const onPrepared = (seconds: number) => tell(`${reports} reports signed in ${seconds.toFixed(1)} s`);
    const drainWish = { folder: join(folder, "drain"), reports, connections, perMessage, keyType, profileDirectory };
    const drain = reports === 0 ? null : await runDrain({ ...drainWish, onPrepared, onProgress });
    process.stdout.write(`${JSON.stringify({ cycles, drain }, null, wish.json ? 0 : 2)}\n`);
    const isWhole = (cycles?.acknowledged ?? 0) >= wanted && (drain?.reports ?? 0) === reports;
    return isWhole && (cycles === null || isFlat(cycles)) ? 0 : 1;
  } finally {
    if (wish.folder === null) rmSync(folder, { recursive: true, force: true });
  }
}

/** The first tenth is left out: in it code is loaded and compiled. The young generation is bounded and no leak. */
function isFlat({ tenths }: CyclesResult): boolean {
  const [, second] = tenths;
  const last = tenths.at(-1);
  if (second === undefined || last === undefined) return false;
  return (["agent", "manager"] as const).every(
    (who) =>
      last[who].heapMegabytes - second[who].heapMegabytes <= heapGrowthMegabytesMax &&
      residentButYoung(last[who]) - residentButYoung(second[who]) <= residentGrowthMegabytesMax,
  );
}

exposeGarbageCollection();
process.exitCode = await main();
