// Appends leaves to a smart account's ledger inside a transaction: head, tiles and the tree head of the new size.

import { appendLeaves, type Hash, rootOf, type TreeHead } from "@countersign/protocol";
import { appendToTiles, hashesOnLevel, type Tile, tileWidth } from "../ledger/tiles.ts";
import type { LedgerHead, Transaction } from "../storage-ports.ts";

/** `head` was read in this transaction; its `nextAcknowledgementId` may have been raised since. */
export async function appendToLedger(
  ledger: Transaction["ledger"],
  head: LedgerHead,
  leaves: readonly Hash[],
  now: number,
): Promise<Omit<TreeHead, "ledger_id">> {
  const { smartAccountId, nextAcknowledgementId } = head;
  const tree = appendLeaves(head, leaves);
  await ledger.putHead({ smartAccountId, ...tree, nextAcknowledgementId });
  const rootSha256 = Buffer.from(rootOf(tree)).toString("hex");
  if (leaves.length > 0) {
    const tiles = await readLastTiles(ledger, head, tree.size);
    const writes = appendToTiles(head.size, leaves, ({ level }) => tiles.get(level) ?? new Uint8Array(0));
    for (const { position, tile } of writes) await ledger.putTile(smartAccountId, position, tile);
    await ledger.addTreeHead(smartAccountId, tree.size, rootSha256, now);
  }
  return { size: tree.size, root_sha256: rootSha256 };
}

/** The partly filled last tile of each level that an append will touch. */
async function readLastTiles(
  ledger: Transaction["ledger"],
  head: LedgerHead,
  newSize: number,
): Promise<ReadonlyMap<number, Tile>> {
  const tiles = new Map<number, Tile>();
  for (let level = 0; hashesOnLevel(newSize, level) > hashesOnLevel(head.size, level); level += 1) {
    const count = hashesOnLevel(head.size, level);
    if (count % tileWidth === 0) continue;
    const position = { level, index: Math.floor(count / tileWidth) };
    const tile = await ledger.readTile(head.smartAccountId, position);
    if (tile !== undefined) tiles.set(level, tile);
  }
  return tiles;
}
