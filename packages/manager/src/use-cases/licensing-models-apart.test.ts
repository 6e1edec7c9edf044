// A classic device reports nothing: whatever way brings a usage report of it, the report is refused alike and stays with the device;
// once the device has its trust code the same report is taken.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  encodeLicenseFile,
  encodeRequest,
  type RequestType,
  type SignedReport,
} from "@countersign/protocol";
import { ClassicDevice, createClassicDevice } from "../test-support/classic-device.ts";
import { acknowledgementOf, baseTag, createDeviceKey } from "../test-support/core-device.ts";
import { createTestManager, operator, readAnswer, type TestManager } from "../test-support/core-manager.ts";

const by = { smartAccount: "Example", cause: operator };
const token = async ({ useCases }: TestManager) => (await useCases.createToken({ usesMax: 9, ...by })).text;
const codeOf = (answer: Answer<RequestType>) =>
  answer.statusCode === "FAILED" ? answer.data?.code : answer.statusCode;
const inUse = async ({ useCases }: TestManager) =>
  (await useCases.listLicenses(by)).map(({ inUse: count }) => count).reduce((sum, count) => sum + count, 0);

async function importFile({ useCases }: TestManager, reports: readonly SignedReport[]) {
  const bytes = Buffer.from(encodeLicenseFile({ reports: [...reports], managerObjects: [], systemInfo: null }));
  const imported = await useCases.importUsageFile({ bytes, ...by });
  return { ...imported.reports, acknowledgements: imported.acknowledgements, code: imported.refused[0]?.code };
}

/** As a relay of the same virtual account carries it: the way is vouched for, and nothing is signed. */
async function sendThroughRelay(device: ClassicDevice, reports: readonly SignedReport[]) {
  const { manager } = device;
  const [account = assert.fail("an account")] = await manager.storage.read.accounts.listSmartAccounts();
  const [place = assert.fail("a place")] = await manager.storage.read.accounts.listVirtualAccounts(
    account.smartAccountId,
  );
  const { smartAccountId, virtualAccountId } = place;
  const carriedBy = { relayIdentifier: "relay", smartAccountId, virtualAccountId, receivedAtMs: manager.clock.now() };
  const data = device.usageData(reports);
  const body = await encodeRequest("LICENSE_USAGE", data, { ...device.identity, key: null });
  const { answer } = await manager.exchange(body, { reportsMax: 10, carriedBy });
  return readAnswer(manager, answer, "LICENSE_USAGE", data.nonce);
}

async function registered(manager: TestManager): Promise<ClassicDevice> {
  const device = createClassicDevice(manager);
  assert.equal(codeOf(await device.register(await token(manager))), "OK");
  assert.equal(codeOf(await device.authorize({ [baseTag]: 3 })), "OK");
  return device;
}

test("[GEN-1] reports of a registered classic device are refused alike on every way and change nothing; after its upgrade the same ones are taken", async () => {
  const manager = await createTestManager();
  const device = await registered(manager);
  const reports = [await device.report({ reportId: 1, count: 5 }), await device.report({ reportId: 2, count: 7 })];
  const file = { accepted: 0, known: 0, refused: 2, acknowledgements: 0, code: "wrong_licensing_model" };
  for (const _time of ["first", "again"]) {
    assert.equal(codeOf((await device.sendReports(reports)).answer), "wrong_licensing_model");
    assert.equal(codeOf(await sendThroughRelay(device, reports)), "wrong_licensing_model");
    assert.deepEqual(await importFile(manager, reports), file);
  }
  assert.equal(await inUse(manager), 3);
  manager.clock.advance(1000);
  assert.equal(codeOf(await device.authorize({ [baseTag]: 4 })), "OK", "the registration is as it was");
  manager.clock.advance(1000);
  const { answer } = await device.send("TRUST_SYNC", device.syncData([device.asMember()]));
  assert.equal(codeOf(answer), "OK");
  // Still signed with the certificate that was cached as that of a classic device.
  const { acknowledgement } = acknowledgementOf((await device.sendReports(reports)).answer);
  assert.deepEqual(
    acknowledgement.reports.map(({ outcome }) => outcome),
    ["accepted", "accepted"],
  );
  assert.equal(codeOf(await sendThroughRelay(device, reports)), "OK");
  const taken = await importFile(manager, reports);
  assert.deepEqual([taken.known, taken.refused, taken.acknowledgements], [2, 0, 1]);
  assert.equal(await inUse(manager), 7);
});

