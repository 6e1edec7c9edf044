import assert from "node:assert/strict";
import { test } from "node:test";
import { dayMs, encodeRequest, type HaRole, type SignedReport } from "@countersign/protocol";
import {
  acknowledgementOf,
  createDevice,
  createDeviceKey,
  createTrustedDevice,
  TestDevice,
} from "../test-support/core-device.ts";
import { createTestManager, operator, type TestManager } from "../test-support/core-manager.ts";

test("a trust sync brings a member that joined later into the installation, without a token", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const member = createDevice(manager);
  const members = [{ ...device.asMember(), request: "" }, member.asMember("Standby", 2)];
  for (let time = 0; time < 2; time += 1) {
    const { answer } = await device.send("TRUST_SYNC", device.syncData(members));
    assert.ok(answer.statusCode === "OK");
    await member.install(answer.data.device_list[1]?.smart_license ?? "");
  }
  assert.deepEqual(
    (await manager.useCases.listTokens({})).map(({ uses }) => uses),
    [1],
  );
  const shown = await manager.useCases.showProductInstance({ instance: device.identifier });
  assert.deepEqual(
    shown.members.map(({ productInstanceIdentifier }) => productInstanceIdentifier),
    [device.identifier, member.identifier],
  );
});

test("usage belongs to the installation: after a switchover the other member goes on, and nothing counts twice", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const standby = createDevice(manager);
  const { answer } = await device.send(
    "TRUST_SYNC",
    device.syncData([{ ...device.asMember(), request: "" }, standby.asMember("Standby", 2)]),
  );
  assert.ok(answer.statusCode === "OK");
  await standby.install(answer.data.device_list[1]?.smart_license ?? "");
  const report = await device.report({ reportId: 1, count: 4 });
  const first = acknowledgementOf((await device.sendReports([report])).answer).acknowledgement;
  const repeated = acknowledgementOf((await standby.sendReports([report])).answer).acknowledgement;
  assert.equal(repeated.reports[0]?.outcome, "known");
  assert.equal(repeated.product_instance_identifier, standby.identifier);
  assert.ok(repeated.sequence > first.sequence);
  const switched = standby.usageData([await standby.report({ reportId: 2, count: 4 })]);
  const list = [
    ...switched.device_list,
    { ...device.usageData([], "Standby").device_list[0] },
  ] as typeof switched.device_list;
  await standby.send("LICENSE_USAGE", { ...switched, device_list: list });
  const { members } = await manager.useCases.showProductInstance({ instance: device.identifier });
  assert.deepEqual(
    members.map(({ role }) => role),
    ["Standby", "Active"],
  );
  const [license] = await manager.useCases.listLicenses({});
  assert.deepEqual([license?.inUse, license?.installations], [4, 1]);
});

async function createPair(manager: TestManager) {
  const active = await createTrustedDevice(manager);
  const standby = createDevice(manager);
  const both = [{ ...active.asMember(), request: "" }, standby.asMember("Standby", 2)];
  const { answer } = await active.send("TRUST_SYNC", active.syncData(both));
  assert.ok(answer.statusCode === "OK");
  await standby.install(answer.data.device_list[1]?.smart_license ?? "");
  return { active, standby };
}

async function contactsOf({ useCases }: TestManager) {
  const instances = await useCases.listProductInstances({});
  return instances.map(({ role, lastContactAtMs }) => [role, lastContactAtMs] as const);
}

/** A usage message of one device that lists others beside it. */
function listing(speaker: TestDevice, reports: readonly SignedReport[], ...others: readonly [TestDevice, HaRole][]) {
  const data = speaker.usageData(reports);
  const rest = others.flatMap(([device, role]) => device.usageData([], role).device_list);
  return { ...data, device_list: [...data.device_list, ...rest] as typeof data.device_list };
}

