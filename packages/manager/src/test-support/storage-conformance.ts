// What every storage adapter must do, as one suite: called by the test of each adapter with a way to open an empty database.

import assert from "node:assert/strict";
import { test } from "node:test";
import { appendLeaves, emptyTree, reportLeaf, sha256Hex } from "@countersign/protocol";
import type { NewEvent } from "../events/event.ts";
import type { Storage, Transaction, VirtualAccountIds } from "../storage-ports.ts";
import type { Installation, ProductInstance } from "../trust/product-instance.ts";
import type { NewAcceptedReport } from "../usage/stored-report.ts";
import { describeBehaviour } from "./storage-behaviour.ts";

export type OpenedStorage = { readonly storage: Storage; readonly dispose: () => Promise<void> };

const uuid = (last: number) => `00000000-0000-4000-8000-${String(last).padStart(12, "0")}`;
const tag = "regid.2031-01.org.example.EDGE_BASE,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";

export function describeStorage(name: string, open: () => Promise<OpenedStorage>): void {
  const check = (title: string, body: (storage: Storage) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const { storage, dispose } = await open();
      try {
        await body(storage);
      } finally {
        await dispose();
      }
    });
  describeTransactions(check);
  describeAccounts(check);
  describeTrust(check);
  describeReports(check);
  describeLedger(check);
  describeBehaviour(check);
}

type Check = (title: string, body: (storage: Storage) => Promise<void>) => void;

async function addAccount(
  storage: Storage,
  name = "Example",
): Promise<{ readonly smartAccountId: number; readonly virtualAccountId: number }> {
  return storage.inTransaction(async ({ accounts }) => {
    const { smartAccountId } = await accounts.addSmartAccount({
      name,
      ledgerId: uuid(1),
      allowUntrustedReports: true,
      createdAtMs: 1,
    });
    const virtualAccount = {
      smartAccountId,
      name: "DEFAULT",
      description: "",
      isDefault: true,
      instances: 0,
      createdAtMs: 1,
    };
    return { smartAccountId, virtualAccountId: (await accounts.addVirtualAccount(virtualAccount)).virtualAccountId };
  });
}

type Device = { readonly installation: Installation; readonly instance: ProductInstance };

async function addDevice(
  transaction: Transaction,
  place: { smartAccountId: number; virtualAccountId: number },
  number: number,
): Promise<Device> {
  const installation = await transaction.trust.addInstallation({
    ...place,
    identifier: uuid(number),
    nextSequence: 0,
    policyVersionSent: 1,
    policyVersionFloor: 0,
    trustEpoch: 0,
    reportIdMin: null,
    reportIdMax: null,
    firstTrustAtMs: 5,
    lastContactAtMs: null,
  });
  const instance = await transaction.trust.addInstance({
    ...place,
    productInstanceIdentifier: uuid(1000 + number),
    udi: { pid: "EDGE-24", serialNumber: `EXA${number}` },
    productTag: tag,
    installationId: installation.installationId,
    role: "Active",
    trustId: 1,
    hostname: "edge-1",
    softwareVersion: "17.1",
    exportControlAllowed: true,
    certificateSerial: `${number}`,
    trustedSinceMs: 5,
    removedAtMs: null,
    lastListedAtMs: null,
  });
  return { installation, instance };
}

function reportOf({ instance }: Device, reportId: number, leafIndex: number, tagId: number): NewAcceptedReport {
  return {
    smartAccountId: instance.smartAccountId,
    installationId: instance.installationId,
    reportId,
    tagId,
    payloadSha256: sha256Hex(`payload ${reportId}`),
    leafIndex,
    acknowledgementId: 1,
    instanceId: instance.instanceId,
    receivedAtMs: 10,
    startsAtSeconds: 1,
    endsAtSeconds: 2,
    count: 3,
    measurements: 1,
    isVerified: true,
    timeMark: "after_receipt",
    payload: `payload ${reportId} with “quotes” and ünïcode`,
    signature: "{}",
  };
}

