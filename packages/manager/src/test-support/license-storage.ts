// What every storage has to do for the management of licences: substitutions, transfers, shortages, and who uses a tag. Part of the
// suite of storage-conformance.ts.

import assert from "node:assert/strict";
import { classicAuthorizationMs } from "@countersign/protocol";
import type { NewPurchase } from "../accounts/purchase.ts";
import type { NewConversion, StoredConversion } from "../conversions/conversion.ts";
import type { LicenseDay } from "../licenses/license-day.ts";
import type { LicenseTransfer } from "../licenses/license-transfer.ts";
import type { Storage, VirtualAccountIds } from "../storage-ports.ts";
import type { ClassicInstallation } from "../trust/classic-installation.ts";
import type { Define } from "./storage-behaviour.ts";

const silenceMs = classicAuthorizationMs;
const atMs = 1_900_000_000_123;

export function describeLicenses(withStorage: Define): void {
  withStorage(
    "[CNT-14] substitutions come back in order, and a declaration takes the place of the one before",
    async (storage) => {
      const smartAccountId = await addAccount(storage);
      const edge = (provider: string, consumer: string, rank: number) => ({ provider, consumer, ratio: 2, rank });
      const put = (...edges: ReturnType<typeof edge>[]) =>
        storage.inTransaction(({ licenses }) => licenses.putSubstitutions(smartAccountId, edges));
      const all = [edge("B", "Z", 1), edge("a", "Z", 1), edge("C", "Z", 9), edge("B", "y", 1)];
      await put(...all.toReversed());
      assert.deepEqual(await storage.read.licenses.listSubstitutions(smartAccountId), all);
      assert.deepEqual(await storage.read.licenses.listSubstitutions(smartAccountId + 1), []);
      await put(edge("C", "D", 1));
      assert.deepEqual(await storage.read.licenses.listSubstitutions(smartAccountId), [edge("C", "D", 1)]);
    },
  );

  withStorage(
    "quantities change by difference, and a purchase of which nothing is left is not listed",
    async (storage) => {
      const smartAccountId = await addAccount(storage);
      const purchase: NewPurchase = {
        virtualAccountId: 1,
        tag: "tag",
        quantity: 5,
        kind: "term",
        startsAtMs: 1,
        endsAtMs: null,
        orderReference: "é",
      };
      const [one, other] = await storage.inTransaction(({ licenses }) =>
        licenses.addPurchases(smartAccountId, [purchase, purchase]),
      );
      assert.ok(one && other);
      const change = (difference: number) =>
        storage.inTransaction(({ licenses }) =>
          licenses.changePurchaseQuantity(smartAccountId, one.purchaseId, difference),
        );
      const { licenses } = storage.read;
      await change(-2);
      assert.deepEqual(await licenses.listPurchases(smartAccountId), [{ ...one, quantity: 3 }, other]);
      await change(-3);
      assert.deepEqual(await licenses.listPurchases(smartAccountId), [other]);
      assert.deepEqual(
        (await licenses.listBalances(smartAccountId, atMs)).map(({ purchased }) => purchased),
        [5],
      );
      await change(5);
      assert.equal((await licenses.listPurchases(smartAccountId)).length, 2);
    },
  );

  withStorage(
    "transfers come back whole, newest first, by place and page; shortages as they were put",
    async (storage) => {
      const smartAccountId = await addAccount(storage);
      const lots = [{ fromPurchaseId: 1, toPurchaseId: 2 ** 40, quantity: 3 }];
      const wish: Omit<LicenseTransfer, "transferId"> = {
        ...{ smartAccountId, atMs, tag: "tag", fromVirtualAccountId: 1, toVirtualAccountId: 2, quantity: 3, lots },
        ...{ cause: { kind: "operator", name: "ada", reason: "é" }, undoneAtMs: null },
      };
      const made = await storage.inTransaction(async ({ licenses }) => {
        const added: LicenseTransfer[] = [];
        for (const to of [2, 3, 2]) added.push(await licenses.addTransfer({ ...wish, toVirtualAccountId: to }));
        await licenses.endTransfer(smartAccountId, 2, atMs + 1);
        return added;
      });
      const { licenses } = storage.read;
      assert.deepEqual(await licenses.findTransfer(smartAccountId, 1), made[0]);
      assert.deepEqual(await licenses.findTransfer(smartAccountId, 2), { ...made[1], undoneAtMs: atMs + 1 });
      assert.equal(await licenses.findTransfer(smartAccountId, 4), undefined);
      const listed = async (virtualAccountIds: VirtualAccountIds, limit = 9, after: number | null = null) =>
        (await licenses.listTransfers({ smartAccountId, virtualAccountIds, page: { limit, after } })).map(
          ({ transferId }) => transferId,
        );
      assert.deepEqual([await listed(null), await listed([1, 2]), await listed([1, 3])], [[3, 2, 1], [3, 1], [2]]);
      assert.deepEqual([await listed([1]), await listed(null, 1), await listed([1, 2], 9, 3)], [[], [3], [1]]);

      const shortages = [
        { virtualAccountId: 1, tag: "a", sinceMs: atMs },
        { virtualAccountId: 2, tag: "a", sinceMs: 1 },
      ];
      await storage.inTransaction(async (transaction) => {
        for (const shortage of shortages) await transaction.licenses.addShortage(smartAccountId, shortage);
      });
      assert.deepEqual(await licenses.listShortages(smartAccountId), shortages);
      await storage.inTransaction((transaction) =>
        transaction.licenses.removeShortage(smartAccountId, { virtualAccountId: 1, tag: "a" }),
      );
      assert.deepEqual(await licenses.listShortages(smartAccountId), [shortages[1]]);
    },
  );

  withStorage(
    "days of licences come back in order from the one before the first, and the most of a day stays",
    async (storage) => {
      const smartAccountId = await addAccount(storage);
      const one = (tag: string, day: number, inUse: number, more: Partial<LicenseDay> = {}): LicenseDay => ({
        ...{ virtualAccountId: 1, tag, day, inUseVerified: inUse, inUseUnverified: 2 ** 40, purchased: 7, short: 1 },
        ...{ inUseMax: inUse + 2 ** 40, shortMax: 1, ...more },
      });
      const put = (days: readonly LicenseDay[], keptFromDay = 0, account = smartAccountId) =>
        storage.inTransaction(({ licenses }) => licenses.putDays(account, days, keptFromDay));
      const { licenses } = storage.read;
      const listed = async (fromDay: number, toDay: number, tag = "é") =>
        await licenses.listDays({ smartAccountId, virtualAccountId: 1, tag, fromDay, toDay });
      await put([]);
      assert.deepEqual([await listed(0, 99), await licenses.listNewestDays(smartAccountId)], [[], []]);
      const [first, other] = [one("é", 10, 5), one("B", 10, 1)];
      await put([first, other]);
      await put([one("é", 10, 9)], 0, smartAccountId + 1);
      await put([{ ...one("é", 12, 8), virtualAccountId: 2 }]);
      const lower = one("é", 10, 3, { inUseMax: 4, short: 0, shortMax: 0 });
      await put([lower]);
      const after = { ...lower, inUseMax: first.inUseMax, shortMax: 1 };
      assert.deepEqual(await listed(0, 99), [after]);
      const higher = one("é", 10, 6, { inUseMax: 2 ** 41, short: 9, shortMax: 9 });
      await put([higher]);
      assert.deepEqual(await listed(0, 99), [higher]);
      const [second, third] = [one("é", 12, 1), one("é", 20, 2)];
      await put([second]);
      await put([third]);
      assert.deepEqual(await listed(10, 20), [higher, second, third]);
      assert.deepEqual([await listed(11, 11), await listed(12, 19), await listed(9, 9)], [[higher], [second], []]);
      assert.deepEqual([await listed(13, 20), await listed(0, 10)], [[second, third], [higher]]);
      const newest = [other, third, { ...one("é", 12, 8), virtualAccountId: 2 }];
      assert.deepEqual(await licenses.listNewestDays(smartAccountId), newest);
      // An earlier day that comes late is not the newest one for that.
      await put([one("é", 15, 4)], 11);
      assert.deepEqual(await licenses.listNewestDays(smartAccountId), newest);
      assert.equal((await listed(0, 99)).length, 4, "the first day says what the eleventh was");
      await put([third], 12);
      assert.deepEqual(
        (await listed(0, 99)).map(({ day }) => day),
        [12, 15, 20],
      );
      assert.deepEqual(await listed(0, 99, "B"), [other], "what is not written now loses nothing");
    },
  );
}

