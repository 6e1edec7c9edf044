// Every route that changes something, called once each: none gets past the audit log. A new route without an example here
// fails, and so does one that changes something without a leaf.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, test } from "node:test";
import {
  auditLeaf,
  dayMs,
  decodeLicenseFile,
  encodeLicenseFile,
  formatUdi,
  type LicenseFile,
  returnCodeOf,
  sha256Hex,
  sudiOf,
} from "@countersign/protocol";
import { fullAccess } from "../../accounts/access.ts";
import type { AuditEntry } from "../../audit/audit-entry.ts";
import { splitTile } from "../../ledger/tiles.ts";
import { managerScope } from "../../storage-ports.ts";
import { createClassicDevice } from "../../test-support/classic-device.ts";
import { baseTag, createDevice, createTrustedDevice, plusTag } from "../../test-support/core-device.ts";
import { createTestManager, operator, type TestManager } from "../../test-support/core-manager.ts";
import { purgeAgeDaysMin } from "../../usage/retention.ts";
import type { ApiRoute, RawCall } from "./api-route.ts";
import { apiRoutes } from "./api-routes.ts";

type Call = Partial<Omit<RawCall, "administrator">>;
type Example = (manager: TestManager) => Call | Promise<Call>;

const inExample = { smartAccount: "Example" };
const ada = { kind: "operator", operatorId: 7, name: "ada", access: fullAccess } as const;

