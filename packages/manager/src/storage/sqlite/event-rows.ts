// Events in SQLite.

import type { EventReader, EventWriter } from "../../storage-ports.ts";
import { isOfAlert } from "../mapping/alert-events.ts";
import { eventOf } from "../mapping/license-mapping.ts";
import { queries } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

export function eventReader(connection: Connection): EventReader {
  return {
    listEvents: ({ smartAccountId, virtualAccountIds, installationId, page }) => {
      let query = queries().selectFrom("events").selectAll().where("smart_account_id", "=", smartAccountId);
      if (virtualAccountIds !== null) query = query.where("virtual_account_id", "in", virtualAccountIds);
      if (installationId !== null) query = query.where("installation_id", "=", installationId);
      if (page.after !== null) query = query.where("event_id", "<", page.after);
      return connection.all(query.orderBy("event_id", "desc").limit(page.limit)).map(eventOf);
    },
    listAlertEvents: ({ smartAccountId, virtualAccountIds, page }) => {
      let query = queries().selectFrom("events").selectAll().where("smart_account_id", "=", smartAccountId);
      query = query.where(isOfAlert());
      if (virtualAccountIds !== null) query = query.where("virtual_account_id", "in", virtualAccountIds);
      if (page.after !== null) query = query.where("event_id", "<", page.after);
      return connection.all(query.orderBy("event_id", "desc").limit(page.limit)).map(eventOf);
    },
  };
}

export function eventWriter(connection: Connection): EventWriter {
  const add = connection.prepare(
    `insert into events (smart_account_id, event_id, at_ms, kind, virtual_account_id, installation_id, cause, state_before,
     state_after, leaf_index) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    addEvents: (events, leafIndex) => {
      for (const [smartAccountId, group] of Map.groupBy(events, (event) => event.smartAccountId)) {
        let eventId = reserveIds(connection, smartAccountId, "event", group.length);
        for (const event of group) {
          add.run(
            smartAccountId,
            eventId,
            event.atMs,
            event.kind,
            event.virtualAccountId,
            event.installationId,
            JSON.stringify(event.cause),
            JSON.stringify(event.before ?? null),
            JSON.stringify(event.after ?? null),
            leafIndex ?? null,
          );
          eventId += 1;
        }
      }
    },
  };
}