function describeTransactions(check: Check): void {
  check("a transaction that fails leaves no trace, and those that wait beside it are kept", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const event: NewEvent = {
      smartAccountId,
      atMs: 1,
      kind: "policy_set",
      virtualAccountId: null,
      installationId: null,
      cause: { kind: "system", reason: "test" },
      before: null,
      after: { name: "kept" },
    };
    const results = await Promise.allSettled([
      storage.inTransaction(({ events }) => events.addEvents([event])),
      storage.inTransaction(async ({ events, usage }) => {
        await usage.tagIdOf(smartAccountId, tag);
        await events.addEvents([event, event]);
        throw new Error("changed its mind");
      }),
      storage.inTransaction(({ events }) => events.addEvents([event])),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    const kept = await storage.read.events.listEvents({
      smartAccountId,
      virtualAccountIds: null,
      installationId: null,
      page: { limit: 10, after: null },
    });
    assert.deepEqual(
      kept.map(({ eventId, after }) => [eventId, after]),
      [
        [2, { name: "kept" }],
        [1, { name: "kept" }],
      ],
    );
    const tagIds = await storage.inTransaction(async ({ usage }) => [
      await usage.tagIdOf(smartAccountId, tag),
      await usage.tagIdOf(smartAccountId, tag),
    ]);
    assert.equal(tagIds[0], tagIds[1]);
  });

  check("a transaction reads its own writes, and readers see them once it is done", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const inside = await storage.inTransaction(async ({ policies }) => {
      const version = await policies.nextPolicyVersion(smartAccountId);
      await policies.addPolicySetting({
        smartAccountId,
        virtualAccountId: null,
        version,
        setAtMs: 1,
        layer: { source: "account", name: "A" },
      });
      return policies.listPolicySettings(smartAccountId);
    });
    assert.deepEqual(inside, await storage.read.policies.listPolicySettings(smartAccountId));
    assert.equal(await storage.read.policies.newestPolicyVersion(smartAccountId), inside[0]?.version);
  });

  check("an account on premises is one from then on, with whom it lets in", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    assert.equal(await storage.read.premises.findPremises(smartAccountId), undefined);
    for (const isOpen of [true, false]) {
      const admission = { isOpen, virtualAccountId: 3, productIds: ["A", "B"] };
      const premises = { smartAccountId, admission, upstream: null };
      await storage.inTransaction(({ premises: rows }) => rows.putPremises(premises));
      assert.deepEqual(await storage.read.premises.findPremises(smartAccountId), premises);
      assert.deepEqual(await storage.read.premises.listPremises(), [premises]);
    }
  });

  check(
    "a manager on premises is found by its token and its identifier, and bodies are read by leaf",
    async (storage) => {
      const { smartAccountId } = await addAccount(storage);
      const identity = { smartAccountId, identifier: "an identifier", virtualAccountId: 1, tokenSha256: "a hash" };
      const facts = {
        ...{ name: "works", createdAtMs: 1, tokenEndsAtMs: 2, keySha256: null, issuing: [] },
        ...{ registeredAtMs: null, lastSyncAtMs: null, removedAtMs: null },
      };
      const added = await storage.inTransaction(({ premises }) => premises.addLowerManager({ ...identity, facts }));
      const later = { ...added, facts: { ...facts, lastSyncAtMs: 5 } };
      await storage.inTransaction(({ premises }) => premises.putLowerManager(later));
      const { premises, reports } = storage.read;
      assert.deepEqual(await premises.listLowerManagers(smartAccountId), [later]);
      assert.deepEqual(await premises.findLowerManager("an identifier"), later);
      assert.deepEqual(await premises.findLowerManagerByToken("a hash"), later);
      assert.equal(await premises.findLowerManagerByToken("another"), undefined);
      assert.deepEqual(await reports.listBodiesFrom(smartAccountId, 0, 10), []);
    },
  );

  check("answers that it is well", (storage) => storage.check());
}

