// What every storage has to do when several ask at once, when a transaction fails, and when a group of messages was foreseen;
// order and bytes of what is listed. Part of the suite of storage-conformance.ts.

import assert from "node:assert/strict";
import { emptyTree } from "@countersign/protocol";
import type { NewEvent } from "../events/event.ts";
import type { EventQuery, Storage, Transaction, VirtualAccountIds } from "../storage-ports.ts";
import type { DeviceCertificate, Installation, ProductInstance } from "../trust/product-instance.ts";
import type { NewAcceptedReport, StoredAcknowledgement } from "../usage/stored-report.ts";
import { describeAdministration } from "./administration-storage.ts";
import { describeClassic, describeConversions, describeLicenses } from "./license-storage.ts";

/** A number that needs more than 32 bits, as epoch milliseconds do. */
const atMs = 1_900_000_000_123;
const account = { name: "Example", ledgerId: "ledger", allowUntrustedReports: true, createdAtMs: atMs };
const wish = { name: "DEFAULT", description: "", isDefault: true, instances: 0, createdAtMs: atMs };
const page = { limit: 100, after: null };

export type Define = (title: string, run: (storage: Storage) => Promise<void>) => void;

export function describeBehaviour(withStorage: Define): void {
  transactionTests(withStorage);
  concurrencyTests(withStorage);
  trustTests(withStorage);
  usageTests(withStorage);
  recordTests(withStorage);
  describeAdministration(withStorage);
  describeLicenses(withStorage);
  describeClassic(withStorage);
  describeConversions(withStorage);
}

function addAccount(storage: Storage, given: string = account.name): Promise<{ smartAccountId: number }> {
  return storage.inTransaction(async (transaction) => {
    const added = await transaction.accounts.addSmartAccount({ ...account, name: given });
    await transaction.accounts.addVirtualAccount({ ...wish, smartAccountId: added.smartAccountId });
    return added;
  });
}

function transactionTests(withStorage: Define): void {
  withStorage(
    "[I5] what a transaction wrote is there when it resolves, and its own reads see it before",
    async (storage) => {
      const { smartAccountId } = await addAccount(storage);
      assert.deepEqual(await storage.read.accounts.listSmartAccounts(), [{ ...account, smartAccountId }]);
      const seen = await storage.inTransaction(async (transaction) => {
        const added = await transaction.accounts.addVirtualAccount({
          ...wish,
          name: "Lab",
          isDefault: false,
          smartAccountId,
        });
        return [(await transaction.accounts.listVirtualAccounts(smartAccountId)).at(-1), added];
      });
      assert.deepEqual(seen[0], seen[1]);
    },
  );

  withStorage(
    "[I6] a transaction that throws leaves no trace of anything, and its ids are given again",
    async (storage) => {
      const { smartAccountId } = await addAccount(storage);
      const failing = storage.inTransaction(async (transaction) => {
        await transaction.usage.tagIdOf(smartAccountId, "tag");
        await transaction.events.addEvents([eventOf(smartAccountId)]);
        await transaction.accounts.addVirtualAccount({ ...wish, name: "Lab", smartAccountId });
        throw new RangeError("not wanted");
      });
      await assert.rejects(failing, new RangeError("not wanted"));
      assert.equal((await storage.read.accounts.listVirtualAccounts(smartAccountId)).length, 1);
      assert.deepEqual(await storage.read.events.listEvents(eventQuery(smartAccountId)), []);
      const tagId = await storage.inTransaction((transaction) => transaction.usage.tagIdOf(smartAccountId, "other"));
      assert.equal(
        await storage.inTransaction((transaction) => transaction.usage.tagIdOf(smartAccountId, "tag")),
        tagId + 1,
      );
    },
  );
}

