import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../accounts/access.ts";
import type { Cause } from "../events/event.ts";
import { lotsPerTransferMax } from "../licenses/license-transfer.ts";
import { substitutionRankMax, substitutionRatioMax } from "../licenses/substitution.ts";
import { baseTag, createDevice, createTrustedDevice, plusTag } from "../test-support/core-device.ts";
import { createTestManager, operator, startMs, type TestManager } from "../test-support/core-manager.ts";
import type { LicenseTransferWish } from "./use-cases.ts";

const ada: Cause = { kind: "operator", name: "ada", reason: "CHG-7" };

async function withBranch(): Promise<TestManager> {
  const manager = await createTestManager();
  await manager.useCases.createVirtualAccount({ name: "Branch", cause: operator });
  return manager;
}
const buy = ({ useCases }: TestManager, quantity: number, more: object = {}) =>
  useCases.addPurchase({ purchase: { tag: plusTag, quantity, ...more }, cause: operator });
const wish: LicenseTransferWish = { tag: plusTag, quantity: 4, from: "DEFAULT", to: "Branch" };
const balances = async ({ useCases }: TestManager) =>
  (await useCases.listLicenses({})).map((one) => [one.virtualAccount, one.name, one.purchased, one.balance]);

test("[GEN-15] [MGR-8] licences move with their terms, as one act with who, why, before and after, and come back while nothing depends on it", async () => {
  const manager = await withBranch();
  const { useCases } = manager;
  await buy(manager, 3, { kind: "term", end: "2031-12-31", orderReference: "SO-1" });
  await buy(manager, 2, { kind: "perpetual", orderReference: "SO-2" });
  await buy(manager, 9, { kind: "term", start: "2040-01-01" });
  const preview = await useCases.previewLicenseTransfer(wish);
  assert.deepEqual(
    preview.lots.map(({ orderReference, quantity, kind }) => [orderReference, quantity, kind]),
    [
      ["SO-2", 2, "perpetual"],
      ["SO-1", 2, "term"],
    ],
    "the longest term first",
  );
  assert.equal(preview.addedShortage, 0);
  const before = await balances(manager);
  assert.deepEqual(before, [["DEFAULT", "EDGE_PLUS", 5, 5]], "a preview changes nothing");
  const made = await useCases.transferLicenses({ ...wish, cause: ada });
  assert.deepEqual(await balances(manager), [
    ["DEFAULT", "EDGE_PLUS", 1, 1],
    ["Branch", "EDGE_PLUS", 4, 4],
  ]);
  const moved = (await useCases.listPurchases({})).filter(({ virtualAccountId }) => virtualAccountId === 2);
  assert.deepEqual(
    moved.map(({ orderReference, quantity, endsAtMs }) => [orderReference, quantity, endsAtMs]),
    [
      ["SO-2", 2, null],
      ["SO-1", 2, Date.UTC(2031, 11, 31)],
    ],
  );
  const [act] = await useCases.listAuditEntries({ act: "transfer_licenses" });
  const changes = act?.changes.map((change) => [change.virtual_account_id, change.before, change.after]);
  const facts = { transferId: 1, tag: plusTag, quantity: 4, fromVirtualAccountId: 1, toVirtualAccountId: 2 };
  const sums = (purchased: number) => ({ ...facts, purchased, balance: purchased });
  assert.deepEqual([act?.operator, act?.reason], ["ada", "CHG-7"]);
  assert.deepEqual(changes, [
    [1, sums(5), sums(1)],
    [2, sums(0), sums(4)],
  ]);
  const undone = await useCases.undoLicenseTransfer({ transferId: made.transferId, cause: ada });
  assert.equal(undone.undoneAtMs, startMs);
  assert.deepEqual(await balances(manager), before);
  assert.deepEqual(await useCases.listLicenseTransfers({ virtualAccount: "Branch" }), [undone]);
  const again = useCases.undoLicenseTransfer({ transferId: made.transferId, cause: ada });
  await assert.rejects(again, { code: "transfer_undone" });
  await assert.rejects(useCases.undoLicenseTransfer({ transferId: 9, cause: ada }), { code: "transfer_unknown" });
});

