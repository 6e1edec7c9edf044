// Installations in classic Smart Licensing in PostgreSQL.

import type { ClassicReader, ClassicWriter } from "../../storage-ports.ts";
import { classicInstallationOf, classicInstallationValues } from "../mapping/classic-mapping.ts";
import type { Session } from "./connection.ts";

export function classicReader(session: Session): ClassicReader {
  return {
    findClassic: async (smartAccountId, installationId) => {
      const sql = "select * from classic_installations where smart_account_id = $1 and installation_id = $2";
      const row = await session.first(sql, smartAccountId, installationId);
      return row === undefined ? undefined : classicInstallationOf(row);
    },
    listDue: async (smartAccountId, now, limit) => {
      const sql = `select installation_id from classic_installations where smart_account_id = $1 and due_at_ms <= $2
        order by due_at_ms limit $3`;
      return (await session.all(sql, smartAccountId, now, limit)).map((row) => row.installation_id as number);
    },
  };
}

export function classicWriter(session: Session): ClassicWriter {
  return {
    putClassic: async (one) => {
      const [smartAccountId, ...values] = classicInstallationValues(one);
      await session.run(
        `insert into classic_installations (smart_account_id, installation_id, last_contact_at_ms, asked_at_ms,
           certificate_ends_at_ms, released_at_ms, due_at_ms) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (smart_account_id, installation_id) do update set last_contact_at_ms = excluded.last_contact_at_ms,
           asked_at_ms = excluded.asked_at_ms,
           certificate_ends_at_ms = excluded.certificate_ends_at_ms, released_at_ms = excluded.released_at_ms,
           due_at_ms = excluded.due_at_ms`,
        smartAccountId,
        ...values,
      );
    },
    removeClassic: async (smartAccountId, installationId) => {
      const sql = "delete from classic_installations where smart_account_id = $1 and installation_id = $2";
      await session.run(sql, smartAccountId, installationId);
    },
  };
}
