import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dayMs,
  decodeAccountInfo,
  decodePolicy,
  encodeIdToken,
  encodeRequest,
  formatUdi,
  type ManagerObject,
  parseIdToken,
} from "@countersign/protocol";
import {
  createDevice,
  createDeviceKey,
  createTrustedDevice,
  productTag,
  TestDevice,
} from "../test-support/core-device.ts";
import { createTestManager, operator, type TestManager } from "../test-support/core-manager.ts";

async function setUp(usesMax = 1) {
  const manager = await createTestManager();
  const token = await manager.useCases.createToken({ usesMax, cause: operator });
  return { manager, token, device: createDevice(manager) };
}

const usesOf = async (manager: TestManager) => (await manager.useCases.listTokens({})).map(({ uses }) => uses);

function objectOf(objects: readonly ManagerObject[], type: ManagerObject["header"]["type"]): ManagerObject {
  return objects.find(({ header }) => header.type === type) as ManagerObject;
}

test("[TRU-14] [MSG-4] one trust answer brings trust code, account names and policy, for an unsigned first request", async () => {
  const { manager, token, device } = await setUp();
  const { answer } = await device.trust(token.text);
  assert.equal(answer.statusCode, "OK");
  assert.ok(answer.statusCode === "OK");
  assert.equal(answer.data.smart_account_name, "Example");
  assert.equal(answer.data.pool_name, "DEFAULT");
  const [entry] = answer.data.device_list;
  const { code, objects } = await device.install(entry?.smart_license ?? "");
  assert.equal(code.product_instance_identifier, entry?.product_instance_identifier);
  assert.equal(decodeAccountInfo(objectOf(objects, "account").payload).virtual_account_name, "DEFAULT");
  assert.equal(decodePolicy(objectOf(objects, "policy").payload).policy_version, 1);
  const [account] = await manager.useCases.listAccounts();
  assert.equal(account?.virtualAccounts[0]?.instances, 1);
});

test("[TRU-13] the event log of the virtual account shows that the device was added, by which message", async () => {
  const { manager, token, device } = await setUp();
  await device.trust(token.text);
  const events = await manager.useCases.listEvents({ virtualAccount: "DEFAULT" });
  const added = events.find(({ kind }) => kind === "device_added");
  assert.match(added?.message ?? "", new RegExp(`added: ${formatUdi(device.udi)}`));
  assert.equal(added?.cause.kind === "message" && added.cause.requestType, "ID_TOKEN_TRUST");
});

test("[BET-31] [I9] a repeated trust request gets the same instance and trust code and uses the token once", async () => {
  const { manager, token, device } = await setUp();
  const first = await device.trust(token.text);
  const identifier = device.identifier;
  const serial = device.certificateSerial;
  const second = await device.trust(token.text);
  assert.equal(second.answer.statusCode, "OK");
  assert.deepEqual([device.identifier, device.certificateSerial], [identifier, serial]);
  assert.ok(first.answer.statusCode === "OK" && second.answer.statusCode === "OK");
  const codes = await Promise.all(
    [first, second].map(async ({ answer }) => {
      assert.ok(answer.statusCode === "OK");
      return objectOf((await device.install(answer.data.device_list[0]?.smart_license ?? "")).objects, "trust").payload;
    }),
  );
  assert.equal(codes[0], codes[1]);
  assert.deepEqual(await usesOf(manager), [1]);
});

test("[I9] a lost answer is repeated even after the token was used up, expired or revoked", async () => {
  const { manager, token, device } = await setUp();
  await device.trust(token.text);
  const identifier = device.identifier;
  await manager.useCases.revokeToken({ tokenId: token.tokenId, cause: operator });
  manager.clock.advance(31 * dayMs);
  const { answer } = await device.trust(token.text);
  assert.equal(answer.statusCode, "OK");
  assert.equal(device.identifier, identifier);
});

test("[I9] the same request many times at once makes one instance and one use", async () => {
  const { manager, token, device } = await setUp(5);
  const body = await encodeRequest("ID_TOKEN_TRUST", device.trustData(token.text), { ...device.identity, key: null });
  const replies = await Promise.all(Array.from({ length: 8 }, () => manager.exchange(body)));
  assert.equal(new Set(replies.map(({ reply }) => reply.productInstanceIdentifier)).size, 1);
  assert.ok(replies.every(({ reply }) => reply.refusal === null));
  assert.deepEqual(await usesOf(manager), [1]);
});

test("[TOK-2] requests that race for the last use of a token never share it", async () => {
  const { manager, token } = await setUp(3);
  const devices = Array.from({ length: 8 }, () => createDevice(manager));
  const results = await Promise.all(devices.map((device) => device.trust(token.text)));
  assert.equal(results.filter(({ answer }) => answer.statusCode === "OK").length, 3);
  assert.ok(results.every(({ reply }) => reply.refusal === null || reply.refusal === "token_used_up"));
  assert.deepEqual(await usesOf(manager), [3]);
});