test("[CNT-6] no account is made short unawares: the preview names it, and so much has to be accepted", async () => {
  const manager = await withBranch();
  const { useCases } = manager;
  await buy(manager, 5);
  await useCases.declareSubstitutions({ declaration: { hierarchies: [[[plusTag], [baseTag]]] }, cause: operator });
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, tag: plusTag, count: 1 });
  await device.use({ reportId: 2, tag: baseTag, count: 3 });
  const preview = await useCases.previewLicenseTransfer(wish);
  assert.equal(preview.addedShortage, 3);
  assert.deepEqual(
    preview.changes.map(({ before, after }) => [after.virtualAccount, after.name, before?.balance, after.balance]),
    [
      ["DEFAULT", "EDGE_BASE", 0, -3],
      ["DEFAULT", "EDGE_PLUS", 1, 0],
      ["Branch", "EDGE_PLUS", undefined, 4],
    ],
    "what was lent is missed where it was borrowed",
  );
  const before = await balances(manager);
  const transfer = (more: object) => useCases.transferLicenses({ ...wish, ...more, cause: ada });
  const short = { code: "transfer_makes_short", message: /EDGE_BASE in DEFAULT would be 3 short/ };
  for (const shortageAccepted of [undefined, 2]) await assert.rejects(transfer({ shortageAccepted }), short);
  assert.deepEqual(await balances(manager), before);
  const { transferId } = await transfer({ shortageAccepted: 3 });
  const back = await useCases.undoLicenseTransfer({ transferId, cause: ada });
  assert.notEqual(back.undoneAtMs, null, "going back makes nobody shorter");
  assert.deepEqual(await balances(manager), before);
});

test("a transfer on which something depends is not taken back: licences that were moved on, or are in use", async () => {
  const manager = await withBranch();
  const { useCases } = manager;
  await buy(manager, 5);
  const first = await useCases.transferLicenses({ ...wish, cause: ada });
  const on = await useCases.transferLicenses({ ...wish, quantity: 1, from: "Branch", to: "DEFAULT", cause: ada });
  const undo = (transferId: number) => useCases.undoLicenseTransfer({ transferId, cause: ada });
  await assert.rejects(undo(first.transferId), { code: "transfer_depended_on" });
  await undo(on.transferId);
  const device = await createTrustedDevice(manager, "Branch");
  await device.use({ reportId: 1, tag: plusTag, count: 1 });
  await assert.rejects(undo(first.transferId), {
    code: "transfer_depended_on",
    message: /EDGE_PLUS in Branch would be 1 short/,
  });
  await device.use({ reportId: 2, tag: plusTag, count: 0 });
  const licenses = [{ tag: plusTag, licenseClass: "enforced", count: 1 }] as const;
  const held = { instance: device.identifier, cause: operator };
  await useCases.generateAuthorization({ ...held, mode: "add", licenses });
  await assert.rejects(undo(first.transferId), { code: "transfer_depended_on", message: /Authorization codes/ });
  await useCases.withdrawAuthorization(held);
  await undo(first.transferId);
  assert.deepEqual((await balances(manager))[0], ["DEFAULT", "EDGE_PLUS", 5, 5]);
});

test("what is not there, not valid now or held by an authorization code cannot be moved", async () => {
  const manager = await withBranch();
  const { useCases } = manager;
  await buy(manager, 3);
  await buy(manager, 9, { start: "2040-01-01" });
  const refuse = (changes: object, code: string) =>
    assert.rejects(useCases.transferLicenses({ ...wish, ...changes, shortageAccepted: 99, cause: ada }), { code });
  await refuse({}, "transfer_impossible");
  await refuse({ quantity: 1, kind: "term" }, "transfer_impossible");
  await refuse({ quantity: 0 }, "input_invalid");
  await refuse({ quantity: 1, to: "DEFAULT" }, "input_invalid");
  await refuse({ quantity: 1, to: "Nowhere" }, "virtual_account_unknown");
  const { identifier: instance } = await createTrustedDevice(manager);
  const licenses = [{ tag: plusTag, licenseClass: "enforced", count: 2 }] as const;
  await useCases.generateAuthorization({ instance, mode: "add", licenses, cause: operator });
  await refuse({ quantity: 2 }, "transfer_impossible");
  assert.equal((await useCases.transferLicenses({ ...wish, quantity: 1, cause: ada })).quantity, 1);
  const rows = Array.from({ length: lotsPerTransferMax + 1 }, () => `"${baseTag}",1`);
  await useCases.importLicenses({ bytes: Buffer.from(["tag,quantity", ...rows].join("\n")), cause: operator });
  await refuse({ tag: baseTag, quantity: lotsPerTransferMax + 1 }, "transfer_impossible");
  const most = { ...wish, tag: baseTag, quantity: lotsPerTransferMax, cause: ada };
  assert.equal((await useCases.transferLicenses(most)).lots.length, lotsPerTransferMax);
});

