// What somebody must look into, derived from facts that are stored anyway: the events of devices, the marks of operators, and the
// sums of licences. An alert has no row of its own, so none can be lost, and none disappears but by its fact or by a mark.

import type { StoredEvent } from "../events/event.ts";
import type { Standing } from "../licenses/standing.ts";
import type { Premises } from "../premises/premises.ts";
import { isSyncOverdue } from "../premises/upstream.ts";
import { type AlertCause, causeOf, textOfCause } from "./event-cause.ts";

export const alertKinds = ["ledger_disputed", "report_conflict", "license_short", "sync_overdue"] as const;
export type AlertKind = (typeof alertKinds)[number];

/** `critical`: somebody must act. `warning`: soon, and nothing is wrong with what was acknowledged. */
export type AlertSeverity = "critical" | "warning";

export type AlertText = {
  readonly severity: AlertSeverity;
  /** What, in one sentence; the consequence; what to do next. */
  readonly title: string;
  readonly consequence: string;
  readonly nextStep: string;
};

/** How an operator closed an alert. */
export type AlertMark = {
  readonly atMs: number;
  /** Name of the operator; null for whoever owns the data directory. */
  readonly by: string | null;
  readonly note: string;
  /** Leaf of the act in the ledger. */
  readonly leafIndex: number | null;
};

export type Alert = AlertText & {
  readonly alertId: string;
  readonly kind: AlertKind;
  /** Null where nothing that is stored says since when. */
  readonly sinceMs: number | null;
  readonly newestAtMs: number | null;
  readonly virtualAccountIds: readonly number[];
  /** Installations that said so, and the first of their devices by name. */
  readonly installations: number;
  readonly devices: readonly string[];
  /** What a mark has to name: the newest event that whoever marks has seen. Null for an alert that ends by itself. */
  readonly throughEventId: number | null;
  readonly mark: AlertMark | null;
};

/** Devices that are named; the number of all is told besides. */
export const alertDevicesMax = 100;
/** Events that alerts are derived from at most; of more, the answer says that it is not complete. */
export const alertEventsMax = 20_000;

/** What a mark keeps in its event. */
export type MarkedAlert = { readonly alertId: string; readonly throughEventId: number };

type Told = {
  readonly cause: AlertCause;
  readonly mark: AlertMark | null;
  /** Newest first. */
  readonly events: StoredEvent[];
};

/**
 * Alerts of events, given newest first: one for each cause, however many devices told it, and one for each mark that closed a
 * cause. A mark closes, in its virtual account, what had been told up to the event that it names; what comes later is open.
 */
export function alertsOfEvents(events: readonly StoredEvent[]): readonly Alert[] {
  const marks = new Map<string, StoredEvent[]>();
  const told = new Map<string, Told>();
  for (const event of events) {
    if (event.kind === "alert_handled") {
      const key = placedKey((event.after as MarkedAlert).alertId, event);
      marks.set(key, [...(marks.get(key) ?? []), event]);
      continue;
    }
    const cause = causeOf(event);
    if (cause === null) continue;
    const covering = (marks.get(placedKey(cause.alertId, event)) ?? []).filter(
      ({ after }) => (after as MarkedAlert).throughEventId >= event.eventId,
    );
    // The oldest mark that names it is the one that closed it.
    const mark = covering.at(-1);
    // The parts of one act in several virtual accounts have one leaf.
    const key = `${cause.alertId} ${mark === undefined ? "" : (mark.leafIndex ?? mark.eventId)}`;
    const known = told.get(key);
    if (known === undefined) told.set(key, { cause, mark: mark === undefined ? null : markOf(mark), events: [event] });
    else known.events.push(event);
  }
  return [...told.values()].map(alertOf);
}

const placedKey = (alertId: string, { virtualAccountId }: StoredEvent) => `${virtualAccountId} ${alertId}`;

