import assert from "node:assert/strict";
import { test } from "node:test";
import { clockToleranceMs, countMax, decodePolicy, encodeRequest, sha256Hex, sudiOf } from "@countersign/protocol";
import {
  acknowledgementOf,
  baseTag,
  createDevice,
  createDeviceKey,
  createTrustedDevice,
  nextNonce,
  plusTag,
  TestDevice,
} from "../test-support/core-device.ts";
import { createTestManager, operator, startMs } from "../test-support/core-manager.ts";

test("a message of a device is its last contact", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  manager.clock.advance(5000);
  await device.use({ reportId: 1, count: 1 });
  const [shown] = await manager.useCases.listProductInstances({});
  assert.equal(shown?.lastContactAtMs, startMs + 5000);
});

test("[REP-2] a signed report is answered at once with an ACK that names it by id and content hash", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const report = await device.report({ reportId: 1, count: 5 });
  const { answer, reply } = await device.sendReports([report]);
  const { acknowledgement } = acknowledgementOf(answer);
  assert.equal(acknowledgement.product_instance_identifier, device.identifier);
  assert.deepEqual(acknowledgement.reports, [
    { report_id: 1, payload_sha256: sha256Hex(report.payload), outcome: "accepted", leaf_index: 2 },
  ]);
  assert.equal(acknowledgement.sequence, 0);
  // Before it stand the acts that made the account and the token.
  assert.equal(acknowledgement.tree_head?.size, 3);
  assert.equal(reply.reports.accepted, 1);
  const [license] = await manager.useCases.listLicenses({});
  assert.deepEqual([license?.inUse, license?.inUseVerified, license?.installations], [5, 5, 1]);
});

test("[I2] the same message again is given the same ACK and counts nothing", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const reports = [
    await device.report({ reportId: 1, count: 5 }),
    await device.report({ reportId: 2, count: 2, tag: plusTag }),
  ];
  const first = acknowledgementOf((await device.sendReports(reports)).answer);
  const again = await device.sendReports(reports);
  assert.equal(acknowledgementOf(again.answer).payload, first.payload);
  assert.equal(again.reply.reports.accepted, 0);
  const part = await device.sendReports(reports.slice(1));
  assert.equal(acknowledgementOf(part.answer).payload, first.payload);
  assert.equal((await manager.useCases.listAcknowledgements({})).length, 1);
  assert.deepEqual((await manager.useCases.listLicenses({})).map(({ inUse }) => inUse).sort(), [2, 5]);
});

test("[I2] reports of an ACK that is not the newest any more are acknowledged anew, which the device can take", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const reports = [
    await device.report({ reportId: 1, count: 5 }),
    await device.report({ reportId: 2, count: 2, tag: plusTag }),
  ];
  const first = acknowledgementOf((await device.sendReports(reports)).answer).acknowledgement;
  // Say, as a file; the device takes its ACK from there, and will take none of a lower sequence.
  const newer = acknowledgementOf((await device.sendReports([await device.report({ reportId: 3, count: 9 })])).answer);
  const { answer, reply } = await device.sendReports(reports);
  const { acknowledgement } = acknowledgementOf(answer);
  assert.equal(acknowledgement.sequence, newer.acknowledgement.sequence + 1);
  assert.deepEqual(
    acknowledgement.reports,
    first.reports.map((entry) => ({ ...entry, outcome: "known" })),
  );
  assert.ok((acknowledgement.tree_head?.size ?? 0) >= (newer.acknowledgement.tree_head?.size ?? 1));
  assert.deepEqual([reply.reports.accepted, reply.reports.known], [0, 2]);
  assert.deepEqual((await manager.useCases.listLicenses({})).map(({ inUse }) => inUse).sort(), [2, 9]);
});

test("[I2] [I9] one message sent eight times at once is accepted once and acknowledged alike", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const body = await encodeRequest(
    "LICENSE_USAGE",
    device.usageData([await device.report({ reportId: 1, count: 5 })]),
    device.identity,
  );
  const replies = await Promise.all(Array.from({ length: 8 }, () => manager.exchange(body)));
  assert.equal(
    replies.reduce((sum, { reply }) => sum + reply.reports.accepted, 0),
    1,
  );
  assert.equal((await manager.useCases.listAcknowledgements({})).length, 1);
  assert.equal((await manager.useCases.listReports({ instance: device.identifier })).length, 1);
});

