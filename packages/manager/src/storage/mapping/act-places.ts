// Where an act changed something is told by its events: they name the virtual account, and the leaf of the act.

import type { RawBuilder } from "kysely";
import { queryLibrary } from "../schema.ts";

/** A condition on `audit_entries`, the same for every adapter. What belongs to a whole smart account is in no virtual account. */
export function changesOnlyIn(virtualAccountIds: readonly number[]): RawBuilder<boolean> {
  const { sql } = queryLibrary();
  const ofAct = sql`events.smart_account_id = audit_entries.smart_account_id and events.leaf_index = audit_entries.leaf_index`;
  return sql<boolean>`exists (select 1 from events where ${ofAct}) and not exists (select 1 from events where ${ofAct}
    and (events.virtual_account_id is null or events.virtual_account_id not in (${sql.join(virtualAccountIds)})))`;
}
