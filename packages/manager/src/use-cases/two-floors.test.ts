// A manager on premises and the one above it, without sockets: real certificates, real storage, and a way between them that loses,
// repeats and reorders what it is told to.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import {
  dayMs,
  decodeRegistered,
  encodeLicenseFile,
  encodeRegistration,
  ProtocolError,
  parseCertificate,
  type SignedReport,
} from "@countersign/protocol";
import fc from "fast-check";
import { FloorRefusal, UpstreamFailure } from "../errors.ts";
import { createLogger } from "../logging/logger.ts";
import { registrationTokenDays } from "../premises/lower-manager.ts";
import { hasForgotten } from "../premises/upstream.ts";
import { syncIfDue } from "../program/sync-when-due.ts";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import { baseTag, createDevice, createDeviceKey, plusTag, TestDevice } from "../test-support/core-device.ts";
import { createTestManager, operator, type TestManager } from "../test-support/core-manager.ts";
import { purgeAgeDaysMin } from "../usage/retention.ts";
import { upstreamStates } from "./upstream-states.ts";

type Floors = {
  readonly cloud: TestManager;
  readonly premises: TestManager;
  /** Every document that went up. */
  readonly documents: Uint8Array[];
  readonly way: { losesAnswers: boolean; altersAnswers: boolean };
};

const inExample = { smartAccount: "Example" };
const by = { ...inExample, cause: operator };

async function openFloors(isConnected = true): Promise<Floors> {
  const cloud = await createTestManager();
  const documents: Uint8Array[] = [];
  const way = { losesAnswers: false, altersAnswers: false };
  const sync = async (bytes: Uint8Array) => {
    documents.push(bytes);
    const answer = await cloud.useCases.floorDoor.sync(bytes);
    if (way.losesAnswers) throw new UpstreamFailure("ECONNRESET");
    return way.altersAnswers ? answer.replace("sync-answer", "sync-answes") : answer;
  };
  const above = { ...cloud, useCases: { ...cloud.useCases, floorDoor: { ...cloud.useCases.floorDoor, sync } } };
  const premises = await createTestManager({ above: () => above });
  await premises.useCases.establishPremises(by);
  const floors = { cloud, premises, documents, way };
  if (isConnected) await premises.useCases.connectUpstream({ ...(await wishFor(cloud)), ...by });
  return floors;
}

async function wishFor(cloud: TestManager, name = "works") {
  const { token } = await cloud.useCases.addLowerManager({ name, ...by });
  return { url: "https://above.example", token, rootPem: cloud.authorities.root.toString() };
}

async function trusted({ premises }: Floors): Promise<TestDevice> {
  const device = createDevice(premises);
  const { text } = await premises.useCases.createToken({ usesMax: 5, ...by });
  await device.trust(text);
  return device;
}

async function reportsOf(manager: TestManager, device: TestDevice): Promise<readonly string[]> {
  const { pid, serialNumber } = device.udi;
  const instance = `PID:${pid},SN:${serialNumber}`;
  const reports = await manager.useCases.listReports({ ...inExample, instance, limit: 1000 });
  return reports.map(({ reportId, payloadSha256 }) => `${reportId} ${payloadSha256}`).sort();
}

async function inUse(manager: TestManager): Promise<number> {
  const rows = await manager.useCases.listLicenses(inExample);
  return rows.filter(({ tag }) => tag === baseTag).reduce((sum, row) => sum + row.inUseVerified, 0);
}

const lowerState = async ({ cloud }: Floors) => (await cloud.useCases.listLowerManagers(inExample))[0];