const examples: Readonly<Record<string, Example>> = {
  "POST /api/v1/accounts": () => ({ body: { name: "Second" } }),
  "POST /api/v1/virtual-accounts": () => ({ query: inExample, body: { name: "Branch" } }),
  "POST /api/v1/tokens": () => ({ query: inExample, body: { usesMax: 3 } }),
  "POST /api/v1/tokens/:tokenId/revoke": async ({ useCases }) => {
    const { tokenId } = await useCases.createToken({ ...inExample, cause: operator });
    return { params: { tokenId }, query: inExample };
  },
  "POST /api/v1/purchases": () => ({ query: inExample, body: { tag: baseTag, quantity: 2 } }),
  "POST /api/v1/purchases/import": () => ({
    query: inExample,
    body: Buffer.from(`tag,quantity\n"${baseTag}",5\n"${baseTag}",6\n`),
  }),
  "POST /api/v1/license-transfers": async (manager) => ({ query: inExample, body: await movable(manager) }),
  "POST /api/v1/license-transfers/:transferId/undo": async (manager) => {
    const wish = await movable(manager);
    const { transferId } = await manager.useCases.transferLicenses({ ...inExample, ...wish, cause: operator });
    return { params: { transferId: `${transferId}` }, query: inExample };
  },
  "PUT /api/v1/substitutions": () => ({ query: inExample, body: { hierarchies: [[plusTag, [baseTag]]] } }),
  "POST /api/v1/substitutions": () => ({ query: inExample, body: { provider: plusTag, consumer: baseTag } }),
  "DELETE /api/v1/substitutions": async ({ useCases }) => {
    const declaration = { hierarchies: [[[plusTag], [baseTag]]] };
    await useCases.declareSubstitutions({ ...inExample, declaration, cause: operator });
    return { query: { ...inExample, provider: plusTag, consumer: baseTag } };
  },
  "POST /api/v1/conversions/:device/allow": async (manager) => {
    const device = createClassicDevice(manager);
    const { text } = await manager.useCases.createToken({ ...inExample, cause: operator });
    await device.register(text);
    await device.convert([{ kind: "pak", name: "A", entitlement_tag: plusTag, count: 1 }]);
    return { params: { device: formatUdi(device.udi) }, query: inExample };
  },
  "PUT /api/v1/conversion-setting": () => ({ query: inExample, body: { isAutomatic: true } }),
  "PUT /api/v1/policy": () => ({ query: inExample, body: { name: "Quarterly" } }),
  "POST /api/v1/instances/:instance/transfer": async (manager) => {
    await manager.useCases.createVirtualAccount({ ...inExample, name: "Elsewhere", cause: operator });
    const { identifier } = await createTrustedDevice(manager);
    return { params: { instance: identifier }, query: inExample, body: { virtualAccount: "Elsewhere" } };
  },
  "POST /api/v1/instances/:instance/authorizations": async (manager) => {
    const { identifier } = await createAuthorizedDevice(manager);
    const body = { licenses: [{ tag: plusTag, licenseClass: "enforced", count: 2 }] };
    return { params: { instance: identifier }, query: inExample, body };
  },
  "POST /api/v1/instances/:instance/authorizations/return": async (manager) => {
    const { identifier, returnCode } = await createAuthorizedDevice(manager);
    return { params: { instance: identifier }, query: inExample, body: { returnCode } };
  },
  "POST /api/v1/instances/:instance/authorizations/withdraw": async (manager) => {
    const { identifier } = await createAuthorizedDevice(manager);
    return { params: { instance: identifier }, query: inExample };
  },
  "POST /api/v1/authorization-request-files": async (manager) => {
    const { udi, identifier, returnCode } = await createAuthorizedDevice(manager);
    const wish = { sudi: sudiOf(udi), product_instance_identifier: identifier, mode: "add" as const, keys: [] };
    return {
      query: inExample,
      body: fileOf({ authorizationRequest: [{ ...wish, confirm_code: "", remove_code: returnCode }] }),
    };
  },
  "DELETE /api/v1/instances/:instance": async (manager) => {
    const { identifier } = await createTrustedDevice(manager);
    return { params: { instance: identifier }, query: inExample };
  },
  "POST /api/v1/usage-files": async (manager) => {
    const device = await createTrustedDevice(manager);
    const reports = [await device.report({ reportId: 1, count: 4 }), await device.report({ reportId: 2, count: 5 })];
    return { query: inExample, body: fileOf({ reports }) };
  },
  "POST /api/v1/trust-request-files": (manager) => {
    const { sudi, timestamp, hostname, software_tag_identifier, device_list } = createDevice(manager).trustData("");
    const trustRequest = { version: "1.0", sudi, timestamp, hostname, software_tag_identifier, device_list } as const;
    return { query: inExample, body: fileOf({ trustRequest }) };
  },
  "POST /api/v1/report-bodies/purge": async (manager) => {
    await (await createTrustedDevice(manager)).use({ reportId: 1, count: 1 });
    manager.clock.advance((purgeAgeDaysMin + 1) * dayMs);
    return { query: inExample, body: { olderThanDays: purgeAgeDaysMin } };
  },
  "POST /api/v1/alerts/:alertId/handle": async (manager) => {
    const device = await createTrustedDevice(manager);
    await device.use({ reportId: 1, count: 1 });
    // The same id with other numbers.
    await device.sendReports([await device.report({ reportId: 1, count: 2 })]);
    const { alerts } = await manager.useCases.listAlerts(inExample);
    const { alertId = "", throughEventId } = alerts.find(({ kind }) => kind === "report_conflict") ?? {};
    // A mark without a note is none.
    return { params: { alertId }, query: inExample, body: { throughEventId, reason: "looked into" } };
  },
  "POST /api/v1/floors": () => ({ query: inExample, body: { name: "works" } }),
  "DELETE /api/v1/floors/:name": async ({ useCases }) => {
    await useCases.addLowerManager({ ...inExample, name: "works", cause: operator });
    return { params: { name: "works" }, query: inExample };
  },
  "POST /api/v1/upstream/connect": async (manager) => ({ query: inExample, body: await wishToConnect(manager) }),
  "POST /api/v1/upstream/sync": async (manager) => {
    await manager.useCases.connectUpstream({ ...inExample, ...(await wishToConnect(manager)), cause: operator });
    return { query: inExample, body: {} };
  },
  "POST /api/v1/upstream/import": async (manager) => {
    await manager.useCases.connectUpstream({ ...inExample, ...(await wishToConnect(manager)), cause: operator });
    const { document: request } = await manager.useCases.exportSync(inExample);
    const answer = await above.useCases.floorDoor.sync(Buffer.from(request ?? ""));
    return { query: inExample, body: Buffer.from(JSON.stringify({ request, answer })) };
  },
  "PUT /api/v1/premises/admission": async ({ useCases }) => {
    await useCases.establishPremises({ ...inExample, cause: operator });
    return { query: inExample, body: { isOpen: false } };
  },
  "POST /api/v1/operators": () => ({ body: { name: "bob" } }),
  "POST /api/v1/operators/:name/grants": async ({ useCases }) => {
    await useCases.addOperator({ name: "carol", cause: operator });
    return { params: { name: "carol" }, body: { ...inExample, role: "viewer" } };
  },
  "DELETE /api/v1/operators/:name/grants": async ({ useCases }) => {
    await useCases.addOperator({ name: "carol", grants: [inExample], cause: operator });
    return { params: { name: "carol" }, query: inExample };
  },
  "DELETE /api/v1/operators/:name": async ({ useCases }) => {
    await useCases.addOperator({ name: "carol", cause: operator });
    return { params: { name: "carol" } };
  },
};