function concurrencyTests(withStorage: Define): void {
  withStorage("transactions on one account that read and then write lose nothing to each other", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const installation = await addInstallation(storage, smartAccountId);
    const raise = (transaction: Transaction) => raiseSequence(transaction, installation);
    await Promise.all(Array.from({ length: 20 }, () => storage.inTransaction(raise)));
    const found = await storage.read.trust.findInstallation(smartAccountId, installation.installationId);
    assert.equal(found?.nextSequence, 20);
  });

  withStorage("ids are dense and never given twice, whoever asks at the same time", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const tags = Array.from({ length: 20 }, (_, at) => `tag ${at % 10}`);
    const ids = await Promise.all(
      tags.map((tag) => storage.inTransaction((transaction) => transaction.usage.tagIdOf(smartAccountId, tag))),
    );
    assert.deepEqual(ids.slice(0, 10), ids.slice(10));
    assert.deepEqual(
      [...new Set(ids)].sort((one, other) => one - other),
      Array.from({ length: 10 }, (_, at) => at + 1),
    );
  });

  withStorage("a product instance that is found by its identifier is the one that is there now", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const instance = await addInstance(storage, smartAccountId);
    const remove = async (transaction: Transaction) => {
      const found = await transaction.trust.findInstanceByIdentifier(instance.productInstanceIdentifier);
      if (found === undefined || found.removedAtMs !== null) return 0;
      await transaction.trust.putInstance({ ...found, removedAtMs: atMs });
      return 1;
    };
    const removed = await Promise.all(Array.from({ length: 6 }, () => storage.inTransaction<number>(remove)));
    assert.equal(
      removed.reduce((sum, one) => sum + one, 0),
      1,
    );
  });
}