function describeAccounts(check: Check): void {
  check("accounts of one name are refused, ids are dense per smart account", async (storage) => {
    const first = await addAccount(storage, "One");
    const second = await addAccount(storage, "Two");
    await assert.rejects(addAccount(storage, "One"));
    assert.deepEqual([first.virtualAccountId, second.virtualAccountId], [1, 1]);
    assert.deepEqual(
      (await storage.read.accounts.listSmartAccounts()).map(({ name }) => name),
      ["One", "Two"],
    );
  });

  check("tokens are found by their hash and keep what was counted", async (storage) => {
    const place = await addAccount(storage);
    const token = {
      ...place,
      uuid: uuid(9),
      tokenHash: sha256Hex("secret"),
      description: "d",
      createdAtMs: 1,
      createdBy: "o",
      expiresAtMs: 2,
      usesMax: 3,
      uses: 0,
      exportControlAllowed: true,
      revokedAtMs: null,
    };
    const added = await storage.inTransaction(({ tokens }) => tokens.addToken(token));
    await storage.inTransaction(async ({ tokens }) => {
      await tokens.setTokenUses(place.smartAccountId, added.tokenId, 2);
      await tokens.revokeToken(place.smartAccountId, added.tokenId, 77);
    });
    assert.deepEqual(await storage.read.tokens.findTokenByHash(sha256Hex("secret")), {
      ...added,
      uses: 2,
      revokedAtMs: 77,
    });
    assert.equal(await storage.read.tokens.findTokenByHash(sha256Hex("other")), undefined);
  });

  check("sums of use and purchases meet in one balance per virtual account and tag", async (storage) => {
    const { smartAccountId, virtualAccountId } = await addAccount(storage);
    const purchase = {
      virtualAccountId,
      tag,
      quantity: 10,
      kind: "term",
      startsAtMs: 100,
      endsAtMs: 200,
      orderReference: "",
    } as const;
    await storage.inTransaction(async ({ licenses, usage }) => {
      await licenses.addPurchases(smartAccountId, [purchase, { ...purchase, quantity: 1, endsAtMs: null }]);
      const change = { smartAccountId, virtualAccountId, tagId: await usage.tagIdOf(smartAccountId, tag) };
      await usage.changeTotals([
        { ...change, verified: 4, unverified: 2, installations: 2 },
        { ...change, verified: -1, unverified: 0, installations: -1 },
      ]);
    });
    const purchasedAt = async (now: number) =>
      (await storage.read.licenses.listBalances(smartAccountId, now)).map(({ purchased }) => purchased);
    assert.deepEqual(
      [await purchasedAt(99), await purchasedAt(100), await purchasedAt(199), await purchasedAt(200)],
      [[0], [11], [11], [1]],
    );
    const [row] = await storage.read.licenses.listBalances(smartAccountId, 100);
    assert.deepEqual(row, {
      virtualAccountId,
      tag,
      purchased: 11,
      inUseVerified: 3,
      inUseUnverified: 2,
      installations: 1,
      reserved: 0,
    });
    assert.deepEqual(await storage.read.licenses.listBalances(smartAccountId, 100, virtualAccountId), [row]);
    assert.deepEqual(await storage.read.licenses.listBalances(smartAccountId, 100, virtualAccountId + 1), []);
  });
}

