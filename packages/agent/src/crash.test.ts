// kill -9 at any moment: what was confirmed as durable is there afterwards, and the agent starts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { FileDisk } from "./storage/file-disk.ts";
import { DiskReportStore } from "./storage/report-store.ts";
import { DiskStateStore } from "./storage/state-store.ts";
import { baseTag } from "./test-support/example-state.ts";
import { temporaryDirectory } from "./test-support/temporary-directory.ts";

const writer = fileURLToPath(new URL("./test-support/usage-writer.ts", import.meta.url));
const rounds = 30;

/** Runs the writer, kills it after so many confirmations, and answers the last one. */
async function runUntilKilled(directory: string, first: number, confirmations: number): Promise<number> {
  const child = spawn(process.execPath, [writer, directory, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  let last = first - 1;
  let left = confirmations;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    left -= 1;
    if (left === 0) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  assert.equal(child.signalCode, "SIGKILL");
  return last;
}

test(`${rounds} times kill -9 loses nothing that was confirmed, and never keeps the agent from starting`, async (t) => {
  const directory = temporaryDirectory(t);
  let confirmed = 0;
  let greatestReportId = 0;
  for (let round = 0; round < rounds; round += 1) {
    confirmed = await runUntilKilled(directory, confirmed + 1, 1 + ((round * 7) % 13));
    const disk = await FileDisk.open(directory);
    const { stored, damage } = await new DiskStateStore(disk).load();
    const count = stored?.state.metering.usages[baseTag]?.count ?? 0;
    // The kernel may end a killed write between two pages. Then the generation under the pen is torn, and the one before it, which
    // is the one that was confirmed, stands: nothing else may ever be damaged.
    const possible = damage.length === 0 ? [confirmed, confirmed + 1] : [confirmed];
    assert.ok(
      damage.length <= 1 && possible.includes(count),
      `round ${round}: ${count} after ${confirmed}, ${damage.length} torn`,
    );
    confirmed = count;
    const reports = await new DiskReportStore(disk).open();
    assert.ok(reports.greatestReportId >= greatestReportId);
    greatestReportId = reports.greatestReportId;
  }
  const locks = (await readdir(directory)).filter((name) => name.startsWith("lock."));
  assert.ok(locks.length <= 2, locks.join(" "));
  const usage = await readFile(join(directory, "usage.xml"), "utf8");
  assert.match(usage, /<\/smartLicense>$/);
});
