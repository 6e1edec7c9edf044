// Bodies of reports in PostgreSQL: how far they were purged, which are old, and their removal. Tree heads say when leaves
// were appended, so that no index over all reports has to be kept for this.

import type { BodiesWeight, BodyRange, ReportBodyReader, ReportBodyWriter } from "../../storage-ports.ts";
import { endOfOldLeaves } from "../mapping/ledger-mapping.ts";
import type { Session } from "./connection.ts";

const chosen = `from report_bodies where smart_account_id = $1 and leaf_index >= $2 and leaf_index < $3
  and leaf_index not in (select r.leaf_index from report_evidence e join reports r
    on r.smart_account_id = e.smart_account_id and r.installation_id = e.installation_id and r.report_id = e.report_id
    where e.smart_account_id = $1)`;

export function bodyReader(session: Session): ReportBodyReader {
  return {
    readPurgedBelow: async (smartAccountId) => {
      const sql = "select below_leaf_index from report_body_purges where smart_account_id = $1";
      return Number((await session.first(sql, smartAccountId))?.below_leaf_index ?? 0);
    },
    findEndOfOldLeaves: async (smartAccountId, query) => {
      const sql =
        "select size, at_ms from tree_heads where smart_account_id = $1 and size > $2 order by size limit $3::bigint";
      return endOfOldLeaves(await session.all(sql, smartAccountId, query.from, query.leavesMax), query);
    },
    weighBodies: (smartAccountId, range) => weigh(session, smartAccountId, range),
  };
}

export function bodyWriter(session: Session): ReportBodyWriter {
  return {
    removeBodies: async (smartAccountId, range, atMs) => {
      const weight = await weigh(session, smartAccountId, range);
      await session.run(`delete ${chosen}`, smartAccountId, range.from, range.to);
      await session.run(
        `insert into report_body_purges (smart_account_id, below_leaf_index, purged_at_ms) values ($1, $2, $3)
         on conflict (smart_account_id) do update set below_leaf_index = excluded.below_leaf_index,
         purged_at_ms = excluded.purged_at_ms`,
        smartAccountId,
        range.to,
        atMs,
      );
      return weight;
    },
  };
}

async function weigh(session: Session, smartAccountId: number, { from, to }: BodyRange): Promise<BodiesWeight> {
  const row = await session.first(
    `select count(*)::bigint as bodies,
     coalesce(sum(octet_length(payload) + octet_length(signature)), 0)::bigint as bytes ${chosen}`,
    smartAccountId,
    from,
    to,
  );
  return { bodies: Number(row?.bodies), bytes: Number(row?.bytes) };
}