function describeTrust(check: Check): void {
  check("product instances and installations come back as they were put", async (storage) => {
    const place = await addAccount(storage);
    const { installation, instance } = await storage.inTransaction((transaction) => addDevice(transaction, place, 1));
    const changedInstallation = {
      ...installation,
      nextSequence: 7,
      reportIdMin: 1,
      reportIdMax: 2 ** 52,
      trustEpoch: 3,
      lastContactAtMs: 9,
    };
    const absent = { ...instance, role: "Absent", lastListedAtMs: 8 } as const;
    const removed = { ...absent, removedAtMs: 11 };
    const { trust, instances } = storage.read;
    const listed = () =>
      instances.listInstances({
        smartAccountId: place.smartAccountId,
        virtualAccountIds: null,
        page: { limit: 5, after: null },
      });
    await storage.inTransaction((transaction) => transaction.trust.putInstallation(changedInstallation));
    assert.deepEqual(await listed(), [{ ...instance, lastContactAtMs: 9 }]);
    await storage.inTransaction((transaction) => transaction.trust.putInstance(absent));
    assert.deepEqual(await listed(), [{ ...absent, lastContactAtMs: 8 }]);
    await storage.inTransaction((transaction) => transaction.trust.putInstance(removed));
    assert.deepEqual(
      await trust.findInstallation(place.smartAccountId, installation.installationId),
      changedInstallation,
    );
    const inModel = () => trust.findInModel(place.smartAccountId, installation.installationId);
    assert.deepEqual(await inModel(), { installation: changedInstallation, model: "policy" });
    const { smartAccountId, installationId } = changedInstallation;
    const classic = { smartAccountId, installationId, lastContactAtMs: 9, askedAtMs: 0, certificateEndsAtMs: 12 };
    await storage.inTransaction((transaction) => transaction.classic.putClassic({ ...classic, releasedAtMs: null }));
    assert.deepEqual(await inModel(), { installation: changedInstallation, model: "classic" });
    await storage.inTransaction((transaction) => transaction.classic.removeClassic(smartAccountId, installationId));
    assert.deepEqual(await inModel(), { installation: changedInstallation, model: "policy" });
    assert.equal(await trust.findInModel(smartAccountId, installationId + 1), undefined);
    assert.deepEqual(await trust.findInstanceByIdentifier(instance.productInstanceIdentifier), removed);
    assert.deepEqual(await trust.listMembers(place.smartAccountId, installation.installationId), [removed]);
    assert.deepEqual(await trust.findInstancesByUdi(place.smartAccountId, "EDGE-24", "EXA1"), []);
    assert.deepEqual(await listed(), []);
  });

  check("certificates keep their bytes and end together", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const certificate = {
      smartAccountId,
      serialNumber: "123456789012345678901234567890",
      instanceId: 4,
      publicKey: Buffer.from([1, 2]),
      publicKeySha256: sha256Hex("k"),
      certificate: Buffer.from([0, 255]),
      issuedAtMs: 1,
      validUntilMs: 2,
      state: "valid",
    } as const;
    await storage.inTransaction(async ({ trust }) => {
      await trust.addCertificate(certificate);
      await trust.addCertificate({ ...certificate, serialNumber: "7", issuedAtMs: 2 });
      await trust.endCertificates(smartAccountId, 4, "replaced");
    });
    const found = await storage.read.trust.findCertificate(certificate.serialNumber);
    assert.equal(found?.state, "replaced");
    assert.deepEqual([...(found?.certificate ?? [])], [0, 255]);
    assert.deepEqual(
      (await storage.read.trust.listCertificates(smartAccountId, 4)).map(({ serialNumber }) => serialNumber),
      [certificate.serialNumber, "7"],
    );
  });
}