test("[I2] [I3] whatever the way loses, repeats and reorders, both floors have the same reports, each once", async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ does: fc.constant("report" as const), count: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("sync" as const, "sync in vain" as const) }) },
    fc.record({ does: fc.constantFrom("an old document again" as const, "by file" as const), which: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const floors = await openFloors();
      const { cloud, premises, documents, way } = floors;
      const device = await trusted(floors);
      const sent: SignedReport[] = [];
      for (const one of steps) {
        if (one.does === "report") {
          const report = await device.report({ reportId: sent.length + 1, count: one.count });
          sent.push(report);
          await device.sendReports([report]);
        } else if (one.does === "sync") await premises.useCases.syncUpstream(by);
        else if (one.does === "sync in vain") {
          way.losesAnswers = true;
          await assert.rejects(premises.useCases.syncUpstream(by), { code: "upstream_unreachable" });
          way.losesAnswers = false;
        } else if (one.does === "an old document again" && documents.length > 0)
          await cloud.useCases.floorDoor.sync(documents[one.which % documents.length] as Uint8Array);
        else if (one.does === "by file" && sent.length > 0) {
          // Known above only once the device is: before, the file is a stranger's.
          const file = encodeLicenseFile({
            reports: [sent[one.which % sent.length] as SignedReport],
            managerObjects: [],
            systemInfo: null,
          });
          await cloud.useCases.importUsageFile({ bytes: Buffer.from(file), ...by });
        }
      }
      await premises.useCases.syncUpstream(by);
      if (sent.length === 0) return;
      assert.deepEqual(await reportsOf(cloud, device), await reportsOf(premises, device));
      assert.equal((await reportsOf(cloud, device)).length, sent.length);
      assert.equal(await inUse(cloud), await inUse(premises));
      const { upstream } = await premises.useCases.showUpstream(inExample);
      assert.deepEqual([upstream?.waitingReports, upstream?.refused], [0, 0]);
    }),
    { numRuns: 25 },
  );
});

test("[I9] [ONP-7] the same token with the same key makes one manager, however often; with another key, late or removed, none", async () => {
  const { cloud } = await openFloors(false);
  const wish = await wishFor(cloud);
  const first = await createTestManager({ above: () => cloud });
  await first.useCases.establishPremises(by);
  const csr = Buffer.from((await first.environment.floors?.requestFromAbove(false)) ?? []).toString("base64");
  const register = (token: string, key = csr) =>
    cloud.useCases.floorDoor.register(Buffer.from(JSON.stringify({ version: "1.0", token, csr: key })));
  const answer = await register(wish.token);
  assert.equal(await register(wish.token), answer);
  await assert.rejects(register(wish.token, createDeviceKey().request), { code: "registration_token_used" });
  await assert.rejects(register("nobody's"), { code: "registration_token_unknown" });
  const late = await wishFor(cloud, "late");
  cloud.clock.advance((registrationTokenDays + 1) * dayMs);
  await assert.rejects(register(late.token), { code: "registration_token_expired" });
  assert.equal(await register(wish.token), answer, "what was registered in time stays so");
  await cloud.useCases.removeLowerManager({ name: "works", ...by });
  await assert.rejects(register(wish.token), { code: "registration_token_unknown" });
  await assert.rejects(cloud.useCases.removeLowerManager({ name: "works", ...by }), { code: "lower_manager_unknown" });
});

test("a manager is put below one other only, while nothing stems from its own root, and has none below itself", async () => {
  const floors = await openFloors();
  const { cloud, premises } = floors;
  await assert.rejects(wishFor(cloud), { code: "lower_manager_exists" });
  await assert.rejects(premises.useCases.connectUpstream({ ...(await wishFor(cloud, "again")), ...by }), {
    code: "upstream_connected",
  });
  const below = await createTestManager({ above: () => premises });
  await below.useCases.establishPremises(by);
  await assert.rejects(below.useCases.connectUpstream({ ...(await wishFor(premises)), ...by }), {
    code: "upstream_refused",
    detail: "root_elsewhere",
  });
  const late = await openFloors(false);
  await trusted(late);
  await assert.rejects(late.premises.useCases.connectUpstream({ ...(await wishFor(late.cloud)), ...by }), {
    code: "upstream_too_late",
  });
  await assert.rejects(late.premises.useCases.syncUpstream(by), { code: "upstream_missing" });
  await assert.rejects(cloud.useCases.syncUpstream(by), { code: "not_on_premises" });
  for (const change of [{ url: "http://above.example" }, { rootPem: "nothing" }, { intervalDays: 0 }])
    await assert.rejects(
      late.premises.useCases.connectUpstream({
        ...(await wishFor(late.cloud, JSON.stringify(change))),
        ...change,
        ...by,
      }),
      {
        code: "input_invalid",
      },
    );
});