/** A transfer of licences that can be made. */
async function movable({ useCases }: TestManager) {
  await useCases.createVirtualAccount({ ...inExample, name: "Elsewhere", cause: operator });
  await useCases.addPurchase({ ...inExample, purchase: { tag: plusTag, quantity: 4 }, cause: operator });
  return { tag: plusTag, quantity: 3, from: "DEFAULT", to: "Elsewhere" };
}

/** What a route that reads does not answer without. */
const neededQueries: Readonly<Record<string, object>> = {
  "/api/v1/search": { text: "edge" },
  "/api/v1/licenses/users": { tag: baseTag },
  "/api/v1/licenses/history": { tag: baseTag },
  "/api/v1/report-bodies/old": { olderThanDays: "400" },
  "/api/v1/ledger/consistency": { from: "1" },
};

const fileOf = (file: Partial<LicenseFile>) =>
  Buffer.from(encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null, ...file }));

let above: TestManager;
before(async () => {
  above = await createTestManager();
});

/** What makes this manager one on premises, and lets it come below another one. */
async function wishToConnect({ useCases }: TestManager) {
  await useCases.establishPremises({ ...inExample, cause: operator });
  const { token } = await above.useCases.addLowerManager({ name: randomUUID(), cause: operator });
  return { url: "https://above.example", token, rootPem: above.authorities.root.toString() };
}

/** A device with a code for a licence that was bought. */
async function createAuthorizedDevice(manager: TestManager) {
  const { useCases } = manager;
  const { identifier, udi } = await createTrustedDevice(manager);
  await useCases.addPurchase({ ...inExample, purchase: { tag: plusTag, quantity: 9 }, cause: operator });
  const licenses = [{ tag: plusTag, licenseClass: "enforced", count: 1 }] as const;
  const wish = { ...inExample, instance: identifier, mode: "add", licenses, cause: operator } as const;
  const { file } = await useCases.generateAuthorization(wish);
  const payload = decodeLicenseFile(Buffer.from(file)).managerObjects[0]?.payload ?? "";
  return { identifier, udi, returnCode: returnCodeOf(payload) };
}

const nameOf = (route: ApiRoute) => `${route.method} ${route.path}`;
const withReason = (route: ApiRoute, call: Call, reason: string): Call =>
  route.fileBytesMax !== null || route.method === "DELETE"
    ? { ...call, query: { ...(call.query as object), reason } }
    : { ...call, body: { ...(call.body as object), reason } };

function send(route: ApiRoute, manager: TestManager, call: Call, administrator: RawCall["administrator"] = ada) {
  const raw = { params: undefined, query: undefined, body: undefined, ...call, administrator };
  return route.answer({ useCases: manager.useCases }, raw);
}