export function describeClassic(withStorage: Define): void {
  withStorage(
    "[MGR-12] classic installations come back as they were put, and those that are due first",
    async (storage) => {
      const smartAccountId = await addAccount(storage);
      const one = (installationId: number, lastContactAtMs: number, more: Partial<ClassicInstallation> = {}) => ({
        ...{ smartAccountId, installationId, lastContactAtMs, certificateEndsAtMs: 2 * silenceMs + lastContactAtMs },
        ...{ askedAtMs: 7, releasedAtMs: null, ...more },
      });
      const put = (...all: readonly ClassicInstallation[]) =>
        storage.inTransaction(async ({ classic }) => {
          for (const each of all) await classic.putClassic(each);
        });
      const { classic } = storage.read;
      const due = (now: number, limit = 9) => classic.listDue(smartAccountId, now, limit);
      await put(one(1, atMs + 5), one(2, atMs), one(3, atMs + 9, { certificateEndsAtMs: atMs + 1 }));
      assert.deepEqual(await classic.findClassic(smartAccountId, 1), one(1, atMs + 5));
      assert.deepEqual([await due(atMs), await due(atMs + 1), await due(atMs + silenceMs - 1)], [[], [3], [3]]);
      assert.deepEqual(
        [await due(atMs + silenceMs), await due(atMs + 2 * silenceMs, 2)],
        [
          [3, 2],
          [3, 2],
        ],
      );
      const released = one(2, atMs, { releasedAtMs: atMs + silenceMs });
      await put(released);
      assert.deepEqual(await classic.findClassic(smartAccountId, 2), released);
      assert.deepEqual(
        [await due(atMs + 2 * silenceMs - 1), await due(atMs + 2 * silenceMs)],
        [
          [3, 1],
          [3, 1, 2],
        ],
      );
      await storage.inTransaction((transaction) => transaction.classic.removeClassic(smartAccountId, 3));
      assert.equal(await classic.findClassic(smartAccountId, 3), undefined);
      assert.deepEqual(await due(atMs + 1), []);
    },
  );
}

