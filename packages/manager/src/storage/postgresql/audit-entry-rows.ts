// Audit entries in PostgreSQL.

import type { AuditEntryReader, AuditEntryWriter } from "../../storage-ports.ts";
import { changesOnlyIn } from "../mapping/act-places.ts";
import { auditEntryOf } from "../mapping/ledger-mapping.ts";
import type { Session, Value } from "./connection.ts";
import { insertRow, queries } from "./insert-row.ts";

export function auditEntryReader(session: Session): AuditEntryReader {
  return {
    findAuditEntry: async (smartAccountId, leafIndex) => {
      const sql = "select * from audit_entries where smart_account_id = $1 and leaf_index = $2";
      const row = await session.first(sql, smartAccountId, leafIndex);
      return row === undefined ? undefined : auditEntryOf(row);
    },
    listAuditEntries: async ({ smartAccountId, virtualAccountIds, fromMs, toMs, operator, act, page }) => {
      let query = queries().selectFrom("audit_entries").selectAll().where("smart_account_id", "=", smartAccountId);
      if (virtualAccountIds !== null) query = query.where(changesOnlyIn(virtualAccountIds));
      if (fromMs !== null) query = query.where("at_ms", ">=", fromMs);
      if (toMs !== null) query = query.where("at_ms", "<", toMs);
      if (operator !== null) query = query.where("operator", "=", operator);
      if (act !== null) query = query.where("act", "=", act);
      if (page.after !== null) query = query.where("leaf_index", "<", page.after);
      const { sql, parameters } = query.orderBy("leaf_index", "desc").limit(page.limit).compile();
      return (await session.all(sql, smartAccountId, ...(parameters.slice(1) as Value[]))).map(auditEntryOf);
    },
    countAuditEntries: async (smartAccountId, fromLeaf) => {
      const sql = "select count(*) as entries from audit_entries where smart_account_id = $1 and leaf_index >= $2";
      return Number((await session.first(sql, smartAccountId, fromLeaf))?.entries);
    },
  };
}

export function auditEntryWriter(session: Session): AuditEntryWriter {
  return {
    addAuditEntry: (one) =>
      insertRow(session, "audit_entries", {
        smart_account_id: one.smartAccountId,
        leaf_index: one.leafIndex,
        at_ms: one.atMs,
        act: one.act,
        operator: one.operator,
        entry: one.entry,
      }),
  };
}
