// Audit entries in SQLite.

import type { AuditEntryReader, AuditEntryWriter } from "../../storage-ports.ts";
import { changesOnlyIn } from "../mapping/act-places.ts";
import { auditEntryOf } from "../mapping/ledger-mapping.ts";
import type { Row } from "../mapping/row.ts";
import { queries } from "../schema.ts";
import type { Connection } from "./connection.ts";

export function auditEntryReader(connection: Connection): AuditEntryReader {
  return {
    findAuditEntry: (smartAccountId, leafIndex) => {
      const row = connection
        .prepare("select * from audit_entries where smart_account_id = ? and leaf_index = ?")
        .get(smartAccountId, leafIndex);
      return row === undefined ? undefined : auditEntryOf(row as Row);
    },
    listAuditEntries: ({ smartAccountId, virtualAccountIds, fromMs, toMs, operator, act, page }) => {
      let query = queries().selectFrom("audit_entries").selectAll().where("smart_account_id", "=", smartAccountId);
      if (virtualAccountIds !== null) query = query.where(changesOnlyIn(virtualAccountIds));
      if (fromMs !== null) query = query.where("at_ms", ">=", fromMs);
      if (toMs !== null) query = query.where("at_ms", "<", toMs);
      if (operator !== null) query = query.where("operator", "=", operator);
      if (act !== null) query = query.where("act", "=", act);
      if (page.after !== null) query = query.where("leaf_index", "<", page.after);
      return connection.all(query.orderBy("leaf_index", "desc").limit(page.limit)).map(auditEntryOf);
    },
    countAuditEntries: (smartAccountId, fromLeaf) => {
      const sql = "select count(*) as entries from audit_entries where smart_account_id = ? and leaf_index >= ?";
      return Number((connection.prepare(sql).get(smartAccountId, fromLeaf) as Row).entries);
    },
  };
}

export function auditEntryWriter(connection: Connection): AuditEntryWriter {
  const add = connection.prepare(
    "insert into audit_entries (smart_account_id, leaf_index, at_ms, act, operator, entry) values (?, ?, ?, ?, ?, ?)",
  );
  return {
    addAuditEntry: (one) => {
      add.run(one.smartAccountId, one.leafIndex, one.atMs, one.act, one.operator, one.entry);
    },
  };
}
