import assert from "node:assert/strict";
import { test } from "node:test";
import { dayMs, sha256Hex } from "@countersign/protocol";
import { acknowledgementOf, createTrustedDevice, type TestDevice } from "../test-support/core-device.ts";
import { createTestManager, type TestManager } from "../test-support/core-manager.ts";
import { leavesPerPurgeMax, purgeAgeDaysMax, purgeAgeDaysMin } from "../usage/retention.ts";
import type { PurgeStep } from "./use-cases.ts";

const cause = { kind: "local", reason: "retention" } as const;

async function purgeAll({ useCases }: TestManager, olderThanDays = purgeAgeDaysMin): Promise<readonly PurgeStep[]> {
  const steps: PurgeStep[] = [];
  for (;;) {
    const step = await useCases.purgeReportBodies({ olderThanDays, cause });
    if (step.isFinished) return steps;
    steps.push(step);
  }
}

const payloadOf = async ({ useCases }: TestManager, { identifier }: TestDevice, reportId: number) =>
  (await useCases.showReport({ instance: identifier, reportId })).payload;

test("a body goes only when it is older than asked for; the millisecond before it stays", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 1 });
  manager.clock.advance(purgeAgeDaysMin * dayMs);
  assert.deepEqual(await purgeAll(manager), []);
  assert.notEqual(await payloadOf(manager, device, 1), "");
  manager.clock.advance(1);
  const dry = await manager.useCases.weighOldReportBodies({ olderThanDays: purgeAgeDaysMin });
  const [step] = await purgeAll(manager);
  assert.deepEqual(step, dry);
  assert.deepEqual([step?.bodies, (step?.bytes ?? 0) > 200], [1, true]);
  assert.equal(await payloadOf(manager, device, 1), "");
});

test(`a purge below ${purgeAgeDaysMin} days is refused: for so long a device may ask again`, async () => {
  const manager = await createTestManager();
  const { purgeReportBodies, weighOldReportBodies } = manager.useCases;
  for (const olderThanDays of [0, purgeAgeDaysMin - 1, purgeAgeDaysMin + 0.5, purgeAgeDaysMax + 1]) {
    await assert.rejects(purgeReportBodies({ olderThanDays, cause }), { code: "input_invalid" });
    await assert.rejects(weighOldReportBodies({ olderThanDays }), { code: "input_invalid" });
  }
  for (const olderThanDays of [purgeAgeDaysMin, purgeAgeDaysMax])
    assert.equal((await purgeReportBodies({ olderThanDays, cause })).isFinished, true);
});

test("[I1] [I2] a report whose body was purged is still known, still has its hash and leaf, and gets the same ACK", async () => {
  const manager = await createTestManager({ options: { acknowledgeMode: "poll", pollIntervalSeconds: 300 } });
  const device = await createTrustedDevice(manager);
  const first = await device.report({ reportId: 1, count: 5 });
  const { answer } = await device.sendReports([first]);
  assert.ok(answer.statusCode === "OK_POLL");
  const asked = { original_request_type: "LICENSE_USAGE" as const, original_piid: device.identifier };
  const pollId = answer.data.poll_id;
  const poll = async () => {
    const polled = await device.send("POLL_REQ", { ...device.base(), ...asked, poll_id: pollId });
    return acknowledgementOf(polled.answer).payload;
  };
  const acknowledged = await poll();
  const [before] = await manager.useCases.listReports({ instance: device.identifier });
  manager.clock.advance((purgeAgeDaysMin + 1) * dayMs);
  assert.equal((await purgeAll(manager))[0]?.bodies, 1);
  assert.equal(await poll(), acknowledged);
  const again = await device.sendReports([first]);
  assert.deepEqual([again.reply.reports.known, again.reply.reports.accepted], [1, 0]);
  const [after] = await manager.useCases.listReports({ instance: device.identifier });
  assert.deepEqual(after, before);
  assert.equal(after?.payloadSha256, sha256Hex(first.payload));
  assert.equal((await manager.useCases.listLicenses({}))[0]?.inUse, 5);
});

