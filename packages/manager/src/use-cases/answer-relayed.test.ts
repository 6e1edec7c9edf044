import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  decodeLicenseFile,
  encodeLicenseFile,
  encodeRequest,
  parseCertificate,
  type RequestData,
  type SignedReport,
  verifyChain,
} from "@countersign/protocol";
import {
  acknowledgementOf,
  baseTag,
  createDevice,
  createDeviceKey,
  createTrustedDevice,
  createTrustedRelay,
  TestDevice,
} from "../test-support/core-device.ts";
import { createTestManager, operator, readAnswer } from "../test-support/core-manager.ts";

const hourMs = 3_600_000;
type Item = RequestData<"RELAYED_REQUESTS">["items"][number];

/** A device's message as it leaves it now, and what reads its answer. */
async function messageOf(device: TestDevice, reports: readonly SignedReport[], isSigned = true) {
  const data = device.usageData(reports);
  const identity = isSigned ? device.identity : { ...device.identity, key: null };
  const body = await encodeRequest("LICENSE_USAGE", data, identity);
  const item = (id: string, receivedAtMs: number): Item => ({
    item_id: id,
    kind: "message",
    received_at: receivedAtMs,
    content: Buffer.from(body).toString("base64"),
  });
  const read = (content: string) =>
    readAnswer(device.manager, Buffer.from(content, "base64").toString(), "LICENSE_USAGE", data.nonce);
  return { item, read };
}

/** A trust request as a device behind a relay sends it; answers what the manager said to the device. */
async function askThrough(relay: TestDevice, device: TestDevice, token = "") {
  const { token: given, ...rest } = device.trustData(token);
  const data = token === "" ? rest : { ...rest, token: given };
  const identity = { ...device.identity, productInstanceIdentifier: "", key: null };
  const body = await encodeRequest("ID_TOKEN_TRUST", data, identity);
  const content = Buffer.from(body).toString("base64");
  const received_at = relay.manager.clock.now();
  const [item] = await carried(relay, [{ item_id: "1", kind: "message", received_at, content }]);
  const text = Buffer.from(item?.content ?? "", "base64").toString();
  const answer = await readAnswer(relay.manager, text, "ID_TOKEN_TRUST", data.nonce);
  if (answer.statusCode !== "OK") return answer.statusCode === "FAILED" ? answer.data?.code : answer.statusCode;
  await device.install(answer.data.device_list[0]?.smart_license ?? "");
  return answer.data.pool_name;
}

suite("devices without a token behind a relay", () => {
  test("[TRU-9] [I9] come into the virtual account of the relay, once, and their reports count there verified", async () => {
    const manager = await createTestManager();
    await manager.useCases.createVirtualAccount({ name: "Lab", cause: operator });
    const relay = await createTrustedRelay(manager, "Lab");
    const device = createDevice(manager);
    assert.equal(await askThrough(relay, device), "Lab");
    const { identifier, certificateSerial } = device;
    assert.equal(await askThrough(relay, device), "Lab", "the same key is answered alike");
    assert.deepEqual([device.identifier, device.certificateSerial], [identifier, certificateSerial]);
    const report = await device.report({ reportId: 1, count: 5 });
    const message = await messageOf(device, [report]);
    await carried(relay, [message.item("1", manager.clock.now())]);
    const [license] = (await manager.useCases.listLicenses({ virtualAccount: "Lab" })).filter(
      ({ tag }) => tag === baseTag,
    );
    assert.deepEqual([license?.inUseVerified, license?.inUseUnverified], [5, 0]);
    const events = await manager.useCases.listEvents({ virtualAccount: "Lab", instance: device.identifier });
    const added = events.find(({ kind }) => kind === "device_added");
    assert.ok(added?.cause.kind === "message");
    assert.equal(added.cause.productInstanceIdentifier, relay.identifier, "the event names who stood for it");
  });

  test("never take another key's place, whatever they say of force; with a token they do", async () => {
    const manager = await createTestManager();
    const relay = await createTrustedRelay(manager, "DEFAULT");
    const device = await createTrustedDevice(manager);
    const impostor = new TestDevice(manager, device.udi, createDeviceKey());
    const honest = impostor.trustData.bind(impostor);
    impostor.trustData = (token) => honest(token, { force: true });
    assert.equal(await askThrough(relay, impostor), "already_registered");
    const { text } = await manager.useCases.createToken({ cause: operator });
    assert.equal(await askThrough(relay, impostor, text), "DEFAULT");
  });

  test("are refused where relays do not vouch, where the door of an account on premises is closed, and without a relay", async () => {
    const strict = await createTestManager({ options: { relaysVouch: false } });
    assert.equal(await askThrough(await createTrustedRelay(strict, "DEFAULT"), createDevice(strict)), "token_required");
    const premises = await createTestManager();
    await premises.useCases.establishPremises({ cause: operator });
    const relay = await createTrustedRelay(premises, "DEFAULT");
    assert.equal(await askThrough(relay, createDevice(premises)), "DEFAULT");
    await premises.useCases.setAdmission({ change: { isOpen: false }, cause: operator });
    assert.equal(await askThrough(relay, createDevice(premises)), "token_required");
    await premises.useCases.removeProductInstance({ instance: relay.identifier, cause: operator });
    const { answer } = await carry(relay, []);
    assert.equal(answer.statusCode === "FAILED" ? answer.data?.code : "", "identity_not_valid");
  });
});

