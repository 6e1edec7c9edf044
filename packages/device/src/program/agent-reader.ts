// Answers the show commands from an agent's queries.

import {
  type AgentQueries,
  type AgentState,
  type HistoryEntry,
  type MessageKind,
  previewFactoryReset,
  type ReportBody,
  type ReportEntry,
  type ReportStatus,
} from "@countersign/agent";
import { decodeRumReport, encodePolicy, formatUdi, type RumReport, type Udi, udiOf } from "@countersign/protocol";
import type { ClockView } from "../clock-view.ts";
import type { WatchView } from "../debug/watch-view.ts";
import type { DeviceDescription } from "../device-description.ts";
import type {
  EventLineView,
  HistoryMessageView,
  HistoryView,
  ImportView,
  LicenseReader,
  ReportDetailView,
  ReportRowView,
  ReportState,
} from "../license-view.ts";
import type { LookedUpHost } from "../network-view.ts";
import type { LoggingView, SnmpView } from "../outward-view.ts";
import type { OwnIdentity } from "../pki/own-identities.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";
import { licenseOfTag } from "../platform/platform-table.ts";

import { buildLicenseView, nameOfTag } from "./agent-view.ts";
import { readNetwork } from "./network-reader.ts";
import { runningConfigurationOf } from "./saved-configuration.ts";

export type ReaderSources = {
  readonly agent: AgentQueries;
  readonly description: DeviceDescription;
  readonly profile: PlatformProfile;
  readonly clockIsAuthoritative: boolean;
  readonly logging: LoggingView;
  readonly snmp: SnmpView;
  readonly watch: WatchView;
  readonly clock: ClockView;
  readonly now: () => number;
  readonly startedAtMs: number;
  readonly identities: readonly OwnIdentity[];
  /** Names that were looked up since the start. */
  readonly lookedUp: readonly LookedUpHost[];
};

export function createLicenseReader(sources: ReaderSources): LicenseReader {
  const { agent, profile } = sources;
  return {
    view: () => buildLicenseView({ ...sources, state: agent.state(), schedule: agent.schedule(), now: sources.now() }),
    reports: async () => agent.reports().map((entry) => reportRow(entry, profile)),
    report: (reportId) => readReport(reportId, sources),
    history: async () => historyView(await agent.history(), agent.state()),
    factoryResetPreview: (what) => previewFactoryReset(agent.state(), what),
    events: (sinceMs) => readEvents(agent, sinceMs),
    logging: () => sources.logging,
    snmp: () => sources.snmp,
    watch: () => sources.watch,
    clock: () => sources.clock,
    runningConfiguration: () => runningConfigurationOf(agent.state(), sources.description),
    startupConfiguration: () => sources.description.startupConfiguration,
    startedAtMs: () => sources.startedAtMs,
    network: () => readNetwork(sources.description, sources.lookedUp, sources.identities, hasKeys(agent.state())),
  };
}

/** A device that has trust, or seeks it, has made its keys. */
function hasKeys({ trust }: AgentState): boolean {
  return trust.attempt !== null || Object.values(trust.members).some(({ status }) => status !== "none");
}

const stateWords: Readonly<Record<ReportStatus, ReportState>> = {
  open: "OPEN",
  closed: "CLOSED",
  pending: "PENDING",
  unacknowledged: "UNACK",
  refused: "REFUSED",
};

function reportRow(entry: ReportEntry, profile: PlatformProfile): ReportRowView {
  const featureName = licenseOfTag(profile, entry.tag)?.name ?? nameOfTag(entry.tag);
  return { reportId: entry.reportId, state: stateWords[entry.status], isPurged: false, featureName };
}

async function readReport(reportId: number, { agent, profile }: ReaderSources): Promise<ReportDetailView | null> {
  const all = agent.reports();
  const listed = all.find((entry) => entry.reportId === reportId);
  if (listed === undefined) return null;
  const siblings = all.filter((entry) => entry.tag === listed.tag).map((entry) => entry.reportId);
  return {
    ...reportRow(listed, profile),
    ...contentOf((await agent.report(reportId)).body, listed, agent.state()),
    tag: listed.tag,
    previousReportId: siblings.filter((id) => id < reportId).at(-1) ?? null,
    nextReportId: siblings.find((id) => id > reportId) ?? null,
    isStored: true,
    refusal: listed.status === "refused" ? "refused by the manager" : null,
  };
}

type ReportContent = {
  readonly udi: Udi;
  readonly closeReason: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
};