function trustTests(withStorage: Define): void {
  withStorage(
    "product instances are found by identifier, UDI and installation; removed ones by UDI no more",
    async (storage) => {
      const { smartAccountId } = await addAccount(storage);
      const instance = await addInstance(storage, smartAccountId);
      const { trust } = storage.read;
      const { udi, installationId, instanceId } = instance;
      assert.deepEqual(await trust.findInstance(smartAccountId, instanceId), instance);
      assert.deepEqual(await trust.findInstanceByIdentifier("identifier"), instance);
      assert.deepEqual(await trust.findInstancesByUdi(smartAccountId, udi.pid, udi.serialNumber), [instance]);
      await storage.inTransaction((transaction) => transaction.trust.putInstance({ ...instance, removedAtMs: atMs }));
      assert.deepEqual(await trust.findInstancesByUdi(smartAccountId, udi.pid, udi.serialNumber), []);
      assert.deepEqual(await trust.listMembers(smartAccountId, installationId), [{ ...instance, removedAtMs: atMs }]);
      assert.equal(await trust.findInstance(smartAccountId, 99), undefined);
      assert.equal(await trust.findInstanceByIdentifier("another"), undefined);
    },
  );

  withStorage(
    "certificates keep their bytes and end together; an enrolment is found by token, device and key",
    async (storage) => {
      const { smartAccountId } = await addAccount(storage);
      const { instanceId, udi, productTag } = await addInstance(storage, smartAccountId);
      const one = certificateOf(smartAccountId, instanceId);
      const key = { smartAccountId, tokenId: 1, udi, productTag, publicKeySha256: one.publicKeySha256 };
      await storage.inTransaction(async ({ trust }) => {
        await trust.addCertificate(one);
        await trust.addCertificate({ ...one, serialNumber: "8", issuedAtMs: atMs - 1 });
        await trust.putEnrolment({ ...key, instanceId, certificateSerial: "8" });
        await trust.putEnrolment({ ...key, instanceId, certificateSerial: "7" });
      });
      const { trust } = storage.read;
      const found = await trust.findCertificate("7");
      assert.deepEqual(found && plain(found), plain(one));
      await storage.inTransaction((transaction) =>
        transaction.trust.endCertificates(smartAccountId, instanceId, "replaced"),
      );
      const all = await trust.listCertificates(smartAccountId, instanceId);
      assert.deepEqual(
        all.map(({ serialNumber, state }) => [serialNumber, state]),
        [
          ["8", "replaced"],
          ["7", "replaced"],
        ],
      );
      assert.equal((await trust.findEnrolment(key))?.certificateSerial, "7");
      assert.equal(await trust.findEnrolment({ ...key, tokenId: 2 }), undefined);
    },
  );

  withStorage(
    "product instances are found by the start of their serial number, through so many rows",
    async (storage) => {
      const { smartAccountId } = await addAccount(storage);
      const { smartAccountId: other } = await addAccount(storage, "Other");
      const add = (serialNumber: string, more: Partial<ProductInstance> = {}) =>
        addInstance(storage, more.smartAccountId ?? smartAccountId, {
          ...{ udi: { pid: "EDGE", serialNumber }, productInstanceIdentifier: `of ${serialNumber}`, ...more },
        });
      for (const serialNumber of ["FOC1", "FOC10", "FOC1A", "FOC2", "FOC", "A%_", "AXY"]) await add(serialNumber);
      await add("FOC11", { removedAtMs: atMs });
      await add("FOC12", { virtualAccountId: 2 });
      await add("FOC13", { smartAccountId: other });
      const find = async (serialNumber: string, walkedMax: number, virtualAccountIds: VirtualAccountIds = null) => {
        const query = { smartAccountId, virtualAccountIds, serialNumber, walkedMax };
        const { instances, isComplete } = await storage.read.instances.listInstancesBySerialNumber(query);
        return [instances.map(({ udi }) => udi.serialNumber).join(" "), isComplete];
      };
      assert.deepEqual(await find("FOC1", 100), ["FOC1 FOC10 FOC12 FOC1A", true]);
      // Five rows start so, with the one that was removed: the sixth says that they were all.
      assert.deepEqual(await find("FOC1", 5), ["FOC1 FOC10 FOC12 FOC1A", false]);
      assert.deepEqual(await find("FOC1", 6), ["FOC1 FOC10 FOC12 FOC1A", true]);
      assert.deepEqual(await find("FOC1", 2), ["FOC1 FOC10", false]);
      assert.deepEqual(await find("A%", 100), ["A%_", true]);
      assert.deepEqual(await find("foc1", 100), ["", true]);
      assert.deepEqual(await find("FOC3", 100), ["", true]);
      // Narrowed, only the very serial number, and no word of others.
      assert.deepEqual(await find("FOC1", 1, [2]), ["", true]);
      assert.deepEqual(await find("FOC12", 100, [2]), ["FOC12", true]);
      assert.deepEqual(await find("FOC12", 100, [1, 3]), ["", true]);
    },
  );

  withStorage("instances are listed page by page and per virtual account, tokens with every value", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const first = await addInstance(storage, smartAccountId);
    const second = await addInstance(storage, smartAccountId, { virtualAccountId: 2, productInstanceIdentifier: "b" });
    const ids = async (virtualAccountIds: VirtualAccountIds, after: number | null, limit = 10) =>
      (await storage.read.instances.listInstances({ smartAccountId, virtualAccountIds, page: { limit, after } })).map(
        ({ instanceId }) => instanceId,
      );
    assert.deepEqual(await ids(null, null), [first.instanceId, second.instanceId]);
    assert.deepEqual(await ids(null, null, 1), [first.instanceId]);
    assert.deepEqual(await ids(null, first.instanceId), [second.instanceId]);
    assert.deepEqual(await ids([2], null), [second.instanceId]);
    assert.deepEqual(await ids([1, 2], null), [first.instanceId, second.instanceId]);
    assert.deepEqual(await ids([2, 3], null), [second.instanceId]);
    assert.deepEqual(await ids([1, 2], first.instanceId), [second.instanceId]);
    const token = await storage.inTransaction((transaction) => transaction.tokens.addToken(tokenOf(smartAccountId)));
    await storage.inTransaction(async ({ tokens }) => {
      await tokens.setTokenUses(smartAccountId, token.tokenId, 3);
      await tokens.revokeToken(smartAccountId, token.tokenId, atMs);
    });
    const changed = { ...token, uses: 3, revokedAtMs: atMs };
    assert.deepEqual(await storage.read.tokens.findTokenByHash("hash"), changed);
    assert.deepEqual(await storage.read.tokens.listTokens(smartAccountId), [changed]);
  });
}