test("a mixture of new and known reports gets a new ACK with both, and its sequence grows", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const known = await device.report({ reportId: 1, count: 5 });
  await device.sendReports([known]);
  const { answer } = await device.sendReports([known, await device.report({ reportId: 2, count: 6 })]);
  const { acknowledgement } = acknowledgementOf(answer);
  assert.deepEqual(
    acknowledgement.reports.map(({ outcome }) => outcome),
    ["known", "accepted"],
  );
  assert.equal(acknowledgement.sequence, 1);
});

test("the same id with other content is refused with its own code; both versions are kept as evidence", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 5 });
  const other = await device.report({ reportId: 1, count: 1 });
  for (let time = 0; time < 2; time += 1) {
    const { acknowledgement } = acknowledgementOf((await device.sendReports([other])).answer);
    const [entry] = acknowledgement.reports;
    assert.ok(entry?.outcome === "refused");
    assert.equal(entry.code, "report_conflict");
  }
  const evidence = await manager.useCases.listEvidence({ instance: device.identifier });
  assert.deepEqual(
    evidence.map(({ payload }) => payload),
    [other.payload],
  );
  const shown = await manager.useCases.showReport({ instance: device.identifier, reportId: 1 });
  assert.notEqual(shown.payload, other.payload);
  const events = await manager.useCases.listEvents({});
  assert.equal(events.filter(({ kind }) => kind === "report_conflict").length, 1);
  assert.equal((await manager.useCases.listLicenses({}))[0]?.inUse, 5);
});

test("one bad report of a message is refused alone, each kind with its own code", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const stranger = await createTrustedDevice(manager);
  const good = await device.report({ reportId: 1, count: 5 });
  const altered = { ...good, payload: good.payload.replace('"5"', '"6"') };
  const foreign = await stranger.report({ reportId: 2, count: 1 });
  const own = await device.report({ reportId: 3, count: 1 });
  const renamed = { ...own, signature: { ...own.signature, sudi: sudiOf(stranger.udi) } };
  const { answer } = await device.sendReports([altered, foreign, renamed, good]);
  const outcomes = acknowledgementOf(answer).acknowledgement.reports.map((entry) =>
    entry.outcome === "refused" ? entry.code : entry.outcome,
  );
  assert.deepEqual(outcomes, [
    "report_signature_invalid",
    "report_signer_unknown",
    "report_signer_unknown",
    "accepted",
  ]);
});

test("a report that names a device outside the sender's installation is refused", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const stranger = createDevice(manager);
  const report = await stranger.report({ reportId: 1, count: 1 }, "builtin");
  const [entry] = acknowledgementOf((await device.sendReports([report])).answer).acknowledgement.reports;
  assert.equal(entry?.outcome === "refused" && entry.code, "report_of_other_installation");
});

test("a report from before trust counts as unverified, and gives way to a verified one for good", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const late = Math.floor(startMs / 1000);
  await device.sendReports([await device.report({ reportId: 1, count: 7, toSeconds: late }, "builtin")]);
  const [before] = await manager.useCases.listLicenses({});
  assert.deepEqual([before?.inUseVerified, before?.inUseUnverified], [0, 7]);
  await device.use({ reportId: 2, count: 4, toSeconds: late - 600 });
  const [after] = await manager.useCases.listLicenses({});
  assert.deepEqual([after?.inUseVerified, after?.inUseUnverified], [4, 0]);
  const reports = await manager.useCases.listReports({ instance: device.identifier });
  assert.deepEqual(
    reports.map(({ isVerified }) => isVerified),
    [true, false],
  );
});

test("an account that takes only verified reports refuses one from before trust", async () => {
  const manager = await createTestManager({ withAccount: false });
  await manager.useCases.createSmartAccount({ name: "Strict", allowUntrustedReports: false, cause: operator });
  const device = await createTrustedDevice(manager);
  const { answer } = await device.sendReports([await device.report({ reportId: 1, count: 7 }, "builtin")]);
  const [entry] = acknowledgementOf(answer).acknowledgement.reports;
  assert.equal(entry?.outcome === "refused" && entry.code, "report_untrusted_not_allowed");
});

test("in use is the measurement that ends last, whatever the order of arrival; zero is one too", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const at = Math.floor(startMs / 1000) - 7200;
  await device.use({ reportId: 3, count: 3, fromSeconds: at, toSeconds: at + 900 });
  await device.use({ reportId: 1, count: 8, fromSeconds: at - 1800, toSeconds: at - 900 });
  assert.equal((await manager.useCases.listLicenses({}))[0]?.inUse, 3);
  await device.use({ reportId: 4, count: 0, fromSeconds: at + 900, toSeconds: at + 1800 });
  const [license] = await manager.useCases.listLicenses({});
  assert.deepEqual([license?.inUse, license?.installations], [0, 0]);
});