function contentOf(body: ReportBody, listed: ReportEntry, state: AgentState): ReportContent {
  const report = reportOf(body);
  if (report === null) {
    const active = state.installation.members.find((member) => member.role === "Active");
    const startedAtMs = state.metering.usages[listed.tag]?.openReport?.startedAtMs ?? null;
    return { udi: active?.udi ?? { pid: "", serialNumber: "" }, closeReason: null, startedAtMs, endedAtMs: null };
  }
  const { measurements, asset_identification: asset } = report;
  const last = measurements.at(-1);
  return {
    udi: udiOf(asset.instance.sudi),
    closeReason: last?.meta.close_reason ?? null,
    startedAtMs: measurements[0] === undefined ? null : measurements[0].start_time * 1000,
    endedAtMs: last === undefined ? null : last.end_time * 1000,
  };
}

function reportOf(body: ReportBody): RumReport | null {
  if (body.kind === "measurements") return null;
  return body.kind === "draft" ? body.report : decodeRumReport(body.report.payload);
}

function historyView(entries: Readonly<Record<MessageKind, readonly HistoryEntry[]>>, state: AgentState): HistoryView {
  const messages = Object.entries(entries).flatMap(([kind, all]) =>
    all.map((entry) => messageView(kind as MessageKind, entry)),
  );
  return { model: state.licensingModel ?? "policy", messages, imports: importsOf(state) };
}

/** The agent notes a missing answer in words; they are taken apart again, so that JSON has reason and time. */
function messageView(kind: MessageKind, entry: HistoryEntry): HistoryMessageView {
  const missing = /^NO RESPONSE after [\d.]+ s: ([\s\S]*)$/.exec(entry.response);
  const sent = { kind, sentAtMs: entry.requestAtMs, body: entry.request };
  if (missing !== null) {
    return { ...sent, outcome: { type: "no_answer", atMs: entry.responseAtMs, reason: missing[1] ?? "" } };
  }
  const status = /\\?"status_code\\?":\\?"([A-Z_]+)/.exec(entry.response)?.[1] ?? "";
  return { ...sent, outcome: { type: "answered", atMs: entry.responseAtMs, status, body: entry.response } };
}

/** What is installed was imported: the newest of each kind, from the state (TRU-14, POL-1). */
function importsOf(state: AgentState): readonly ImportView[] {
  const { policy, trust, authorization, reporting, installation } = state;
  const codes = installation.members.flatMap((member): readonly ImportView[] => {
    const one = trust.members[formatUdi(member.udi)];
    if (one?.status !== "installed") return [];
    const content = {
      udi: formatUdi(member.udi),
      product_instance_identifier: one.productInstanceIdentifier,
      certificate_serial: one.certificateSerial,
    };
    return [{ kind: "trust_code", receivedAtMs: one.installedAtMs, content: JSON.stringify(content) }];
  });
  const authorizations = installation.members.flatMap((member): readonly ImportView[] => {
    const one = authorization.installed[formatUdi(member.udi)];
    if (one === undefined) return [];
    const content = {
      ...{ udi: formatUdi(member.udi), sequence: one.sequence, confirmation_code: one.confirmationCode },
      licenses: one.licenses.map(({ tag, count }) => ({ entitlement_tag: tag, count })),
    };
    return [{ kind: "auth", receivedAtMs: one.installedAtMs, content: JSON.stringify(content) }];
  });
  const conversions = Object.values(state.classic?.conversion?.done ?? {}).map(
    ({ receivedAtMs, payload }): ImportView => ({ kind: "conversion_ack", receivedAtMs, content: payload }),
  );
  const { account } = trust;
  const imports: ImportView[] = [...codes, ...authorizations, ...conversions];
  if (policy.installedAtMs !== null) {
    imports.push({ kind: "policy", receivedAtMs: policy.installedAtMs, content: encodePolicy(policy.inForce) });
  }
  if (account !== null) {
    const content = JSON.stringify({ smart_account: account.smartAccount, virtual_account: account.virtualAccount });
    imports.push({ kind: "account_info", receivedAtMs: codes[0]?.receivedAtMs ?? account.asOfMs, content });
  }
  if (reporting.lastAckAtMs !== null) {
    const content = JSON.stringify({
      sequence: reporting.lastAckSequence,
      tree_head: reporting.ledger.heads[0] ?? null,
    });
    imports.push({ kind: "rum_ack", receivedAtMs: reporting.lastAckAtMs, content });
  }
  return imports;
}

async function readEvents(agent: AgentQueries, sinceMs: number | null): Promise<readonly EventLineView[]> {
  const events = (await agent.eventLog()).flatMap(parseEventLine);
  return sinceMs === null ? events : events.filter((event) => event.atMs >= sinceMs);
}

const eventPattern = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) UTC SAEVT_([A-Z0-9_]+)((?: \w+="[^"]*")*)$/;

/** Empty for a line that a crash cut off. */
function parseEventLine(line: string): readonly EventLineView[] {
  const match = eventPattern.exec(line);
  if (match === null) return [];
  const [, day, time, name = "", pairs = ""] = match;
  const details = [...pairs.matchAll(/ (\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value] as const);
  return [{ atMs: Date.parse(`${day}T${time}Z`), name, details: Object.fromEntries(details) }];
}