test("[BET-31] another key for a registered UDI needs force, and is told so in the documented words", async () => {
  const { manager, token, device } = await setUp(3);
  await device.trust(token.text);
  const replaced = new TestDevice(manager, device.udi, createDeviceKey());
  const { answer, reply } = await replaced.trust(token.text);
  assert.equal(answer.statusCode, "FAILED");
  assert.equal(answer.statusMessage, "Product Already Registered");
  assert.equal(reply.refusal, "already_registered");
  await device.use({ reportId: 1, count: 2 });
  const again = await replaced.trust(token.text);
  assert.equal(again.answer.statusMessage, "Existing Product Instance has Consumption and Force Flag is False");
  assert.deepEqual(await usesOf(manager), [1]);
});

test("[TRU-4] [TRU-21] force replaces the key, keeps the instance and its usage, and everything the old key signs is refused", async () => {
  const { manager, token, device } = await setUp(3);
  await device.trust(token.text);
  await device.use({ reportId: 1, count: 2 });
  const replaced = new TestDevice(manager, device.udi, createDeviceKey());
  await replaced.trust(token.text, { force: true });
  assert.equal(replaced.identifier, device.identifier);
  const { answer, reply } = await device.sendReports([await device.report({ reportId: 2, count: 9 })]);
  assert.equal(reply.refusal, "identity_not_valid");
  assert.equal(
    answer.statusMessage,
    `{"product_instance_identifier":["The identity for the instance ${device.identifier} is not valid.Please re-register the instance."]}`,
  );
  const { acknowledgement } = await replaced.use({ reportId: 2, count: 3 });
  assert.equal(acknowledgement.reports[0]?.outcome, "accepted");
  assert.deepEqual(
    (await manager.useCases.listLicenses({})).map(({ inUse }) => inUse),
    [3],
  );
});

test("[TRU-4] a replaced key never comes back, not even by repeating its old request with force", async () => {
  const { manager, token, device } = await setUp(3);
  await device.trust(token.text);
  const replaced = new TestDevice(manager, device.udi, createDeviceKey());
  await replaced.trust(token.text, { force: true });
  for (const force of [false, true]) {
    const { reply } = await device.trust(token.text, { force });
    assert.equal(reply.refusal, "key_revoked");
  }
  const other = await manager.useCases.createToken({ cause: operator });
  assert.equal((await device.trust(other.text, { force: true })).reply.refusal, "key_revoked");
});

test("[TOK-1] a device comes in with a token that this manager made before, and with none that it did not", async () => {
  const { manager, token, device } = await setUp();
  for (const [text, refusal] of [
    ["", "payload_invalid"],
    [encodeIdToken({ ...parseIdToken(token.text), uuid: "00000000-0000-4000-8000-000000000001" }), "token_unknown"],
    [encodeIdToken({ ...parseIdToken(token.text), secret: new Uint8Array(32) }), "token_unknown"],
  ] as const) {
    assert.equal((await device.trust(text)).reply.refusal, refusal);
  }
  assert.deepEqual(await manager.useCases.listProductInstances({}), []);
  assert.equal((await device.trust(token.text)).reply.refusal, null);
  assert.equal((await manager.useCases.listProductInstances({})).length, 1);
});

test("refuses a token that is unknown, expired, revoked or used up, each with its own code", async () => {
  const { manager, token, device } = await setUp();
  const stranger = await createTestManager();
  const foreign = await stranger.useCases.createToken({ cause: operator });
  assert.equal((await device.trust(foreign.text)).reply.refusal, "token_unknown");
  assert.equal((await device.trust("not a token")).reply.refusal, "token_malformed");
  await device.trust(token.text);
  const late = createDevice(manager);
  assert.equal((await late.trust(token.text)).reply.refusal, "token_used_up");
  const short = await manager.useCases.createToken({ expiresAfterDays: 1, cause: operator });
  manager.clock.advance(dayMs);
  assert.equal((await late.trust(short.text)).reply.refusal, "token_expired");
  const revoked = await manager.useCases.createToken({ cause: operator });
  await manager.useCases.revokeToken({ tokenId: revoked.tokenId, cause: operator });
  assert.equal((await late.trust(revoked.text)).reply.refusal, "token_revoked");
});