function usageTests(withStorage: Define): void {
  for (const isForeseen of [false, true]) {
    const how = isForeseen ? "foreseen" : "unforeseen";
    withStorage(
      `[I2] the first report of an id is kept, a second one is refused and the first unchanged (${how})`,
      async (storage) => {
        const { smartAccountId } = await addAccount(storage);
        const { installationId } = await addInstance(storage, smartAccountId);
        const add = (wishes: readonly Partial<NewAcceptedReport>[]) =>
          storage.inTransaction(async (transaction) => {
            const tagId = await transaction.usage.tagIdOf(smartAccountId, "tag");
            const reports = wishes.map((one) => ({ ...reportOf(smartAccountId, installationId, tagId), ...one }));
            if (isForeseen) await transaction.usage.foresee(() => [outlookOf(smartAccountId, reports)]);
            const added: boolean[] = [];
            for (const one of reports) added.push(await transaction.reports.addReport(one));
            const found = await transaction.reports.findReport({ smartAccountId, installationId, reportId: 1 });
            return { added, found };
          });
        const first = await add([{}, { reportId: 2, leafIndex: 1, payload: "second" }, { count: 7, leafIndex: 9 }]);
        assert.deepEqual(first.added, [true, true, false]);
        assert.equal(first.found?.count, 5);
        const again = await add([
          { count: 7, leafIndex: 9 },
          { reportId: 3, leafIndex: 2 },
        ]);
        assert.deepEqual(again.added, [false, true]);
        assert.deepEqual([again.found?.count, again.found?.tag, again.found?.timeMark], [5, "tag", "plausible"]);
        const { reports } = storage.read;
        const listed = await reports.listReports(smartAccountId, installationId, page);
        assert.deepEqual(
          listed.map(({ reportId }) => reportId),
          [3, 2, 1],
        );
        assert.deepEqual(listed.at(-1), again.found);
        assert.deepEqual(await reports.findReportBody({ smartAccountId, installationId, leafIndex: 1 }), {
          payload: "second",
          signature: "{}",
        });
        assert.equal(await reports.findReportBody({ smartAccountId, installationId, leafIndex: 9 }), undefined);
      },
    );

    withStorage(
      `usage and installations change as written, and a transaction sees its own changes (${how})`,
      async (storage) => {
        const { smartAccountId } = await addAccount(storage);
        const installation = await addInstallation(storage, smartAccountId);
        const { installationId } = installation;
        await storage.inTransaction(async ({ usage, trust }) => {
          const tagId = await usage.tagIdOf(smartAccountId, "tag");
          const outlook = {
            smartAccountId,
            installationIds: [installationId],
            reports: [{ installationId, reportId: 1, tag: "tag" }],
          };
          if (isForeseen) await usage.foresee(() => [outlook]);
          assert.equal(await usage.findInUse(smartAccountId, installationId, tagId), undefined);
          const inUse = { count: 4, endsAtSeconds: 1_900_000_000, reportId: 1, isVerified: true };
          await usage.putInUse(smartAccountId, installationId, tagId, { ...inUse, count: 3 });
          await usage.putInUse(smartAccountId, installationId, tagId, inUse);
          assert.deepEqual(await usage.findInUse(smartAccountId, installationId, tagId), inUse);
          assert.deepEqual(await usage.listInUse(smartAccountId, installationId), [{ tagId, inUse }]);
          await trust.putInstallation({ ...installation, nextSequence: 7 });
          assert.equal((await trust.findInstallation(smartAccountId, installationId))?.nextSequence, 7);
          const total = { smartAccountId, virtualAccountId: 1, tagId, verified: 4, unverified: 0, installations: 1 };
          await usage.changeTotals([total, { ...total, verified: 2, installations: 0 }]);
        });
        assert.equal((await storage.read.trust.findInstallation(smartAccountId, installationId))?.nextSequence, 7);
        const usage = await storage.read.instances.listInstallationUsage(smartAccountId, installationId);
        assert.deepEqual(
          usage.map(({ tag, count }) => [tag, count]),
          [["tag", 4]],
        );
        await storage.inTransaction((transaction) => transaction.usage.removeInUse(smartAccountId, installationId));
        assert.deepEqual(await storage.read.usage.listInUse(smartAccountId, installationId), []);
        const [balance] = await storage.read.licenses.listBalances(smartAccountId, atMs);
        assert.deepEqual([balance?.inUseVerified, balance?.installations, balance?.purchased], [6, 1, 0]);
      },
    );
  }

  withStorage("[I4] gaps are found by overlap and replaced; evidence is kept once", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const replace = (removed: { from: number; to: number }[], added: { from: number; to: number }[]) =>
      storage.inTransaction(({ reports }) => reports.replaceGaps(smartAccountId, 1, { removed, added }));
    await replace(
      [],
      [
        { from: 2, to: 4 },
        { from: 8, to: 8 },
        { from: 10, to: 2 ** 40 },
      ],
    );
    const overlap = (range: { from: number; to: number }) =>
      storage.inTransaction(({ reports }) => reports.findGaps(smartAccountId, 1, range));
    assert.deepEqual(await overlap({ from: 4, to: 8 }), [
      { from: 2, to: 4 },
      { from: 8, to: 8 },
    ]);
    await replace([{ from: 2, to: 4 }], [{ from: 2, to: 2 }]);
    assert.deepEqual(await storage.read.reports.listGaps(smartAccountId, 1), [
      { from: 2, to: 2 },
      { from: 8, to: 8 },
      { from: 10, to: 2 ** 40 },
    ]);
    const evidence = {
      ...{ smartAccountId, installationId: 1, reportId: 1, payloadSha256: "ab".repeat(32), instanceId: 1 },
      ...{ receivedAtMs: atMs, payload: "p", signature: "{}" },
    };
    const keep = () => storage.inTransaction(({ reports }) => reports.addEvidence(evidence));
    assert.deepEqual([await keep(), await keep()], [true, false]);
    assert.deepEqual(await storage.read.reports.listEvidence(smartAccountId, 1), [evidence]);
  });
}

