// Every ACK against the ledger: the leaf of each report that it names, and the head that it carries.

import {
  type Acknowledgement,
  decodeAcknowledgement,
  hexOfHash,
  ProtocolError,
  reportLeaf,
} from "@countersign/protocol";
import { splitTile, tileWidth } from "../../ledger/tiles.ts";
import type { AuditReader } from "../../storage-ports.ts";
import { BoundedCache } from "../../trust/bounded-cache.ts";
import { type Findings, type Progress, progressEvery } from "./findings.ts";

/** Leaves of one ACK stand near those of the ACK before it. */
const tilesKept = 256;

export async function auditAcknowledgements(
  reader: AuditReader,
  smartAccountId: number,
  tell: { readonly findings: Findings; readonly progress: Progress },
): Promise<number> {
  const tiles = new BoundedCache<number, readonly string[]>(tilesKept);
  const leafAt = async (leafIndex: number): Promise<string | undefined> => {
    const index = Math.floor(leafIndex / tileWidth);
    let hashes = tiles.get(index);
    if (hashes === undefined) {
      const tile = await reader.ledger.readTile(smartAccountId, { level: 0, index });
      hashes = tile === undefined ? [] : splitTile(tile).map(hexOfHash);
      tiles.set(index, hashes);
    }
    return hashes[leafIndex % tileWidth];
  };
  let count = 0;
  for await (const { acknowledgementId, payload } of reader.acknowledgements(smartAccountId)) {
    count += 1;
    const acknowledgement = decodeOrNull(payload);
    const isSound =
      acknowledgement !== null && (await namesLeaves(acknowledgement, leafAt)) && (await namesHead(acknowledgement));
    if (!isSound) tell.findings.add("acknowledgement_altered", `acknowledgement ${acknowledgementId}`);
    if (count % progressEvery === 0) tell.progress(count, "acknowledgements");
  }
  return count;

  async function namesHead({ tree_head: head }: Acknowledgement): Promise<boolean> {
    if (head === null) return true;
    return (await reader.ledger.findTreeHead(smartAccountId, head.size))?.rootSha256 === head.root_sha256;
  }
}

function decodeOrNull(payload: string): Acknowledgement | null {
  try {
    return decodeAcknowledgement(payload);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

async function namesLeaves(
  { reports, tree_head: head }: Acknowledgement,
  leafAt: (leafIndex: number) => Promise<string | undefined>,
): Promise<boolean> {
  for (const entry of reports) {
    if (entry.outcome === "refused") continue;
    const expected = hexOfHash(reportLeaf(Buffer.from(entry.payload_sha256, "hex")));
    if (head === null || entry.leaf_index >= head.size || (await leafAt(entry.leaf_index)) !== expected) return false;
  }
  return true;
}
