import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  classicAuthorizationMs,
  classicIdCertificateMs,
  dayMs,
  encodeRequest,
  formatUdi,
  type RequestType,
} from "@countersign/protocol";
import { type DeviceRefusalCode, deviceRefusals } from "../errors.ts";
import { createClassicDevice } from "../test-support/classic-device.ts";
import { baseTag, createDeviceKey, createTrustedDevice, plusTag } from "../test-support/core-device.ts";
import { createTestManager, operator, startMs, type TestManager } from "../test-support/core-manager.ts";
import { FailingStorage } from "../test-support/failing-storage.ts";

const served = <T extends RequestType>(answer: Answer<T>) => {
  assert.ok(answer.statusCode === "OK", answer.statusMessage);
  return answer.data;
};
/** Text and code of a refusal. */
const refusal = (answer: Answer<RequestType>) => {
  assert.ok(answer.statusCode === "FAILED");
  return [answer.statusMessage, answer.data?.code];
};
const meaningOf = (code: DeviceRefusalCode) => deviceRefusals[code].meaning;
const token = async ({ useCases }: TestManager, more: object = {}) =>
  (await useCases.createToken({ usesMax: 9, ...more, cause: operator })).text;
const inUse = async ({ useCases }: TestManager) =>
  Object.fromEntries((await useCases.listLicenses({})).map(({ name, inUse: count }) => [name, count]));
const kinds = async ({ useCases }: TestManager, limit = 50) =>
  (await useCases.listEvents({ limit })).map(({ kind }) => kind);

test("[CLS-11] [MGR-13] [BET-31] a token registers a device for a year; the same keys are registered the same again, whatever the token has left", async () => {
  const manager = await createTestManager();
  const text = await token(manager, { usesMax: 1 });
  const device = createClassicDevice(manager);
  const first = served(await device.register(text));
  assert.deepEqual(
    [first.smart_account_name, first.pool_name, first.device_list[0]?.status_code],
    ["Example", "DEFAULT", "OK"],
  );
  assert.equal(device.validUntilMs, startMs + classicIdCertificateMs);
  assert.deepEqual(served(await device.register(text)).device_list, first.device_list);
  const { identifier } = device;
  manager.clock.advance(40 * dayMs);
  served(await device.register(text));
  assert.equal(device.identifier, identifier, "the same product instance, though the token has expired");
  assert.equal(device.validUntilMs, startMs + 40 * dayMs + classicIdCertificateMs, "with a whole year before it");
  const [{ uses, state } = assert.fail()] = await manager.useCases.listTokens({});
  assert.deepEqual([uses, state], [1, "expired"]);
  const late = await createClassicDevice(manager).register(text);
  assert.deepEqual(refusal(late), ["The ID token has expired.", "token_expired"]);
});

test("[MGR-13] a device that is listed under another key is refused in the documented words, unless force is set", async () => {
  const manager = await createTestManager();
  const text = await token(manager);
  const device = createClassicDevice(manager);
  served(await device.register(text));
  const { identifier } = device;
  const known = device.key;
  device.key = createDeviceKey();
  assert.deepEqual(refusal(await device.register(text)), ["Product Already Registered", "already_registered"]);
  device.key = known;
  served(await device.authorize({ [baseTag]: 1 }));
  device.key = createDeviceKey();
  assert.deepEqual(refusal(await device.register(text)), [
    "Existing Product Instance has Consumption and Force Flag is False",
    "consumption_without_force",
  ]);
  const member = createClassicDevice(manager);
  const both = [member.asMember(), { ...device.asMember("Standby", 2) }];
  const { device_list } = served(await member.register(text, { members: both }));
  assert.match(device_list[1]?.status_message ?? "", /^The product .* has already been registered\.$/);
  served(await device.register(text, { force: true }));
  assert.equal(device.identifier, identifier);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 1 }, "what it used goes with it");
  device.key = known;
  assert.deepEqual(refusal(await device.register(text)), ["The key was replaced or withdrawn earlier.", "key_revoked"]);
});

