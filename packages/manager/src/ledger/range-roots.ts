// Roots of ranges of leaves out of stored tiles. A range is made of complete subtrees, and the hashes that make up one subtree
// stand side by side in one tile, so a proof reads at most two tiles of each level, however long the ledger is.

import { type Hash, type LeafRange, nodeHash } from "@countersign/protocol";
import { splitTile, type Tile, type TilePosition, tileWidth } from "./tiles.ts";

/** Neighbours in one tile; `count` is a power of two below the tile's width. */
type TileSpan = { readonly position: TilePosition; readonly from: number; readonly count: number };

/** The complete subtrees of a range, largest first, as its size's bits name them. */
function spansOf({ start, end }: LeafRange): readonly TileSpan[] {
  const spans: TileSpan[] = [];
  let at = start;
  let rest = end - start;
  for (let size = largestPowerUpTo(rest); rest > 0; size /= 2) {
    if (rest < size) continue;
    spans.push(spanOf(at, size));
    at += size;
    rest -= size;
  }
  return spans;
}

/** A subtree of `size` leaves, a power of two, as hashes of the highest level that still has more than one of them. */
function spanOf(start: number, size: number): TileSpan {
  let level = 0;
  let count = size;
  let first = start;
  while (count >= tileWidth) {
    count /= tileWidth;
    first /= tileWidth;
    level += 1;
  }
  return { position: { level, index: Math.floor(first / tileWidth) }, from: first % tileWidth, count };
}

/** Every tile that the roots of these ranges are made of, each once. */
export function tilesOf(ranges: readonly LeafRange[]): readonly TilePosition[] {
  const positions = new Map<string, TilePosition>();
  for (const { position } of ranges.flatMap(spansOf)) positions.set(keyOf(position), position);
  return [...positions.values()];
}

/** Tiles that were read, by `keyOf` their position. */
export type ReadTiles = ReadonlyMap<string, readonly Hash[]>;

export function keyOf({ level, index }: TilePosition): string {
  return `${level}/${index}`;
}

export function readTilesOf(tiles: readonly (readonly [TilePosition, Tile])[]): ReadTiles {
  return new Map(tiles.map(([position, tile]) => [keyOf(position), splitTile(tile)]));
}

/** The root over the leaves of a range that is not empty. Throws if a tile lacks a hash: then the ledger is damaged. */
export function rangeRoot(range: LeafRange, tiles: ReadTiles): Hash {
  const roots = spansOf(range).map((span) => spanRoot(span, tiles));
  return roots.reduceRight((right, left) => nodeHash(left, right));
}

function spanRoot({ position, from, count }: TileSpan, tiles: ReadTiles): Hash {
  let hashes = tiles.get(keyOf(position))?.slice(from, from + count) ?? [];
  if (hashes.length !== count) throw new Error(`the ledger's tile ${keyOf(position)} lacks a hash`);
  while (hashes.length > 1) hashes = pairsOf(hashes);
  return hashes[0] as Hash;
}

function pairsOf(hashes: readonly Hash[]): Hash[] {
  return Array.from({ length: hashes.length / 2 }, (_, at) =>
    nodeHash(hashes[2 * at] as Hash, hashes[2 * at + 1] as Hash),
  );
}

function largestPowerUpTo(n: number): number {
  let power = 1;
  while (power * 2 <= n) power *= 2;
  return power;
}
