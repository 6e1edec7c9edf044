// What needs somebody, and what somebody dealt with. Reads events of alerts and sums, never the fleet.

import { setImmediate } from "node:timers/promises";
import { parseTag } from "@countersign/protocol";
import {
  type Alert,
  alertEventsMax,
  alertOfStanding,
  alertOfUpstream,
  alertsOfEvents,
  inOrder,
} from "../alerts/alert.ts";
import type { StoredEvent } from "../events/event.ts";
import { sinceOf } from "../licenses/shortage.ts";
import type { EventReader, LicenseReader, PremisesReader, VirtualAccountIds } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, narrowedTo, virtualAccountNames } from "./find-account.ts";
import { readStandings } from "./list-licenses.ts";
import type { AlertList, AlertView, InVirtualAccount } from "./use-cases.ts";

const eventsPerRead = 1000;

/** Of all virtual accounts, or of one if it is named; those that are open, or those that were handled. */
export async function listAlerts(
  query: InVirtualAccount & { readonly handled?: boolean | undefined },
  { storage, clock }: Administration,
): Promise<AlertList> {
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const virtualAccountIds = await narrowedTo(smartAccountId, query.virtualAccount, read.accounts);
  const { alerts, isComplete } = await toldAlerts({ smartAccountId, virtualAccountIds }, read.events);
  const isHandled = query.handled === true;
  const wanted = alerts.filter(({ mark }) => (mark !== null) === isHandled);
  const short = isHandled
    ? []
    : await shortages({ smartAccountId, virtualAccountIds, now: clock.now() }, read.licenses);
  const overdue = isHandled || virtualAccountIds !== null ? [] : await overdueSync(smartAccountId, clock.now(), read);
  return { alerts: inOrder([...wanted, ...short, ...overdue]).map((alert) => viewOf(alert, nameOf)), isComplete };
}

type Place = { readonly smartAccountId: number; readonly virtualAccountIds: VirtualAccountIds };

/** What devices told, open or handled; with more events than the limit the older ones are left out, and that is said. */
export async function toldAlerts(
  place: Place,
  events: EventReader,
): Promise<{
  readonly events: readonly StoredEvent[];
  readonly alerts: readonly Alert[];
  readonly isComplete: boolean;
}> {
  const found: StoredEvent[] = [];
  for (;;) {
    const page = { limit: eventsPerRead, after: found.at(-1)?.eventId ?? null };
    const next = await events.listAlertEvents({ ...place, page });
    found.push(...next);
    const isComplete = next.length < eventsPerRead;
    // A thousand rows take the embedded storage some milliseconds; devices have their turn in between.
    if (!isComplete) await setImmediate();
    if (isComplete || found.length >= alertEventsMax)
      return { events: found, alerts: alertsOfEvents(found), isComplete };
  }
}

/** Of the whole account, so that only who sees all of it is told. */
async function overdueSync(
  smartAccountId: number,
  now: number,
  { premises }: { readonly premises: PremisesReader },
): Promise<readonly Alert[]> {
  const found = (await premises.listPremises()).find((one) => one.smartAccountId === smartAccountId);
  const alert = found === undefined ? null : alertOfUpstream(found, now);
  return alert === null ? [] : [alert];
}

async function shortages(
  { smartAccountId, virtualAccountIds, now }: Place & { readonly now: number },
  licenses: LicenseReader,
): Promise<readonly Alert[]> {
  const standings = await readStandings(smartAccountId, now, licenses);
  const known = await licenses.listShortages(smartAccountId);
  return standings
    .filter(({ virtualAccountId }) => virtualAccountIds === null || virtualAccountIds.includes(virtualAccountId))
    .flatMap((one) => alertOfStanding(one, parseTag(one.tag).name, sinceOf(one, known)) ?? []);
}

export function viewOf({ virtualAccountIds, mark, ...alert }: Alert, nameOf: (id: number) => string): AlertView {
  return { ...alert, virtualAccounts: virtualAccountIds.map(nameOf), handled: mark };
}
