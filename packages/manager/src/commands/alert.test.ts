import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommand } from "../test-support/run-command.ts";
import { withManager } from "../test-support/test-manager.ts";

test("alerts are listed and marked as handled from the command line, with a note", async () => {
  await withManager({}, async (manager) => {
    const { dataDirectory } = manager;
    const run = (...words: string[]) => runCommand(["alert", ...words, "--data-directory", dataDirectory]);
    assert.equal((await run("list")).stdout, "Nothing needs you.\n");
    const device = manager.device();
    await device.enrol(await manager.token());
    // The same id with other numbers; and more in use than was bought.
    for (const count of [1, 2]) await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, count)]));
    const { stdout } = await run("list");
    assert.match(stdout, /^report_conflict +critical +\d{4}-.* +1$/m);
    assert.match(stdout, /^license_short:1:\S+ +warning +– +1$/m);
    assert.match(stdout, /^Consequence +Nothing stops/m);
    assert.equal((await run("handle", "report_conflict")).exitCode, 2, "without a note");
    const handled = await run("handle", "report_conflict", "--reason", "it was put back by hand");
    assert.match(handled.stdout, /^Handled +\d{4}-.* by \(local\): it was put back by hand$/m);
    assert.doesNotMatch((await run("list")).stdout, /report_conflict/);
    const { alerts } = JSON.parse((await run("list", "--handled", "--json")).stdout);
    assert.deepEqual([alerts.length, alerts[0].handled.note], [1, "it was put back by hand"]);
    const again = await run("handle", "report_conflict", "--reason", "again");
    assert.notEqual(again.exitCode, 0);
    assert.match(again.stderr, /alert_unknown/);
  });
});