test("[I4] report ids that never came are shown as missing until they arrive or were merged", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 10, count: 1 });
  await device.use({ reportId: 20, count: 1 });
  const missing = async () =>
    (await manager.useCases.showProductInstance({ instance: device.identifier })).missingReports;
  assert.deepEqual(await missing(), [{ from: 11, to: 19 }]);
  await device.use({ reportId: 15, count: 1 });
  assert.deepEqual(await missing(), [
    { from: 11, to: 14 },
    { from: 16, to: 19 },
  ]);
  await device.use({ reportId: 21, count: 1, mergedIds: "11-14,16-19" });
  assert.deepEqual(await missing(), []);
  const events = await manager.useCases.listEvents({});
  assert.equal(events.filter(({ kind }) => kind === "reports_missing").length, 1);
});

test("[MSG-5] a clock more than an hour off is refused in the documented words", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const nonce = nextNonce();
  const at = (offset: number) => ({ ...device.usageData([]), ...device.base(nonce, manager.clock.now() + offset) });
  const off = await device.send("LICENSE_USAGE", at(clockToleranceMs + 1));
  assert.equal(off.reply.refusal, "clock_offset");
  const time = startMs + clockToleranceMs + 1;
  assert.equal(
    off.answer.statusMessage,
    `{"timestamp":["The device date '${time}' is offset beyond the allowed tolerance limit."]}`,
  );
  assert.equal((await device.send("LICENSE_USAGE", at(-clockToleranceMs))).reply.refusal, null);
});

test("claimed times that cannot be right are taken, and marked", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const now = Math.floor(startMs / 1000);
  await device.use({ reportId: 1, count: 1, fromSeconds: now - 400 * 86_400, toSeconds: now - 1 });
  await device.use({ reportId: 2, count: 1, fromSeconds: now, toSeconds: now + 3601 });
  await device.use({ reportId: 3, count: 1, fromSeconds: now - 900, toSeconds: now + 3600 });
  const reports = await manager.useCases.listReports({ instance: device.identifier });
  assert.deepEqual(
    reports.map(({ timeMark }) => timeMark),
    ["plausible", "after_receipt", "before_trust"],
  );
});

test("a message without a signature, with an altered text, or from a key that was not vouched for is refused", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const data = device.usageData([await device.report({ reportId: 1, count: 5 })]);
  const body = JSON.parse(await encodeRequest("LICENSE_USAGE", data, device.identity));
  const refusalOf = async (changed: object) =>
    (await manager.exchange(JSON.stringify({ ...body, ...changed }))).reply.refusal;
  assert.equal(await refusalOf({ signature: null }), "signature_missing");
  assert.equal(await refusalOf({ request: body.request.replace("edge-1", "edge-2") }), "signature_mismatch");
  assert.equal(await refusalOf({ signature: { ...body.signature, key: "99" } }), "identity_not_valid");
  assert.equal(await refusalOf({}), null);
});

test("a message that claims another product instance or UDI than its key's is refused", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const other = await createTrustedDevice(manager);
  const data = device.usageData([]);
  const asOther = await device.send("LICENSE_USAGE", data, undefined, {
    ...device.identity,
    productInstanceIdentifier: other.identifier,
  });
  assert.equal(asOther.reply.refusal, "identity_not_valid");
  const otherUdi = { ...data, sudi: other.identity.sudi };
  const claimed = await device.send("LICENSE_USAGE", otherUdi, undefined, {
    ...device.identity,
    sudi: other.identity.sudi,
  });
  assert.equal(claimed.reply.refusal, "identity_mismatch");
});

test("a message is limited in its reports: at the limit it is taken, beyond it is refused whole", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const reports = await Promise.all([1, 2, 3].map((reportId) => device.report({ reportId, count: 1 })));
  assert.equal((await device.sendReports(reports, { reportsMax: 2 })).reply.refusal, "too_many_reports");
  assert.equal((await manager.useCases.listReports({ instance: device.identifier })).length, 0);
  assert.equal((await device.sendReports(reports, { reportsMax: 3 })).reply.reports.accepted, 3);
});

test("[POL-1] a policy set later travels with the next ACK, once, and its version only grows", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const types = async (reportId: number) =>
    (await device.use({ reportId, count: 1 })).objects.map(({ header }) => header.type);
  assert.deepEqual(await types(1), ["ack"]);
  await manager.useCases.setPolicy({
    layer: { name: "Monthly", classes: { perpetual: { reporting_frequency_days: 30 } } },
    cause: operator,
  });
  const { objects, acknowledgement } = await device.use({ reportId: 2, count: 1 });
  const policy = decodePolicy(objects[1]?.payload ?? "");
  assert.equal(policy.policy_version, 2);
  assert.equal(acknowledgement.policy_version, 2);
  assert.deepEqual(policy.classes.perpetual.reporting_frequency_days, { value: 30, source: "account" });
  assert.deepEqual(await types(3), ["ack"]);
});

