// Old licences that devices tell: deposited once, whatever is repeated and in whatever order, when somebody allows it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Conversion, dayMs, formatUdi, type LegacyLicense } from "@countersign/protocol";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import { type ClassicDevice, createClassicDevice } from "../test-support/classic-device.ts";
import { baseTag, createDeviceKey, createTrustedDevice, plusTag } from "../test-support/core-device.ts";
import { createTestManager, operator, startMs, type TestManager } from "../test-support/core-manager.ts";
import { FailingStorage } from "../test-support/failing-storage.ts";

const legacy = (name: string, entitlement_tag: string, count: number): LegacyLicense => ({
  ...{ kind: "right_to_use", name, entitlement_tag, count },
});
const base = legacy("ipbase", baseTag, 2);
const plus: LegacyLicense = { ...legacy("PAK1", plusTag, 5), kind: "pak" };

async function registered(manager: TestManager, more: object = {}): Promise<ClassicDevice> {
  const device = createClassicDevice(manager);
  const { text } = await manager.useCases.createToken({ usesMax: 9, ...more, cause: operator });
  assert.equal((await device.register(text)).statusCode, "OK");
  return device;
}

const purchased = async ({ useCases }: TestManager, query: object = {}) =>
  (await useCases.listPurchases(query)).map(({ tag, quantity }) => [tag, quantity]);
const automatic = ({ useCases }: TestManager, isAutomatic = true) =>
  useCases.setConversion({ isAutomatic, cause: operator });
const wordOf = ([word]: readonly (Conversion | string)[]): Conversion => {
  assert.ok(typeof word === "object", String(word));
  return word;
};

test("[CNV-2] what a device tells is deposited in its virtual account once; whoever repeats it, under whatever registration, has the same word", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  await useCases.createVirtualAccount({ name: "Lab", cause: operator });
  await automatic(manager);
  const device = await registered(manager, { virtualAccount: "Lab" });
  const word = wordOf(await device.convert([base, plus]));
  assert.deepEqual(
    [word.smart_account_name, word.virtual_account_name, word.converted_at, word.licenses],
    ["Example", "Lab", startMs, [base, plus]],
  );
  const deposited = [
    [baseTag, 2],
    [plusTag, 5],
  ];
  const check = async (other: ClassicDevice, claim = [base, plus]) => {
    assert.deepEqual(wordOf(await other.convert(claim)), word);
    assert.deepEqual(await purchased(manager), deposited);
  };
  assert.deepEqual(await purchased(manager), deposited);
  const [license] = await useCases.listLicenses({ virtualAccount: "Lab" });
  assert.deepEqual([license?.purchased, license?.virtualAccount], [2, "Lab"]);
  await check(device);
  manager.clock.advance(dayMs);
  await check(device, [{ ...base, count: 99 }]);
  await useCases.transferProductInstance({ instance: device.identifier, virtualAccount: "DEFAULT", cause: operator });
  await check(device);
  await useCases.removeProductInstance({ instance: device.identifier, cause: operator });
  const { text } = await useCases.createToken({ usesMax: 9, cause: operator });
  device.key = createDeviceKey();
  assert.equal((await device.register(text)).statusCode, "OK");
  await check(device);
  await automatic(manager, false);
  await check(device);
  const told = (await useCases.listEvents({ limit: 50 })).filter(({ kind }) => kind === "licenses_converted");
  assert.equal(told.length, 1);
  assert.ok(told[0]?.cause.kind === "message" && told[0].cause.requestType === "CONVERSION");
});