test("[MGR-11] [CLS-20] [CNT-6] [BET-34] usage is authorized or out of compliance by the virtual account, which lends too, and counts with all other usage", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const buy = (tag: string, quantity: number) => useCases.addPurchase({ purchase: { tag, quantity }, cause: operator });
  await buy(plusTag, 3);
  await useCases.declareSubstitutions({ declaration: { hierarchies: [[[plusTag], [baseTag]]] }, cause: operator });
  await (await createTrustedDevice(manager)).use({ reportId: 1, tag: baseTag, count: 1 });
  const device = createClassicDevice(manager);
  const other = createClassicDevice(manager);
  const text = await token(manager);
  for (const each of [device, other]) served(await each.register(text));
  const answered = async (usage: Readonly<Record<string, number>>, by = device) => {
    const { entitlements, renew_after_seconds, expires_at, pool_name } = served(await by.authorize(usage));
    assert.equal(pool_name, "DEFAULT");
    assert.equal(expires_at, manager.clock.now() + classicAuthorizationMs);
    return [renew_after_seconds / 86_400, ...entitlements.map(({ status, shortfall }) => `${status} ${shortfall}`)];
  };
  assert.deepEqual(await answered({ [baseTag]: 2 }), [30, "AUTHORIZED 0"]);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 3, EDGE_PLUS: 0 });
  assert.deepEqual(await answered({ [plusTag]: 1, [baseTag]: 2 }, other), [0.5, "AUTHORIZED 0", "OUT_OF_COMPLIANCE 3"]);
  manager.clock.advance(1000);
  assert.deepEqual(await answered({ [baseTag]: 2 }), [0.5, "OUT_OF_COMPLIANCE 3"]);
  await buy(baseTag, 3);
  assert.deepEqual(await answered({ [baseTag]: 2 }), [30, "AUTHORIZED 0"]);
  assert.deepEqual(await answered({}), [30]);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 3, EDGE_PLUS: 1 });
  const told = (await useCases.listEvents({ limit: 200 })).filter(({ kind }) => kind === "usage_authorized");
  assert.deepEqual(told.map(({ before, after }) => [before, after]).at(1), [
    { udi: formatUdi(other.udi), inUse: { [plusTag]: 0, [baseTag]: 0 } },
    { udi: formatUdi(other.udi), inUse: { [plusTag]: 1, [baseTag]: 2 }, shortfall: { [baseTag]: 3 } },
  ]);
  assert.equal(told.length, 3, "an authorization that changes no count is no event");
  assert.ok(told.every(({ cause }) => cause.kind === "message" && cause.requestType === "AUTHORIZE"));
});

test("[I2] an authorization that is repeated, or overtaken by a later one, changes no count", async () => {
  const manager = await createTestManager();
  const device = createClassicDevice(manager);
  served(await device.register(await token(manager)));
  const early = device.authorizeData({ [baseTag]: 5, [plusTag]: 1 });
  manager.clock.advance(2500);
  const late = device.authorizeData({ [baseTag]: 2 });
  const asked: number[] = [];
  for (const data of [late, early, early, late]) {
    asked.push(served((await device.send("AUTHORIZE", data)).answer).renew_after_seconds);
    assert.deepEqual(await inUse(manager), { EDGE_BASE: 2 });
  }
  assert.deepEqual(asked, [43_200, 4, 4, 43_200], "a device whose clock was set back asks again when it has passed");
});

test("[I5] what could not be stored is not answered, and is counted once when it is asked again", async () => {
  const { storage } = await createTestManager();
  const failing = new FailingStorage(storage);
  const manager = await createTestManager({ storage: failing, withAccount: false });
  const device = createClassicDevice(manager);
  served(await device.register(await token(manager)));
  const data = device.authorizeData({ [baseTag]: 2, [plusTag]: 1 });
  const body = await encodeRequest("AUTHORIZE", data, device.identity);
  for (let calls = 0; ; calls += 1) {
    failing.callsLeft = calls;
    const answered = await manager.exchange(body).then(
      () => true,
      () => false,
    );
    failing.callsLeft = null;
    if (answered) break;
    assert.deepEqual(await inUse(manager), {});
    assert.equal((await kinds(manager)).includes("usage_authorized"), false);
  }
  assert.ok(failing.failures > 10);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 2, EDGE_PLUS: 1 });
  await manager.exchange(body);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 2, EDGE_PLUS: 1 });
});

test("[MGR-12] [CLS-20] after 90 days of silence what a device used is free, by the manager itself, until it asks again", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const device = createClassicDevice(manager);
  served(await device.register(await token(manager)));
  served(await device.authorize({ [baseTag]: 4 }));
  manager.clock.advance(30 * dayMs);
  served(await device.authorize({ [baseTag]: 4 }));
  manager.clock.advance(90 * dayMs - 1);
  assert.equal(await useCases.keepClassic(), 0);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 4 });
  manager.clock.advance(1);
  assert.equal(await useCases.keepClassic(), 1);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 0 });
  assert.equal(await useCases.keepClassic(), 0);
  const [released] = await useCases.listEvents({ limit: 1 });
  assert.deepEqual(
    [released?.kind, released?.cause, released?.before],
    ["usage_released", { kind: "system", reason: "no contact for 90 days" }, { tags: 1, counts: [4] }],
  );
  assert.equal((await useCases.listProductInstances({})).length, 1, "it stays registered");
  const { classic } = await useCases.showProductInstance({ instance: device.identifier });
  assert.equal(classic?.releasedAtMs, manager.clock.now());
  assert.equal(served(await device.authorize({ [baseTag]: 4 })).entitlements[0]?.shortfall, 4);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 4 });
});

