// The queries of an agent that does not run, read from the directory it left. Nothing is locked, written or sent, so that a
// stopped product can be looked at; a directory that is in use may be read too, but its owner knows better.

import { access } from "node:fs/promises";
import type { Agent } from "./agent.ts";
import { AgentError } from "./agent-error.ts";
import { scheduleOf } from "./lifecycle/schedule.ts";
import { type AgentState, type MessageKind, messageKinds } from "./lifecycle/state.ts";
import type { Clock, HistoryEntry } from "./ports.ts";
import { DiskEventLog } from "./storage/event-log.ts";
import { FileDisk } from "./storage/file-disk.ts";
import { DiskMessageHistory } from "./storage/message-history.ts";
import { DiskReportStore } from "./storage/report-store.ts";
import { DiskStateStore } from "./storage/state-store.ts";
import { systemClock } from "./system-ports.ts";

export type StoredAgent = Pick<Agent, "state" | "schedule" | "reports" | "report" | "eventLog" | "history">;

const dayMs = 86_400_000;
const redacted = "<redacted>";

/** Null when no agent ever stored a state there; throws `directory_unusable`. */
export async function readStoredAgent(directory: string, clock: Clock = systemClock): Promise<StoredAgent | null> {
  if (!(await exists(directory))) return null;
  const disk = await FileDisk.open(directory);
  const { stored } = await new DiskStateStore(disk).load();
  if (stored === null) return null;
  const reports = new DiskReportStore(disk);
  await reports.open();
  const events = new DiskEventLog(disk);
  const history = new DiskMessageHistory(disk);
  const state = withoutSecrets(stored.state);
  return {
    state: () => state,
    schedule: () => scheduleOf(state, clock.now()),
    reports: (query = {}) =>
      [...reports.entries()]
        .filter(({ tag, status }) => (query.tag ?? tag) === tag && (query.status ?? status) === status)
        .sort((one, other) => one.reportId - other.reportId),
    report: async (reportId) => {
      const entry = reports.find(reportId);
      const body = await reports.read(reportId);
      if (entry === undefined || body === null) throw new AgentError("report_not_found", String(reportId));
      return { ...entry, body };
    },
    eventLog: (days) => events.lines(days === undefined ? 0 : Math.max(0, clock.now() - days * dayMs)),
    history: async () => {
      const kinds = await Promise.all(messageKinds.map(async (kind) => [kind, await history.entries(kind)] as const));
      return Object.fromEntries(kinds) as Record<MessageKind, readonly HistoryEntry[]>;
    },
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Token and proxy password are replaced by a mark (BET-11). */
function withoutSecrets(state: AgentState): AgentState {
  const { attempt } = state.trust;
  const { proxy } = state.configuration;
  return {
    ...state,
    trust: attempt === null ? state.trust : { ...state.trust, attempt: { ...attempt, token: redacted } },
    configuration: {
      ...state.configuration,
      proxy: proxy === null || proxy.password === null ? proxy : { ...proxy, password: redacted },
    },
  };
}