function describeReports(check: Check): void {
  check("[I2] a report id is taken once per installation, and the first bytes stand", async (storage) => {
    const place = await addAccount(storage);
    const added = await storage.inTransaction(async (transaction) => {
      const device = await addDevice(transaction, place, 1);
      const other = await addDevice(transaction, place, 2);
      const tagId = await transaction.usage.tagIdOf(place.smartAccountId, tag);
      const first = reportOf(device, 5, 0, tagId);
      return [
        await transaction.reports.addReport(first),
        await transaction.reports.addReport({ ...first, leafIndex: 1, payload: "other" }),
        await transaction.reports.addReport(reportOf(other, 5, 1, tagId)),
      ];
    });
    assert.deepEqual(added, [true, false, true]);
    const { smartAccountId } = place;
    const found = await storage.read.reports.findReport({ smartAccountId, installationId: 1, reportId: 5 });
    assert.deepEqual(
      [found?.tag, found?.payloadSha256, found?.timeMark, found?.isVerified],
      [tag, sha256Hex("payload 5"), "after_receipt", true],
    );
    assert.equal(
      (await storage.read.reports.findReportBody({ smartAccountId, installationId: 1, leafIndex: 0 }))?.payload,
      "payload 5 with “quotes” and ünïcode",
    );
  });

  check("reports are listed newest id first, page by page", async (storage) => {
    const place = await addAccount(storage);
    await storage.inTransaction(async (transaction) => {
      const device = await addDevice(transaction, place, 1);
      const tagId = await transaction.usage.tagIdOf(place.smartAccountId, tag);
      for (const [leaf, id] of [3, 1, 2].entries())
        await transaction.reports.addReport(reportOf(device, id, leaf, tagId));
    });
    const page = async (after: number | null) =>
      (await storage.read.reports.listReports(place.smartAccountId, 1, { limit: 2, after })).map(
        ({ reportId }) => reportId,
      );
    assert.deepEqual([await page(null), await page(2)], [[3, 2], [1]]);
  });

  check("evidence is kept once per content", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const evidence = {
      smartAccountId,
      installationId: 1,
      reportId: 5,
      payloadSha256: sha256Hex("x"),
      instanceId: 1,
      receivedAtMs: 1,
      payload: "x",
      signature: "{}",
    };
    const added = await storage.inTransaction(async ({ reports }) => [
      await reports.addEvidence(evidence),
      await reports.addEvidence(evidence),
      await reports.addEvidence({ ...evidence, payloadSha256: sha256Hex("y"), payload: "y" }),
    ]);
    assert.deepEqual(added, [true, false, true]);
    assert.equal((await storage.read.reports.listEvidence(smartAccountId, 1)).length, 2);
  });

  check("gaps are found by any id they share, and replaced", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    await storage.inTransaction(async ({ reports }) => {
      await reports.replaceGaps(smartAccountId, 1, {
        removed: [],
        added: [
          { from: 10, to: 20 },
          { from: 30, to: 30 },
        ],
      });
      assert.deepEqual(await reports.findGaps(smartAccountId, 1, { from: 20, to: 30 }), [
        { from: 10, to: 20 },
        { from: 30, to: 30 },
      ]);
      assert.deepEqual(await reports.findGaps(smartAccountId, 1, { from: 21, to: 29 }), []);
      await reports.replaceGaps(smartAccountId, 1, { removed: [{ from: 10, to: 20 }], added: [{ from: 11, to: 20 }] });
    });
    assert.deepEqual(await storage.read.reports.listGaps(smartAccountId, 1), [
      { from: 11, to: 20 },
      { from: 30, to: 30 },
    ]);
  });

  check("in use is kept per tag and goes with its installation", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const inUse = { count: 4, endsAtSeconds: 9, reportId: 3, isVerified: false };
    await storage.inTransaction(async ({ usage }) => {
      await usage.putInUse(smartAccountId, 1, 1, { ...inUse, count: 9 });
      await usage.putInUse(smartAccountId, 1, 1, inUse);
      await usage.putInUse(smartAccountId, 2, 1, inUse);
      await usage.removeInUse(smartAccountId, 2);
    });
    assert.deepEqual(await storage.read.usage.listInUse(smartAccountId, 1), [{ tagId: 1, inUse }]);
    assert.deepEqual(await storage.read.usage.listInUse(smartAccountId, 2), []);
  });
}

