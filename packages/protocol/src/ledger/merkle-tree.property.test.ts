import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { consistencyRanges, inclusionRanges, isSameHash, verifyConsistency, verifyInclusion } from "./merkle-proof.ts";
import { appendLeaves, emptyTree, type Hash, leafHash, nodeHash, reportLeaf, rootOf } from "./merkle-tree.ts";

/** RFC 9162, section 2.1.1, word for word: the recursion that everything else is compared with. */
function naiveRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return rootOf(emptyTree);
  if (leaves.length === 1) return leaves[0] as Hash;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const leavesOf = (count: number) => Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));

test("the hash of an empty tree and of known leaves is that of RFC 6962's test data", () => {
  assert.equal(hex(rootOf(emptyTree)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(hex(leafHash(new Uint8Array(0))), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  const tree = appendLeaves(
    emptyTree,
    inputs.map((input) => leafHash(Buffer.from(input, "hex"))),
  );
  assert.equal(hex(rootOf(tree)), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
});

test("appending in any batches gives the root of the naive tree", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 8 }), (batches) => {
      const leaves = leavesOf(batches.reduce((sum, size) => sum + size, 0));
      let tree = emptyTree;
      let at = 0;
      for (const size of batches) {
        tree = appendLeaves(tree, leaves.slice(at, at + size));
        at += size;
      }
      assert.equal(tree.size, leaves.length);
      assert.equal(hex(rootOf(tree)), hex(naiveRoot(leaves)));
    }),
    { numRuns: 60 },
  );
});

test("every leaf can be proved, and no other leaf, index, size or root passes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, pick, nudge) => {
      const leaves = leavesOf(size);
      const root = naiveRoot(leaves);
      const index = pick % size;
      const proof = inclusionRanges(index, size).map(({ start, end }) => naiveRoot(leaves.slice(start, end)));
      const question = { leaf: leaves[index] as Hash, leafIndex: index, size, root, proof };
      assert.ok(verifyInclusion(question));
      assert.ok(!verifyInclusion({ ...question, leaf: leafHash(Buffer.from("another")) }));
      assert.ok(!verifyInclusion({ ...question, root: leafHash(Buffer.from("root")) }));
      assert.ok(!verifyInclusion({ ...question, leafIndex: size + (nudge % 3) }));
      assert.ok(!verifyInclusion({ ...question, proof: [...proof, root] }));
      const other = (index + 1 + (nudge % size)) % size;
      if (other !== index) assert.ok(!verifyInclusion({ ...question, leafIndex: other }));
    }),
    { numRuns: 200 },
  );
});

test("two heads of one history are consistent, heads of different histories are not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 70 }), fc.nat(), (one, other, changed) => {
      const [first, second] = [Math.min(one, other), Math.max(one, other)];
      const leaves = leavesOf(second);
      const rangeRoot = (start: number, end: number) => naiveRoot(leaves.slice(start, end));
      const proof = consistencyRanges(first, second).map(({ start, end }) => rangeRoot(start, end));
      const question = { first, second, firstRoot: rangeRoot(0, first), secondRoot: rangeRoot(0, second), proof };
      assert.ok(verifyConsistency(question));
      if (first === 0) return;
      const rewritten = leaves.map((leaf, at) => (at === changed % first ? leafHash(Buffer.from("rewritten")) : leaf));
      assert.ok(!verifyConsistency({ ...question, secondRoot: naiveRoot(rewritten) }));
      assert.ok(!verifyConsistency({ ...question, firstRoot: naiveRoot(rewritten.slice(0, first)) }));
    }),
    { numRuns: 200 },
  );
});

test("a report's leaf differs from a leaf over the bare hash, so one kind of entry is never taken for another", () => {
  const payloadSha256 = Buffer.alloc(32, 7);
  assert.ok(!isSameHash(reportLeaf(payloadSha256), leafHash(payloadSha256)));
});
