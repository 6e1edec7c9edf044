// The ledger and the acknowledgements in SQLite.

import { emptyTree, type Frontier } from "../../ledger/merkle-tree.ts";
import { splitTile } from "../../ledger/tiles.ts";
import type { AcknowledgementReader, AcknowledgementWriter, LedgerReader, LedgerWriter } from "../../storage-ports.ts";
import type { StoredAcknowledgement } from "../../usage/stored-report.ts";
import type { Connection, Row } from "./connection.ts";

export function ledgerReader(connection: Connection): LedgerReader {
  return {
    readHead: (smartAccountId) => {
      const row = connection.prepare("select * from ledgers where smart_account_id = ?").get(smartAccountId);
      if (row === undefined) return { smartAccountId, ...emptyTree, nextAcknowledgementId: 1 };
      const frontier: Frontier = splitTile(row.frontier as Uint8Array);
      return {
        smartAccountId,
        size: row.size as number,
        frontier,
        nextAcknowledgementId: row.next_acknowledgement_id as number,
      };
    },
    readTile: (smartAccountId, { level, index }) => {
      const row = connection
        .prepare("select hashes from ledger_tiles where smart_account_id = ? and level = ? and tile_index = ?")
        .get(smartAccountId, level, index);
      return row?.hashes as Uint8Array | undefined;
    },
    findTreeHead: (smartAccountId, size) => {
      const row = connection
        .prepare("select * from tree_heads where smart_account_id = ? and size = ?")
        .get(smartAccountId, size);
      if (row === undefined) return undefined;
      return { rootSha256: Buffer.from(row.root_sha256 as Uint8Array).toString("hex"), atMs: row.at_ms as number };
    },
  };
}

export function ledgerWriter(connection: Connection): LedgerWriter {
  return {
    putHead: ({ smartAccountId, size, frontier, nextAcknowledgementId }) => {
      connection
        .prepare(
          "insert or replace into ledgers (smart_account_id, size, frontier, next_acknowledgement_id) values (?, ?, ?, ?)",
        )
        .run(smartAccountId, size, Buffer.concat(frontier), nextAcknowledgementId);
    },
    putTile: (smartAccountId, { level, index }, tile) => {
      connection
        .prepare(
          "insert or replace into ledger_tiles (smart_account_id, level, tile_index, hashes) values (?, ?, ?, ?)",
        )
        .run(smartAccountId, level, index, tile);
    },
    addTreeHead: (smartAccountId, size, rootSha256, atMs) => {
      connection
        .prepare("insert into tree_heads (smart_account_id, size, root_sha256, at_ms) values (?, ?, ?, ?)")
        .run(smartAccountId, size, Buffer.from(rootSha256, "hex"), atMs);
    },
  };
}

export function acknowledgementReader(connection: Connection): AcknowledgementReader {
  return {
    findAcknowledgement: (smartAccountId, acknowledgementId) => {
      const row = connection
        .prepare("select * from acknowledgements where smart_account_id = ? and acknowledgement_id = ?")
        .get(smartAccountId, acknowledgementId);
      return row === undefined ? undefined : acknowledgementOf(row as Row);
    },
    listAcknowledgements: (smartAccountId, page) =>
      connection
        .prepare(
          `select * from acknowledgements where smart_account_id = ? and acknowledgement_id < ?
           order by acknowledgement_id desc limit ?`,
        )
        .all(smartAccountId, page.after ?? Number.MAX_SAFE_INTEGER, page.limit)
        .map((row) => acknowledgementOf(row as Row)),
  };
}

export function acknowledgementWriter(connection: Connection): AcknowledgementWriter {
  const add = connection.prepare(
    `insert into acknowledgements (smart_account_id, acknowledgement_id, installation_id, instance_id, at_ms, with_policy,
     accepted, payload) values (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    addAcknowledgement: (one) => {
      add.run(
        one.smartAccountId,
        one.acknowledgementId,
        one.installationId,
        one.instanceId,
        one.atMs,
        one.withPolicy ? 1 : 0,
        one.accepted,
        one.payload,
      );
    },
  };
}

function acknowledgementOf(row: Row): StoredAcknowledgement {
  return {
    smartAccountId: row.smart_account_id as number,
    acknowledgementId: row.acknowledgement_id as number,
    installationId: row.installation_id as number,
    instanceId: row.instance_id as number,
    atMs: row.at_ms as number,
    withPolicy: row.with_policy === 1,
    accepted: row.accepted as number,
    payload: row.payload as string,
  };
}
