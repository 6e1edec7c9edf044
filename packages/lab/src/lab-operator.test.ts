import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { initManager, startManager } from "@countersign/manager";
import { createLabDirectory, labDirectory } from "./lab-directory.ts";
import { labOperator } from "./lab-operator.ts";

test("a lab has one operator, whose token is the owner's to read, is kept, and is made anew when it was lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-lab-operator-"));
  const directory = labDirectory(folder);
  createLabDirectory(directory);
  await initManager({ dataDirectory: directory.manager, smartAccount: "Example Corp" });
  assert.equal(await labOperator(directory), null, "no manager runs");
  const { manager, stop } = await startManager({
    ...{ dataDirectory: directory.manager, port: 0, logLevel: "silent", isProcessMeasured: false },
  });
  try {
    const file = await labOperator(directory);
    assert.ok(file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const token = readFileSync(file, "utf8").trim();
    assert.equal((await manager.administration.findOperator(token))?.name, "lab");
    assert.equal(await labOperator(directory), file);
    assert.equal(readFileSync(file, "utf8").trim(), token);
    rmSync(file);
    await labOperator(directory);
    const renewed = readFileSync(file, "utf8").trim();
    assert.equal(await manager.administration.findOperator(token), undefined, "the lost one opens nothing");
    assert.equal((await manager.administration.findOperator(renewed))?.name, "lab");
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
