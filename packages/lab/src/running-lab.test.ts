import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fleetOfPlatforms } from "./fleet-file.ts";
import { labDirectory } from "./lab-directory.ts";
import { RunningLab } from "./running-lab.ts";

test("a device whose disk is gone is told of and ends no lab; in the end everything stops, and it is said what was not stored", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-lab-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const directory = labDirectory(folder);
  const said: string[] = [];
  const lab = await RunningLab.start({
    directory,
    instances: fleetOfPlatforms(["c9800-cl"]).map((instance) => ({ ...instance, accessPoints: 5 })),
    say: (line) => said.push(line),
  });
  const pid = lab.manager.pid ?? assert.fail();
  rmSync(join(folder, "devices"), { recursive: true });
  const life = new AbortController();
  await lab.live(life.signal, 1, 1, (line) => {
    said.push(line);
    life.abort();
  });
  assert.match(said[0] ?? "", /^\S+ cannot change its access points: /);
  await assert.rejects(lab.stop());
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});