test("[I9] a crash between the new authority and the note of it is healed by connecting again, whoever came in meanwhile", async () => {
  const floors = await openFloors(false);
  const { cloud, premises } = floors;
  const wish = await wishFor(cloud);
  const { floors: authority } = premises.environment;
  assert.ok(authority !== undefined);
  const csr = Buffer.from(await authority.requestFromAbove(false)).toString("base64");
  const asked = Buffer.from(encodeRegistration({ version: "1.0", token: wish.token, csr }));
  const { issuing } = decodeRegistered(Buffer.from(await cloud.useCases.floorDoor.register(asked)));
  await authority.adopt({ issuing: parseCertificate(issuing), root: cloud.authorities.root });
  const device = await trusted(floors);
  await device.use({ reportId: 1, count: 4 });
  await premises.useCases.connectUpstream({ ...wish, ...by });
  const { acknowledged, refused } = await premises.useCases.syncUpstream(by);
  assert.deepEqual([acknowledged, refused, await inUse(cloud)], [1, 0, 4]);
});

test("a document with any altered byte, of another manager or of one that was removed is refused whole", async () => {
  const floors = await openFloors();
  const { cloud, premises, documents } = floors;
  await (await trusted(floors)).use({ reportId: 1, count: 4 });
  floors.way.losesAnswers = true;
  await assert.rejects(premises.useCases.syncUpstream(by));
  const document = Buffer.from(documents[0] as Uint8Array);
  const size = async () => (await cloud.storage.read.ledger.readHead(1)).size;
  const before = await size();
  for (let at = 0; at < document.byteLength; at += Math.ceil(document.byteLength / 60)) {
    const altered = Buffer.from(document);
    altered[at] = (altered[at] as number) ^ 1;
    await assert.rejects(
      cloud.useCases.floorDoor.sync(altered),
      (error) => error instanceof ProtocolError || error instanceof FloorRefusal,
      `byte ${at}`,
    );
  }
  const other = await createTestManager({ above: () => cloud });
  await other.useCases.establishPremises(by);
  await other.useCases.connectUpstream({ ...(await wishFor(cloud, "other")), ...by });
  const { payload } = JSON.parse(document.toString()) as { readonly payload: string };
  const { signer, certificate, chain } = other.environment.signing.current();
  const value = Buffer.from(await signer.sign(Buffer.from(`sync-request\n${payload}`))).toString("base64");
  const certificates = [certificate, ...chain].map(({ raw }) => raw.toString("base64"));
  const signature = {
    type: signer.algorithm,
    cert_sn: BigInt(`0x${certificate.serialNumber}`).toString(),
    value,
    certificates,
  };
  const forged = Buffer.from(JSON.stringify({ payload, header: { type: "sync-request" }, signature }));
  await assert.rejects(cloud.useCases.floorDoor.sync(forged), { code: "manager_unknown" });
  await cloud.useCases.removeLowerManager({ name: "works", ...by });
  await assert.rejects(cloud.useCases.floorDoor.sync(document), { code: "manager_unknown" });
  assert.equal(await size(), before + 2, "two acts, no report");
});

test("[I9] a key that was replaced on premises is replaced above, its earlier reports count, and nobody else's device is taken", async () => {
  const floors = await openFloors();
  const { cloud, premises } = floors;
  const device = await trusted(floors);
  await device.use({ reportId: 1, count: 4 });
  const renewed = new TestDevice(premises, device.udi, createDeviceKey());
  const { text } = await premises.useCases.createToken({ usesMax: 5, ...by });
  await renewed.trust(text, { force: true });
  await renewed.use({ reportId: 2, count: 6 });
  const { acknowledged, refused } = await premises.useCases.syncUpstream(by);
  assert.deepEqual([acknowledged, refused], [2, 0]);
  assert.equal(await inUse(cloud), 6);
  // A device with trust from above, whose UDI somebody uses on premises with another key.
  const direct = createDevice(cloud);
  const token = await cloud.useCases.createToken({ usesMax: 5, ...by });
  await direct.trust(token.text);
  await direct.use({ reportId: 1, count: 2 });
  const impostor = new TestDevice(premises, direct.udi, createDeviceKey());
  await impostor.trust(text);
  await impostor.use({ reportId: 9, count: 50 });
  const outcome = await premises.useCases.syncUpstream(by);
  assert.deepEqual([outcome.refused, outcome.upstream.refused], [1, 1]);
  assert.equal(await inUse(cloud), 8);
});

