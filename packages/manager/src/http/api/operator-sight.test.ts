// What an operator with limits is told and can change: only what lies inside. What lies outside is answered, byte for byte, like
// what does not exist. Three places hold the same things: Lab, which is the operator's; Secret, in the same smart account; and
// the whole smart account Hidden.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  dayMs,
  decodeLicenseFile,
  encodeLicenseFile,
  formatUdi,
  type LicenseFile,
  returnCodeOf,
  sudiOf,
  verifyActProofFile,
  verifyProofFile,
} from "@countersign/protocol";
import type { Access, OperatorRole } from "../../accounts/access.ts";
import { ManagerError } from "../../errors.ts";
import { baseTag, createDevice, createDeviceKey, plusTag, TestDevice } from "../../test-support/core-device.ts";
import { createTestManager, operator, type TestManager } from "../../test-support/core-manager.ts";
import { purgeAgeDaysMin } from "../../usage/retention.ts";
import { pollIdOf } from "../../use-cases/acknowledgement-answer.ts";
import type { ApiRoute, RawCall } from "./api-route.ts";
import { apiRoutes } from "./api-routes.ts";

const accountName = { Lab: "Example", Secret: "Example", Hidden: "Hidden" } as const;
type PlaceName = keyof typeof accountName;
const places = Object.keys(accountName) as readonly PlaceName[];

type Filled = {
  readonly inPlace: { readonly smartAccount: string; readonly virtualAccount: string };
  readonly device: TestDevice;
  readonly tokenId: string;
  readonly acknowledgementId: number;
  readonly returnCode: string;
  /** Of an act that changed something in this place only. */
  readonly leafIndex: number;
  /** Texts that stand in answers about this place, and in no other. */
  readonly marks: readonly string[];
};

let manager: TestManager;
const filled = new Map<PlaceName, Filled>();
const inside = (place: PlaceName): Filled => {
  const found = filled.get(place);
  assert.ok(found);
  return found;
};

before(async () => {
  manager = await createTestManager();
  const { useCases } = manager;
  await useCases.createSmartAccount({ name: "Hidden", cause: operator });
  for (const place of places) {
    const smartAccount = accountName[place];
    await useCases.createVirtualAccount({ smartAccount, name: place, cause: operator });
    filled.set(place, await fill({ smartAccount, virtualAccount: place }));
  }
  await useCases.transferLicenses({ smartAccount: "Example", ...transferred, cause: operator });
});

async function fill(inPlace: Filled["inPlace"]): Promise<Filled> {
  const { useCases } = manager;
  const { smartAccount, virtualAccount } = inPlace;
  const description = `token for ${virtualAccount}`;
  const { text, tokenId } = await useCases.createToken({ ...inPlace, description, cause: operator });
  const device = createDevice(manager, virtualAccount.toUpperCase());
  await device.trust(text);
  await device.use({ reportId: 1, count: 3 });
  // The same id with other numbers: evidence.
  await device.sendReports([await device.report({ reportId: 1, count: 4 })]);
  const orderReference = `order of ${virtualAccount}`;
  const purchase = { tag: plusTag, quantity: 9, virtualAccount, orderReference };
  await useCases.addPurchase({ smartAccount, purchase, cause: operator });
  const licenses = [{ tag: plusTag, licenseClass: "enforced", count: 1 }] as const;
  const { file } = await useCases.generateAuthorization({
    ...{ smartAccount, instance: device.identifier, mode: "add", licenses, cause: operator },
  });
  await useCases.setPolicy({ ...inPlace, layer: { name: `Policy of ${virtualAccount}` }, cause: operator });
  const acknowledgements = await useCases.listAcknowledgements({ smartAccount });
  const own = acknowledgements.find((one) => one.productInstanceIdentifier === device.identifier);
  const [act] = await useCases.listAuditEntries({ smartAccount, act: "set_policy", limit: 1 });
  assert.ok(own && act);
  const returnCode = returnCodeOf(decodeLicenseFile(Buffer.from(file)).managerObjects[0]?.payload ?? "");
  const instance = await manager.storage.read.trust.findInstanceByIdentifier(device.identifier);
  assert.ok(instance);
  const claim = { kind: "pak", name: `PAK of ${virtualAccount}`, entitlement_tag: plusTag, count: 1 } as const;
  await manager.storage.inTransaction(({ conversions }) =>
    conversions.addConversion({
      ...{ smartAccountId: instance.smartAccountId, virtualAccountId: instance.virtualAccountId, udi: device.udi },
      ...{ state: "waiting", licenses: [claim], payload: null, askedAtMs: 1, changedAtMs: 1 },
    }),
  );
  return {
    ...{ inPlace, device, tokenId, returnCode, leafIndex: act.leafIndex },
    acknowledgementId: own.acknowledgementId,
    marks: [
      device.udi.serialNumber,
      device.identifier,
      tokenId,
      description,
      orderReference,
      `Policy of ${virtualAccount}`,
    ],
  };
}