test("evidence is never purged, nor the body that it contradicts", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 1 });
  await device.use({ reportId: 2, count: 1 });
  await device.sendReports([await device.report({ reportId: 1, count: 9 })]);
  manager.clock.advance((purgeAgeDaysMin + 1) * dayMs);
  assert.deepEqual(
    (await purgeAll(manager)).map(({ bodies }) => bodies),
    [1],
  );
  assert.notEqual(await payloadOf(manager, device, 1), "");
  assert.equal(await payloadOf(manager, device, 2), "");
  assert.equal((await manager.useCases.listEvidence({ instance: device.identifier })).length, 1);
});

test("[I6] every step is an act that names its leaves, and an event; the next one goes on where it ended", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 1 });
  manager.clock.advance(dayMs);
  await device.use({ reportId: 2, count: 1 });
  manager.clock.advance(purgeAgeDaysMin * dayMs);
  const [first] = await purgeAll(manager);
  assert.deepEqual([await payloadOf(manager, device, 1), (await payloadOf(manager, device, 2)) === ""], ["", false]);
  manager.clock.advance(1);
  const [second] = await purgeAll(manager);
  const acts = await manager.useCases.listAuditEntries({ act: "purge_report_bodies" });
  assert.deepEqual(
    acts.map(({ by, reason, changes }) => [by.kind, reason, changes[0]?.before, changes[0]?.after]),
    [
      ["local", "retention", { purgedBelowLeaf: 3 }, afterOf(second)],
      ["local", "retention", { purgedBelowLeaf: 0 }, afterOf(first)],
    ],
  );
  const [event] = await manager.useCases.listEvents({ limit: 1 });
  assert.deepEqual([event?.kind, event?.leafIndex], ["report_bodies_purged", acts[0]?.leafIndex]);
});

function afterOf(step: PurgeStep | undefined) {
  return {
    fromLeaf: step?.fromLeaf,
    toLeaf: step?.toLeaf,
    bodies: step?.bodies,
    bytes: step?.bytes,
    olderThanDays: purgeAgeDaysMin,
  };
}

test("one step is bounded in leaves, and a dry run goes through the same steps without changing anything", async () => {
  const manager = await createTestManager();
  const { smartAccountId } = (await manager.storage.read.accounts.listSmartAccounts())[0] ?? { smartAccountId: 0 };
  const { size } = await manager.storage.read.ledger.readHead(smartAccountId);
  const query = { from: size, receivedBeforeMs: manager.clock.now() + 1, leavesMax: leavesPerPurgeMax };
  const end = await manager.storage.inTransaction(async ({ ledger, bodies }) => {
    await ledger.addTreeHead(smartAccountId, size + leavesPerPurgeMax - 1, "ab".repeat(32), manager.clock.now());
    const below = await bodies.findEndOfOldLeaves(smartAccountId, query);
    await ledger.addTreeHead(smartAccountId, size + leavesPerPurgeMax + 1, "ab".repeat(32), manager.clock.now());
    return [below, await bodies.findEndOfOldLeaves(smartAccountId, query)];
  });
  assert.deepEqual(end, [size + leavesPerPurgeMax - 1, size + leavesPerPurgeMax]);
  manager.clock.advance((purgeAgeDaysMin + 1) * dayMs);
  const { weighOldReportBodies } = manager.useCases;
  const first = await weighOldReportBodies({ olderThanDays: purgeAgeDaysMin });
  const second = await weighOldReportBodies({ olderThanDays: purgeAgeDaysMin, fromLeaf: first.toLeaf });
  assert.deepEqual([first.fromLeaf, second.fromLeaf, second.isFinished], [0, leavesPerPurgeMax, false]);
  assert.equal(await manager.storage.read.bodies.readPurgedBelow(smartAccountId), 0);
  assert.equal((await manager.useCases.listAuditEntries({ act: "purge_report_bodies" })).length, 0);
});
