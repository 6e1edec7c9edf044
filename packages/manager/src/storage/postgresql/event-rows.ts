// Events in PostgreSQL.

import type { NewEvent } from "../../events/event.ts";
import type { EventReader, EventWriter } from "../../storage-ports.ts";
import { isOfAlert } from "../mapping/alert-events.ts";
import { eventOf } from "../mapping/license-mapping.ts";
import { type BulkInsert, bulkInsert, insertAll } from "./bulk.ts";
import type { Session, Value } from "./connection.ts";
import { queries } from "./insert-row.ts";
import { reserveIds } from "./sequences.ts";

export function eventReader(session: Session): EventReader {
  return {
    listEvents: async ({ smartAccountId, virtualAccountIds, installationId, page }) => {
      let query = queries().selectFrom("events").selectAll().where("smart_account_id", "=", smartAccountId);
      if (virtualAccountIds !== null) query = query.where("virtual_account_id", "in", virtualAccountIds);
      if (installationId !== null) query = query.where("installation_id", "=", installationId);
      if (page.after !== null) query = query.where("event_id", "<", page.after);
      const { sql, parameters } = query.orderBy("event_id", "desc").limit(page.limit).compile();
      return (await session.all(sql, smartAccountId, ...(parameters.slice(1) as Value[]))).map(eventOf);
    },
    listAlertEvents: async ({ smartAccountId, virtualAccountIds, page }) => {
      let query = queries().selectFrom("events").selectAll().where("smart_account_id", "=", smartAccountId);
      query = query.where(isOfAlert());
      if (virtualAccountIds !== null) query = query.where("virtual_account_id", "in", virtualAccountIds);
      if (page.after !== null) query = query.where("event_id", "<", page.after);
      const { sql, parameters } = query.orderBy("event_id", "desc").limit(page.limit).compile();
      return (await session.all(sql, smartAccountId, ...(parameters.slice(1) as Value[]))).map(eventOf);
    },
  };
}

type NumberedEvent = NewEvent & { readonly eventId: number; readonly leafIndex: number | null };

const insertEvents: BulkInsert<NumberedEvent> = bulkInsert("events", [
  { name: "event_id", type: "bigint", of: (event) => event.eventId },
  { name: "at_ms", type: "bigint", of: (event) => event.atMs },
  { name: "kind", type: "text", of: (event) => event.kind },
  { name: "virtual_account_id", type: "bigint", of: (event) => event.virtualAccountId },
  { name: "installation_id", type: "bigint", of: (event) => event.installationId },
  { name: "cause", type: "text", of: (event) => JSON.stringify(event.cause) },
  { name: "state_before", type: "text", of: (event) => JSON.stringify(event.before ?? null) },
  { name: "state_after", type: "text", of: (event) => JSON.stringify(event.after ?? null) },
  { name: "leaf_index", type: "bigint", of: (event) => event.leafIndex },
]);

export function eventWriter(session: Session): EventWriter {
  return {
    addEvents: async (events, leafIndex = null) => {
      for (const [smartAccountId, group] of Map.groupBy(events, (event) => event.smartAccountId)) {
        const firstId = await reserveIds(session, smartAccountId, "event", group.length);
        const numbered = group.map((event, at) => ({ ...event, eventId: firstId + at, leafIndex }));
        await insertAll(session, insertEvents, smartAccountId, numbered);
      }
    },
  };
}
