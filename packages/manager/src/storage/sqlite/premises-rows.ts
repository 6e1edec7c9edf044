// Accounts on premises in SQLite.

import type { PremisesReader, PremisesWriter } from "../../storage-ports.ts";
import { lowerManagerOf, premisesOf, rowOfLowerManager, rowOfPremises } from "../mapping/premises-mapping.ts";
import type { Tables } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

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
    listLowerManagers: (smartAccountId) =>
      connection
        .prepare("select * from lower_managers where smart_account_id = ? order by manager_id")
        .all(smartAccountId)
        .map((row) => lowerManagerOf(row as Tables["lower_managers"])),
    findLowerManager: (identifier) => {
      const row = connection.prepare("select * from lower_managers where identifier = ?").get(identifier);
      return row === undefined ? undefined : lowerManagerOf(row as Tables["lower_managers"]);
    },
    findLowerManagerByToken: (tokenSha256) => {
      const row = connection.prepare("select * from lower_managers where token_sha256 = ?").get(tokenSha256);
      return row === undefined ? undefined : lowerManagerOf(row as Tables["lower_managers"]);
    },
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
    addLowerManager: (manager) => {
      const managerId = reserveIds(connection, manager.smartAccountId, "lower_manager", 1);
      const row = rowOfLowerManager({ ...manager, managerId });
      connection
        .prepare(
          `insert into lower_managers (smart_account_id, manager_id, identifier, virtual_account_id, token_sha256, facts)
           values (?, ?, ?, ?, ?, ?)`,
        )
        .run(row.smart_account_id, row.manager_id, row.identifier, row.virtual_account_id, row.token_sha256, row.facts);
      return { ...manager, managerId };
    },
    putLowerManager: ({ smartAccountId, managerId, facts }) => {
      connection
        .prepare("update lower_managers set facts = ? where smart_account_id = ? and manager_id = ?")
        .run(JSON.stringify(facts), smartAccountId, managerId);
    },
  };
}
