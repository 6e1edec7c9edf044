// The ledger and the acknowledgements in PostgreSQL.

import type { AcknowledgementReader, LedgerReader, LedgerWriter } from "../../storage-ports.ts";
import { acknowledgementOf, ledgerHeadOf, treeHeadOf } from "../mapping/ledger-mapping.ts";
import type { Session } from "./connection.ts";

export function ledgerReader(session: Session): LedgerReader {
  return {
    readHead: async (smartAccountId) =>
      ledgerHeadOf(
        smartAccountId,
        await session.first("select * from ledgers where smart_account_id = $1", smartAccountId),
      ),
    readTile: async (smartAccountId, { level, index }) => {
      const row = await session.first(
        "select hashes from ledger_tiles where smart_account_id = $1 and level = $2 and tile_index = $3",
        smartAccountId,
        level,
        index,
      );
      return row?.hashes as Uint8Array | undefined;
    },
    findTreeHead: async (smartAccountId, size) => {
      const row = await session.first(
        "select * from tree_heads where smart_account_id = $1 and size = $2",
        smartAccountId,
        size,
      );
      return row === undefined ? undefined : treeHeadOf(row);
    },
  };
}

export function ledgerWriter(session: Session): LedgerWriter {
  return {
    putHead: async ({ smartAccountId, size, frontier, nextAcknowledgementId }) => {
      await session.run(
        `insert into ledgers (smart_account_id, size, frontier, next_acknowledgement_id) values ($1, $2, $3, $4)
         on conflict (smart_account_id) do update set size = excluded.size, frontier = excluded.frontier,
         next_acknowledgement_id = excluded.next_acknowledgement_id`,
        smartAccountId,
        size,
        Buffer.concat(frontier),
        nextAcknowledgementId,
      );
    },
    putTile: async (smartAccountId, { level, index }, tile) => {
      await session.run(
        `insert into ledger_tiles (smart_account_id, level, tile_index, hashes) values ($1, $2, $3, $4)
         on conflict (smart_account_id, level, tile_index) do update set hashes = excluded.hashes`,
        smartAccountId,
        level,
        index,
        tile,
      );
    },
    addTreeHead: async (smartAccountId, size, rootSha256, atMs) => {
      await session.run(
        "insert into tree_heads (smart_account_id, size, root_sha256, at_ms) values ($1, $2, $3, $4)",
        smartAccountId,
        size,
        Buffer.from(rootSha256, "hex"),
        atMs,
      );
    },
  };
}

export function acknowledgementReader(session: Session): AcknowledgementReader {
  return {
    findAcknowledgement: async (smartAccountId, acknowledgementId) => {
      const row = await session.first(
        "select * from acknowledgements where smart_account_id = $1 and acknowledgement_id = $2",
        smartAccountId,
        acknowledgementId,
      );
      return row === undefined ? undefined : acknowledgementOf(row);
    },
    listAcknowledgements: async ({ smartAccountId, virtualAccountIds, page }) => {
      const ofInstallations =
        virtualAccountIds === null
          ? ""
          : `and exists (select 1 from installations i where i.smart_account_id = a.smart_account_id
             and i.installation_id = a.installation_id and i.virtual_account_id = any($4))`;
      const rows = await session.all(
        `select a.* from acknowledgements a where a.smart_account_id = $1 and a.acknowledgement_id < $2 ${ofInstallations}
         order by a.acknowledgement_id desc limit $3`,
        smartAccountId,
        page.after ?? Number.MAX_SAFE_INTEGER,
        page.limit,
        ...(virtualAccountIds === null ? [] : [virtualAccountIds]),
      );
      return rows.map(acknowledgementOf);
    },
  };
}