test("a member that reports no longer list is absent with a last contact of its own, and counts as before", async () => {
  const manager = await createTestManager();
  const { active, standby } = await createPair(manager);
  await active.send(
    "LICENSE_USAGE",
    listing(active, [await active.report({ reportId: 1, count: 4 })], [standby, "Standby"]),
  );
  const both = manager.clock.now();
  assert.deepEqual(await contactsOf(manager), [
    ["Active", both],
    ["Standby", both],
  ]);
  for (const reportId of [2, 3]) {
    manager.clock.advance(dayMs);
    await standby.send("LICENSE_USAGE", listing(standby, [await standby.report({ reportId, count: 4 })]));
    assert.deepEqual(await contactsOf(manager), [
      ["Absent", both],
      ["Active", manager.clock.now()],
    ]);
  }
  const shown = await manager.useCases.showProductInstance({ instance: active.identifier });
  assert.equal(shown.instance.lastContactAtMs, both);
  assert.deepEqual(
    shown.members.map(({ role }) => role),
    ["Absent", "Active"],
  );
  const counts = (await manager.useCases.listLicenses({})).map(({ inUse, installations }) => [inUse, installations]);
  assert.deepEqual(counts, [[4, 1]]);
  const changes = (await manager.useCases.listEvents({})).filter(({ kind }) => kind === "device_role_changed");
  assert.equal(changes.length, 1, "absence is told once");
  manager.clock.advance(dayMs);
  const back = listing(standby, [await standby.report({ reportId: 4, count: 4 })], [active, "Standby"]);
  await standby.send("LICENSE_USAGE", back);
  const now = manager.clock.now();
  assert.deepEqual(await contactsOf(manager), [
    ["Standby", now],
    ["Active", now],
  ]);
});

test("a device that takes over and syncs before it reports leaves no second active one", async () => {
  const manager = await createTestManager();
  const { active, standby } = await createPair(manager);
  const before = manager.clock.now();
  manager.clock.advance(dayMs);
  await standby.send("TRUST_SYNC", standby.syncData([{ ...standby.asMember("Active", 2), request: "" }]));
  assert.deepEqual(await contactsOf(manager), [
    ["Absent", before],
    ["Active", manager.clock.now()],
  ]);
  const both = [
    { ...standby.asMember("Active", 2), request: "" },
    { ...active.asMember("Standby", 1), request: "" },
  ];
  await standby.send("TRUST_SYNC", standby.syncData(both));
  assert.deepEqual(
    (await contactsOf(manager)).map(([role]) => role),
    ["Standby", "Active"],
  );
});

test("a sync of the active device alone makes nobody absent", async () => {
  const manager = await createTestManager();
  const { active } = await createPair(manager);
  await active.send("TRUST_SYNC", active.syncData());
  assert.deepEqual(
    (await contactsOf(manager)).map(([role]) => role),
    ["Active", "Standby"],
  );
});

test("two supervisors that share a UDI are one device that is active, and neither is absent when one is gone", async () => {
  const manager = await createTestManager();
  const chassis = await createTrustedDevice(manager);
  await chassis.send(
    "LICENSE_USAGE",
    listing(chassis, [await chassis.report({ reportId: 1, count: 2 })], [chassis, "Standby"]),
  );
  assert.deepEqual(await contactsOf(manager), [["Active", manager.clock.now()]]);
  manager.clock.advance(dayMs);
  await chassis.use({ reportId: 2, count: 2 });
  assert.deepEqual(await contactsOf(manager), [["Active", manager.clock.now()]]);
});

test("roles that change back are noted, whatever was known of the sender before", async () => {
  const manager = await createTestManager();
  const { active, standby } = await createPair(manager);
  const roles = async () => (await contactsOf(manager)).map(([role]) => role);
  await active.send(
    "LICENSE_USAGE",
    listing(active, [await active.report({ reportId: 1, count: 1 })], [standby, "Standby"]),
  );
  await standby.send(
    "LICENSE_USAGE",
    listing(standby, [await standby.report({ reportId: 2, count: 1 })], [active, "Standby"]),
  );
  assert.deepEqual(await roles(), ["Standby", "Active"]);
  await active.send(
    "LICENSE_USAGE",
    listing(active, [await active.report({ reportId: 3, count: 1 })], [standby, "Standby"]),
  );
  assert.deepEqual(await roles(), ["Active", "Standby"]);
});