function recordTests(withStorage: Define): void {
  withStorage(
    "[I1] ledger head, tiles and tree heads are what was put last; acknowledgements newest first",
    async (storage) => {
      const { smartAccountId } = await addAccount(storage);
      assert.deepEqual(await storage.read.ledger.readHead(smartAccountId), {
        ...emptyTree,
        smartAccountId,
        nextAcknowledgementId: 1,
      });
      const hash = Buffer.alloc(32, 0xfe);
      const head = { smartAccountId, size: 1, frontier: [hash], nextAcknowledgementId: 3 };
      const one: StoredAcknowledgement = {
        ...{ smartAccountId, acknowledgementId: 1, installationId: 1, instanceId: 1, atMs, withPolicy: true },
        ...{ accepted: 1, payload: '{"é":"\\u0000"}' },
      };
      await storage.inTransaction(async ({ ledger, acknowledgements }) => {
        await ledger.putHead({ ...head, size: 9 });
        await ledger.putHead(head);
        await ledger.putTile(smartAccountId, { level: 0, index: 0 }, Buffer.alloc(32));
        await ledger.putTile(smartAccountId, { level: 0, index: 0 }, hash);
        await ledger.addTreeHead(smartAccountId, 1, "cd".repeat(32), atMs);
        await acknowledgements.addAcknowledgement(one);
        await acknowledgements.addAcknowledgement({ ...one, acknowledgementId: 2, withPolicy: false });
        assert.deepEqual(await acknowledgements.findAcknowledgement(smartAccountId, 1), one);
      });
      const { ledger, acknowledgements } = storage.read;
      const read = await ledger.readHead(smartAccountId);
      assert.deepEqual({ ...read, frontier: read.frontier.map((it) => Buffer.from(it)) }, head);
      assert.deepEqual(Buffer.from((await ledger.readTile(smartAccountId, { level: 0, index: 0 })) ?? []), hash);
      assert.equal(await ledger.readTile(smartAccountId, { level: 1, index: 0 }), undefined);
      assert.deepEqual(await ledger.findTreeHead(smartAccountId, 1), { rootSha256: "cd".repeat(32), atMs });
      const wanted = { smartAccountId, virtualAccountIds: null, page };
      const listed = await acknowledgements.listAcknowledgements(wanted);
      assert.deepEqual(
        listed.map(({ acknowledgementId, withPolicy }) => [acknowledgementId, withPolicy]),
        [
          [2, false],
          [1, true],
        ],
      );
    },
  );

  withStorage("[I10] policy versions only grow, and the newest setting of each place is found", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const set = (virtualAccountId: number | null) =>
      storage.inTransaction(async ({ policies }) => {
        const version = await policies.nextPolicyVersion(smartAccountId);
        await policies.addPolicySetting({
          smartAccountId,
          virtualAccountId,
          version,
          setAtMs: atMs,
          layer: { source: "account" },
        });
        return version;
      });
    const versions = [await set(null), await set(1), await set(null)];
    assert.deepEqual(
      versions,
      [...versions].sort((one, other) => one - other),
    );
    const found = await storage.read.policies.listPolicySettings(smartAccountId);
    assert.deepEqual(
      found.map(({ virtualAccountId, version }) => [virtualAccountId, version]),
      [
        [1, versions[1]],
        [null, versions[2]],
      ],
    );
    assert.equal(await storage.read.policies.newestPolicyVersion(smartAccountId), versions[2]);
  });

  withStorage(
    "purchases count while they are valid; balances stand in the order of the tags' bytes",
    async (storage) => {
      const { smartAccountId } = await addAccount(storage);
      const purchase = {
        ...({
          virtualAccountId: 1,
          quantity: 5,
          kind: "term",
          startsAtMs: atMs,
          endsAtMs: atMs + 10,
          orderReference: "é",
        } as const),
      };
      const tags = ["b", "B", "a", "Z"];
      const added = await storage.inTransaction(({ licenses }) =>
        licenses.addPurchases(
          smartAccountId,
          tags.map((tag) => ({ ...purchase, tag })),
        ),
      );
      assert.deepEqual(await storage.read.licenses.listPurchases(smartAccountId), added);
      const at = async (now: number) =>
        (await storage.read.licenses.listBalances(smartAccountId, now)).map((row) => [row.tag, row.purchased]);
      assert.deepEqual(await at(atMs + 9), [
        ["B", 5],
        ["Z", 5],
        ["a", 5],
        ["b", 5],
      ]);
      assert.deepEqual(
        (await at(atMs + 10)).map(([, purchased]) => purchased),
        [0, 0, 0, 0],
      );
    },
  );

  withStorage("[I6] events keep their order, their values and their place", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    await storage.inTransaction(({ events }) =>
      events.addEvents([
        eventOf(smartAccountId),
        { ...eventOf(smartAccountId), installationId: 4, virtualAccountId: 2, before: null, after: { name: "\u0000" } },
      ]),
    );
    const listed = await storage.read.events.listEvents(eventQuery(smartAccountId));
    assert.deepEqual(
      listed.map(({ eventId }) => eventId),
      [2, 1],
    );
    const query = { ...eventQuery(smartAccountId), virtualAccountIds: [2, 7], installationId: 4 } as const;
    assert.deepEqual(
      (await storage.read.events.listEvents(query)).map(({ after }) => after),
      [{ name: "\u0000" }],
    );
    const older = { ...eventQuery(smartAccountId), page: { limit: 1, after: 2 } };
    assert.deepEqual(
      (await storage.read.events.listEvents(older)).map(({ eventId }) => eventId),
      [1],
    );
  });

  withStorage("events of alerts are found among all others, page by page and per virtual account", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const place = { smartAccountId, virtualAccountIds: null };
    const kinds = ["report_conflict", "usage_reported", "ledger_disputed", "policy_set", "alert_handled"] as const;
    await storage.inTransaction(({ events }) =>
      events.addEvents(
        kinds.map((kind, at) => ({ ...eventOf(smartAccountId), kind, virtualAccountId: at + 1, after: { kind } })),
      ),
    );
    const found = async (wish: object, page = { limit: 9, after: null as number | null }) =>
      (await storage.read.events.listAlertEvents({ ...place, page, ...wish })).map(({ eventId, kind }) => [
        eventId,
        kind,
      ]);
    assert.deepEqual(await found({}), [
      [5, "alert_handled"],
      [3, "ledger_disputed"],
      [1, "report_conflict"],
    ]);
    assert.deepEqual(await found({}, { limit: 1, after: 5 }), [[3, "ledger_disputed"]]);
    assert.deepEqual(await found({ virtualAccountIds: [1, 2, 5] }), [
      [5, "alert_handled"],
      [1, "report_conflict"],
    ]);
    assert.deepEqual(await found({ smartAccountId: smartAccountId + 1 }), []);
  });
}

