import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compareHeads,
  hashOfHex,
  type ManagerObject,
  reportLeaf,
  type TreeHead,
  verifyActProofFile,
  verifyInclusion,
  verifyProofFile,
  verifyTreeHead,
} from "@countersign/protocol";
import { acknowledgementOf, createTrustedDevice, type TestDevice } from "../test-support/core-device.ts";
import { createTestManager, type TestManager } from "../test-support/core-manager.ts";
import { consistencyEntry, proveConsistency } from "./ledger-proofs.ts";

/** Enough for a second level of tiles. */
const manyReports = 300;

async function useOften(device: TestDevice, count: number, firstId = 1): Promise<TreeHead> {
  let head: TreeHead | null = null;
  for (let from = 0; from < count; from += 40) {
    const ids = Array.from({ length: Math.min(40, count - from) }, (_, at) => firstId + from + at);
    const reports = await Promise.all(ids.map((reportId) => device.report({ reportId, count: reportId })));
    head = acknowledgementOf((await device.sendReports(reports)).answer).acknowledgement.tree_head;
  }
  return head ?? assert.fail("nothing was sent");
}

async function askKnowing(device: TestDevice, known: TreeHead, reportId: number, refused?: TreeHead) {
  const data = device.usageData([await device.report({ reportId, count: 1 })]);
  const more = refused === undefined ? {} : { refused_tree_head: refused };
  const { answer } = await device.send("LICENSE_USAGE", { ...data, known_tree_head: known, ...more });
  assert.ok(answer.statusCode === "OK");
  const head = acknowledgementOf(answer).acknowledgement.tree_head ?? assert.fail("no tree head");
  return { head, proof: answer.data.consistency_proof };
}

const requireSigned = (manager: TestManager, object: ManagerObject) =>
  verifyTreeHead({ object, anchors: manager.anchors, now: manager.clock.now() });

test("[BET-22] a device that names its head gets the proof that the ledger goes on from it, in the answer and in a poll", async () => {
  const manager = await createTestManager();
  const [device, other] = [await createTrustedDevice(manager), await createTrustedDevice(manager)];
  const first = (await device.use({ reportId: 1, count: 1 })).acknowledgement.tree_head ?? assert.fail();
  await useOften(other, manyReports);
  const { head, proof } = await askKnowing(device, first, 2);
  // The acts that made the account and two tokens are entries too.
  assert.equal(head.size, manyReports + 2 + 3);
  assert.ok(proof !== undefined && proof.length > 5);
  assert.equal(compareHeads(first, head, proof), "grown");
  assert.equal(compareHeads(first, { ...head, root_sha256: "0".repeat(64) }, proof), "rewritten");
});

test("a poll carries the proof too", async () => {
  const manager = await createTestManager({ options: { acknowledgeMode: "poll", pollIntervalSeconds: 1 } });
  const device = await createTrustedDevice(manager);
  const poll = async (reportId: number, known?: TreeHead) => {
    const { answer } = await device.sendReports([await device.report({ reportId, count: 1 })]);
    assert.ok(answer.statusCode === "OK_POLL");
    const named = known === undefined ? {} : { known_tree_head: known };
    const asked = { original_request_type: "LICENSE_USAGE" as const, original_piid: device.identifier };
    const polled = await device.send("POLL_REQ", {
      ...device.base(),
      ...asked,
      ...named,
      poll_id: answer.data.poll_id,
    });
    assert.ok(polled.answer.statusCode === "OK");
    const head = acknowledgementOf(polled.answer).acknowledgement.tree_head ?? assert.fail();
    return { head, proof: polled.answer.data.consistency_proof };
  };
  const first = await poll(1);
  assert.equal(first.proof, undefined);
  const second = await poll(2, first.head);
  assert.equal(compareHeads(first.head, second.head, second.proof ?? null), "grown");
});

test("nothing is read and nothing is said where nothing has to be proved", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const { acknowledgement } = await device.use({ reportId: 1, count: 1 });
  const known = acknowledgement.tree_head ?? assert.fail();
  const { smartAccountId } = (await manager.storage.read.accounts.listSmartAccounts())[0] ?? assert.fail();
  const stored = await manager.storage.read.acknowledgements.findAcknowledgement(smartAccountId, 1);
  const unread = new Proxy({} as never, { get: () => assert.fail("the ledger was read") });
  for (const head of [undefined, known, { ...known, size: 7 }, { ...known, ledger_id: device.identifier }])
    assert.deepEqual(await consistencyEntry(head, stored ?? assert.fail(), unread), {});
  const plain = await device.sendReports([await device.report({ reportId: 2, count: 1 })]);
  assert.ok(plain.answer.statusCode === "OK" && !("consistency_proof" in plain.answer.data));
});

