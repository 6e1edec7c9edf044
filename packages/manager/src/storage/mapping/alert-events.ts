// Which events alerts are made of, in exactly the words of the index `alert_events` (migration 6): SQLite uses a partial index only for
// a condition that is written like the index's own.

import type { RawBuilder } from "kysely";
import { queryLibrary } from "../schema.ts";

export function isOfAlert(): RawBuilder<boolean> {
  return queryLibrary().sql<boolean>`kind in ('ledger_disputed', 'report_conflict', 'alert_handled')`;
}
