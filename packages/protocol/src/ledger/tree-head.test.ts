import assert from "node:assert/strict";
import { test } from "node:test";
import { testNow } from "../test-support/certificates.ts";
import { assertRefused } from "../test-support/expectations.ts";
import { anchors, managerObject } from "../test-support/parties.ts";
import { rangeRootOf, sampleLeaves } from "../test-support/proofs.ts";
import { treeHead } from "../test-support/samples.ts";
import { consistencyRanges } from "./merkle-proof.ts";
import { compareHeads, type TreeHead, verifyTreeHead } from "./tree-head.ts";

const leaves = sampleLeaves(40);
const rootOfRange = rangeRootOf(leaves);
const headOf = (size: number): TreeHead => ({
  ledger_id: treeHead.ledger_id,
  size,
  root_sha256: rootOfRange({ start: 0, end: size }),
});
const proofOf = (from: number, to: number) => consistencyRanges(from, to).map(rootOfRange);

test("[BET-22] a head that goes on from the kept one is told from one that cannot", () => {
  assert.equal(compareHeads(headOf(11), headOf(11), null), "same");
  assert.equal(compareHeads(headOf(11), headOf(30), proofOf(11, 30)), "grown");
  assert.equal(compareHeads(headOf(11), headOf(30), null), "unproved");
  assert.equal(compareHeads(headOf(30), headOf(11), proofOf(11, 30)), "rewritten");
  assert.equal(compareHeads(headOf(11), { ...headOf(11), root_sha256: "c".repeat(64) }, null), "rewritten");
  assert.equal(compareHeads(headOf(11), headOf(30), proofOf(10, 30)), "rewritten");
  assert.equal(compareHeads(headOf(11), headOf(30), []), "rewritten");
  assert.equal(compareHeads({ ...headOf(11), root_sha256: "c".repeat(64) }, headOf(30), proofOf(11, 30)), "rewritten");
});

test("every tree goes on from the empty one", () => {
  assert.equal(compareHeads(headOf(0), headOf(30), null), "grown");
});

test("a tree head that stands alone is verified like every signed object", async () => {
  const object = await managerObject("tree-head");
  assert.deepEqual(await verifyTreeHead({ object, anchors, now: testNow }), treeHead);
  const ack = await managerObject("ack");
  await assertRefused("envelope_invalid", () => verifyTreeHead({ object: ack, anchors, now: testNow }));
  await assertRefused("payload_invalid", () =>
    verifyTreeHead({ object: { ...ack, header: { type: "tree-head" } }, anchors, now: testNow }),
  );
});
