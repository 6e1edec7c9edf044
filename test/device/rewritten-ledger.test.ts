// A device against a manager whose history was rewritten: its data directory was put back from an older copy, in place, and it
// goes on as if what it countersigned since had never been. Everything that can be told is told, and nothing is taken.

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startWatchedDevice } from "./watched-device.test-support.ts";

/** 1.3.6.1.4.1.32473.1.0.10 as it travels. */
const rewrittenOid = Buffer.from([0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 1, 0, 10]);

test("a manager that was put back to an older state is refused, and that is told on every way", async (t) => {
  const { manager, device, traps, lines, log, notices, say, pass, report } = await startWatchedDevice(t);
  await report();
  const copy = join(manager.folder, "copy");
  await manager.whileStopped(() => cpSync(manager.dataDirectory, copy, { recursive: true }));
  await report();
  const [kept] = device.agent.state().reporting.ledger.heads;
  assert.ok(kept !== undefined);
  const acknowledged = device.agent.schedule().lastAcknowledgementAtMs;
  await manager.whileStopped(() => {
    rmSync(manager.dataDirectory, { recursive: true });
    cpSync(copy, manager.dataDirectory, { recursive: true });
  });

  await report();
  const { ledger } = device.agent.state().reporting;
  assert.deepEqual(ledger.heads[0], kept, "the head that was verified stays");
  assert.equal(device.agent.schedule().lastAcknowledgementAtMs, acknowledged, "no acknowledgement was taken");
  assert.ok(
    device.agent.reports().some(({ status }) => status !== "open"),
    "the report is kept",
  );
  assert.ok(ledger.refused !== null && ledger.refused.offered.size <= kept.size);
  assert.ok(notices.length > 0 && notices.every((type) => type === "ledger-rewritten"));
  assert.ok(log.some((line) => /%SMART_LIC-2-LEDGER_REWRITTEN: .* acknowledgement was refused/.test(line)));
  assert.match(await say("show license eventlog"), /SAEVT_LEDGER_REWRITTEN .*keptSize="\d+".*offeredSize="\d+"/);
  assert.match(String(await lines.heard("LEDGER_REWRITTEN")), /%SMART_LIC-2-LEDGER_REWRITTEN/);
  const trap = await traps.heard(rewrittenOid);
  assert.ok(trap.includes(`${kept.size} ${kept.root_sha256}`) && trap.includes(kept.ledger_id));

  await pass(86_400);
  const events = await manager.now().administration.listEvents({});
  assert.match(JSON.stringify(events), /"ledger_disputed"/, "the manager was told what the device refused");
});