test("[ONP-6] a synchronisation is due each month, sooner after a failure, and overdue is an alert; nothing unsent is purged", async () => {
  const floors = await openFloors();
  const { cloud, premises, way, documents } = floors;
  const device = await trusted(floors);
  await device.use({ reportId: 1, count: 4 });
  const next = async () => {
    const { upstream } = await premises.useCases.showUpstream(inExample);
    return ((upstream?.nextSyncAtMs ?? 0) - premises.clock.now()) / 60_000;
  };
  assert.equal(await next(), 0);
  way.losesAnswers = true;
  for (const minutes of [1, 5, 15, 60, 360, 360]) {
    await assert.rejects(premises.useCases.syncUpstream(by), { code: "upstream_unreachable" });
    assert.equal(await next(), minutes);
  }
  way.losesAnswers = false;
  way.altersAnswers = true;
  await assert.rejects(premises.useCases.syncUpstream(by), { code: "envelope_invalid" });
  assert.equal(await next(), 360, "an answer that is not believed is a failure like any other");
  const states = async () => upstreamStates(premises.clock.now(), premises.storage.read);
  const [failing] = await states();
  assert.deepEqual(
    { ...failing, connectedAtMs: 0 },
    { lastSyncAtMs: null, connectedAtMs: 0, waitingReports: 1, failures: 7, isOverdue: false },
  );
  const { upstream: shown } = await premises.useCases.showUpstream(inExample);
  assert.equal(shown?.failure?.code, "envelope_invalid");
  premises.clock.advance((purgeAgeDaysMin + 2) * dayMs);
  cloud.clock.advance((purgeAgeDaysMin + 2) * dayMs);
  const { alerts } = await premises.useCases.listAlerts(inExample);
  assert.ok(alerts.some(({ kind }) => kind === "sync_overdue"));
  const purged = await premises.useCases.purgeReportBodies({ olderThanDays: purgeAgeDaysMin, ...by });
  assert.equal(purged.bodies, 0);
  assert.equal((await states())[0]?.isOverdue, true);
  way.altersAnswers = false;
  await premises.useCases.syncUpstream(by);
  const [well] = await states();
  assert.deepEqual(
    [well?.lastSyncAtMs, well?.waitingReports, well?.failures, well?.isOverdue],
    [premises.clock.now(), 0, 0, false],
  );
  assert.deepEqual(await upstreamStates(0, cloud.storage.read), []);
  assert.equal(await next(), 30 * 24 * 60);
  assert.equal((await premises.useCases.purgeReportBodies({ olderThanDays: purgeAgeDaysMin, ...by })).bodies, 1);
  const left = (await premises.useCases.listAlerts(inExample)).alerts;
  assert.ok(left.every(({ kind }) => kind !== "sync_overdue"));
  assert.equal((await lowerState(floors))?.lastSyncAtMs, cloud.clock.now());
  const syncs = documents.length;
  const logger = createLogger({ level: "silent", destination: new PassThrough(), clock: premises.clock });
  for (const [passedMs, times] of [
    [0, 0],
    // Set back by a minute, as a clock that was ahead is: that minute need not pass twice, let alone a year.
    [-60_000, 1],
    [0, 1],
  ] as const) {
    premises.clock.advance(passedMs);
    await syncIfDue({ administration: premises.useCases, clock: premises.clock, logger });
    assert.equal(documents.length - syncs, times);
  }
});

test("codes of both floors together hold no more than was bought, as of the last synchronisation", async () => {
  const floors = await openFloors();
  const { cloud, premises } = floors;
  await cloud.useCases.addPurchase({ purchase: { tag: plusTag, quantity: 3 }, ...by });
  await premises.useCases.syncUpstream(by);
  const below = await trusted(floors);
  const direct = createDevice(cloud);
  const { text } = await cloud.useCases.createToken({ usesMax: 5, ...by });
  await direct.trust(text);
  const give = (manager: TestManager, device: TestDevice, count: number) =>
    manager.useCases.generateAuthorization({
      instance: device.identifier,
      mode: "replace",
      licenses: [{ tag: plusTag, licenseClass: "enforced", count }],
      ...by,
    });
  const refusal = { message: /authorization_not_purchased/ };
  await give(premises, below, 2);
  premises.clock.advance(1000);
  cloud.clock.advance(1000);
  await premises.useCases.syncUpstream(by);
  await assert.rejects(give(cloud, direct, 2), refusal, "one is left");
  await give(cloud, direct, 1);
  await premises.useCases.syncUpstream(by);
  await assert.rejects(give(premises, below, 3), refusal, "the last one is above");
  await premises.useCases.withdrawAuthorization({ instance: below.identifier, ...by });
  await assert.rejects(give(cloud, direct, 2), refusal, "nobody above has heard of it yet");
  premises.clock.advance(1000);
  cloud.clock.advance(1000);
  const late = floors.documents.at(-1) as Uint8Array;
  await premises.useCases.syncUpstream(by);
  await cloud.useCases.floorDoor.sync(late);
  await give(cloud, direct, 3);
  await premises.useCases.syncUpstream(by);
  await assert.rejects(give(premises, below, 1), refusal);
});

