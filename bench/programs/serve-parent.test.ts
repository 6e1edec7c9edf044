import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { withCeiling } from "./manager-session.ts";

test("the peak of a program is its own, however much memory the bench holds that started it", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-peak-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const held = Buffer.alloc(400_000_000, 1);
  assert.ok(process.memoryUsage.rss() > held.length);
  const { rssMegabytes, peakMegabytes } = await withCeiling("memory", [directory], (ceiling) => ceiling.usage());
  // Read a moment apart; the peak is never below what is there.
  assert.ok(peakMegabytes > rssMegabytes - 5, `${peakMegabytes} MB at most, but ${rssMegabytes} MB now`);
  assert.ok(peakMegabytes < 300, `${peakMegabytes} MB`);
  assert.equal(held.at(-1), 1);
});
