import assert from "node:assert/strict";
import { test } from "node:test";
import { dayMs, decodeLicenseFile, formatUdi, parseIdToken, verifyAcknowledgement } from "@countersign/protocol";
import { type AdministrationErrorCode, ManagerError } from "../errors.ts";
import { acknowledgementOf, baseTag, createTrustedDevice, plusTag } from "../test-support/core-device.ts";
import { createTestManager, operator, startMs } from "../test-support/core-manager.ts";

function refuses(work: Promise<unknown>, code: AdministrationErrorCode, detail = /(?:)/): Promise<void> {
  return assert.rejects(
    work,
    (error) => error instanceof ManagerError && error.code === code && detail.test(error.detail),
  );
}

test("[TOK-6] [TOK-7] a token is made of its id, its expiry in 30 days and a secret; only a hash of it is kept", async () => {
  const { useCases, storage } = await createTestManager();
  const token = await useCases.createToken({ description: "roll-out", cause: operator });
  const parsed = parseIdToken(token.text);
  assert.equal(parsed.uuid, token.tokenId);
  assert.equal(parsed.expiresAtMs, startMs + 30 * dayMs);
  const stored = await storage.read.tokens.listTokens(1);
  const secret = Buffer.from(parsed.secret).toString("base64");
  assert.ok(!JSON.stringify([stored, await useCases.listTokens({}), await useCases.listEvents({})]).includes(secret));
});

test("[TOK-2] tokens are unique, count their uses, and show their state", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const tokens = await Promise.all([1, 2].map(() => useCases.createToken({ cause: operator })));
  assert.notEqual(tokens[0]?.text, tokens[1]?.text);
  await useCases.revokeToken({ tokenId: tokens[0]?.tokenId ?? "", cause: operator });
  const again = await useCases.revokeToken({ tokenId: tokens[0]?.tokenId ?? "", cause: operator });
  assert.equal(again.state, "revoked");
  manager.clock.advance(30 * dayMs);
  assert.deepEqual(
    (await useCases.listTokens({})).map(({ state }) => state),
    ["revoked", "expired"],
  );
  await refuses(useCases.revokeToken({ tokenId: "none", cause: operator }), "token_unknown");
});

test("wishes for tokens outside the limits are refused", async () => {
  const { useCases } = await createTestManager();
  await refuses(useCases.createToken({ expiresAfterDays: 10_000, cause: operator }), "input_invalid");
  await refuses(useCases.createToken({ usesMax: 0, cause: operator }), "input_invalid");
  await refuses(useCases.createToken({ virtualAccount: "Nowhere", cause: operator }), "virtual_account_unknown");
  await useCases.createToken({ expiresAfterDays: 9999, cause: operator });
});

test("accounts are found by name, and must be named where there are several", async () => {
  const { useCases } = await createTestManager();
  await refuses(useCases.createSmartAccount({ name: "Example", cause: operator }), "account_exists");
  await refuses(useCases.createVirtualAccount({ name: "DEFAULT", cause: operator }), "account_exists");
  await useCases.createSmartAccount({ name: "Second", cause: operator });
  await refuses(useCases.listTokens({}), "account_ambiguous");
  await refuses(useCases.listTokens({ smartAccount: "Third" }), "account_unknown");
  assert.deepEqual(
    (await useCases.listAccounts()).map(({ name, virtualAccounts }) => [name, virtualAccounts.length]),
    [
      ["Example", 1],
      ["Second", 1],
    ],
  );
});