test("[CNV-6] [MGR-10] without the account's word a conversion waits for an administrator, who allows what was told then and nothing else", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  assert.deepEqual(await useCases.showConversionSetting({}), { isAutomatic: false });
  const device = await registered(manager);
  const udi = formatUdi(device.udi);
  await assert.rejects(useCases.allowConversion({ device: udi, cause: operator }), { code: "conversion_unknown" });
  await assert.rejects(useCases.showConversion({ device: "x" }), { code: "input_invalid" });
  assert.deepEqual(await device.convert([{ ...base, count: 7 }]), ["conversion_not_allowed"]);
  assert.deepEqual(await device.convert([base]), ["conversion_not_allowed"]);
  assert.deepEqual(await device.convert([base]), ["conversion_not_allowed"]);
  assert.deepEqual(await purchased(manager), []);
  const states = async () => (await useCases.listConversions({})).map(({ state, licenses }) => [state, licenses]);
  const view = [{ kind: "right_to_use", name: "ipbase", tag: baseTag, count: 2 }];
  assert.deepEqual(await states(), [["waiting", view]]);
  await useCases.allowConversion({ device: udi, cause: operator });
  await useCases.allowConversion({ device: udi, cause: operator });
  assert.deepEqual(await states(), [["allowed", view]]);
  assert.deepEqual(await purchased(manager), []);
  assert.deepEqual(wordOf(await device.convert([{ ...base, count: 1000 }, plus])).licenses, [base]);
  assert.deepEqual(await purchased(manager), [[baseTag, 2]]);
  assert.deepEqual(await states(), [["converted", view]]);
  assert.equal((await useCases.allowConversion({ device: udi, cause: operator })).state, "converted");
  const kinds = (await useCases.listEvents({ limit: 50 })).map(({ kind }) => kind);
  assert.deepEqual(
    kinds.filter((kind) => kind.startsWith("conversion") || kind === "licenses_converted").toReversed(),
    ["conversion_asked", "conversion_asked", "conversion_allowed", "licenses_converted"],
  );
  const acts = (await useCases.listAuditEntries({ limit: 50 })).map(({ act, by }) => [act, by.kind]);
  assert.deepEqual(acts.slice(0, 2), [
    ["convert_licenses", "message"],
    ["allow_conversion", "operator"],
  ]);
});

test("[CNV-2] a device converts once with a manager: not in a second account, not for a device of another installation", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  await automatic(manager);
  const device = await registered(manager);
  const stranger = await registered(manager);
  assert.deepEqual(
    (await device.convert([base], [stranger, device])).map((each) => (typeof each === "string" ? each : "given")),
    ["conversion_of_other_installation", "given"],
  );
  const other = { smartAccount: "Other" };
  await useCases.createSmartAccount({ name: "Other", cause: operator });
  await useCases.setConversion({ ...other, isAutomatic: true, cause: operator });
  await useCases.removeProductInstance({ smartAccount: "Example", instance: device.identifier, cause: operator });
  device.key = createDeviceKey();
  await device.register((await useCases.createToken({ ...other, usesMax: 9, cause: operator })).text);
  assert.deepEqual(await device.convert([base]), ["conversion_done_elsewhere"]);
  assert.deepEqual(await purchased(manager, other), []);
  assert.deepEqual(await purchased(manager, { smartAccount: "Example" }), [[baseTag, 2]]);
});

test("[HW-9] a device of the policy model converts nothing", async () => {
  const manager = await createTestManager();
  await automatic(manager);
  const trusted = await createTrustedDevice(manager);
  const policy = Object.assign(createClassicDevice(manager), {
    ...{ udi: trusted.udi, identifier: trusted.identifier, certificateSerial: trusted.certificateSerial },
    key: trusted.key,
  });
  const { answer } = await policy.send("CONVERSION", policy.convertData([base]));
  assert.ok(answer.statusCode === "FAILED" && answer.data?.code === "wrong_licensing_model");
  assert.deepEqual(await purchased(manager), []);
});

test("a conversion that could not be stored was not done: nothing of it is left, and the repetition does it", async () => {
  const failing = new FailingStorage(openSqliteStorage(":memory:", startMs));
  const manager = await createTestManager({ storage: failing });
  await automatic(manager);
  const device = await registered(manager);
  const entries = async () => (await manager.useCases.showTreeHead({})).treeHead.size;
  const before = await entries();
  for (let calls = 0; ; calls += 1) {
    failing.callsLeft = calls;
    const done = await device.convert([base, plus]).catch(() => null);
    failing.callsLeft = null;
    if (done !== null) break;
    assert.deepEqual(await purchased(manager), []);
    assert.deepEqual(await manager.useCases.listConversions({}), []);
    assert.equal(await entries(), before);
  }
  assert.ok(failing.failures > 10);
  wordOf(await device.convert([base, plus]));
  assert.equal((await purchased(manager)).length, 2);
  assert.equal(await entries(), before + 1);
});
