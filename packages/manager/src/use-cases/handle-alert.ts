// Marks an alert as handled: an act with a note, in the ledger like other acts. What devices tell afterwards opens it again.

import { assert } from "@countersign/protocol";
import { alertsOfEvents, type MarkedAlert } from "../alerts/alert.ts";
import { ManagerError } from "../errors.ts";
import type { NewEvent } from "../events/event.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, narrowedTo, virtualAccountNames } from "./find-account.ts";
import { toldAlerts, viewOf } from "./list-alerts.ts";
import type { AlertView, AlertWish } from "./use-cases.ts";

/**
 * Closes what had been told up to the named event, in every virtual account where it was told, or in the named one. Throws
 * `alert_unknown`, `alert_ends_by_itself`, `operator_not_permitted`, or `input_invalid` without a note.
 */
export async function handleAlert(wish: AlertWish, administration: Administration): Promise<AlertView> {
  const { administer, storage, clock } = administration;
  const { alertId, throughEventId, cause } = wish;
  const note = cause.kind === "operator" || cause.kind === "local" ? cause.reason : undefined;
  if (note === undefined) throw new ManagerError("input_invalid", "Wrong: body.reason. The note is missing.");
  if (alertId.startsWith("license_short:") || alertId.startsWith("sync_overdue:"))
    throw new ManagerError("alert_ends_by_itself", alertId);
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(wish.smartAccount, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const virtualAccountIds = await narrowedTo(smartAccountId, wish.virtualAccount, read.accounts);
  const place = { smartAccountId, virtualAccountIds };
  const { events: told } = await toldAlerts(place, read.events);
  // As whoever marks it saw it: what was told since is not marked.
  const seen = told.filter(({ eventId, kind }) => eventId <= throughEventId || kind === "alert_handled");
  const alert = alertsOfEvents(seen).find(
    (one) => one.alertId === alertId && one.mark === null && one.throughEventId === throughEventId,
  );
  if (alert === undefined) throw new ManagerError("alert_unknown", JSON.stringify(alertId));
  const after: MarkedAlert = { alertId, throughEventId };
  const before = { installations: alert.installations, sinceMs: alert.sinceMs };
  await administer({ act: "handle_alert", cause }, async ({ events }) => {
    const atMs = clock.now();
    const marks = alert.virtualAccountIds.map(
      (virtualAccountId): NewEvent => ({
        ...{
          smartAccountId,
          atMs,
          kind: "alert_handled",
          virtualAccountId,
          installationId: null,
          cause,
          before,
          after,
        },
      }),
    );
    await events.addEvents(marks);
  });
  const { alerts } = await toldAlerts(place, read.events);
  const handled = alerts.find(
    (one) => one.alertId === alertId && one.mark !== null && one.throughEventId === throughEventId,
  );
  assert(handled !== undefined, "an alert that was marked is found with its mark");
  return viewOf(handled, nameOf);
}
