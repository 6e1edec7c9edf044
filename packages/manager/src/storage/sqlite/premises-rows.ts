// Accounts on premises in SQLite.

import type { PremisesReader, PremisesWriter } from "../../storage-ports.ts";
import { premisesOf, rowOfPremises } from "../mapping/premises-mapping.ts";
import type { Tables } from "../schema.ts";
import type { Connection } from "./connection.ts";

export function premisesReader(connection: Connection): PremisesReader {
  return {
    findPremises: (smartAccountId) => {
      const row = connection.prepare("select * from premises where smart_account_id = ?").get(smartAccountId);
      return row === undefined ? undefined : premisesOf(row as Tables["premises"]);
    },
    listPremises: () =>
      connection
        .prepare("select * from premises order by smart_account_id")
        .all()
        .map((row) => premisesOf(row as Tables["premises"])),
  };
}

export function premisesWriter(connection: Connection): PremisesWriter {
  return {
    putPremises: (premises) => {
      const { smart_account_id, admission, upstream } = rowOfPremises(premises);
      connection
        .prepare(
          `insert into premises (smart_account_id, admission, upstream) values (?1, ?2, ?3)
           on conflict (smart_account_id) do update set admission = ?2, upstream = ?3`,
        )
        .run(smart_account_id, admission, upstream);
    },
  };
}
