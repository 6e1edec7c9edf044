// Installations in classic Smart Licensing in SQLite.

import type { ClassicReader, ClassicWriter } from "../../storage-ports.ts";
import { classicInstallationOf, classicInstallationValues } from "../mapping/classic-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Connection } from "./connection.ts";

export function classicReader(connection: Connection): ClassicReader {
  return {
    findClassic: (smartAccountId, installationId) => {
      const row = connection
        .prepare("select * from classic_installations where smart_account_id = ? and installation_id = ?")
        .get(smartAccountId, installationId);
      return row === undefined ? undefined : classicInstallationOf(row as Row);
    },
    listDue: (smartAccountId, now, limit) =>
      connection
        .prepare(
          `select installation_id from classic_installations indexed by classic_installations_due
           where smart_account_id = ? and due_at_ms <= ? order by due_at_ms limit ?`,
        )
        .all(smartAccountId, now, limit)
        .map((row) => row.installation_id as number),
  };
}

export function classicWriter(connection: Connection): ClassicWriter {
  return {
    putClassic: (one) => {
      connection
        .prepare(
          `insert or replace into classic_installations (smart_account_id, installation_id, last_contact_at_ms,
           asked_at_ms, certificate_ends_at_ms, released_at_ms, due_at_ms) values (?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(...classicInstallationValues(one));
    },
    removeClassic: (smartAccountId, installationId) => {
      connection
        .prepare("delete from classic_installations where smart_account_id = ? and installation_id = ?")
        .run(smartAccountId, installationId);
    },
  };
}
