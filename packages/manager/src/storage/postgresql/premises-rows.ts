// Accounts on premises in PostgreSQL.

import type { PremisesReader, PremisesWriter } from "../../storage-ports.ts";
import { premisesOf, rowOfPremises } from "../mapping/premises-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Tables } from "../schema.ts";
import type { Session } from "./connection.ts";

const read = (row: Row) => premisesOf(row as Tables["premises"]);

export function premisesReader(session: Session): PremisesReader {
  return {
    findPremises: async (smartAccountId) => {
      const row = await session.first("select * from premises where smart_account_id = $1", smartAccountId);
      return row === undefined ? undefined : read(row);
    },
    listPremises: async () => (await session.anywhere("select * from premises order by smart_account_id")).map(read),
  };
}

export function premisesWriter(session: Session): PremisesWriter {
  return {
    putPremises: async (premises) => {
      const { smart_account_id, admission, upstream } = rowOfPremises(premises);
      await session.run(
        `insert into premises (smart_account_id, admission, upstream) values ($1, $2, $3)
         on conflict (smart_account_id) do update set admission = $2, upstream = $3`,
        smart_account_id,
        admission,
        upstream,
      );
    },
  };
}