test("a refused head becomes an alert that says whose history is whose; the reports are known and stay so", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const known = (await device.use({ reportId: 1, count: 1 })).acknowledgement.tree_head ?? assert.fail();
  const shown = { ...known, size: 2, root_sha256: "c".repeat(64) };
  await askKnowing(device, known, 1, shown);
  const [event] = await manager.useCases.listEvents({});
  assert.ok(event !== undefined);
  assert.deepEqual([event.kind, event.isAlert, event.cause.kind], ["ledger_disputed", true, "message"]);
  assert.deepEqual(event?.before, { ...known, isOurs: true });
  assert.deepEqual((event.after as { refused: unknown }).refused, { ...shown, isOurs: false });
  assert.match(event?.message ?? "", /is not the one it knows: PID:EDGE-24/);
  const { isAlert } = (await manager.useCases.listEvents({ limit: 1, after: event?.eventId }))[0] ?? assert.fail();
  assert.equal(isAlert, false);
});

test("[BET-22] heads of every size are signed and consistent with each other", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  const empty = await manager.useCases.showTreeHead({ size: 0 });
  assert.equal((await requireSigned(manager, empty.object)).size, 0);
  await useOften(device, manyReports);
  const newest = await manager.useCases.showTreeHead({});
  assert.deepEqual(await requireSigned(manager, newest.object), newest.treeHead);
  const { size: newestSize } = newest.treeHead;
  for (const from of [0, 1, 255, 256, 257, newestSize]) {
    const { hashes, head } = await manager.useCases.showConsistency({ from });
    const { treeHead } = await manager.useCases.showTreeHead({ size: from });
    assert.match(compareHeads(treeHead, head.treeHead, hashes), from === newestSize ? /same/ : /grown/);
  }
  await assert.rejects(manager.useCases.showTreeHead({ size: newestSize + 1 }), { code: "ledger_too_short" });
  await assert.rejects(manager.useCases.showConsistency({ from: 9, to: 8 }), { code: "input_invalid" });
});

test("[BET-22] an entry is proved at its place in the tree of any size", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await useOften(device, manyReports);
  const { payloadSha256, leafIndex } = await manager.useCases.showReport({
    instance: device.identifier,
    reportId: 270,
  });
  const leaf = reportLeaf(hashOfHex(payloadSha256));
  for (const size of [undefined, leafIndex + 1]) {
    const { leafHash, hashes, head } = await manager.useCases.showInclusion({ leafIndex, size });
    assert.equal(leafHash, Buffer.from(leaf).toString("hex"));
    const { treeHead } = head;
    const proof = hashes.map(hashOfHex);
    assert.ok(verifyInclusion({ leaf, leafIndex, size: treeHead.size, root: hashOfHex(treeHead.root_sha256), proof }));
  }
  await assert.rejects(manager.useCases.showInclusion({ leafIndex: manyReports + 2 }), { code: "leaf_unknown" });
  await assert.rejects(manager.useCases.showInclusion({ leafIndex: 0, size: manyReports + 3 }), {
    code: "ledger_too_short",
  });
});

test("[BET-22] a proof file of a report holds with the root alone, long after its acknowledgement", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await device.use({ reportId: 1, count: 7 });
  await device.sendReports([await device.report({ reportId: 2, count: 1 }, "builtin")]);
  await useOften(device, manyReports, 3);
  const instance = device.identifier;
  for (const [reportId, authenticity] of [
    [1, "verified"],
    [2, "unverified"],
  ] as const) {
    const file = await manager.useCases.proveReport({ instance, reportId });
    const proved = await verifyProofFile(file, manager.anchors);
    assert.equal(proved.authenticity, authenticity);
    assert.equal(proved.report?.asset_identification.report_id, reportId);
    assert.equal(proved.treeHead.size, manyReports + 2 + 2);
  }
  const acts = await manager.useCases.listAuditEntries({});
  assert.ok(acts.length > 0);
  for (const { leafIndex, entry } of acts) {
    const proved = await verifyActProofFile(await manager.useCases.proveAct({ leafIndex }), manager.anchors);
    assert.deepEqual([proved.entry, proved.leafIndex], [JSON.parse(entry), leafIndex]);
  }
  const [{ leafIndex } = { leafIndex: -1 }] = acts;
  const size = leafIndex + 1;
  assert.equal((await manager.useCases.proveAct({ leafIndex, size })).inclusion_proof.length > 0, leafIndex > 0);
  await assert.rejects(manager.useCases.proveAct({ leafIndex, size: leafIndex }), { code: "leaf_unknown" });
  await assert.rejects(manager.useCases.proveAct({ leafIndex, size: 9999 }), { code: "ledger_too_short" });
  // A report stands there.
  await assert.rejects(manager.useCases.proveAct({ leafIndex: manyReports }), { code: "audit_entry_unknown" });
  await assert.rejects(manager.useCases.proveReport({ instance, reportId: 9999 }), { code: "report_unknown" });
  await assert.rejects(manager.useCases.proveReport({ instance, reportId: 2, size: 1 }), { code: "leaf_unknown" });
  await assert.rejects(manager.useCases.proveReport({ instance, reportId: 10, size: 13 }), {
    code: "proof_unavailable",
  });
});

test("a ledger that lost a tile proves nothing wrong: it fails", async () => {
  const manager = await createTestManager();
  const device = await createTrustedDevice(manager);
  await useOften(device, 3);
  const { smartAccountId } = (await manager.storage.read.accounts.listSmartAccounts())[0] ?? assert.fail();
  const { ledger } = manager.storage.read;
  await assert.rejects(async () => proveConsistency({ ledger, smartAccountId }, 2, 400), /lacks a hash/);
});
