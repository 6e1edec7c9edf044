// Authorization codes in SQLite.

import type { AuthorizationReader, AuthorizationWriter } from "../../storage-ports.ts";
import { authorizationOf, authorizationRow } from "../mapping/authorization-mapping.ts";
import type { Row } from "../mapping/row.ts";
import { queries } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

// `indexed by`: without statistics SQLite walks the account by its primary key instead.
const ofInstance =
  "select * from authorizations indexed by authorizations_by_instance where smart_account_id = ? and instance_id = ?";

export function authorizationReader(connection: Connection): AuthorizationReader {
  const one = (sql: string, ...values: (string | number)[]) => {
    const row = connection.prepare(sql).get(...values);
    return row === undefined ? undefined : authorizationOf(row as Row);
  };
  return {
    findAuthorization: (smartAccountId, instanceId, sequence) =>
      one(`${ofInstance} and sequence = ?`, smartAccountId, instanceId, sequence),
    findNewestAuthorization: (smartAccountId, instanceId) =>
      one(`${ofInstance} order by sequence desc limit 1`, smartAccountId, instanceId),
    listAuthorizations: ({ smartAccountId, virtualAccountIds, instanceId, page }) => {
      let query = queries()
        .selectFrom("authorizations")
        .selectAll()
        .where("smart_account_id", "=", smartAccountId)
        .orderBy("authorization_id", "desc")
        .limit(page.limit);
      if (virtualAccountIds !== null) query = query.where("virtual_account_id", "in", virtualAccountIds);
      if (instanceId !== null) query = query.where("instance_id", "=", instanceId);
      if (page.after !== null) query = query.where("authorization_id", "<", page.after);
      return connection.all(query).map(authorizationOf);
    },
    findAuthorizedTotal: (smartAccountId, virtualAccountId, tag) => {
      const row = connection
        .prepare(
          "select authorized from authorized_totals where smart_account_id = ? and virtual_account_id = ? and tag = ?",
        )
        .get(smartAccountId, virtualAccountId, tag);
      return Number(row?.authorized ?? 0);
    },
  };
}

export function authorizationWriter(connection: Connection): AuthorizationWriter {
  return {
    addAuthorization: (authorization) => {
      const authorizationId = reserveIds(connection, authorization.smartAccountId, "authorization", 1);
      const added = { ...authorization, authorizationId };
      connection.run(queries().insertInto("authorizations").values(authorizationRow(added)));
      return added;
    },
    changeAuthorization: ({ smartAccountId, authorizationId, state, virtualAccountId, changedAtMs }) => {
      connection
        .prepare(
          `update authorizations set state = ?, virtual_account_id = ?, changed_at_ms = ?
           where smart_account_id = ? and authorization_id = ?`,
        )
        .run(state, virtualAccountId, changedAtMs, smartAccountId, authorizationId);
    },
    changeAuthorizedTotal: (smartAccountId, virtualAccountId, tag, difference) => {
      connection
        .prepare(
          `insert into authorized_totals (smart_account_id, virtual_account_id, tag, authorized) values (?, ?, ?, ?)
           on conflict (smart_account_id, virtual_account_id, tag)
           do update set authorized = authorized_totals.authorized + excluded.authorized`,
        )
        .run(smartAccountId, virtualAccountId, tag, difference);
    },
  };
}