function describeLedger(check: Check): void {
  check("the ledger's head, tiles and tree heads come back as they were put", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    assert.deepEqual(await storage.read.ledger.readHead(smartAccountId), {
      smartAccountId,
      ...emptyTree,
      nextAcknowledgementId: 1,
    });
    const tree = appendLeaves(
      emptyTree,
      [1, 2, 3].map((byte) => reportLeaf(Buffer.alloc(32, byte))),
    );
    await storage.inTransaction(async ({ ledger }) => {
      await ledger.putHead({ smartAccountId, ...tree, nextAcknowledgementId: 5 });
      await ledger.putTile(smartAccountId, { level: 0, index: 0 }, Buffer.alloc(32, 1));
      await ledger.putTile(smartAccountId, { level: 0, index: 0 }, Buffer.alloc(64, 2));
      await ledger.addTreeHead(smartAccountId, 3, sha256Hex("root"), 9);
    });
    const head = await storage.read.ledger.readHead(smartAccountId);
    assert.equal(head.size, 3);
    assert.deepEqual(
      head.frontier.map((hash) => Buffer.from(hash).toString("hex")),
      tree.frontier.map((hash) => Buffer.from(hash).toString("hex")),
    );
    assert.equal((await storage.read.ledger.readTile(smartAccountId, { level: 0, index: 0 }))?.byteLength, 64);
    assert.deepEqual(await storage.read.ledger.findTreeHead(smartAccountId, 3), {
      rootSha256: sha256Hex("root"),
      atMs: 9,
    });
  });

  check("acknowledgements are found by number and listed newest first", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const one = {
      smartAccountId,
      acknowledgementId: 1,
      installationId: 1,
      instanceId: 1,
      atMs: 1,
      withPolicy: true,
      accepted: 2,
      payload: "{}",
    };
    await storage.inTransaction(async ({ acknowledgements }) => {
      await acknowledgements.addAcknowledgement(one);
      await acknowledgements.addAcknowledgement({ ...one, acknowledgementId: 2 });
    });
    assert.deepEqual(await storage.read.acknowledgements.findAcknowledgement(smartAccountId, 1), one);
    const wanted = { smartAccountId, virtualAccountIds: null, page: { limit: 5, after: null } };
    const listed = await storage.read.acknowledgements.listAcknowledgements(wanted);
    assert.deepEqual(
      listed.map(({ acknowledgementId }) => acknowledgementId),
      [2, 1],
    );
  });

  check("[GEN-16] acknowledgements are narrowed to where their installations are now", async (storage) => {
    const { smartAccountId } = await addAccount(storage);
    const ids = await storage.inTransaction(async (transaction) => {
      const made: number[] = [];
      for (const [at, virtualAccountId] of [2, 3, 2].entries()) {
        const { installation, instance } = await addDevice(transaction, { smartAccountId, virtualAccountId }, at + 1);
        const { installationId } = installation;
        const acknowledgement = {
          smartAccountId,
          installationId,
          instanceId: instance.instanceId,
          atMs: 1,
          accepted: 1,
        };
        const payload = { withPolicy: false, payload: "{}" };
        await transaction.acknowledgements.addAcknowledgement({
          ...acknowledgement,
          ...payload,
          acknowledgementId: at + 1,
        });
        made.push(installationId);
      }
      return made;
    });
    const listed = async (virtualAccountIds: VirtualAccountIds, after: number | null = null) => {
      const wanted = { smartAccountId, virtualAccountIds, page: { limit: 5, after } };
      const found = await storage.read.acknowledgements.listAcknowledgements(wanted);
      return found.map(({ acknowledgementId }) => acknowledgementId);
    };
    assert.deepEqual(await listed(null), [3, 2, 1]);
    assert.deepEqual([await listed([2]), await listed([3]), await listed([4])], [[3, 1], [2], []]);
    assert.deepEqual([await listed([2, 3]), await listed([2], 3)], [[3, 2, 1], [1]]);
    await storage.inTransaction(async ({ trust }) => {
      const installation = await trust.findInstallation(smartAccountId, ids[0] ?? 0);
      assert.ok(installation);
      await trust.putInstallation({ ...installation, virtualAccountId: 3 });
    });
    assert.deepEqual([await listed([2]), await listed([3])], [[3], [2, 1]]);
  });
}