test("[CLS-14] a certificate that ends without renewal removes its product instance, and frees what it used", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const text = await token(manager, { expiresAfterDays: 9999 });
  const device = createClassicDevice(manager);
  served(await device.register(text));
  for (let day = 0; day < 360; day += 60) {
    manager.clock.advance(60 * dayMs);
    served(await device.authorize({ [baseTag]: 1 }));
  }
  manager.clock.advance(5 * dayMs - 1);
  assert.equal(await useCases.keepClassic(), 0);
  manager.clock.advance(1);
  assert.equal(await useCases.keepClassic(), 1);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 0 });
  assert.deepEqual(await useCases.listProductInstances({}), []);
  const removed = (await useCases.listEvents({ limit: 9 })).find(({ kind }) => kind === "device_removed");
  assert.deepEqual(removed?.cause, { kind: "system", reason: "the ID certificate has ended" });
  const { identifier } = device;
  const [sentence] = refusal(await device.authorize({ [baseTag]: 1 }));
  assert.equal(
    sentence,
    `{"product_instance_identifier":["The identity for the instance ${identifier} is not valid.Please re-register the instance."]}`,
  );
  served(await device.register(text));
  assert.notEqual(device.identifier, identifier);
});

test("[CLS-11] [CLS-14] [BET-32] a renewal gives a certificate for another year, by the same key or a new one; a lost answer costs nothing", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const device = createClassicDevice(manager);
  served(await device.register(await token(manager)));
  manager.clock.advance(180 * dayMs);
  const asked = device.renewData();
  const lost = served((await device.send("RENEW_ID", asked)).answer).device_list;
  const again = served((await device.send("RENEW_ID", asked)).answer).device_list;
  assert.deepEqual(again, lost);
  device.takeOver(again);
  assert.equal(device.validUntilMs, startMs + 180 * dayMs + classicIdCertificateMs);
  const old = { key: device.key, serial: device.certificateSerial };
  const key = createDeviceKey();
  manager.clock.advance(dayMs);
  served(await device.renew(key));
  served(await device.authorize({ [baseTag]: 1 }));
  const newest = device.certificateSerial;
  Object.assign(device, { key: old.key, certificateSerial: old.serial });
  served(await device.authorize({ [baseTag]: 2 }));
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 2 }, "the one before is good until it ends");
  assert.notEqual(newest, old.serial);
  device.certificateSerial = "1";
  const data = { ...device.renewData(), ...{} };
  device.certificateSerial = old.serial;
  const [refused] = served((await device.send("RENEW_ID", data)).answer).device_list;
  assert.deepEqual(
    [refused?.status_code, refused?.id_certificate, refused?.status_message],
    ["FAILED", "", meaningOf("id_certificate_unknown")],
  );
  manager.clock.advance(classicIdCertificateMs - dayMs + 1000);
  assert.deepEqual(refusal(await device.authorize({})).at(-1), "certificate_expired");
  Object.assign(device, { key, certificateSerial: newest });
  await useCases.keepClassic();
  served(await device.authorize({ [baseTag]: 1 }));
});

test("[MGR-8] a deregistration frees what the whole installation used and ends its certificates; a repetition hears that it is gone", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const [active, standby] = [createClassicDevice(manager), createClassicDevice(manager)];
  const members = [active.asMember(), standby.asMember("Standby", 2)];
  standby.takeOver(served(await active.register(await token(manager), { members })).device_list);
  const roles = async () =>
    (await useCases.showProductInstance({ instance: active.identifier })).members.map(({ role }) => role);
  served(
    await active.authorize({ [baseTag]: 2 }, [
      { device: active, role: "Active" },
      { device: standby, role: "Standby" },
    ]),
  );
  manager.clock.advance(1000);
  served(
    await standby.authorize({ [baseTag]: 2 }, [
      { device: standby, role: "Active" },
      { device: active, role: "Standby" },
    ]),
  );
  assert.deepEqual(await roles(), ["Standby", "Active"]);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 2 }, "of the installation, not of each member");
  const unsigned = { ...active.identity, key: null };
  const data = { ...active.base(), device_list: active.authorizeData({}).device_list };
  assert.deepEqual(refusal((await active.send("DEREGISTER", data, undefined, unsigned)).answer), [
    "LS_INVALID_DATA: Missing signing cert serial number field",
    "signature_missing",
  ]);
  const { key } = active;
  active.key = createDeviceKey();
  assert.deepEqual(refusal(await active.deregister()), [
    "LS_INVALID_DATA: Signed data and certificate does not match",
    "signature_mismatch",
  ]);
  assert.deepEqual(refusal(await active.authorize({})), ["Data and signature do not match", "signature_mismatch"]);
  active.key = key;
  served(await standby.deregister());
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 0 });
  assert.deepEqual(await useCases.listProductInstances({}), []);
  for (const device of [standby, active]) assert.equal(refusal(await device.deregister()).at(-1), "identity_not_valid");
});

