// What can be asked of an agent, whether it runs or lies stored on disk.

import { AgentError } from "./agent-error.ts";
import { withRegistration } from "./lifecycle/classic/classic-state.ts";
import { type Schedule, scheduleOf } from "./lifecycle/schedule.ts";
import { type AgentState, classicMessageKinds, type MessageKind, messageKinds } from "./lifecycle/state.ts";
import type {
  Clock,
  EventLog,
  HistoryEntry,
  MessageHistory,
  ReportBody,
  ReportEntry,
  ReportStatus,
  ReportStore,
} from "./ports.ts";

export type ReportQuery = { readonly tag?: string; readonly status?: ReportStatus };

export type QuerySources = {
  readonly state: () => AgentState;
  readonly clock: Pick<Clock, "now">;
  readonly reports: Pick<ReportStore, "entries" | "find" | "read">;
  readonly events: Pick<EventLog, "lines">;
  readonly history: Pick<MessageHistory, "entries">;
};

const dayMs = 86_400_000;
const redacted = "<redacted>";

/** Each query as `Agent` documents it. */
export type AgentQueries = {
  state(): AgentState;
  schedule(): Schedule;
  reports(query?: ReportQuery): readonly ReportEntry[];
  report(reportId: number): Promise<ReportEntry & { readonly body: ReportBody }>;
  eventLog(days?: number): Promise<readonly string[]>;
  history(): Promise<Readonly<Record<MessageKind, readonly HistoryEntry[]>>>;
};

export function createQueries({ state, clock, reports, events, history }: QuerySources): AgentQueries {
  const list = (query: ReportQuery = {}): readonly ReportEntry[] =>
    [...reports.entries(), ...unwrittenReports(state(), reports)]
      .filter(({ tag, status }) => (query.tag ?? tag) === tag && (query.status ?? status) === status)
      .sort((one, other) => one.reportId - other.reportId);
  return {
    state: () => withoutSecrets(state()),
    schedule: () => scheduleOf(state(), clock.now()),
    reports: list,
    report: async (reportId) => {
      const entry = list().find((candidate) => candidate.reportId === reportId);
      if (entry === undefined) throw new AgentError("report_not_found", String(reportId));
      const body = await reports.read(reportId);
      return { ...entry, body: body ?? { kind: "measurements", measurements: [] } };
    },
    eventLog: (days) => events.lines(days === undefined ? 0 : Math.max(0, clock.now() - days * dayMs)),
    history: async () => {
      const kinds = await Promise.all(
        [...messageKinds, ...classicMessageKinds].map(async (kind) => [kind, await history.entries(kind)] as const),
      );
      return Object.fromEntries(kinds) as Record<MessageKind, readonly HistoryEntry[]>;
    },
  };
}

/** An open report is in the store from its first finished measurement on. */
function unwrittenReports({ metering }: AgentState, reports: Pick<ReportStore, "find">): readonly ReportEntry[] {
  return Object.values(metering.usages).flatMap(({ tag, openReport }) => {
    if (openReport === null || reports.find(openReport.reportId) !== undefined) return [];
    return [{ reportId: openReport.reportId, tag, status: "open", payloadSha256: null, bytes: 0 }];
  });
}

/** Token and proxy password are replaced by a mark (BET-11). */
function withoutSecrets(state: AgentState): AgentState {
  const { attempt } = state.trust;
  const { proxy } = state.configuration;
  const registering = state.classic?.registration.attempt ?? null;
  const secretless =
    registering === null ? state : withRegistration(state, { attempt: { ...registering, token: redacted } });
  return {
    ...secretless,
    trust:
      attempt === null ? state.trust : { ...state.trust, attempt: { ...attempt, token: attempt.token && redacted } },
    configuration: {
      ...state.configuration,
      proxy: proxy === null || proxy.password === null ? proxy : { ...proxy, password: redacted },
    },
  };
}