export function describeConversions(withStorage: Define): void {
  withStorage(
    "[MGR-10] conversions come back as they were put, newest first, by place and page; a device is claimed by the first account",
    async (storage) => {
      const smartAccountId = await addAccount(storage);
      const udi = (serialNumber: string) => ({ pid: "EDGE", serialNumber });
      const licenses = [{ kind: "pak" as const, name: "é", entitlement_tag: "tag", count: 2 ** 40 }];
      const wish = (serialNumber: string, virtualAccountId: number): NewConversion => ({
        ...{ smartAccountId, udi: udi(serialNumber), virtualAccountId, state: "waiting", licenses, payload: null },
        ...{ askedAtMs: atMs, changedAtMs: atMs },
      });
      const made = await storage.inTransaction(async ({ conversions }) => {
        const added: StoredConversion[] = [];
        for (const [serial, place] of [
          ["A", 1],
          ["B", 2],
          ["C", 1],
        ] as const)
          added.push(await conversions.addConversion(wish(serial, place)));
        return added;
      });
      const { conversions } = storage.read;
      assert.deepEqual(await conversions.findConversion(smartAccountId, udi("B")), made[1]);
      assert.equal(await conversions.findConversion(smartAccountId + 1, udi("B")), undefined);
      const [first = assert.fail()] = made;
      const changed: StoredConversion = {
        ...first,
        ...{ state: "converted", virtualAccountId: 2, licenses: [], payload: "{}", changedAtMs: atMs + 1 },
      };
      await storage.inTransaction((transaction) => transaction.conversions.changeConversion(changed));
      assert.deepEqual(await conversions.findConversion(smartAccountId, udi("A")), changed);
      const listed = async (virtualAccountIds: VirtualAccountIds, limit = 9, after: number | null = null) =>
        (await conversions.listConversions({ smartAccountId, virtualAccountIds, page: { limit, after } })).map(
          ({ conversionId }) => conversionId,
        );
      assert.deepEqual([await listed(null), await listed([2]), await listed([1, 2], 1, 3)], [[3, 2, 1], [2, 1], [2]]);

      const claim = (account: number) =>
        storage.inTransaction((transaction) => transaction.conversions.claimDevice(udi("A"), account));
      assert.deepEqual([await claim(7), await claim(8), await claim(7)], [7, 7, 7]);
      const set = (isAutomatic: boolean) =>
        storage.inTransaction((transaction) => transaction.conversions.setAutomatic(smartAccountId, isAutomatic));
      assert.equal(await conversions.isAutomatic(smartAccountId), false);
      await set(true);
      assert.equal(await conversions.isAutomatic(smartAccountId), true);
      await set(false);
      assert.equal(await conversions.isAutomatic(smartAccountId), false);
    },
  );
}

function addAccount(storage: Storage): Promise<number> {
  return storage.inTransaction(async ({ accounts }) => {
    const wish = { name: "Example", ledgerId: "ledger", allowUntrustedReports: true, createdAtMs: atMs };
    return (await accounts.addSmartAccount(wish)).smartAccountId;
  });
}