async function raiseSequence(
  transaction: Transaction,
  { smartAccountId, installationId }: Installation,
): Promise<void> {
  const found = await transaction.trust.findInstallation(smartAccountId, installationId);
  assert.ok(found);
  await transaction.trust.putInstallation({ ...found, nextSequence: found.nextSequence + 1 });
}

function addInstallation(storage: Storage, smartAccountId: number): Promise<Installation> {
  return storage.inTransaction((transaction) =>
    transaction.trust.addInstallation({
      ...{ smartAccountId, identifier: "uuid", virtualAccountId: 1, nextSequence: 0, policyVersionSent: 0 },
      ...{ policyVersionFloor: 0, trustEpoch: 1, reportIdMin: null, reportIdMax: null },
      ...{ firstTrustAtMs: atMs, lastContactAtMs: null },
    }),
  );
}

async function addInstance(
  storage: Storage,
  smartAccountId: number,
  wanted: Partial<ProductInstance> = {},
): Promise<ProductInstance> {
  const { installationId } = await addInstallation(storage, smartAccountId);
  return storage.inTransaction((transaction) =>
    transaction.trust.addInstance({
      ...{ smartAccountId, productInstanceIdentifier: "identifier", udi: { pid: "EDGE-1", serialNumber: "S1" } },
      ...{ productTag: "product", installationId, virtualAccountId: 1, role: "Active", trustId: 1, hostname: "höst" },
      ...{ softwareVersion: "17.9", exportControlAllowed: true, certificateSerial: "7", trustedSinceMs: atMs },
      removedAtMs: null,
      lastListedAtMs: null,
      ...wanted,
    }),
  );
}