test("[GEN-16] who administers one end only moves nothing, and sees no transfer that leaves their sight", async () => {
  const manager = await withBranch();
  const { useCases } = manager;
  await buy(manager, 5);
  await useCases.transferLicenses({ ...wish, cause: ada });
  const inBranch: Access = [{ role: "administrator", smartAccountId: 1, virtualAccountId: 2 }];
  const reads: Access = [...inBranch, { role: "viewer", smartAccountId: 1, virtualAccountId: 1 }];
  const back = { ...wish, quantity: 1, from: "Branch", to: "DEFAULT", cause: ada };
  const branch = useCases.administrationWith(inBranch);
  await assert.rejects(branch.transferLicenses(back), { code: "virtual_account_unknown" });
  await assert.rejects(branch.undoLicenseTransfer({ transferId: 1, cause: ada }), { code: "transfer_unknown" });
  assert.deepEqual(await branch.listLicenseTransfers({}), []);
  const seeing = useCases.administrationWith(reads);
  await assert.rejects(seeing.transferLicenses(back), { code: "operator_not_permitted" });
  await assert.rejects(seeing.undoLicenseTransfer({ transferId: 1, cause: ada }), { code: "operator_not_permitted" });
  assert.equal((await seeing.listLicenseTransfers({})).length, 1);
  const edge = { provider: plusTag, consumer: baseTag, ratio: 1, rank: 1 };
  await assert.rejects(seeing.addSubstitution({ edge, cause: ada }), { code: "operator_not_permitted" });
  assert.deepEqual((await balances(manager))[1], ["Branch", "EDGE_PLUS", 4, 4]);
});

test("[GEN-14] [CNT-13] [BET-37] every balance names who lends how many to whom; what is declared again is no act", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  await buy(manager, 2);
  await (await createTrustedDevice(manager)).use({ reportId: 1, tag: baseTag, count: 3 });
  const edge = { provider: plusTag, consumer: baseTag, ratio: 1, rank: 2 };
  const declare = (declaration: object) => useCases.declareSubstitutions({ declaration, cause: ada });
  await useCases.addSubstitution({ edge, cause: ada });
  await useCases.addSubstitution({ edge: { ...edge, rank: 1 }, cause: ada });
  const [base, plus] = await useCases.listLicenses({});
  assert.deepEqual([base?.borrowedFrom, base?.balance], [[{ tag: plusTag, covered: 2 }], -1]);
  assert.deepEqual([plus?.lentTo, plus?.balance], [[{ tag: baseTag, covered: 2 }], 0]);
  assert.deepEqual([base?.status, plus?.status], ["out_of_compliance", "in_compliance"]);
  assert.equal((await declare({ hierarchies: [[[plusTag], [baseTag]]] })).length, 1);
  assert.equal(
    (await useCases.listAuditEntries({ act: "declare_substitutions" })).length,
    2,
    "the third said the same",
  );
  await useCases.removeSubstitution({ ...edge, cause: ada });
  await assert.rejects(useCases.removeSubstitution({ ...edge, cause: ada }), { code: "substitution_unknown" });
  const refuse = (edges: readonly object[]) => assert.rejects(declare({ edges }), { code: "input_invalid" });
  await refuse([{ ...edge, provider: baseTag }]);
  await refuse([{ ...edge, provider: "no tag" }]);
  await refuse([{ ...edge, ratio: 0 }]);
  await refuse([{ ...edge, ratio: substitutionRatioMax + 1 }]);
  await refuse([{ ...edge, rank: substitutionRankMax + 1 }]);
  assert.deepEqual(await useCases.listSubstitutions({}), []);
  await declare({ edges: [{ ...edge, ratio: substitutionRatioMax, rank: substitutionRankMax }] });
});