const fileOf = (reports: readonly SignedReport[]): Item => ({
  item_id: "9",
  kind: "usage-file",
  received_at: 0,
  content: Buffer.from(encodeLicenseFile({ reports, managerObjects: [], systemInfo: null })).toString("base64"),
});

async function carry(relay: TestDevice, items: readonly Item[]) {
  return relay.send("RELAYED_REQUESTS", { ...relay.base(), items: [...items] });
}

async function carried(relay: TestDevice, items: readonly Item[]) {
  const { answer } = await carry(relay, items);
  assert.ok(answer.statusCode === "OK", answer.statusMessage);
  return answer.data.items;
}

async function inUse(device: TestDevice, tag = baseTag) {
  const licenses = await device.manager.useCases.listLicenses({});
  return licenses.find((license) => license.tag === tag)?.inUse ?? 0;
}

suite("what a relay carried", () => {
  test("[RLY-2] [I2] is acknowledged by the manager days later, once, and to the device that sent it", async () => {
    const manager = await createTestManager({ options: { acknowledgeMode: "poll" } });
    const relay = await createTrustedRelay(manager);
    const [one, other] = [await createTrustedDevice(manager), await createTrustedDevice(manager)];
    const first = await messageOf(one, [await one.report({ reportId: 1, count: 3 })]);
    const second = await messageOf(other, [await other.report({ reportId: 1, count: 4 })]);
    const takenAtMs = manager.clock.now();
    manager.clock.advance(9 * 24 * hourMs);
    assert.equal(await inUse(one), 0);
    const items = [first.item("1", takenAtMs), second.item("18446744073709551615", takenAtMs)];
    const answers = await carried(relay, items);
    assert.deepEqual(
      answers.map(({ item_id }) => item_id),
      ["1", "18446744073709551615"],
    );
    const acknowledged = acknowledgementOf(await first.read(answers[0]?.content ?? ""));
    assert.equal(acknowledged.acknowledgement.product_instance_identifier, one.identifier);
    assert.equal(acknowledged.acknowledgement.reports[0]?.outcome, "accepted");
    acknowledgementOf(await second.read(answers[1]?.content ?? ""));
    assert.equal(await inUse(one), 7);
    const again = await carried(relay, items);
    assert.equal(acknowledgementOf(await first.read(again[0]?.content ?? "")).payload, acknowledged.payload);
    assert.equal(await inUse(one), 7);
  });

  test("is compared with the time at which the relay took it, and that not with the future", async () => {
    const manager = await createTestManager();
    const relay = await createTrustedRelay(manager);
    const device = await createTrustedDevice(manager);
    const message = await messageOf(device, [await device.report({ reportId: 1, count: 1 })]);
    const sentAtMs = manager.clock.now();
    manager.clock.advance(10 * hourMs);
    for (const [takenAtMs, code] of [
      [sentAtMs + hourMs, null],
      [sentAtMs + hourMs + 1, "clock_offset"],
    ] as const) {
      const [item] = await carried(relay, [message.item("1", takenAtMs)]);
      const answer = await message.read(item?.content ?? "");
      assert.equal(answer.statusCode === "FAILED" ? answer.data?.code : null, code);
    }
    const now = manager.clock.now();
    assert.equal((await carry(relay, [message.item("1", now + hourMs)])).reply.refusal, null);
    assert.equal((await carry(relay, [message.item("1", now + hourMs + 1)])).reply.refusal, "clock_offset");
  });

  test("is taken from relays only, and a relay's certificate is good for nothing else", async () => {
    const manager = await createTestManager();
    const device = await createTrustedDevice(manager);
    const message = await messageOf(device, [await device.report({ reportId: 1, count: 1 })]);
    assert.equal((await carry(device, [message.item("1", manager.clock.now())])).reply.refusal, "not_a_relay");
    assert.equal(await inUse(device), 0);
    const relay = await createTrustedRelay(manager);
    const stored = await manager.storage.read.trust.findCertificate(relay.certificateSerial ?? "");
    const leaf = parseCertificate(Buffer.from(stored?.certificate ?? []).toString("base64"));
    const { root, issuing } = manager.authorities;
    const question = { leaf, intermediates: issuing, anchors: [root], now: manager.clock.now() };
    verifyChain({ ...question, purpose: "relay" });
    for (const purpose of ["product-instance", "manager-signing"] as const)
      assert.throws(() => verifyChain({ ...question, purpose }), { code: "certificate_wrong_purpose" });
    const nested = Buffer.from(
      await encodeRequest("RELAYED_REQUESTS", { ...relay.base(), items: [fileOf([])] }, relay.identity),
    ).toString("base64");
    const wrong = (content: string): Item => ({ item_id: "1", kind: "message", received_at: 0, content });
    assert.equal((await carry(relay, [wrong(nested)])).reply.refusal, "request_type_unknown");
    assert.equal((await carry(relay, [wrong("e30=")])).reply.refusal, "payload_invalid");
    await manager.useCases.removeProductInstance({ instance: relay.identifier, cause: operator });
    assert.equal((await carry(relay, [wrong(nested)])).reply.refusal, "identity_not_valid");
  });

  test("may be without a signature where its device stands beside the relay, and then proves nothing", async () => {
    const manager = await createTestManager();
    await manager.useCases.createVirtualAccount({ name: "East", cause: operator });
    const relay = await createTrustedRelay(manager);
    const [here, there] = [await createTrustedDevice(manager), await createTrustedDevice(manager, "East")];
    const stranger = createDevice(manager);
    const outcomes = await Promise.all(
      [here, there, stranger].map(async (device) => {
        const report = await device.report({ reportId: 1, count: 2 }, "builtin");
        const message = await messageOf(device, [report], false);
        const [item] = await carried(relay, [message.item("1", manager.clock.now())]);
        const answer = await message.read(item?.content ?? "");
        return answer.statusCode === "FAILED" ? answer.data?.code : answer.statusCode;
      }),
    );
    assert.deepEqual(outcomes, ["OK", "signature_missing", "signature_missing"]);
    const [report] = await manager.useCases.listReports({ instance: here.identifier });
    assert.equal(report?.isVerified, false);
    assert.equal(await inUse(here), 2);
  });

  test("[RLY-4] may be a file with what was collected, of devices beside the relay", async () => {
    const manager = await createTestManager();
    await manager.useCases.createVirtualAccount({ name: "East", cause: operator });
    const relay = await createTrustedRelay(manager);
    const [here, there] = [await createTrustedDevice(manager), await createTrustedDevice(manager, "East")];
    const [taken, foreign, none] = [
      await carried(relay, [fileOf([await here.report({ reportId: 1, count: 2 })])]),
      await carried(relay, [fileOf([await there.report({ reportId: 1, count: 5 })])]),
      await carried(relay, [{ ...fileOf([]), content: "PGEvPg==" }]),
    ];
    const { managerObjects } = decodeLicenseFile(Buffer.from(taken[0]?.content ?? "", "base64"));
    assert.equal(managerObjects[0]?.header.type, "ack");
    assert.deepEqual([foreign[0]?.content, foreign[0]?.code], ["", "sender_unknown"]);
    assert.equal(none[0]?.code, "file_element_unknown");
    assert.equal(await inUse(here), 2);
  });
});