async function ledgersOf({ storage: { read } }: TestManager) {
  const accounts = await read.accounts.listSmartAccounts();
  const ids = [managerScope, ...accounts.map(({ smartAccountId }) => smartAccountId)];
  return Promise.all(ids.map(async (id) => ({ id, size: (await read.ledger.readHead(id)).size })));
}

/** The acts whose leaves were appended since, each compared with its leaf in the tree. */
async function actsSince(manager: TestManager, before: Awaited<ReturnType<typeof ledgersOf>>): Promise<AuditEntry[]> {
  const { read } = manager.storage;
  const acts: AuditEntry[] = [];
  for (const { id, size } of await ledgersOf(manager)) {
    for (let at = before.find((one) => one.id === id)?.size ?? 0; at < size; at += 1) {
      const stored = await read.audit.findAuditEntry(id, at);
      // A report that came with the act has its own leaf.
      if (stored === undefined) continue;
      const tile = await read.ledger.readTile(id, { level: 0, index: 0 });
      const leaf = splitTile(tile ?? new Uint8Array(0))[at];
      assert.deepEqual(Buffer.from(leaf ?? []), auditLeaf(Buffer.from(sha256Hex(stored.entry), "hex")));
      acts.push(JSON.parse(stored.entry));
    }
  }
  return acts;
}

test("[I6] every route that changes something appends its act to the ledger: who, what, before, after, why, when", async () => {
  const writing = apiRoutes.filter(({ method }) => method !== "GET");
  assert.deepEqual(Object.keys(examples).sort(), writing.map(nameOf).sort(), "every such route has an example");
  for (const route of writing) {
    const manager = await createTestManager({ above: () => above });
    const call = await examples[nameOf(route)]?.(manager);
    assert.ok(call);
    const before = await ledgersOf(manager);
    await send(route, manager, withReason(route, call, "because of CHG-17"));
    const acts = await actsSince(manager, before);
    assert.equal(acts.length, 1, nameOf(route));
    const [act] = acts;
    assert.deepEqual(act?.by, { kind: "operator", name: "ada", operator_id: 7 }, nameOf(route));
    assert.deepEqual([act?.reason, act?.at], ["because of CHG-17", new Date(manager.clock.now()).toISOString()]);
    assert.ok(act && act.changes.length > 0, nameOf(route));
    assert.ok(
      act.changes.every(({ before, after }) => before !== null || after !== null),
      nameOf(route),
    );
  }
});

test("[I6] a route that only reads appends nothing; whoever owns the data directory is named as that", async () => {
  const manager = await createTestManager({ above: () => above });
  const before = await ledgersOf(manager);
  // The preview needs something that could be moved; that it changes nothing is tried beside the transfer.
  const lists = apiRoutes.filter(
    ({ method, path }) => method === "GET" && !path.includes(":") && !path.endsWith("/preview"),
  );
  for (const route of lists) {
    await send(route, manager, { query: neededQueries[route.path] });
  }
  assert.ok(lists.length > 5);
  assert.deepEqual(await ledgersOf(manager), before);
  const create = apiRoutes.find((route) => nameOf(route) === "POST /api/v1/tokens");
  assert.ok(create);
  await send(create, manager, { body: {} }, { kind: "local" });
  const [act] = await actsSince(manager, before);
  assert.deepEqual([act?.by, act?.reason], [{ kind: "local" }, null]);
});

test("a reason is a text of 1 to 500 characters, on every route that changes something", async () => {
  for (const route of apiRoutes.filter(({ method }) => method !== "GET")) {
    const manager = await createTestManager({ above: () => above });
    const call = (await examples[nameOf(route)]?.(manager)) ?? {};
    const before = await ledgersOf(manager);
    for (const reason of ["", " ", "x".repeat(501)])
      await assert.rejects(send(route, manager, withReason(route, call, reason)), { code: "input_invalid" });
    assert.deepEqual(await ledgersOf(manager), before);
    await send(route, manager, withReason(route, call, "x".repeat(500)));
  }
});