test("[GEN-1] a trust sync that asks for no certificate ends the classic model too, and the next report is taken at once", async () => {
  const manager = await createTestManager();
  const device = await registered(manager);
  const report = await device.report({ reportId: 1, count: 5 });
  assert.equal(codeOf((await device.sendReports([report])).answer), "wrong_licensing_model");
  manager.clock.advance(1000);
  assert.equal(codeOf((await device.send("TRUST_SYNC", device.syncData())).answer), "OK");
  assert.equal(codeOf((await device.sendReports([report])).answer), "OK");
  assert.equal(await inUse(manager), 5);
});

test("[GEN-1] a device that reported a moment ago reports no more once its installation is registered, whichever key it signs with", async () => {
  const manager = await createTestManager();
  const device = createClassicDevice(manager);
  const text = await token(manager);
  await device.trust(text);
  const before = await device.report({ reportId: 1, count: 5 });
  assert.equal(codeOf((await device.sendReports([before])).answer), "OK");
  // The same key is still certified for the policy model, and known as such from the report before.
  const old = { certificateSerial: device.certificateSerial };
  manager.clock.advance(1000);
  assert.equal(codeOf(await device.register(text)), "OK");
  const renewed = device.certificateSerial;
  assert.notEqual(renewed, old.certificateSerial);
  device.certificateSerial = old.certificateSerial;
  assert.equal(codeOf((await device.sendReports([before])).answer), "wrong_licensing_model");
  device.certificateSerial = renewed;
  assert.equal(codeOf((await device.sendReports([before])).answer), "wrong_licensing_model");
});

async function openFloors() {
  const cloud = await createTestManager();
  const documents: Uint8Array[] = [];
  const sync = async (bytes: Uint8Array) => {
    documents.push(bytes);
    return cloud.useCases.floorDoor.sync(bytes);
  };
  const above = { ...cloud, useCases: { ...cloud.useCases, floorDoor: { ...cloud.useCases.floorDoor, sync } } };
  const premises = await createTestManager({ above: () => above });
  await premises.useCases.establishPremises(by);
  const { token: text } = await cloud.useCases.addLowerManager({ name: "works", ...by });
  const rootPem = cloud.authorities.root.toString();
  await premises.useCases.connectUpstream({ url: "https://above.example", token: text, rootPem, ...by });
  return { cloud, premises, documents };
}

test("[GEN-1] [ONP-7] a document of the manager below that a registration above has overtaken ends no registration; its reports are refused by name", async () => {
  const { cloud, premises, documents } = await openFloors();
  const below = createClassicDevice(premises);
  await below.trust(await token(premises));
  await below.use({ reportId: 1, count: 5 });
  await premises.useCases.syncUpstream(by);
  const above = new ClassicDevice(cloud, below.udi, createDeviceKey());
  assert.equal(codeOf(await above.register(await token(cloud), { force: true })), "OK");
  assert.equal(codeOf(await above.authorize({ [baseTag]: 3 })), "OK");
  const answer = await cloud.useCases.floorDoor.sync(documents[0] ?? assert.fail("a document"));
  assert.match(answer, /wrong_licensing_model/);
  cloud.clock.advance(1000);
  assert.equal(codeOf(await above.authorize({ [baseTag]: 4 })), "OK");
  assert.equal(await inUse(cloud), 4);
});

test("[GEN-1] [ONP-7] a device that is registered above and gets its trust code below is counted above with the next document", async () => {
  const { cloud, premises } = await openFloors();
  const above = await registered(cloud);
  const below = new ClassicDevice(premises, above.udi, above.key);
  await below.trust(await token(premises));
  await below.use({ reportId: 1, count: 5 });
  await premises.useCases.syncUpstream(by);
  assert.equal(await inUse(cloud), 5);
  const { upstream } = await premises.useCases.showUpstream(by);
  assert.deepEqual([upstream?.waitingReports, upstream?.refused], [0, 0]);
});