test("[MGR-16] export-controlled functions are allowed as the token says, and as it stands now", async () => {
  const manager = await createTestManager();
  for (const exportControlAllowed of [true, false]) {
    const device = createClassicDevice(manager);
    const registered = served(await device.register(await token(manager, { exportControlAllowed })));
    assert.equal(registered.export_control_allowed, exportControlAllowed);
    assert.equal(served(await device.authorize({})).export_control_allowed, exportControlAllowed);
    assert.equal(served(await device.renew()).export_control_allowed, exportControlAllowed);
  }
});

test("[MGR-8] a registered device that is transferred is authorized by its new virtual account, whose name it is told", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  await useCases.createVirtualAccount({ name: "Branch", cause: operator });
  await useCases.addPurchase({ purchase: { tag: baseTag, quantity: 1, virtualAccount: "Branch" }, cause: operator });
  const device = createClassicDevice(manager);
  served(await device.register(await token(manager)));
  assert.equal(served(await device.authorize({ [baseTag]: 1 })).entitlements[0]?.status, "OUT_OF_COMPLIANCE");
  await useCases.transferProductInstance({ instance: device.identifier, virtualAccount: "Branch", cause: operator });
  const answer = served(await device.authorize({ [baseTag]: 1 }));
  assert.deepEqual([answer.pool_name, answer.entitlements[0]?.status], ["Branch", "AUTHORIZED"]);
});

test("[GEN-1] a device is in one model: classic messages of the other are refused, and a trust code ends what classic counted", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const trusted = createClassicDevice(manager);
  await trusted.trust(await token(manager));
  for (const answer of [await trusted.authorize({ [baseTag]: 1 }), await trusted.renew(), await trusted.deregister()])
    assert.equal(refusal(answer).at(-1), "wrong_licensing_model");
  assert.deepEqual(await inUse(manager), {});
  const device = createClassicDevice(manager);
  served(await device.register(await token(manager)));
  served(await device.authorize({ [baseTag]: 3 }));
  manager.clock.advance(1000);
  const { answer } = await device.send("TRUST_SYNC", device.syncData([device.asMember()]));
  await device.install(served(answer).device_list[0]?.smart_license ?? "");
  const { certificates, classic } = await useCases.showProductInstance({ instance: device.identifier });
  const years = ((certificates.at(-1)?.validUntilMs ?? 0) - manager.clock.now()) / classicIdCertificateMs;
  assert.deepEqual([Math.round(years), classic], [8, null]);
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 0 });
  await device.use({ reportId: 1, count: 2 });
  assert.deepEqual(await inUse(manager), { EDGE_BASE: 2 });
  const other = createClassicDevice(manager);
  const text = await token(manager, { usesMax: 1 });
  served(await other.register(text));
  manager.clock.advance(1000);
  for (const { answer: trusting } of [await other.trust(text), await other.trust(text)]) served(trusting);
  const again = await useCases.showProductInstance({ instance: other.identifier });
  assert.deepEqual([again.certificates.length, again.classic], [2, null], "by the same token and key too, once");
});

test("[MGR-14] a message whose device date is too far away is refused in the documented words", async () => {
  const manager = await createTestManager();
  const device = createClassicDevice(manager);
  served(await device.register(await token(manager)));
  const timestamp = manager.clock.now() - 3_600_001;
  const data = { ...device.authorizeData({ [baseTag]: 1 }), timestamp };
  assert.deepEqual(refusal((await device.send("AUTHORIZE", data)).answer), [
    `{"timestamp":["The device date '${timestamp}' is offset beyond the allowed tolerance limit."]}`,
    "clock_offset",
  ]);
});
