// The event log of a smart account, a virtual account, or one installation; newest first.

import { describeEvent, isAlert } from "../events/event.ts";
import type { Administration } from "./administer.ts";
import { findLedger, findProductInstance, narrowedTo, virtualAccountNames } from "./find-account.ts";
import { pageOf } from "./page.ts";
import type { EventView, InLedger, PageWish } from "./use-cases.ts";

export type EventWish = InLedger & {
  readonly virtualAccount?: string | undefined;
  readonly instance?: string | undefined;
} & PageWish;

/** `after` is the last event id seen. */
export async function listEvents(query: EventWish, { storage }: Administration): Promise<readonly EventView[]> {
  const { read } = storage;
  const { smartAccountId } = await findLedger(query, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const virtualAccountIds = await narrowedTo(smartAccountId, query.virtualAccount, read.accounts);
  const instance =
    query.instance === undefined ? null : await findProductInstance(smartAccountId, query.instance, read.trust);
  const events = await read.events.listEvents({
    smartAccountId,
    virtualAccountIds,
    installationId: instance?.installationId ?? null,
    page: pageOf(query),
  });
  return events.map((event) => ({
    eventId: event.eventId,
    atMs: event.atMs,
    kind: event.kind,
    isAlert: isAlert(event),
    message: describeEvent(event),
    virtualAccount: event.virtualAccountId === null ? null : nameOf(event.virtualAccountId),
    installationId: event.installationId,
    cause: event.cause,
    before: event.before,
    after: event.after,
    leafIndex: event.leafIndex,
  }));
}
