// Leaf hashes are kept in tiles of 256, and the roots of full tiles in tiles one level up, and so on. So a proof reads a
// handful of rows however long the ledger is, and an append rewrites only the last tile of a level.

import { appendLeaves, emptyTree, type Hash, hashBytes, rootOf } from "@countersign/protocol";

export const tileWidth = 256;

/** Level 0 holds leaf hashes; a hash on level n + 1 is the root of a full tile on level n. */
export type TilePosition = { readonly level: number; readonly index: number };
/** Up to 256 hashes, one after another. */
export type Tile = Uint8Array;

export type TileWrite = { readonly position: TilePosition; readonly tile: Tile };

/** Hashes that one level of tiles holds for a tree of this size. */
export function hashesOnLevel(size: number, level: number): number {
  return Math.floor(size / tileWidth ** level);
}

/**
 * The tiles that an append changes. `lastTileOf(level)` answers the last, partly filled tile of a level (empty if none).
 */
export function appendToTiles(
  size: number,
  leaves: readonly Hash[],
  lastTileOf: (position: TilePosition) => Tile,
): readonly TileWrite[] {
  const writes: TileWrite[] = [];
  let hashes = leaves;
  for (let level = 0; hashes.length > 0; level += 1) {
    const full: Hash[] = [];
    let count = hashesOnLevel(size, level);
    for (let at = 0; at < hashes.length; ) {
      const position = { level, index: Math.floor(count / tileWidth) };
      const filled = count % tileWidth;
      const taken = hashes.slice(at, at + tileWidth - filled);
      const tile = Buffer.concat([filled === 0 ? emptyTile : lastTileOf(position), ...taken]);
      writes.push({ position, tile });
      if (filled + taken.length === tileWidth) full.push(rootOfTile(tile));
      at += taken.length;
      count += taken.length;
    }
    hashes = full;
  }
  return writes;
}

const emptyTile = new Uint8Array(0);

function rootOfTile(tile: Tile): Hash {
  return rootOf(appendLeaves(emptyTree, splitTile(tile)));
}

export function splitTile(tile: Tile): readonly Hash[] {
  return Array.from({ length: tile.byteLength / hashBytes }, (_, at) =>
    tile.subarray(at * hashBytes, (at + 1) * hashBytes),
  );
}
