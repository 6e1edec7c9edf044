import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runDrain } from "./drain.ts";
import { exposeGarbageCollection } from "./garbage-collection.ts";
import { runSyncCycles } from "./sync-cycles.ts";

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-soak-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("sync cycles leave nothing behind in the heap of agent and manager", async (t) => {
  exposeGarbageCollection();
  const cycles = 150;
  const result = await runSyncCycles({ folder: temporaryFolder(t), cycles });
  assert.ok(result.acknowledged >= cycles - 1, `${result.acknowledged} reports of ${cycles} cycles were acknowledged`);
  for (const who of ["agent", "manager"] as const) {
    const [before, after] = [
      result.tenths[0]?.[who].heapMegabytes ?? 0,
      result.tenths.at(-1)?.[who].heapMegabytes ?? 0,
    ];
    // Code that is compiled meanwhile is in these numbers too; `npm run soak` watches long enough for small leaks.
    assert.ok(after - before < 4, `the heap of the ${who} grew from ${before} MB to ${after} MB`);
    t.diagnostic(`${who}: heap ${before} MB after a tenth, ${after} MB at the end`);
  }
});

test("a drain is taken whole while other requests are answered", async (t) => {
  const reports = 2_000;
  const result = await runDrain({
    folder: join(temporaryFolder(t), "drain"),
    reports,
    connections: 16,
    perMessage: 40,
    keyType: "rsa-2048",
  });
  assert.equal(result.reports, reports);
  assert.ok(result.otherRequests > 0);
  const p99 = `other requests p99 ${result.otherP99Ms.toFixed(0)} ms`;
  t.diagnostic(`${Math.round(result.perSecond)} reports/s, ${result.putOff} messages put off, ${p99}`);
});
