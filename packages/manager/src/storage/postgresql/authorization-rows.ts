// Authorization codes in PostgreSQL.

import type { AuthorizationReader, AuthorizationWriter } from "../../storage-ports.ts";
import { authorizationOf, authorizationRow } from "../mapping/authorization-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Session } from "./connection.ts";
import { insertRow } from "./insert-row.ts";
import { reserveIds } from "./sequences.ts";

const ofInstance = "select * from authorizations where smart_account_id = $1 and instance_id = $2";

export function authorizationReader(session: Session): AuthorizationReader {
  const read = (row: Row | undefined) => (row === undefined ? undefined : authorizationOf(row));
  return {
    findAuthorization: async (smartAccountId, instanceId, sequence) =>
      read(await session.first(`${ofInstance} and sequence = $3`, smartAccountId, instanceId, sequence)),
    findNewestAuthorization: async (smartAccountId, instanceId) =>
      read(await session.first(`${ofInstance} order by sequence desc limit 1`, smartAccountId, instanceId)),
    listAuthorizations: async ({ smartAccountId, virtualAccountIds, instanceId, page }) => {
      const sql = `select * from authorizations where smart_account_id = $1
        and ($2::bigint[] is null or virtual_account_id = any($2)) and ($3::bigint is null or instance_id = $3)
        and ($4::bigint is null or authorization_id < $4) order by authorization_id desc limit $5`;
      const rows = await session.all(sql, smartAccountId, virtualAccountIds, instanceId, page.after, page.limit);
      return rows.map(authorizationOf);
    },
    findAuthorizedTotal: async (smartAccountId, virtualAccountId, tag) => {
      const sql =
        "select authorized from authorized_totals where smart_account_id = $1 and virtual_account_id = $2 and tag = $3";
      return Number((await session.first(sql, smartAccountId, virtualAccountId, tag))?.authorized ?? 0);
    },
  };
}

export function authorizationWriter(session: Session): AuthorizationWriter {
  return {
    addAuthorization: async (authorization) => {
      const authorizationId = await reserveIds(session, authorization.smartAccountId, "authorization", 1);
      const added = { ...authorization, authorizationId };
      await insertRow(session, "authorizations", authorizationRow(added));
      return added;
    },
    changeAuthorization: async ({ smartAccountId, authorizationId, state, virtualAccountId, changedAtMs }) => {
      await session.run(
        `update authorizations set state = $3, virtual_account_id = $4, changed_at_ms = $5
         where smart_account_id = $1 and authorization_id = $2`,
        smartAccountId,
        authorizationId,
        state,
        virtualAccountId,
        changedAtMs,
      );
    },
    changeAuthorizedTotal: async (smartAccountId, virtualAccountId, tag, difference) => {
      await session.run(
        `insert into authorized_totals (smart_account_id, virtual_account_id, tag, authorized) values ($1, $2, $3, $4)
         on conflict (smart_account_id, virtual_account_id, tag)
         do update set authorized = authorized_totals.authorized + excluded.authorized`,
        smartAccountId,
        virtualAccountId,
        tag,
        difference,
      );
    },
  };
}
