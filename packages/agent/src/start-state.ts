// From what the disk holds to the state the agent starts with. Work that a crash cut off is finished first. When the newest
// state was damaged, the one before it stands, and the report store may know more than it does: report ids that it gave
// out are never given out again, and what it holds is what is counted.

import type { TreeHead } from "@countersign/protocol";
import { noAuthorization } from "./lifecycle/authorization-state.ts";
import { type AgentState, heldStatuses, type ReportingState, type Usage } from "./lifecycle/state.ts";
import type {
  KeyStore,
  LocalEffect,
  ReportEffect,
  ReportStore,
  StateStore,
  StorageDamage,
  StoredStep,
} from "./ports.ts";

type Stores = { readonly states: StateStore; readonly reports: ReportStore; readonly keys: KeyStore };
export type Start = {
  readonly stored: StoredStep;
  readonly isFirst: boolean;
  /** The greatest report id that the store has ever seen, 0 for none. */
  readonly greatestReportId: number;
  readonly damage: readonly StorageDamage[];
};

/** `createState` makes the state of an agent that has none. */
export async function loadStart(stores: Stores, createState: () => AgentState): Promise<Start> {
  const loaded = await stores.states.load();
  const stored = upToDate(loaded.stored) ?? { step: 0, state: createState(), outbox: [], unwritten: [] };
  const found = await stores.reports.open(stored.unwritten);
  // A store that is ahead of the state has carried this outbox out long ago.
  if (stored.step >= found.lastStep) await finishOutbox(stored, stores);
  await stores.reports.flush();
  const renumbered = withFreshReportIds(stored.state, found.greatestReportId, stores.reports);
  return {
    stored: {
      step: Math.max(stored.step, found.lastStep),
      state: withHeldCounts(renumbered, stores.reports),
      outbox: [],
      unwritten: [],
    },
    isFirst: loaded.stored === null,
    greatestReportId: found.greatestReportId,
    damage: [...loaded.damage, ...found.damage],
  };
}

/** What an earlier version stored, with what it did not know of; null stays null. */
export function upToDate(stored: StoredStep | null): StoredStep | null {
  const known = withReporting(stored);
  if (known === null) return null;
  const { authorization = noAuthorization, ...state } = known.state as Omit<AgentState, "authorization"> &
    Partial<Pick<AgentState, "authorization">>;
  const { unwritten = [] } = known as Partial<StoredStep>;
  return { ...known, state: { ...state, authorization }, unwritten };
}

/**
 * A state of version 0.1.0 knows one tree head by another name; it is the newest that was verified then. What was repeated at
 * once is not in it.
 */
function withReporting(stored: StoredStep | null): StoredStep | null {
  if (stored === null) return null;
  const {
    treeHead = null,
    ledger,
    ...reporting
  } = stored.state.reporting as ReportingState & {
    readonly treeHead?: TreeHead | null;
  };
  const heads = treeHead === null ? [] : [treeHead];
  const { isRepeatedAtOnce = false } = reporting as Partial<ReportingState>;
  return {
    ...stored,
    state: {
      ...stored.state,
      reporting: { ...reporting, isRepeatedAtOnce, ledger: ledger ?? { heads, refused: null } },
    },
  };
}

async function finishOutbox({ step, outbox }: StoredStep, { reports, keys }: Stores): Promise<void> {
  await reports.apply(step, outbox.filter(isReportEffect));
  for (const effect of outbox) {
    if (effect.type === "delete-keys") for (const keyId of effect.keyIds) await keys.delete(keyId);
  }
}

export function isReportEffect(effect: LocalEffect): effect is ReportEffect {
  return effect.type !== "delete-keys";
}

/**
 * An open report of the state that the store has closed goes on under a new id. What it measures again overlaps with the
 * closed one, and of two overlapping measurements the later report stands, so nothing is counted twice.
 */
function withFreshReportIds(state: AgentState, greatestReportId: number, reports: ReportStore): AgentState {
  let nextReportId = Math.max(state.metering.nextReportId, greatestReportId + 1);
  const usages: Record<string, Usage> = {};
  for (const [tag, usage] of Object.entries(state.metering.usages)) {
    const { openReport } = usage;
    const held = openReport === null ? undefined : reports.find(openReport.reportId);
    if (openReport === null || held === undefined || held.status === "open") {
      usages[tag] = usage;
      continue;
    }
    usages[tag] = { ...usage, openReport: { ...openReport, reportId: nextReportId, finished: 0 } };
    nextReportId += 1;
  }
  return { ...state, metering: { ...state.metering, usages, nextReportId } };
}

function withHeldCounts(state: AgentState, reports: ReportStore): AgentState {
  const held = Object.fromEntries(heldStatuses.map((status) => [status, 0])) as Record<
    (typeof heldStatuses)[number],
    number
  >;
  for (const entry of reports.entries()) if (entry.status !== "open") held[entry.status] += 1;
  return { ...state, reporting: { ...state.reporting, counts: { ...state.reporting.counts, ...held } } };
}