test("balance is what is purchased and valid today less what is in use, per virtual account and tag", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  await useCases.createVirtualAccount({ name: "Branch", cause: operator });
  const csv = [
    "tag,quantity,virtual_account,kind,start,end,order_reference",
    `"${baseTag}",10,,perpetual,2031-01-01,,SO-1`,
    `"${baseTag}",5,,term,2031-01-01,2031-06-01,SO-2`,
    `"${baseTag}",7,,term,2032-01-01,,SO-3`,
    `"${plusTag}",2,Branch,subscription,,,`,
  ].join("\r\n");
  assert.equal((await useCases.importLicenses({ bytes: Buffer.from(csv), cause: operator })).length, 4);
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 18 });
  const rows = async () =>
    (await useCases.listLicenses({})).map(({ virtualAccount, name, purchased, inUse, balance }) => [
      virtualAccount,
      name,
      purchased,
      inUse,
      balance,
    ]);
  assert.deepEqual(await rows(), [
    ["DEFAULT", "EDGE_BASE", 15, 18, -3],
    ["Branch", "EDGE_PLUS", 2, 0, 2],
  ]);
  manager.clock.advance(60 * dayMs);
  assert.deepEqual((await rows())[0], ["DEFAULT", "EDGE_BASE", 10, 18, -8]);
  assert.equal((await useCases.listLicenses({ virtualAccount: "Branch" })).length, 1);
  assert.equal((await useCases.listPurchases({})).length, 4);
});

test("a licence file is taken whole or not at all, and every wrong place is named", async () => {
  const { useCases } = await createTestManager();
  const json = (licenses: unknown) => ({ bytes: Buffer.from(JSON.stringify({ licenses })), cause: operator });
  await refuses(
    useCases.importLicenses(
      json([
        { tag: baseTag, quantity: 1 },
        { tag: "x", quantity: -1, end: "soon" },
      ]),
    ),
    "input_invalid",
    /row 2, tag.*row 2, quantity.*row 2, end/,
  );
  await refuses(
    useCases.importLicenses(json([{ tag: baseTag, quantity: 1, virtual_account: "Nowhere" }])),
    "virtual_account_unknown",
  );
  await refuses(
    useCases.importLicenses(json([{ tag: baseTag, quantity: 1, colour: "red" }])),
    "input_invalid",
    /colour/,
  );
  await refuses(useCases.importLicenses({ bytes: Buffer.from("name,number\n"), cause: operator }), "input_invalid");
  await refuses(
    useCases.importLicenses({ bytes: Buffer.from(`tag,quantity\n"${baseTag},1`), cause: operator }),
    "input_invalid",
  );
  assert.deepEqual(await useCases.listPurchases({}), []);
  assert.equal((await useCases.importLicenses(json([{ tag: baseTag, quantity: 3 }]))).length, 1);
  const added = await useCases.addPurchase({ purchase: { tag: plusTag, quantity: 2, kind: "demo" }, cause: operator });
  assert.equal(added.kind, "demo");
});

test("a transfer moves the usage to the other virtual account, and back again leaves what was", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  await useCases.createVirtualAccount({ name: "Branch", cause: operator });
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 4 });
  const inUse = async () =>
    Object.fromEntries(
      (await useCases.listLicenses({})).map((row) => [row.virtualAccount, [row.inUse, row.installations]]),
    );
  const detail = await useCases.transferProductInstance({
    instance: formatUdi(device.udi),
    virtualAccount: "Branch",
    cause: operator,
  });
  assert.equal(detail.instance.virtualAccount, "Branch");
  assert.deepEqual(await inUse(), { DEFAULT: [0, 0], Branch: [4, 1] });
  await device.use({ reportId: 2, count: 6 });
  assert.deepEqual(await inUse(), { DEFAULT: [0, 0], Branch: [6, 1] });
  await useCases.transferProductInstance({ instance: device.identifier, virtualAccount: "DEFAULT", cause: operator });
  assert.deepEqual(await inUse(), { DEFAULT: [6, 1], Branch: [0, 0] });
  assert.deepEqual((await useCases.listProductInstances({ virtualAccount: "Branch" })).length, 0);
  const [account] = await useCases.listAccounts();
  assert.deepEqual(
    account?.virtualAccounts.map(({ instances }) => instances),
    [1, 0],
  );
});

