// The ledger and the acknowledgements in SQLite.

import type { AcknowledgementReader, AcknowledgementWriter, LedgerReader, LedgerWriter } from "../../storage-ports.ts";
import { acknowledgementOf, ledgerHeadOf, treeHeadOf } from "../mapping/ledger-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Connection } from "./connection.ts";

export function ledgerReader(connection: Connection): LedgerReader {
  return {
    readHead: (smartAccountId) => {
      const row = connection.prepare("select * from ledgers where smart_account_id = ?").get(smartAccountId);
      return ledgerHeadOf(smartAccountId, row as Row | undefined);
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
      return row === undefined ? undefined : treeHeadOf(row as Row);
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
    listAcknowledgements: ({ smartAccountId, virtualAccountIds, page }) => {
      const narrowed = virtualAccountIds ?? [];
      const ofInstallations =
        virtualAccountIds === null
          ? ""
          : `and exists (select 1 from installations i where i.smart_account_id = a.smart_account_id
             and i.installation_id = a.installation_id and i.virtual_account_id in (${narrowed.map(() => "?").join(", ")}))`;
      return connection
        .prepare(
          `select a.* from acknowledgements a where a.smart_account_id = ? and a.acknowledgement_id < ? ${ofInstallations}
           order by a.acknowledgement_id desc limit ?`,
        )
        .all(smartAccountId, page.after ?? Number.MAX_SAFE_INTEGER, ...narrowed, page.limit)
        .map((row) => acknowledgementOf(row as Row));
    },
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