function certificateOf(smartAccountId: number, instanceId: number): DeviceCertificate {
  return {
    ...{ smartAccountId, instanceId, serialNumber: "7", publicKeySha256: "ab", state: "valid" },
    ...{ publicKey: Buffer.from([0, 1, 0xff]), certificate: Buffer.from([0x5c, 0x27]) },
    ...{ issuedAtMs: atMs, validUntilMs: atMs + 1 },
  };
}

/** Drivers answer bytes in classes of their own. */
function plain(one: DeviceCertificate) {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return { ...one, publicKey: hex(one.publicKey), certificate: hex(one.certificate) };
}

function tokenOf(smartAccountId: number) {
  return {
    ...{ smartAccountId, uuid: "uuid", tokenHash: "hash", virtualAccountId: 1, description: "d", createdAtMs: atMs },
    ...{ createdBy: "ada", expiresAtMs: atMs + 1, usesMax: 5, uses: 0, exportControlAllowed: false, revokedAtMs: null },
  };
}

function reportOf(smartAccountId: number, installationId: number, tagId: number): NewAcceptedReport {
  return {
    ...{ smartAccountId, installationId, reportId: 1, tagId, payloadSha256: "ab".repeat(32), leafIndex: 0 },
    ...{ acknowledgementId: 1, instanceId: 1, receivedAtMs: atMs, startsAtSeconds: 1, endsAtSeconds: 2, count: 5 },
    ...{ measurements: 1, isVerified: true, timeMark: "plausible", payload: '{"a":"\\"é\\\\"}', signature: "{}" },
  };
}

function outlookOf(smartAccountId: number, reports: readonly NewAcceptedReport[]) {
  const installationIds = [...new Set(reports.map(({ installationId }) => installationId))];
  return { smartAccountId, installationIds, reports: reports.map((one) => ({ ...one, tag: "tag" })) };
}

function eventOf(smartAccountId: number): NewEvent {
  return {
    ...{ smartAccountId, atMs, kind: "device_added", virtualAccountId: 1, installationId: null },
    ...{ cause: { kind: "operator", name: "ada" }, before: { a: 1 }, after: [1, "é"] },
  };
}

function eventQuery(smartAccountId: number): EventQuery {
  return { smartAccountId, virtualAccountIds: null, installationId: null, page };
}
