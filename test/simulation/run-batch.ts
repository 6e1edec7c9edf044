// A child process that runs seeds and prints one line of JSON for each: `run-batch.ts <from> <to> <step> [--until-found]`.
// With `--until-found` it stops at the first run that breaks an invariant.

import { runSeed } from "./run-seed.ts";
import { makeAuthority } from "./simulated-manager.ts";
import { startAtMs } from "./world.ts";

const [from = 1, to = from, step = 1] = process.argv.slice(2).map(Number);
const untilFound = process.argv.includes("--until-found");

const authority = await makeAuthority(startAtMs);
for (let seed = from; seed <= to; seed += step) {
  const result = await runSeed(seed, authority);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  if (untilFound && result.violations.length > 0) break;
}
