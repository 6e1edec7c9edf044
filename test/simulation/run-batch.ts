// A child process that runs seeds and prints one line of JSON for each: `run-batch.ts <seed>... [--workload N] [--until-found]`.
// With `--until-found` it stops at the first run that breaks an invariant.

import "./drawn-pool.ts";
import { parseArgs } from "node:util";
import { runSeed } from "./run-seed.ts";
import { makeAuthority } from "./simulated-manager.ts";
import { asWorkload } from "./workload.ts";
import { startAtMs } from "./world.ts";

const { values, positionals } = parseArgs({
  options: { workload: { type: "string" }, "until-found": { type: "boolean", default: false } },
  allowPositionals: true,
});

const authority = await makeAuthority(startAtMs);
for (const seed of positionals.map(Number)) {
  const result = await runSeed(seed, asWorkload(values.workload), authority);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  if (values["until-found"] && result.violations.length > 0) break;
}
