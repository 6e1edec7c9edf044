// What a new device of every platform shows. UPDATE_GOLDEN=1 rewrites the files; look at the difference before committing.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readAll, readSummary, readTechSupport, readUdi, readUsage } from "../parity/strict-reader.ts";
import { startTestDevice } from "../test-support/test-device.ts";
import { platformProfiles } from "./platform-table.ts";

const shortCommands = [
  "show version",
  "show inventory",
  "show license udi",
  "show license summary",
  "show license usage",
];

for (const { name, hasAccessPoints } of platformProfiles) {
  test(`[HW-7] a new ${name} shows its devices and licences as its golden file holds them, and every output can be read`, async (t) => {
    const { say } = await startTestDevice(t, { platform: name });
    if (hasAccessPoints) await say("test platform access-point join count 3");
    readUdi(await say("show license udi"));
    const summary = readSummary(await say("show license summary")).license_usage;
    const usage = readUsage(await say("show license usage")).license_name;
    assert.equal(Object.keys(usage as object).length, Object.keys(summary as object).length);
    readAll(await say("show license all"));
    readTechSupport(await say("show license tech support"));
    const shown = await Promise.all(shortCommands.map(async (command) => `# ${command}\n${await say(command)}\n`));
    const path = join(import.meta.dirname, "golden", `${name}.txt`);
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, shown.join("\n"));
    assert.equal(shown.join("\n"), readFileSync(path, "utf8"));
  });
}