test("[TRU-3] [TRU-5] [TRU-15] each member of a group takes one use, and each is given its own instance", async () => {
  const { manager, token, device } = await setUp(2);
  const standby = createDevice(manager);
  const { answer } = await device.trust(token.text, {
    members: [device.asMember("Active", 1), standby.asMember("Standby", 2)],
  });
  assert.ok(answer.statusCode === "OK");
  assert.deepEqual(
    answer.data.device_list.map(({ status_code }) => status_code),
    ["OK", "OK"],
  );
  const verified = await standby.install(answer.data.device_list[1]?.smart_license ?? "");
  assert.equal(verified.code.trust_id, 2);
  assert.notEqual(standby.identifier, device.identifier);
  assert.deepEqual(await usesOf(manager), [2]);
  const shown = await manager.useCases.showProductInstance({ instance: standby.identifier });
  assert.deepEqual(
    shown.members.map(({ role }) => role),
    ["Active", "Standby"],
  );
});

test("[BET-9] a token with too few uses serves the active device first and names the members left without trust", async () => {
  const { manager, token, device } = await setUp(1);
  const member = createDevice(manager);
  const { answer } = await device.trust(token.text, {
    members: [member.asMember("Member", 2), device.asMember("Active", 1)],
  });
  assert.ok(answer.statusCode === "OK");
  const [first, second] = answer.data.device_list;
  assert.equal(first?.status_code, "FAILED");
  assert.equal(first?.smart_license, "");
  assert.match(first?.status_message ?? "", /no use left/);
  assert.equal(second?.status_code, "OK");
});

test("two supervisors that share a UDI are one identity and take one use", async () => {
  const { manager, token, device } = await setUp(2);
  const members = [device.asMember("Active", 1), { ...device.asMember("Standby", 2), request: "" }];
  const { answer } = await device.trust(token.text, { members });
  assert.ok(answer.statusCode === "OK");
  const [one, other] = answer.data.device_list;
  assert.equal(one?.smart_license, other?.smart_license);
  assert.deepEqual(await usesOf(manager), [1]);
});

test("refuses a certificate request that is not signed by its own key, and a device without one", async () => {
  const { token, device } = await setUp();
  const broken = Buffer.from(device.key.request, "base64");
  broken[broken.length - 3] = (broken[broken.length - 3] as number) ^ 1;
  const members = (request: string) => [{ ...device.asMember(), request }];
  assert.equal(
    (await device.trust(token.text, { members: members(broken.toString("base64")) })).reply.refusal,
    "certificate_request_invalid",
  );
  assert.equal((await device.trust(token.text, { members: members("") })).reply.refusal, "certificate_request_missing");
});

test("[TOK-3] [TOK-4] the device belongs to the virtual account of its token; another account needs force", async () => {
  const manager = await createTestManager();
  await manager.useCases.createVirtualAccount({ name: "Branch", cause: operator });
  const device = await createTrustedDevice(manager, "Branch");
  await device.use({ reportId: 1, count: 4 });
  const elsewhere = await manager.useCases.createToken({ usesMax: 2, cause: operator });
  assert.equal((await device.trust(elsewhere.text)).reply.refusal, "registered_in_other_account");
  const { answer } = await device.trust(elsewhere.text, { force: true });
  assert.ok(answer.statusCode === "OK");
  assert.equal(answer.data.pool_name, "DEFAULT");
  const licenses = await manager.useCases.listLicenses({});
  assert.deepEqual(
    licenses.map(({ virtualAccount, inUse }) => [virtualAccount, inUse]),
    [
      ["DEFAULT", 4],
      ["Branch", 0],
    ],
  );
});

test("a signed trust request is refused when its signature is wrong or its certificate unknown", async () => {
  const { manager, token, device } = await setUp(3);
  await device.trust(token.text);
  const data = device.trustData(token.text);
  const body = JSON.parse(await encodeRequest("ID_TOKEN_TRUST", data, device.identity));
  const unknown = { ...body, signature: { ...body.signature, key: "12345" } };
  assert.equal((await manager.exchange(JSON.stringify(unknown))).reply.refusal, "certificate_unknown");
  const altered = { ...body, request: body.request.replace("edge-1", "edge-2") };
  assert.equal((await manager.exchange(JSON.stringify(altered))).reply.refusal, "signature_mismatch");
  assert.equal((await manager.exchange(JSON.stringify(body))).reply.refusal, null);
});

test("the same UDI running two products is two product instances", async () => {
  const { manager, token, device } = await setUp(2);
  await device.trust(token.text);
  const data = device.trustData(token.text);
  const otherTag = productTag.replace("EDGE_SW", "EDGE_AP");
  const list = data.device_list.map((entry) => ({ ...entry, software_tag_identifier: otherTag }));
  const body = await encodeRequest(
    "ID_TOKEN_TRUST",
    { ...data, software_tag_identifier: otherTag, device_list: list },
    { ...device.identity, productInstanceIdentifier: "", key: null },
  );
  const { reply } = await manager.exchange(body);
  assert.equal(reply.refusal, null);
  assert.notEqual(reply.productInstanceIdentifier, device.identifier);
});