test("product instances are listed in pages and found by identifier or UDI", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const devices = [
    await createTrustedDevice(manager),
    await createTrustedDevice(manager),
    await createTrustedDevice(manager),
  ];
  const first = await useCases.listProductInstances({ limit: 2 });
  const rest = await useCases.listProductInstances({ limit: 2, after: first.at(-1)?.instanceId });
  assert.deepEqual(
    [...first, ...rest].map(({ productInstanceIdentifier }) => productInstanceIdentifier),
    devices.map(({ identifier }) => identifier),
  );
  await refuses(useCases.listProductInstances({ limit: 0 }), "input_invalid");
  await refuses(useCases.showProductInstance({ instance: "PID:X,SN:NONE" }), "instance_unknown");
  await refuses(useCases.showProductInstance({ instance: "what, ever" }), "input_invalid");
  const [device] = devices;
  await useCases.removeProductInstance({ instance: device?.identifier ?? "", cause: operator });
  await refuses(
    useCases.removeProductInstance({ instance: device?.identifier ?? "", cause: operator }),
    "instance_removed",
  );
});

test("an acknowledgement can be shown again as a file that its device verifies with the root alone", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const sent = acknowledgementOf((await device.sendReports([await device.report({ reportId: 1, count: 1 })])).answer);
  const [listed] = await manager.useCases.listAcknowledgements({});
  const shown = await manager.useCases.showAcknowledgement({ acknowledgementId: listed?.acknowledgementId ?? 0 });
  assert.equal(shown.object.payload, sent.payload);
  const [object] = decodeLicenseFile(Buffer.from(shown.file)).managerObjects;
  assert.ok(object !== undefined);
  const question = { object, anchors: manager.anchors, now: manager.clock.now(), newestSequence: -1 };
  await verifyAcknowledgement({ ...question, productInstanceIdentifier: device.identifier, udi: device.udi });
  await refuses(manager.useCases.showAcknowledgement({ acknowledgementId: 99 }), "acknowledgement_unknown");
  await refuses(manager.useCases.showReport({ instance: device.identifier, reportId: 99 }), "report_unknown");
});

test("[POL-3] policies merge per value, the virtual account over the account over the default, each with its source", async () => {
  const { useCases } = await createTestManager();
  await useCases.createVirtualAccount({ name: "Branch", cause: operator });
  await useCases.setPolicy({
    layer: { ackRequired: false, classes: { export: { first_report_days: 30 } } },
    cause: operator,
  });
  await useCases.setPolicy({
    virtualAccount: "Branch",
    layer: { classes: { export: { first_report_days: 7 } } },
    cause: operator,
  });
  const { policy } = await useCases.getPolicy({ virtualAccount: "Branch" });
  assert.deepEqual(policy.classes.export.first_report_days, { value: 7, source: "virtual account" });
  assert.deepEqual(policy.ack_required, { value: false, source: "account" });
  assert.deepEqual(policy.classes.perpetual.first_report_days, { value: 365, source: "default" });
  assert.deepEqual([policy.policy_version, (await useCases.getPolicy({})).policy.policy_version], [3, 2]);
  await refuses(useCases.setPolicy({ layer: { classes: { gold: {} } }, cause: operator }), "input_invalid", /gold/);
  await refuses(
    useCases.setPolicy({ layer: { classes: { export: { first_report_days: -1 } } }, cause: operator }),
    "input_invalid",
    /classes\.export\.first_report_days/,
  );
});

test("[I6] what operators do is in the event log with its cause, what was before and what is after", async () => {
  const { useCases } = await createTestManager();
  const token = await useCases.createToken({ cause: operator });
  await useCases.revokeToken({ tokenId: token.tokenId, cause: operator });
  await useCases.addPurchase({ purchase: { tag: baseTag, quantity: 1 }, cause: operator });
  await useCases.setPolicy({ layer: { name: "Quarterly" }, cause: operator });
  const events = await useCases.listEvents({});
  assert.deepEqual(
    events.map(({ kind }) => kind),
    [
      "policy_set",
      "licenses_added",
      "token_revoked",
      "token_created",
      "virtual_account_created",
      "smart_account_created",
    ],
  );
  assert.ok(events.every(({ cause }) => cause.kind === "operator" && cause.name === "test"));
  const page = await useCases.listEvents({ limit: 2, after: events[1]?.eventId });
  assert.deepEqual(
    page.map(({ kind }) => kind),
    ["token_revoked", "token_created"],
  );
});