test("a member with another installation's past joins with its key; its former licences are free", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const joining = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 2 });
  await joining.use({ reportId: 1, count: 3 });
  await device.send(
    "TRUST_SYNC",
    device.syncData([{ ...device.asMember(), request: "" }, joining.asMember("Member", 2)]),
  );
  const [license] = await manager.useCases.listLicenses({});
  assert.deepEqual([license?.inUse, license?.installations], [2, 1]);
  const kinds = (await manager.useCases.listEvents({})).map(({ kind }) => kind);
  assert.ok(kinds.includes("device_joined_installation") && kinds.includes("installation_emptied"));
  assert.equal((await joining.sendReports([await joining.report({ reportId: 2, count: 1 })])).reply.refusal, null);
});

test("a member that is registered with another key is refused alone", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const other = await createTrustedDevice(manager);
  const impostor = new TestDevice(manager, other.udi, createDeviceKey());
  const { answer } = await device.send(
    "TRUST_SYNC",
    device.syncData([{ ...device.asMember(), request: "" }, impostor.asMember("Member", 2)]),
  );
  assert.ok(answer.statusCode === "OK");
  assert.deepEqual(
    answer.data.device_list.map(({ status_code }) => status_code),
    ["OK", "FAILED"],
  );
  assert.match(
    answer.data.device_list[1]?.status_message ?? "",
    new RegExp(`udiSerialNumber:${other.udi.serialNumber},udiPid:EDGE-24 has already been registered`),
  );
});

test("a sync with a certificate request renews a certificate near its end, and leaves a younger one alone", async () => {
  for (const [renewBeforeMs, isRenewed] of [
    [30 * dayMs, false],
    [36_500 * dayMs, true],
  ] as const) {
    const manager = await createTestManager({ options: { renewBeforeMs } });
    const device = await createTrustedDevice(manager);
    const former = device.certificateSerial;
    const { answer } = await device.send("TRUST_SYNC", device.syncData([device.asMember()]));
    assert.ok(answer.statusCode === "OK");
    await device.install(answer.data.device_list[0]?.smart_license ?? "");
    assert.equal(device.certificateSerial !== former, isRenewed);
    assert.equal((await device.sendReports([await device.report({ reportId: 1, count: 1 })])).reply.refusal, null);
  }
});

test("a certificate that ran out in storage signs no report, but still a sync that renews it", async () => {
  const manager = await createTestManager({ options: { renewBeforeMs: 30 * dayMs } });
  const device = await createTrustedDevice(manager);
  const { certificates } = await manager.useCases.showProductInstance({ instance: device.identifier });
  manager.clock.advance((certificates[0]?.validUntilMs ?? 0) - manager.clock.now() + 10 * dayMs);
  const usage = await encodeRequest("LICENSE_USAGE", device.usageData([]), device.identity);
  assert.equal((await manager.exchange(usage)).reply.refusal, "certificate_expired");
  const sync = await encodeRequest("TRUST_SYNC", device.syncData([device.asMember()]), device.identity);
  assert.equal((await manager.exchange(sync)).reply.refusal, null);
  const kinds = (await manager.useCases.listEvents({})).map(({ kind }) => kind);
  assert.ok(kinds.includes("device_certificate_renewed"));
});

test("a removed product instance is told to register again, in every kind of signed request", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 2 });
  await manager.useCases.removeProductInstance({ instance: device.identifier, cause: operator });
  const replies = [
    (await device.sendReports([await device.report({ reportId: 2, count: 1 })])).reply,
    (await device.send("TRUST_SYNC", device.syncData())).reply,
    (
      await device.send("POLL_REQ", {
        ...device.base(),
        original_request_type: "LICENSE_USAGE",
        original_piid: device.identifier,
        poll_id: "1",
      })
    ).reply,
  ];
  for (const reply of replies) {
    assert.equal(reply.refusal, "identity_not_valid");
    assert.match(
      reply.content.statusMessage,
      /The identity for the instance .* is not valid\.Please re-register the instance\./,
    );
  }
  const [license] = await manager.useCases.listLicenses({});
  assert.deepEqual([license?.inUse, license?.installations], [0, 0]);
  const token = await manager.useCases.createToken({ cause: operator });
  const { reply } = await device.trust(token.text);
  assert.equal(reply.refusal, null);
});

test("a sync that must be signed and is not, is refused", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const { reply } = await device.send("TRUST_SYNC", device.syncData(), undefined, { ...device.identity, key: null });
  assert.equal(reply.refusal, "signature_missing");
});