test("[I8] [I2] what the manager above has lost by a restore is sent again by itself, and what it has still is counted once", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-floors-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const open = (name: string, withAccount: boolean) =>
    createTestManager({ storage: openSqliteStorage(join(folder, name)), withAccount });
  let cloud = await open("cloud", true);
  const documents: Uint8Array[] = [];
  const above = () => ({
    ...cloud,
    useCases: {
      ...cloud.useCases,
      floorDoor: {
        ...cloud.useCases.floorDoor,
        sync: (bytes: Uint8Array) => {
          documents.push(bytes);
          return cloud.useCases.floorDoor.sync(bytes);
        },
      },
    },
  });
  const premises = await createTestManager({ above });
  await premises.useCases.establishPremises(by);
  await premises.useCases.connectUpstream({ ...(await wishFor(cloud)), ...by });
  const device = await trusted({ cloud, premises, documents, way: { losesAnswers: false, altersAnswers: false } });
  const syncAfter = async (reportId: number) => {
    await device.use({ reportId, count: reportId });
    for (const manager of [cloud, premises]) manager.clock.advance(dayMs);
    return premises.useCases.syncUpstream(by);
  };
  await syncAfter(1);
  await cloud.storage.close();
  copyFileSync(join(folder, "cloud"), join(folder, "backup"));
  cloud = await open("cloud", false);
  cloud.clock.advance(dayMs);
  for (const reportId of [2, 3]) assert.equal((await syncAfter(reportId)).documents, 1);
  await cloud.storage.close();
  cloud = await open("backup", false);
  cloud.clock.advance(4 * dayMs);
  const { documents: sent, acknowledged, refused } = await syncAfter(4);
  assert.deepEqual([sent, acknowledged, refused], [2, 5, 0], "the new one, and then all four");
  assert.deepEqual(await reportsOf(cloud, device), await reportsOf(premises, device));
  assert.deepEqual([await inUse(cloud), (await reportsOf(cloud, device)).length], [4, 4]);
  assert.equal((await syncAfter(5)).documents, 1, "it is over with that");
  // Answers that come late or out of order do not say it.
  for (const [known, answered_at, previous_answered_at, isForgotten] of [
    [undefined, 5, null, false],
    [5, 6, 5, false],
    [5, 6, 4, true],
    [5, 6, null, true],
    [5, 5, 4, false],
    [5, 9, 7, false],
  ] as const) {
    const upstream = known === undefined ? {} : { answeredAtMs: known };
    assert.equal(hasForgotten(upstream, { answered_at, previous_answered_at }), isForgotten);
  }
});

test("[ONP-7] [BET-28] the issuing CA is renewed by synchronising, years before a device could notice", async () => {
  const floors = await openFloors();
  const { cloud, premises } = floors;
  const issuing = () => premises.environment.signing.current().chain[0];
  const before = issuing();
  const years = 365 * dayMs;
  const pass = async (count: number) => {
    for (const manager of [cloud, premises]) {
      manager.clock.advance(count * years);
      await manager.renewSigning();
    }
  };
  await pass(4);
  await premises.useCases.syncUpstream(by);
  assert.equal(issuing()?.serialNumber, before?.serialNumber);
  await pass(3);
  const old = await trusted(floors);
  await premises.useCases.syncUpstream(by);
  assert.notEqual(issuing()?.serialNumber, before?.serialNumber);
  assert.ok(Date.parse(issuing()?.validTo ?? "") > Date.parse(before?.validTo ?? ""));
  await old.use({ reportId: 1, count: 1 });
  await (await trusted(floors)).use({ reportId: 1, count: 2 });
  const { acknowledged, refused } = await premises.useCases.syncUpstream(by);
  assert.deepEqual([acknowledged, refused], [2, 0]);
});