test("[CLS-20] a shortage says since when, how many and which installations, until licences are added", async () => {
  const manager = await withBranch();
  const { useCases } = manager;
  await buy(manager, 1, { tag: baseTag });
  const devices = [
    await createTrustedDevice(manager),
    await createTrustedDevice(manager),
    await createTrustedDevice(manager),
  ];
  for (const [at, device] of devices.entries()) await device.use({ reportId: 1, count: at });
  const alert = async () => (await useCases.listAlerts({})).alerts.find(({ kind }) => kind === "license_short");
  assert.equal((await alert())?.sinceMs, null, "nobody has looked yet");
  assert.equal((await useCases.noteStandings()).shortages, 1);
  manager.clock.advance(60_000);
  assert.deepEqual(await useCases.noteStandings(), { shortages: 0, days: 0 });
  assert.deepEqual([(await alert())?.sinceMs, (await alert())?.installations], [startMs, 2]);
  const [license] = await useCases.listLicenses({});
  assert.deepEqual([license?.shortSinceMs, license?.balance, license?.status], [startMs, -2, "out_of_compliance"]);
  const page = (limit: number, after?: number) => useCases.listLicenseUsers({ tag: baseTag, limit, after });
  const whole = await page(9);
  assert.deepEqual(
    [whole.next, whole.users.map(({ udi, count }) => [udi.serialNumber, count])],
    [null, [1, 2].map((at) => [devices[at]?.udi.serialNumber, at])],
  );
  const first = await page(1);
  assert.deepEqual([first.users, first.next], [[], 1], "so many are walked, whether they use it or not");
  assert.deepEqual((await page(2, 1)).users, whole.users);
  assert.deepEqual((await useCases.listLicenseUsers({ tag: plusTag })).users, []);
  await buy(manager, 2, { tag: baseTag });
  assert.equal(await alert(), undefined);
  assert.equal((await useCases.noteStandings()).shortages, 1);
  const told = (await useCases.listEvents({})).filter(({ kind }) => kind.startsWith("license_shortage"));
  assert.deepEqual(
    told.map(({ kind, before, after, leafIndex }) => [kind, before, after, leafIndex]),
    [
      ["license_shortage_ended", { tag: baseTag, sinceMs: startMs }, { tag: baseTag }, null],
      ["license_shortage_began", null, { tag: baseTag, purchased: 1, inUse: 3, borrowed: 0, short: 2 }, null],
    ],
  );
});

test("[MGR-8] a removed device's licences are free; of a group they stay with the installation until its last member is gone", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const active = await createTrustedDevice(manager);
  const standby = createDevice(manager);
  const members = [{ ...active.asMember(), request: "" }, standby.asMember("Standby", 2)];
  const { answer } = await active.send("TRUST_SYNC", active.syncData(members));
  assert.ok(answer.statusCode === "OK");
  await standby.install(answer.data.device_list[1]?.smart_license ?? "");
  await active.use({ reportId: 1, count: 4 });
  const inUse = async () => (await useCases.listLicenses({})).map((one) => [one.inUse, one.installations]);
  const users = async () =>
    (await useCases.listLicenseUsers({ tag: baseTag })).users.map(({ udi, count }) => [udi.serialNumber, count]);
  const steps = [[await inUse(), await users()]];
  for (const { identifier } of [active, standby]) {
    await useCases.removeProductInstance({ instance: identifier, cause: ada });
    steps.push([await inUse(), await users()]);
  }
  assert.deepEqual(steps, [
    [[[4, 1]], [[active.udi.serialNumber, 4]]],
    [[[4, 1]], [[standby.udi.serialNumber, 4]]],
    [[[0, 0]], []],
  ]);
});
