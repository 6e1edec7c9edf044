import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf, dayText, historyDaysMax, historyDaysUnlessAsked } from "../licenses/license-day.ts";
import { baseTag, createTrustedDevice, plusTag } from "../test-support/core-device.ts";
import { createTestManager, operator, startMs, type TestManager } from "../test-support/core-manager.ts";

const dayMs = 86_400_000;
const firstDay = dayOf(startMs);

const buy = ({ useCases }: TestManager, quantity: number, more: object = {}) =>
  useCases.addPurchase({ purchase: { tag: baseTag, quantity, ...more }, cause: operator });
const steps = async ({ useCases }: TestManager, more: object = {}) =>
  (await useCases.showLicenseHistory({ tag: baseTag, ...more })).steps.map(
    ({ day, inUseMax, inUse, purchased, shortMax, short }) => [day, inUseMax, inUse, purchased, shortMax, short],
  );
const day = (after: number) => dayText(firstDay + after);

test("a licence's history has the most of each day on which it changed, and ends with what is in use now", async () => {
  const manager = await createTestManager();
  const { useCases, clock } = manager;
  await buy(manager, 3);
  const device = await createTrustedDevice(manager);
  assert.deepEqual(await steps(manager), [[day(0), 0, 0, 3, 0, 0]], "as it is now, before anything was looked at");
  assert.deepEqual(await useCases.noteStandings(), { shortages: 0, days: 1 });
  await device.use({ reportId: 1, count: 5 });
  assert.deepEqual(await useCases.noteStandings(), { shortages: 1, days: 1 });
  await device.use({ reportId: 2, count: 2 });
  assert.deepEqual(await useCases.noteStandings(), { shortages: 1, days: 1 });
  const first = [day(0), 5, 2, 3, 2, 0];
  assert.deepEqual(await steps(manager), [first]);
  clock.advance(2 * dayMs);
  assert.deepEqual(await useCases.noteStandings(), { shortages: 0, days: 0 }, "nothing changed, nothing is written");
  await device.use({ reportId: 3, count: 1 });
  const now = [day(2), 2, 1, 3, 0, 0];
  assert.deepEqual(await steps(manager), [first, now], "the day began with 2");
  assert.deepEqual(await useCases.noteStandings(), { shortages: 0, days: 1 });
  assert.deepEqual(await steps(manager), [first, now]);
  const [license] = await useCases.listLicenses({});
  assert.equal(license?.inUse, now[2]);
  assert.deepEqual(await steps(manager, { from: day(1) }), [[day(1), 2, 2, 3, 0, 0], now]);
  assert.deepEqual(await steps(manager, { to: day(1) }), [first]);
  assert.deepEqual(await steps(manager, { from: day(-9), to: day(-1) }), []);
});

test("what was purchased and what was short stand in it as they were: an end of term, a transfer, what others lent", async () => {
  const manager = await createTestManager();
  const { useCases, clock } = manager;
  await useCases.createVirtualAccount({ name: "Branch", cause: operator });
  await buy(manager, 4, { kind: "term", end: day(1) });
  await buy(manager, 2);
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 3 });
  await useCases.noteStandings();
  clock.advance(dayMs);
  await useCases.noteStandings();
  clock.advance(dayMs);
  await useCases.addPurchase({ purchase: { tag: plusTag, quantity: 1 }, cause: operator });
  await useCases.addSubstitution({
    edge: { provider: plusTag, consumer: baseTag, ratio: 1, rank: 1 },
    cause: operator,
  });
  await useCases.noteStandings();
  clock.advance(dayMs);
  const move = { tag: baseTag, quantity: 2, from: "DEFAULT", to: "Branch", shortageAccepted: 9, cause: operator };
  await useCases.transferLicenses(move);
  await useCases.noteStandings();
  assert.deepEqual(await steps(manager), [
    [day(0), 3, 3, 6, 0, 0],
    [day(1), 3, 3, 2, 1, 1],
    [day(2), 3, 3, 2, 1, 0],
    [day(3), 3, 3, 0, 2, 2],
  ]);
  assert.deepEqual(await steps(manager, { virtualAccount: "Branch" }), [[day(3), 0, 0, 2, 0, 0]]);
  const { steps: unverified } = await useCases.showLicenseHistory({ tag: baseTag, from: day(3) });
  assert.deepEqual(
    unverified.map(({ inUseVerified, inUseUnverified }) => [inUseVerified, inUseUnverified]),
    [[3, 0]],
  );
  clock.advance(dayMs);
  await useCases.transferLicenses({ ...move, from: "Branch", to: "DEFAULT" });
  await useCases.noteStandings();
  assert.deepEqual((await steps(manager, { virtualAccount: "Branch" })).at(-1), [day(4), 0, 0, 0, 0, 0]);
});

test("so many days can be asked for, in order, and so many are kept", async () => {
  const manager = await createTestManager();
  const { useCases, clock } = manager;
  const refuse = (query: object) =>
    assert.rejects(useCases.showLicenseHistory({ tag: baseTag, ...query }), { code: "input_invalid" });
  const last = (from: number) => useCases.showLicenseHistory({ tag: baseTag, from: day(from) });
  assert.equal((await last(1 - historyDaysMax)).from, day(1 - historyDaysMax));
  await refuse({ from: day(-historyDaysMax) });
  await refuse({ from: day(0), to: day(-1) });
  await refuse({ from: day(1) });
  await refuse({ to: "2031-02-30" });
  await refuse({ from: "yesterday" });
  const unless = await useCases.showLicenseHistory({ tag: baseTag, to: day(7) });
  assert.deepEqual([unless.from, unless.to], [day(1 - historyDaysUnlessAsked), day(0)], "not later than today");

  const device = await createTrustedDevice(manager);
  for (const reportId of [1, 2, 3]) {
    await device.use({ reportId, count: reportId });
    await useCases.noteStandings();
    if (reportId < 3) clock.advance(dayMs);
  }
  clock.advance((historyDaysMax - 2) * dayMs);
  await device.use({ reportId: 4, count: 9 });
  await useCases.noteStandings();
  const kept = async () =>
    (
      await manager.storage.read.licenses.listDays({
        ...{ smartAccountId: 1, virtualAccountId: 1, tag: baseTag, fromDay: 0, toDay: 1e6 },
      })
    ).map((one) => one.day - firstDay);
  assert.deepEqual(await kept(), [1, 2, historyDaysMax], "day 0 says nothing of the days that are kept");
  clock.advance(dayMs);
  await device.use({ reportId: 5, count: 8 });
  await useCases.noteStandings();
  assert.deepEqual(await kept(), [2, historyDaysMax, historyDaysMax + 1]);
});

test("a look ends when the manager stops, and writes more than one transaction holds", async () => {
  const manager = await createTestManager();
  const { useCases } = manager;
  const rows = Array.from({ length: 501 }, (_, at) => `"${baseTag.replace("BASE", `BASE${at}`)}",1`);
  await useCases.importLicenses({ bytes: Buffer.from(["tag,quantity", ...rows].join("\n")), cause: operator });
  const stopped = AbortSignal.abort();
  assert.deepEqual(await useCases.noteStandings(stopped), { shortages: 0, days: 0 });
  assert.deepEqual(await useCases.noteStandings(), { shortages: 0, days: 501 });
  assert.deepEqual(await useCases.noteStandings(), { shortages: 0, days: 0 });
});