test("[I10] a transfer to another virtual account never lowers the policy version", async () => {
  const manager = await createTestManager();
  await manager.useCases.createVirtualAccount({ name: "Branch", cause: operator });
  const device = await createTrustedDevice(manager);
  for (let time = 0; time < 3; time += 1) {
    await manager.useCases.setPolicy({ virtualAccount: "DEFAULT", layer: { name: `Policy ${time}` }, cause: operator });
  }
  const before = (await device.use({ reportId: 1, count: 1 })).acknowledgement.policy_version;
  await manager.useCases.transferProductInstance({
    instance: device.identifier,
    virtualAccount: "Branch",
    cause: operator,
  });
  const { acknowledgement, objects } = await device.use({ reportId: 2, count: 1 });
  assert.ok(acknowledgement.policy_version > before);
  assert.equal(decodePolicy(objects[1]?.payload ?? "").name, "Default Policy");
});

test("under load a message is turned away whole, with a time to come back", async () => {
  const manager = await createTestManager({ options: { waitingReportsMax: 1, overloadRetrySeconds: 17 } });
  const device = await createTrustedDevice(manager);
  const bodies = await Promise.all(
    [1, 2, 3, 4, 5, 6].map(async (reportId) =>
      encodeRequest("LICENSE_USAGE", device.usageData([await device.report({ reportId, count: 1 })]), device.identity),
    ),
  );
  const replies = await Promise.all(bodies.map((body) => manager.exchange(body)));
  const away = replies.filter(({ reply }) => reply.content.statusCode === "OK_TRY_AGAIN");
  assert.ok(away.length > 0 && away.length < bodies.length);
  assert.ok(away.every(({ reply }) => reply.content.retryTimeSeconds === 17 && reply.refusal === "overloaded"));
  const stored = await manager.useCases.listReports({ instance: device.identifier });
  assert.equal(stored.length, bodies.length - away.length);
});

test("[I6] every accepted message leaves one event with what was in use before and after", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 5 });
  await device.use({ reportId: 2, count: 3, toSeconds: Math.floor(startMs / 1000) });
  const events = (await manager.useCases.listEvents({ instance: device.identifier })).filter(
    ({ kind }) => kind === "usage_reported",
  );
  assert.deepEqual(
    events.map(({ before, after }) => [(before as { inUse: object }).inUse, (after as { inUse: object }).inUse]),
    [
      [{ [baseTag]: 5 }, { [baseTag]: 3 }],
      [{ [baseTag]: 0 }, { [baseTag]: 5 }],
    ],
  );
});

test("devices that say the largest count there is break no sum", async () => {
  const manager = await createTestManager();
  for (let devices = 1; devices <= 2; devices += 1) {
    const device = await createTrustedDevice(manager);
    await device.use({ reportId: 1, count: countMax });
    const [row] = await manager.useCases.listLicenses({});
    assert.deepEqual([row?.inUse, row?.balance], [devices * countMax, -devices * countMax]);
  }
  assert.ok(Number.isSafeInteger(9_000_000 * countMax));
});

test("a member's replaced key is refused at once, even where it was known a moment before, on either way of verifying", async () => {
  for (const max of [0, 4]) {
    const manager = await createTestManager({ options: { verifiedOnCallerMax: { SHA256: max, ES256: max } } });
    const device = await createTrustedDevice(manager);
    const member = createDevice(manager);
    const members = [{ ...device.asMember(), request: "" }, member.asMember("Standby", 2)];
    const { answer } = await device.send("TRUST_SYNC", device.syncData(members));
    assert.ok(answer.statusCode === "OK");
    await member.install(answer.data.device_list[1]?.smart_license ?? "");
    const outcomeOf = async (reportId: number) => {
      const sent = await device.sendReports([await member.report({ reportId, count: 1 })]);
      const [entry] = acknowledgementOf(sent.answer).acknowledgement.reports;
      return entry?.outcome === "refused" ? entry.code : entry?.outcome;
    };
    assert.equal(await outcomeOf(1), "accepted");
    const token = await manager.useCases.createToken({ cause: operator });
    const replaced = new TestDevice(manager, member.udi, createDeviceKey());
    await replaced.trust(token.text, { force: true });
    assert.equal(await outcomeOf(2), "report_signer_unknown");
  }
});