function markOf({ atMs, cause, leafIndex }: StoredEvent): AlertMark {
  const by = cause.kind === "operator" ? cause.name : null;
  const note = cause.kind === "operator" || cause.kind === "local" ? (cause.reason ?? "") : "";
  return { atMs, by, note, leafIndex };
}

function alertOf({ cause, mark, events }: Told): Alert {
  const devices = new Set(events.flatMap((event) => deviceOf(event) ?? []));
  const installations = new Set(events.map(({ installationId }) => installationId));
  return {
    alertId: cause.alertId,
    kind: cause.kind,
    ...textOfCause(cause),
    sinceMs: events.at(-1)?.atMs ?? null,
    newestAtMs: events[0]?.atMs ?? null,
    virtualAccountIds: [...new Set(events.flatMap(({ virtualAccountId }) => virtualAccountId ?? []))],
    installations: installations.size,
    devices: [...devices].slice(0, alertDevicesMax),
    throughEventId: events[0]?.eventId ?? null,
    mark,
  };
}

function deviceOf({ after, cause }: StoredEvent): string | undefined {
  const { udi } = (after ?? {}) as { readonly udi?: unknown };
  if (typeof udi === "string") return udi;
  return cause.kind === "message" ? cause.productInstanceIdentifier : undefined;
}

/** More in use than was bought and others lend, per virtual account and tag; it ends with the shortage. */
export function alertOfStanding(standing: Standing, name: string, sinceMs: number | null): Alert | null {
  const { balance, inUse, purchased, borrowed, lent, virtualAccountId, tag, installations } = standing;
  if (balance >= 0) return null;
  const loans = [
    ...(borrowed > 0 ? [`${borrowed} covered by other licences`] : []),
    ...(lent > 0 ? [`${lent} lent to others`] : []),
  ];
  return {
    alertId: `license_short:${virtualAccountId}:${tag}`,
    kind: "license_short",
    severity: "warning",
    title: `${name}: ${[`${inUse} in use`, `${purchased} purchased`, ...loans, `${-balance} short`].join(", ")}.`,
    consequence: "Nothing stops: use is counted and never blocked. The shortage stands in what is reported.",
    nextStep: "Add a purchase, transfer some from another virtual account, or release what is not needed any more.",
    ...{ sinceMs, newestAtMs: null, virtualAccountIds: [virtualAccountId], throughEventId: null, mark: null },
    ...{ installations, devices: [] },
  };
}

/** The manager above has not been spoken to for too long; it ends with the next synchronisation. */
export function alertOfUpstream({ smartAccountId, upstream }: Premises, now: number): Alert | null {
  if (upstream === null || !isSyncOverdue(upstream, now)) return null;
  const { failure, lastSyncAtMs, connectedAtMs } = upstream;
  const reason = failure === null ? "" : ` The last attempt failed: ${failure.code}.`;
  return {
    alertId: `sync_overdue:${smartAccountId}`,
    kind: "sync_overdue",
    severity: "warning",
    title: `The synchronisation with the manager above is overdue.${reason}`,
    consequence: "Devices go on and are acknowledged here. What they report has not reached the manager above.",
    nextStep: "Look at `countersign manager upstream show`, then run `countersign manager upstream sync`.",
    ...{ sinceMs: lastSyncAtMs ?? connectedAtMs, newestAtMs: failure?.atMs ?? null, virtualAccountIds: [] },
    ...{ throughEventId: null, mark: null, installations: 0, devices: [] },
  };
}

/** Those that someone must act on come first; among equals the newest. */
export function inOrder(alerts: readonly Alert[]): readonly Alert[] {
  const rank = ({ severity }: Alert) => (severity === "critical" ? 0 : 1);
  return alerts.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      (other.mark?.atMs ?? other.newestAtMs ?? 0) - (one.mark?.atMs ?? one.newestAtMs ?? 0) ||
      one.alertId.localeCompare(other.alertId),
  );
}
