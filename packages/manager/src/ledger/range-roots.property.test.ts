import assert from "node:assert/strict";
import { test } from "node:test";
import {
  appendLeaves,
  consistencyRanges,
  emptyTree,
  type Hash,
  inclusionRanges,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "@countersign/protocol";
import fc from "fast-check";
import { rangeRoot, readTilesOf, tilesOf } from "./range-roots.ts";
import { appendToTiles, hashesOnLevel, splitTile, type Tile, type TilePosition, tileWidth } from "./tiles.ts";

const naiveRoot = (leaves: readonly Hash[]) => rootOf(appendLeaves(emptyTree, leaves));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const leavesOf = (count: number) => Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));

test("tiles written in any batches hold every leaf, and above them the roots of full tiles", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }), (batches) => {
      const leaves = leavesOf(batches.reduce((sum, size) => sum + size, 0));
      const stored = new Map<string, Tile>();
      let size = 0;
      for (const count of batches) {
        const writes = appendToTiles(
          size,
          leaves.slice(size, size + count),
          ({ level, index }) => stored.get(`${level}/${index}`) as Tile,
        );
        for (const { position, tile } of writes) stored.set(`${position.level}/${position.index}`, tile);
        size += count;
      }
      const levelHashes = (level: number) =>
        Array.from({ length: Math.ceil(hashesOnLevel(size, level) / tileWidth) }, (_, index) =>
          splitTile(stored.get(`${level}/${index}`) as Tile),
        ).flat();
      assert.deepEqual(levelHashes(0).map(hex), leaves.map(hex));
      const full = Array.from({ length: hashesOnLevel(size, 1) }, (_, at) =>
        naiveRoot(leaves.slice(at * tileWidth, (at + 1) * tileWidth)),
      );
      assert.deepEqual(levelHashes(1).map(hex), full.map(hex));
    }),
    { numRuns: 20 },
  );
});

const longest = 70_000;
const longLedger = leavesOf(longest);
const longTiles = new Map<string, Tile>();
for (const { position, tile } of appendToTiles(0, longLedger, () => new Uint8Array(0)))
  longTiles.set(`${position.level}/${position.index}`, tile);
const read = (positions: readonly TilePosition[]) =>
  readTilesOf(
    positions.map((position) => [position, longTiles.get(`${position.level}/${position.index}`) as Tile] as const),
  );

test("[BET-22] proofs made of tiles hold at every size, and read at most two tiles of a level", () => {
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: longest }),
    fc.constantFrom(1, 2, 255, 256, 257, 65_535, 65_536, 65_537, longest),
  );
  fc.assert(
    fc.property(sizes, sizes, fc.nat(), (one, other, pick) => {
      const [first, second] = [Math.min(one, other), Math.max(one, other)];
      const leafIndex = pick % second;
      const heads = [
        { start: 0, end: first },
        { start: 0, end: second },
      ] as const;
      const inclusion = inclusionRanges(leafIndex, second);
      const consistency = consistencyRanges(first, second);
      for (const ranges of [inclusion, consistency]) {
        const levels = Map.groupBy(tilesOf(ranges), ({ level }) => level);
        assert.ok([...levels.values()].every((tiles) => tiles.length <= 2));
      }
      const tiles = read(tilesOf([...heads, ...inclusion, ...consistency]));
      const [firstRoot, root] = heads.map((range) => rangeRoot(range, tiles)) as [Hash, Hash];
      const leaf = longLedger[leafIndex] as Hash;
      const proof = inclusion.map((range) => rangeRoot(range, tiles));
      assert.ok(verifyInclusion({ leaf, leafIndex, size: second, root, proof }));
      const steps = consistency.map((range) => rangeRoot(range, tiles));
      assert.ok(verifyConsistency({ first, second, firstRoot, secondRoot: root, proof: steps }));
    }),
    { numRuns: 60 },
  );
  assert.equal(
    hex(rangeRoot({ start: 0, end: longest }, read(tilesOf([{ start: 0, end: longest }])))),
    hex(naiveRoot(longLedger)),
  );
});

test("a hash that is missing from the tiles is a damaged ledger, not a wrong proof", () => {
  assert.throws(() => rangeRoot({ start: 0, end: 3 }, new Map()), /lacks a hash/);
});
