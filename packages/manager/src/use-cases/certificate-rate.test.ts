// What a device can make a manager issue and keep: each certificate stays for ever, so their rate has a limit.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  certificatesPerDeviceMax,
  dayMs,
  type RequestType,
  type SignedReport,
} from "@countersign/protocol";
import { deviceRefusals } from "../errors.ts";
import { type ClassicDevice, createClassicDevice } from "../test-support/classic-device.ts";
import { baseTag, createDeviceKey } from "../test-support/core-device.ts";
import { createTestManager, operator, startMs, type TestManager } from "../test-support/core-manager.ts";
import { certificatesPerDayMax } from "../trust/certificate-rate.ts";

const by = { smartAccount: "Example", cause: operator };
const token = async ({ useCases }: TestManager, usesMax = 99) => (await useCases.createToken({ usesMax, ...by })).text;
const codeOf = (answer: Answer<RequestType>) =>
  answer.statusCode === "FAILED" ? answer.data?.code : answer.statusCode;
const issued = async ({ manager, identifier }: ClassicDevice) =>
  (await manager.useCases.showProductInstance({ instance: identifier })).certificates.length;
const textOf = (answer: Answer<"RENEW_ID">) =>
  answer.statusCode === "OK" ? answer.data.device_list[0]?.status_message : answer.statusMessage;
const tooOften = deviceRefusals.certified_too_often.meaning;

async function registered(manager: TestManager): Promise<ClassicDevice> {
  const device = createClassicDevice(manager);
  assert.equal(codeOf(await device.register(await token(manager))), "OK");
  return device;
}

test("[CLS-14] the same key is given the same certificate for a day, and then one for another year", async () => {
  const manager = await createTestManager();
  const device = await registered(manager);
  const first = device.certificateSerial;
  manager.clock.advance(dayMs - 1);
  for (const _time of [1, 2, 3]) await device.renew();
  assert.deepEqual([device.certificateSerial, await issued(device)], [first, 1]);
  manager.clock.advance(1);
  await device.renew();
  assert.notEqual(device.certificateSerial, first);
  assert.equal(await issued(device), 2);
});

test("a device that renews with new keys gets so many certificates within a day, is put off in clear words, and keeps what it has", async () => {
  const manager = await createTestManager();
  const device = await registered(manager);
  for (let count = 2; count <= certificatesPerDayMax; count += 1) {
    manager.clock.advance(1000);
    assert.notEqual(textOf(await device.renew(createDeviceKey())), tooOften);
    assert.equal(await issued(device), count);
  }
  assert.equal(textOf(await device.renew(createDeviceKey())), tooOften);
  assert.equal(await issued(device), certificatesPerDayMax);
  assert.equal(codeOf(await device.authorize({ [baseTag]: 1 })), "OK");
  // A day after the first of them, its place is free again, and no other.
  manager.clock.advance(startMs + dayMs - 1 - manager.clock.now());
  assert.equal(textOf(await device.renew(createDeviceKey())), tooOften);
  manager.clock.advance(1);
  assert.notEqual(textOf(await device.renew(createDeviceKey())), tooOften);
  assert.equal(textOf(await device.renew(createDeviceKey())), tooOften);
  assert.equal(await issued(device), certificatesPerDayMax + 1);
});

test("renewals that come at the same time share the one limit", async () => {
  const manager = await createTestManager();
  const device = await registered(manager);
  const asked = Array.from({ length: certificatesPerDayMax + 4 }, () => device.renewData(createDeviceKey()));
  const answers = await Promise.all(asked.map(async (data) => (await device.send("RENEW_ID", data)).answer));
  assert.equal(answers.filter((answer) => textOf(answer) === tooOften).length, 5);
  assert.equal(await issued(device), certificatesPerDayMax);
});

test("a device that goes back and forth between the models with one token is put off too; a new key with force is not", async () => {
  const manager = await createTestManager();
  const device = createClassicDevice(manager);
  const text = await token(manager, 2);
  const codes: unknown[] = [codeOf(await device.register(text))];
  // On the first day the token's own certificate is given again.
  manager.clock.advance(2 * dayMs);
  for (let count = 0; count < certificatesPerDayMax; count += 2) {
    codes.push(codeOf(await device.register(text)));
    manager.clock.advance(1000);
    codes.push(codeOf((await device.trust(text)).answer));
    manager.clock.advance(1000);
  }
  assert.deepEqual(new Set(codes), new Set(["OK"]));
  assert.equal(codeOf(await device.register(text)), "certified_too_often");
  assert.equal(await issued(device), 1 + certificatesPerDayMax);
  device.key = createDeviceKey();
  assert.equal(codeOf(await device.register(text, { force: true })), "OK");
  assert.equal(await issued(device), certificatesPerDayMax + 2);
});

test("[ONP-7] however many certificates a device has had, a document for the manager above names those that signed what it brings", async () => {
  const cloud = await createTestManager();
  const sizes: number[] = [];
  const sync = async (bytes: Uint8Array) => {
    sizes.push(bytes.length);
    return cloud.useCases.floorDoor.sync(bytes);
  };
  const above = { ...cloud, useCases: { ...cloud.useCases, floorDoor: { ...cloud.useCases.floorDoor, sync } } };
  const premises = await createTestManager({ above: () => above });
  await premises.useCases.establishPremises(by);
  const { token: connecting } = await cloud.useCases.addLowerManager({ name: "works", ...by });
  const rootPem = cloud.authorities.root.toString();
  await premises.useCases.connectUpstream({ url: "https://above.example", token: connecting, rootPem, ...by });
  const device = await registered(premises);
  const identities = [{ key: device.key, certificateSerial: device.certificateSerial }];
  const advance = () => [cloud, premises].map(({ clock }) => clock.advance(dayMs / 4));
  while (identities.length < certificatesPerDeviceMax + 2) {
    advance();
    const key = createDeviceKey();
    assert.equal(codeOf(await device.renew(key)), "OK");
    identities.push({ key, certificateSerial: device.certificateSerial });
  }
  advance();
  assert.equal(codeOf((await device.send("TRUST_SYNC", device.syncData([device.asMember()]))).answer), "OK");
  const signed: SignedReport[] = [];
  const signAs = async (count: number) => {
    for (const identity of identities.slice(0, count))
      signed.push(await Object.assign(device, identity).report({ reportId: signed.length + 1, count: signed.length }));
    return signed.slice(-count);
  };
  for (const [signers, documents] of [
    [1, 1],
    [certificatesPerDeviceMax - 1, 1],
    [certificatesPerDeviceMax, 2],
  ] as const) {
    sizes.length = 0;
    assert.equal(codeOf((await device.sendReports(await signAs(signers), { reportsMax: 100 })).answer), "OK");
    await premises.useCases.syncUpstream(by);
    assert.equal(sizes.length, documents, `${signers} signers`);
  }
  const { upstream } = await premises.useCases.showUpstream(by);
  assert.deepEqual([upstream?.waitingReports, upstream?.refused], [0, 0]);
  const instance = `PID:${device.udi.pid},SN:${device.udi.serialNumber}`;
  const counted = await cloud.useCases.listReports({ smartAccount: "Example", instance, limit: 1000 });
  assert.equal(counted.length, signed.length);
});
