import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { dayMs } from "@countersign/protocol";
import { resolveConfiguration } from "../configuration/resolve-configuration.ts";
import { createLogger } from "../logging/logger.ts";
import { createTrustedDevice } from "../test-support/core-device.ts";
import { createTestManager } from "../test-support/core-manager.ts";
import { recordingStream, withManager } from "../test-support/test-manager.ts";
import { purgeAgeDaysMax, purgeAgeDaysMin } from "../usage/retention.ts";
import { purgeOldBodies } from "./purge-old-bodies.ts";

const settingOf = (days: unknown) =>
  resolveConfiguration({
    fileText: JSON.stringify({ purgeReportBodiesAfterDays: days }),
    environment: {},
    flags: {},
  }).values.purgeReportBodiesAfterDays;

test(`the automatic purge is off by default, and is set to 0 or to ${purgeAgeDaysMin} days and more`, () => {
  assert.equal(
    resolveConfiguration({ fileText: null, environment: {}, flags: {} }).values.purgeReportBodiesAfterDays,
    0,
  );
  for (const days of [0, purgeAgeDaysMin, purgeAgeDaysMax]) assert.equal(settingOf(days), days);
  for (const days of [1, purgeAgeDaysMin - 1, purgeAgeDaysMax + 1, -1, 400.5])
    assert.throws(
      () => settingOf(days),
      /purgeReportBodiesAfterDays: is neither 0 nor a whole number from 400 to 36500/,
    );
});

test("[I6] the automatic purge goes through all accounts, is an act of the setting, and ends when the manager stops", async () => {
  const manager = await createTestManager();
  await (await createTrustedDevice(manager)).use({ reportId: 1, count: 1 });
  manager.clock.advance((purgeAgeDaysMin + 1) * dayMs);
  await manager.useCases.createSmartAccount({ name: "Second", cause: { kind: "local" } });
  const log = recordingStream();
  const logger = createLogger({ level: "info", destination: log.stream, clock: manager.clock });
  const ports = { administration: manager.useCases, logger };
  assert.equal(await purgeOldBodies(purgeAgeDaysMin, ports, AbortSignal.abort()), 0);
  assert.equal(await purgeOldBodies(purgeAgeDaysMin, ports, new AbortController().signal), 1);
  assert.match(log.text(), /"count":1.*report_bodies_purged/);
  const [act] = await manager.useCases.listAuditEntries({ smartAccount: "Example", limit: 1 });
  assert.deepEqual(act?.by, { kind: "system", name: "setting purgeReportBodiesAfterDays" });
  assert.equal(await purgeOldBodies(purgeAgeDaysMin, ports, new AbortController().signal), 0);
});

test("a running manager purges at its start what the setting says is old, and looks for what is short", async () => {
  await withManager({ purgeReportBodiesAfterDays: 500 }, async (manager) => {
    const device = manager.device();
    await device.enrol(await manager.token());
    await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 1)]));
    const database = new DatabaseSync(join(manager.dataDirectory, "manager.sqlite"));
    database.prepare("update tree_heads set at_ms = at_ms - ?").run(501 * dayMs);
    database.close();
    await manager.restart();
    const { administration } = manager.running.manager;
    const acts = () => administration.listAuditEntries({ act: "purge_report_bodies" });
    for (let attempt = 0; attempt < 1000 && (await acts()).length === 0; attempt += 1)
      await manager.call("GET", "/health");
    assert.equal((await acts()).length, 1);
    // And what is short since it last looked.
    const short = async () => (await administration.listLicenses({}))[0]?.shortSinceMs;
    for (let attempt = 0; attempt < 1000 && (await short()) === null; attempt += 1)
      await manager.call("GET", "/health");
    assert.equal(typeof (await short()), "number");
  });
});
