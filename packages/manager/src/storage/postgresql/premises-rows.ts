// Accounts on premises, and managers on premises, in PostgreSQL.

import type { PremisesReader, PremisesWriter } from "../../storage-ports.ts";
import { lowerManagerOf, premisesOf, rowOfLowerManager, rowOfPremises } from "../mapping/premises-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Tables } from "../schema.ts";
import type { Session } from "./connection.ts";
import { insertRow } from "./insert-row.ts";
import { reserveIds } from "./sequences.ts";

const readPremises = (row: Row) => premisesOf(row as Tables["premises"]);
const readManager = (row: Row) => lowerManagerOf(row as Tables["lower_managers"]);

export function premisesReader(session: Session): PremisesReader {
  return {
    findPremises: async (smartAccountId) => {
      const row = await session.first("select * from premises where smart_account_id = $1", smartAccountId);
      return row === undefined ? undefined : readPremises(row);
    },
    listPremises: async () =>
      (await session.anywhere("select * from premises order by smart_account_id")).map(readPremises),
    listLowerManagers: async (smartAccountId) => {
      const sql = "select * from lower_managers where smart_account_id = $1 order by manager_id";
      return (await session.all(sql, smartAccountId)).map(readManager);
    },
    findLowerManager: async (identifier) => {
      const row = await session.lookUp("select * from lower_managers where identifier = $1", identifier);
      return row === undefined ? undefined : readManager(row);
    },
    findLowerManagerByToken: async (tokenSha256) => {
      const row = await session.lookUp("select * from lower_managers where token_sha256 = $1", tokenSha256);
      return row === undefined ? undefined : readManager(row);
    },
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
    addLowerManager: async (manager) => {
      const managerId = await reserveIds(session, manager.smartAccountId, "lower_manager", 1);
      await insertRow(session, "lower_managers", rowOfLowerManager({ ...manager, managerId }));
      return { ...manager, managerId };
    },
    putLowerManager: async ({ smartAccountId, managerId, facts }) => {
      await session.run(
        "update lower_managers set facts = $3 where smart_account_id = $1 and manager_id = $2",
        smartAccountId,
        managerId,
        JSON.stringify(facts),
      );
    },
  };
}
