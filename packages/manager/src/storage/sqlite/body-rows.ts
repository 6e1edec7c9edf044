// Bodies of reports in SQLite: how far they were purged, which are old, and their removal. Tree heads say when leaves were
// appended, so that no index over all reports has to be kept for this.

import type { BodiesWeight, BodyRange, ReportBodyReader, ReportBodyWriter } from "../../storage-ports.ts";
import { endOfOldLeaves } from "../mapping/ledger-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Connection } from "./connection.ts";

const chosen = `from report_bodies where smart_account_id = ?1 and leaf_index >= ?2 and leaf_index < ?3
  and leaf_index not in (select r.leaf_index from report_evidence e join reports r
    on r.smart_account_id = e.smart_account_id and r.installation_id = e.installation_id and r.report_id = e.report_id
    where e.smart_account_id = ?1)`;

export function bodyReader(connection: Connection): ReportBodyReader {
  return {
    readPurgedBelow: (smartAccountId) => {
      const row = connection
        .prepare("select below_leaf_index from report_body_purges where smart_account_id = ?")
        .get(smartAccountId);
      return Number(row?.below_leaf_index ?? 0);
    },
    findEndOfOldLeaves: (smartAccountId, query) => {
      const heads = connection
        .prepare("select size, at_ms from tree_heads where smart_account_id = ? and size > ? order by size limit ?")
        .all(smartAccountId, query.from, query.leavesMax);
      return endOfOldLeaves(heads as Row[], query);
    },
    weighBodies: (smartAccountId, range) => weigh(connection, smartAccountId, range),
  };
}

export function bodyWriter(connection: Connection): ReportBodyWriter {
  return {
    removeBodies: (smartAccountId, range, atMs) => {
      const weight = weigh(connection, smartAccountId, range);
      connection.prepare(`delete ${chosen}`).run(smartAccountId, range.from, range.to);
      connection
        .prepare(
          `insert into report_body_purges (smart_account_id, below_leaf_index, purged_at_ms) values (?, ?, ?)
           on conflict (smart_account_id) do update set below_leaf_index = excluded.below_leaf_index,
           purged_at_ms = excluded.purged_at_ms`,
        )
        .run(smartAccountId, range.to, atMs);
      return weight;
    },
  };
}

function weigh(connection: Connection, smartAccountId: number, { from, to }: BodyRange): BodiesWeight {
  const row = connection
    .prepare(
      `select count(*) as bodies, coalesce(sum(octet_length(payload) + octet_length(signature)), 0) as bytes ${chosen}`,
    )
    .get(smartAccountId, from, to);
  return { bodies: Number(row?.bodies), bytes: Number(row?.bytes) };
}
