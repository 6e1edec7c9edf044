import assert from "node:assert/strict";
import { test } from "node:test";
import { dayMs, encodeRequest } from "@countersign/protocol";
import {
  acknowledgementOf,
  createDevice,
  createDeviceKey,
  createTrustedDevice,
  TestDevice,
} from "../test-support/core-device.ts";
import { createTestManager, operator } from "../test-support/core-manager.ts";

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