/** Ids as they were given: the smart account Example is 1, its default virtual account 1, Lab 2, Secret 3; Hidden is 2. */
const grantIn = (place: PlaceName, role: OperatorRole) => ({
  role,
  smartAccountId: place === "Hidden" ? 2 : 1,
  virtualAccountId: { Lab: 2, Secret: 3, Hidden: null }[place],
});
const ofLab: Access = [grantIn("Lab", "administrator")];
const readsSecret: Access = [...ofLab, grantIn("Secret", "viewer")];

type Call = Partial<Omit<RawCall, "administrator">>;
const nameOf = (route: ApiRoute) => `${route.method} ${route.path}`;
const routeOf = (name: string): ApiRoute => {
  const found = apiRoutes.find((route) => nameOf(route) === name);
  assert.ok(found, name);
  return found;
};
const isOwners = ({ authorization }: ApiRoute) => authorization === "owner";

async function ask(name: string, call: Call, access: Access): Promise<unknown> {
  const administrator = { kind: "operator", operatorId: 7, name: "ada", access } as const;
  const raw = { params: undefined, query: undefined, body: undefined, ...call, administrator };
  return routeOf(name).answer({ useCases: manager.useCases }, raw);
}

/** What comes out, as text: the answer, or the refusal with its code. */
async function outcome(name: string, call: Call, access: Access): Promise<string> {
  try {
    return JSON.stringify(await ask(name, call, access));
  } catch (error) {
    if (!(error instanceof ManagerError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

async function ledgerSizes() {
  const { ledger } = manager.storage.read;
  return Promise.all([0, 1, 2].map(async (id) => (await ledger.readHead(id)).size));
}

const fileOf = (file: Partial<LicenseFile>) =>
  Buffer.from(encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null, ...file }));

const transferred = { tag: plusTag, quantity: 1, from: "Lab", to: "Secret" };
const neededQueries: Readonly<Record<string, object>> = {
  "GET /api/v1/ledger/consistency": { from: "1" },
  "GET /api/v1/search": { text: "token for" },
  "GET /api/v1/licenses/users": { tag: baseTag, virtualAccount: "Lab" },
  "GET /api/v1/licenses/history": { tag: baseTag, virtualAccount: "Lab" },
  "GET /api/v1/license-transfers/preview": { ...transferred, quantity: "1" },
};
/** Lists that tell no more than the ledger's hashes, what holds in the whole account, or what goes from one place to another. */
const withoutMarks = [
  "ledger/head",
  "ledger/consistency",
  "policy",
  "substitutions",
  "license-transfers",
  "conversion-setting",
].map((path) => `GET /api/v1/${path}`);
const lists = apiRoutes.filter(
  ({ method, path, needs }) => method === "GET" && !/:|preview$/.test(path) && needs?.extent === "virtual account",
);

test("[GEN-16] lists tell what lies inside an operator's access, all of it, and nothing of what lies outside", async () => {
  assert.ok(lists.length > 8);
  for (const role of ["administrator", "viewer"] as const) {
    for (const route of lists) {
      const name = nameOf(route);
      const text = await outcome(name, { query: neededQueries[name] }, [grantIn("Lab", role)]);
      for (const mark of [...inside("Secret").marks, ...inside("Hidden").marks, '"Secret"', "Hidden"])
        assert.equal(text.includes(mark), false, `${name} tells ${mark}`);
      if (withoutMarks.includes(name)) continue;
      assert.ok(inside("Lab").marks.some((mark) => text.includes(mark)) || text.includes('"Lab"'), `${name}: ${text}`);
    }
  }
});

test("[GEN-16] a search finds nothing of another place, by whatever it is asked", async () => {
  const find = (place: PlaceName, text: string, access: Access) =>
    outcome("GET /api/v1/search", { query: { smartAccount: accountName[place], text } }, access);
  const wholly: Access = [{ role: "viewer", smartAccountId: null, virtualAccountId: null }];
  const nothing = JSON.stringify({ hits: [], isComplete: true });
  for (const place of places) {
    const { device, tokenId, acknowledgementId } = inside(place);
    const { serialNumber } = device.udi;
    const pollId = pollIdOf(acknowledgementId);
    for (const text of [serialNumber, formatUdi(device.udi), device.identifier, tokenId, `for ${place}`, pollId]) {
      assert.match(await find(place, text, wholly), /"kind"/, text);
      if (place === "Secret") assert.equal(await find(place, text, ofLab), nothing, text);
      if (place === "Hidden") assert.match(await find(place, text, ofLab), /^account_unknown/);
      if (place === "Lab") assert.equal(await find(place, text, ofLab), await find(place, text, wholly), text);
    }
  }
  // A whole serial number through its index; the start of one among the operator's own.
  assert.match(await find("Lab", inside("Lab").device.udi.serialNumber.slice(0, 3), ofLab), /product_instance/);
  assert.doesNotMatch(await find("Lab", plusTag, ofLab), /"Secret"/);
  assert.match(await find("Lab", plusTag, readsSecret), /"Secret"/);
});

test("[GEN-16] a list of one account and place is the same for whoever sees only that as for whoever sees all", async () => {
  const wholly: Access = [{ role: "viewer", smartAccountId: null, virtualAccountId: null }];
  const { inPlace, device } = inside("Lab");
  for (const name of [
    "GET /api/v1/tokens",
    "GET /api/v1/licenses",
    "GET /api/v1/instances",
    "GET /api/v1/authorizations",
  ])
    assert.equal(await outcome(name, { query: inPlace }, ofLab), await outcome(name, { query: inPlace }, wholly), name);
  const params = { instance: device.identifier };
  const query = { smartAccount: inPlace.smartAccount };
  for (const { method, path } of apiRoutes.filter(
    (one) => one.method === "GET" && /:instance($|\/reports$|\/evidence$)/.test(one.path),
  )) {
    const name = `${method} ${path}`;
    const text = await outcome(name, { params, query }, ofLab);
    assert.equal(text, await outcome(name, { params, query }, wholly), name);
    assert.doesNotMatch(text, /_unknown|^\[\]$/, name);
  }
  const events = await outcome("GET /api/v1/events", { query: inPlace }, ofLab);
  assert.equal(events, await outcome("GET /api/v1/events", { query: inPlace }, wholly));
  const all = JSON.parse(await outcome("GET /api/v1/events", { query: { limit: "1000" } }, ofLab));
  assert.equal(JSON.stringify(all), events, "without a place all that is inside");
});

test("[GEN-16] a page is full of what may be seen, however much lies between", async () => {
  const page = (after: number | undefined, access: Access) =>
    ask(
      "GET /api/v1/events",
      { query: { smartAccount: "Example", limit: "2", ...(after === undefined ? {} : { after: `${after}` }) } },
      access,
    ) as Promise<readonly { readonly eventId: number; readonly virtualAccount: string }[]>;
  const seen: number[] = [];
  for (;;) {
    const rows = await page(seen.at(-1), ofLab);
    if (rows.length === 0) break;
    assert.ok(rows.every(({ virtualAccount }) => virtualAccount === "Lab"));
    seen.push(...rows.map(({ eventId }) => eventId));
  }
  const every = (await ask(
    "GET /api/v1/events",
    { query: { smartAccount: "Example", virtualAccount: "Lab", limit: "1000" } },
    ofLab,
  )) as readonly {
    readonly eventId: number;
  }[];
  assert.deepEqual(
    seen,
    every.map(({ eventId }) => eventId),
  );
  assert.ok(seen.length > 4);
});

/** What a mark of the contradicting report in a place has to name. */
async function conflictIn(inPlace: Filled["inPlace"]): Promise<number> {
  const { alerts } = await manager.useCases.listAlerts(inPlace);
  return alerts.find(({ kind }) => kind === "report_conflict")?.throughEventId ?? assert.fail();
}

type Reference = { readonly outside: string; readonly nowhere: string };

/** Each thing outside beside one that never was. */
function references(): Readonly<Record<string, readonly Reference[]>> {
  const [secret, hidden] = [inside("Secret"), inside("Hidden")];
  const ids = [secret, hidden].map(({ device }) => ({
    outside: device.identifier,
    nowhere: "00000000-0000-4000-8000-000000000009",
  }));
  const udis = [secret, hidden].map(({ device: { udi } }) => ({
    outside: formatUdi(udi),
    nowhere: formatUdi({ ...udi, serialNumber: `${udi.serialNumber}X` }),
  }));
  return {
    smartAccount: [{ outside: "Hidden", nowhere: "Nowhere" }],
    virtualAccount: [{ outside: "Secret", nowhere: "Nowhere" }],
    instance: [...ids, ...udis],
    device: udis,
    tokenId: [secret, hidden].map(({ tokenId }) => ({
      outside: tokenId,
      nowhere: "00000000-0000-4000-8000-000000000009",
    })),
    // The one that went from Lab to Secret leaves their sight.
    transferId: [{ outside: "1", nowhere: "99" }],
    acknowledgementId: [{ outside: `${secret.acknowledgementId}`, nowhere: "9999" }],
    leafIndex: [{ outside: `${secret.leafIndex}`, nowhere: "99" }],
  };
}

/** What a route takes besides the reference. */
const bodies: Readonly<Record<string, unknown>> = {
  "POST /api/v1/virtual-accounts": { name: "New" },
  "POST /api/v1/tokens": {},
  "POST /api/v1/purchases": { tag: plusTag, quantity: 1 },
  "POST /api/v1/purchases/import": Buffer.from(`tag,quantity\n"${plusTag}",5\n`),
  "PUT /api/v1/policy": { name: "Mine" },
  "POST /api/v1/license-transfers": { ...transferred, to: "Lab", from: "Lab" },
  "POST /api/v1/instances/:instance/transfer": { virtualAccount: "Lab" },
  "POST /api/v1/instances/:instance/authorizations": {
    licenses: [{ tag: plusTag, licenseClass: "enforced", count: 2 }],
  },
  "POST /api/v1/instances/:instance/authorizations/return": { returnCode: "123" },
  "POST /api/v1/report-bodies/purge": { olderThanDays: purgeAgeDaysMin },
  "POST /api/v1/alerts/:alertId/handle": { throughEventId: 1, reason: "looked into" },
};
const filesOf = (device: TestDevice): Readonly<Record<string, Buffer>> => {
  const { sudi, timestamp, hostname, software_tag_identifier, device_list } = device.trustData("");
  const trustRequest = { version: "1.0", sudi, timestamp, hostname, software_tag_identifier, device_list } as const;
  const wish = {
    sudi: sudiOf(device.udi),
    product_instance_identifier: device.identifier,
    mode: "add" as const,
    keys: [{ entitlement_tag: plusTag, license_class: "enforced" as const, count: 1 }],
  };
  return {
    "POST /api/v1/trust-request-files": fileOf({ trustRequest }),
    "POST /api/v1/authorization-request-files": fileOf({
      authorizationRequest: [{ ...wish, confirm_code: "", remove_code: "" }],
    }),
  };
};

test("[GEN-16] whatever lies outside is answered like what does not exist, on every route that can name it", async () => {
  const before = await ledgerSizes();
  const known = references();
  let compared = 0;
  for (const route of apiRoutes.filter((one) => !isOwners(one) && one.needs?.extent === "virtual account")) {
    const name = nameOf(route);
    const members = [...route.path.matchAll(/:(\w+)/g)].map(([, member = ""]) => member);
    const named = known[members[0] ?? ""] ?? [];
    const body =
      bodies[name] ??
      filesOf(inside("Lab").device)[name] ??
      (route.fileBytesMax === null
        ? undefined
        : fileOf({ reports: [await inside("Lab").device.report({ reportId: 7, count: 1 })] }));
    const common = { ...neededQueries[name], smartAccount: "Example" };
    const calls: (readonly [string, string, (reference: string) => Call])[] = [
      ...named.map(({ outside, nowhere }) => {
        const params = (reference: string) => ({
          params: { ...(members.includes("reportId") ? { reportId: "1" } : {}), [members[0] ?? ""]: reference },
          query: common,
          body,
        });
        return [outside, nowhere, params] as const;
      }),
      ...(known.smartAccount ?? []).map(({ outside, nowhere }) => {
        const params = {
          ...{
            instance: "PID:A,SN:B",
            device: "PID:A,SN:B",
            tokenId: "a",
            acknowledgementId: "1",
            leafIndex: "1",
            reportId: "1",
            transferId: "1",
          },
          alertId: "report_conflict",
        };
        const own = Object.fromEntries(members.map((member) => [member, params[member as keyof typeof params]]));
        const call = (smartAccount: string) => ({ params: own, query: { ...neededQueries[name], smartAccount }, body });
        return [outside, nowhere, name === "GET /api/v1/accounts" ? () => ({}) : call] as const;
      }),
    ];
    for (const [outside, nowhere, call] of calls) {
      const there = await outcome(name, call(outside), ofLab);
      const never = await outcome(name, call(nowhere), ofLab);
      assert.equal(there.replaceAll(outside, "it"), never.replaceAll(nowhere, "it"), `${name} of ${outside}`);
      if (name !== "GET /api/v1/accounts") assert.match(there, /^[a-z_]+_unknown: /, `${name} of ${outside}`);
      compared += 1;
    }
  }
  assert.ok(compared > 60, `${compared}`);
  const { device } = inside("Lab");
  const inPlace = (virtualAccount: string): readonly (readonly [string, Call])[] => [
    ...["tokens", "licenses", "policy", "instances", "authorizations", "events", "alerts"].map(
      (list) => [`GET /api/v1/${list}`, { query: { smartAccount: "Example", virtualAccount } }] as const,
    ),
    ["POST /api/v1/tokens", { query: { smartAccount: "Example", virtualAccount }, body: {} }],
    ["PUT /api/v1/policy", { query: { smartAccount: "Example", virtualAccount }, body: { name: "Mine" } }],
    [
      "POST /api/v1/purchases",
      { query: { smartAccount: "Example" }, body: { tag: plusTag, quantity: 1, virtualAccount } },
    ],
    [
      "POST /api/v1/purchases/import",
      {
        query: { smartAccount: "Example" },
        body: Buffer.from(`tag,quantity,virtual_account\n"${plusTag}",5,${virtualAccount}\n`),
      },
    ],
    [
      "POST /api/v1/instances/:instance/transfer",
      { params: { instance: device.identifier }, query: { smartAccount: "Example" }, body: { virtualAccount } },
    ],
    ...[{ to: virtualAccount }, { from: virtualAccount, to: "Lab" }].flatMap((ends): (readonly [string, Call])[] => [
      ["POST /api/v1/license-transfers", { query: { smartAccount: "Example" }, body: { ...transferred, ...ends } }],
      [
        "GET /api/v1/license-transfers/preview",
        { query: { smartAccount: "Example", ...transferred, quantity: "1", ...ends } },
      ],
    ]),
    ["GET /api/v1/licenses/users", { query: { smartAccount: "Example", tag: baseTag, virtualAccount } }],
    ["GET /api/v1/licenses/history", { query: { smartAccount: "Example", tag: baseTag, virtualAccount } }],
    [
      "POST /api/v1/trust-request-files",
      {
        query: { smartAccount: "Example", virtualAccount },
        body: filesOf(createDevice(manager))["POST /api/v1/trust-request-files"],
      },
    ],
  ];
  const [secret, nowhere] = [inPlace("Secret"), inPlace("Nowhere")];
  for (const [at, [name, call]] of secret.entries()) {
    const there = await outcome(name, call, ofLab);
    const never = await outcome(name, nowhere[at]?.[1] ?? {}, ofLab);
    assert.equal(there.replaceAll("Secret", "it"), never.replaceAll("Nowhere", "it"), name);
    assert.match(there, /^virtual_account_unknown: /, name);
  }
  assert.deepEqual(await ledgerSizes(), before, "and nothing was changed");
});

test("[GEN-16] files about devices outside are answered like files about devices that nobody knows", async () => {
  const query = { smartAccount: "Example" };
  const stranger = createDevice(manager, "STRANGER");
  stranger.identifier = "00000000-0000-4000-8000-000000000009";
  const forget = (text: string, { udi, identifier }: TestDevice) =>
    text
      .replaceAll(udi.serialNumber, "it")
      .replaceAll(identifier, "id")
      .replace(/[0-9a-f]{64}/g, "hash");
  const { device } = inside("Secret");
  const usage = async (of: TestDevice) => {
    const reports = [await of.report({ reportId: 2, count: 9 }, of === device ? "trust" : "builtin")];
    return forget(await outcome("POST /api/v1/usage-files", { query, body: fileOf({ reports }) }, ofLab), of);
  };
  const before = await ledgerSizes();
  assert.equal(await usage(device), await usage(stranger));
  assert.match(await usage(device), /"accepted":0.*"sender_unknown"/);
  const codes = async (of: TestDevice) => {
    const name = "POST /api/v1/authorization-request-files";
    return forget(await outcome(name, { query, body: filesOf(of)[name] }, ofLab), of);
  };
  assert.equal(await codes(device), await codes(stranger));
  assert.match(await codes(device), /"authorization_of_other_installation"/);
  assert.deepEqual(await ledgerSizes(), before);
});

test("[GEN-16] a viewer of a place who administers another one changes nothing there: 403 on every route that changes something", async () => {
  const { device, inPlace, tokenId, returnCode } = inside("Secret");
  const { smartAccount } = inPlace;
  const query = { smartAccount };
  const writing = apiRoutes.filter(
    (route) => route.method !== "GET" && !isOwners(route) && route.needs?.extent === "virtual account",
  );
  const calls: Readonly<Record<string, Call>> = {
    "POST /api/v1/tokens": { query: inPlace, body: {} },
    "POST /api/v1/tokens/:tokenId/revoke": { params: { tokenId }, query },
    "POST /api/v1/purchases": { query, body: { tag: plusTag, quantity: 1, virtualAccount: "Secret" } },
    "POST /api/v1/purchases/import": {
      query,
      body: Buffer.from(`tag,quantity,virtual_account\n"${plusTag}",5,Lab\n"${plusTag}",5,Secret\n`),
    },
    "PUT /api/v1/policy": { query: inPlace, body: { name: "Mine" } },
    "POST /api/v1/license-transfers": { query, body: transferred },
    "POST /api/v1/license-transfers/:transferId/undo": { params: { transferId: "1" }, query },
    "POST /api/v1/instances/:instance/transfer": {
      params: { instance: device.identifier },
      query,
      body: { virtualAccount: "Lab" },
    },
    "DELETE /api/v1/instances/:instance": { params: { instance: device.identifier }, query },
    "POST /api/v1/instances/:instance/authorizations": {
      params: { instance: device.identifier },
      query,
      body: bodies["POST /api/v1/instances/:instance/authorizations"],
    },
    "POST /api/v1/instances/:instance/authorizations/return": {
      params: { instance: device.identifier },
      query,
      body: { returnCode },
    },
    "POST /api/v1/instances/:instance/authorizations/withdraw": { params: { instance: device.identifier }, query },
    "POST /api/v1/authorization-request-files": {
      query,
      body: filesOf(device)["POST /api/v1/authorization-request-files"],
    },
    "POST /api/v1/usage-files": { query, body: fileOf({ reports: [await device.report({ reportId: 2, count: 9 })] }) },
    "POST /api/v1/trust-request-files": {
      query: inPlace,
      body: filesOf(createDevice(manager))["POST /api/v1/trust-request-files"],
    },
    "POST /api/v1/conversions/:device/allow": { params: { device: formatUdi(device.udi) }, query },
    "POST /api/v1/alerts/:alertId/handle": {
      params: { alertId: "report_conflict" },
      query: inPlace,
      body: { throughEventId: await conflictIn(inPlace), reason: "looked into" },
    },
  };
  assert.deepEqual(Object.keys(calls).sort(), writing.map(nameOf).sort(), "every such route has a call");
  const before = await ledgerSizes();
  for (const [name, call] of Object.entries(calls)) {
    await assert.rejects(ask(name, call, readsSecret), { code: "operator_not_permitted" }, name);
    assert.deepEqual(await ledgerSizes(), before, name);
  }
  assert.match(await outcome("GET /api/v1/instances", { query: inPlace }, readsSecret), new RegExp(device.identifier));
});

test("[GEN-16] what is a whole account's own is refused to who has only parts of it: its policy, its purge, the managers' acts", async () => {
  const query = { smartAccount: "Example" };
  const refused: readonly (readonly [string, Call])[] = [
    ["PUT /api/v1/policy", { query, body: { name: "All" } }],
    ["GET /api/v1/audit", { query: { manager: "true" } }],
    ["GET /api/v1/events", { query: { manager: "true" } }],
    ["GET /api/v1/ledger/head", { query: { manager: "true" } }],
    ["GET /api/v1/ledger/leaves/:leafIndex", { params: { leafIndex: "1" }, query }],
    ["POST /api/v1/report-bodies/purge", { query, body: { olderThanDays: purgeAgeDaysMin } }],
    ["GET /api/v1/report-bodies/old", { query: { ...query, olderThanDays: "400" } }],
    ["POST /api/v1/virtual-accounts", { query, body: { name: "New" } }],
    ["POST /api/v1/accounts", { body: { name: "New" } }],
  ];
  const before = await ledgerSizes();
  // Whoever has all of another account passes the route's own check, and is judged by the place.
  const elsewhere: Access = [...ofLab, grantIn("Hidden", "administrator")];
  for (const [name, call] of refused)
    await assert.rejects(ask(name, call, elsewhere), { code: "operator_not_permitted" }, name);
  assert.deepEqual(await ledgerSizes(), before);
  const hidden = { query: { smartAccount: "Hidden" } };
  assert.match(
    await outcome("GET /api/v1/ledger/leaves/:leafIndex", { params: { leafIndex: "1" }, ...hidden }, elsewhere),
    /"leafHash"/,
  );
  await ask("POST /api/v1/virtual-accounts", { ...hidden, body: { name: "New" } }, elsewhere);
  await ask("POST /api/v1/report-bodies/purge", { ...hidden, body: { olderThanDays: purgeAgeDaysMin } }, elsewhere);
});

test("[GEN-16] proofs of what lies inside are whole: anybody verifies them with the root", async () => {
  const { device, leafIndex } = inside("Lab");
  const query = { smartAccount: "Example" };
  const params = { instance: device.identifier, reportId: "1" };
  const report = await ask("GET /api/v1/instances/:instance/reports/:reportId/proof", { params, query }, ofLab);
  await verifyProofFile(report as Parameters<typeof verifyProofFile>[0], manager.anchors);
  const act = await ask("GET /api/v1/audit/:leafIndex/proof", { params: { leafIndex: `${leafIndex}` }, query }, ofLab);
  await verifyActProofFile(act as Parameters<typeof verifyActProofFile>[0], manager.anchors);
  const [newest] = (await ask("GET /api/v1/acknowledgements", { query }, ofLab)) as readonly {
    readonly productInstanceIdentifier: string;
  }[];
  assert.equal(newest?.productInstanceIdentifier, device.identifier);
});

test("[GEN-16] a device goes from one virtual account to another only with both: by transfer, or by a file with force", async () => {
  const { useCases } = manager;
  const smartAccount = "Example";
  const both: Access = [...ofLab, grantIn("Secret", "administrator")];
  const device = createDevice(manager, "MOVING");
  const token = await useCases.createToken({ ...inside("Secret").inPlace, cause: operator });
  await device.trust(token.text);
  const where = async () =>
    (await useCases.showProductInstance({ smartAccount, instance: device.identifier })).instance.virtualAccount;
  const params = { instance: device.identifier };
  const move = (virtualAccount: string, access: Access) =>
    ask(
      "POST /api/v1/instances/:instance/transfer",
      { params, query: { smartAccount }, body: { virtualAccount } },
      access,
    );
  await assert.rejects(move("Lab", ofLab), { code: "instance_unknown" });
  await assert.rejects(move("Lab", readsSecret), { code: "operator_not_permitted" });
  // With another key, so that the device is replaced: one that comes with its own key stays where it is.
  const replaced = new TestDevice(manager, device.udi, createDeviceKey());
  const enrol = (access: Access) =>
    ask(
      "POST /api/v1/trust-request-files",
      {
        query: { ...inside("Lab").inPlace, force: "true" },
        body: filesOf(replaced)["POST /api/v1/trust-request-files"],
      },
      access,
    );
  for (const access of [ofLab, readsSecret])
    await assert.rejects(
      enrol(access),
      (error) =>
        error instanceof ManagerError &&
        error.code === "enrolment_refused" &&
        error.detail.startsWith("registered_in_other_account"),
    );
  assert.equal(await where(), "Secret");
  await enrol(both);
  assert.equal(await where(), "Lab");
  await assert.rejects(move("Secret", ofLab), { code: "virtual_account_unknown" });
  await assert.rejects(move("Secret", readsSecret), { code: "operator_not_permitted" });
  await move("Secret", both);
  assert.equal(await where(), "Secret");
  assert.match(
    await outcome("GET /api/v1/instances/:instance", { params, query: { smartAccount } }, ofLab),
    /^instance_unknown/,
  );
});

test("[GEN-16] a viewer of everything reads all that there is, and an operator without limits is answered as before", async () => {
  const viewer: Access = [{ role: "viewer", smartAccountId: null, virtualAccountId: null }];
  const text = await outcome("GET /api/v1/accounts", {}, viewer);
  for (const place of places) assert.match(text, new RegExp(`"${place}"`));
  assert.match(await outcome("GET /api/v1/tokens", { query: { smartAccount: "Hidden" } }, viewer), /token for Hidden/);
  manager.clock.advance(dayMs);
  await assert.rejects(ask("POST /api/v1/tokens", { query: inside("Lab").inPlace, body: {} }, viewer), {
    code: "operator_not_permitted",
  });
});

test("[GEN-17] making a smart account is another way in than managing one: who manages one makes none, and sees none that is made", async () => {
  const manages: Access = [{ role: "administrator", smartAccountId: 1, virtualAccountId: null }];
  const makes: Access = [{ role: "administrator", smartAccountId: null, virtualAccountId: null }];
  const query = { smartAccount: "Example" };
  await ask("POST /api/v1/virtual-accounts", { query, body: { name: "Branch of GEN-17" } }, manages);
  await ask("POST /api/v1/tokens", { query: { ...query, virtualAccount: "Branch of GEN-17" }, body: {} }, manages);
  await ask("PUT /api/v1/policy", { query, body: { name: "Policy of the account" } }, manages);
  const making: Call = { body: { name: "Made" } };
  await assert.rejects(ask("POST /api/v1/accounts", making, manages), { code: "operator_not_permitted" });
  await ask("POST /api/v1/accounts", making, makes);
  assert.match(await outcome("GET /api/v1/accounts", {}, makes), /"Made"/);
  assert.doesNotMatch(await outcome("GET /api/v1/accounts", {}, manages), /"Made"/);
  assert.match(await outcome("GET /api/v1/tokens", { query: { smartAccount: "Made" } }, manages), /^account_unknown/);
});
