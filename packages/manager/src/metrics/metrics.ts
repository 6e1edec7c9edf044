// What Prometheus can read: requests, their time, overload, group commits, reports, and the process itself.

import { describeMetrics, type MetricDescription } from "@countersign/terminal";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { UpstreamState } from "../use-cases/upstream-states.ts";

export type RequestOutcome = "ok" | "poll" | "try_again" | "refused" | "failed" | "unreadable";

export interface Metrics {
  requestAnswered(requestType: string, outcome: RequestOutcome, durationSeconds: number): void;
  reportsJudged(counts: { readonly accepted: number; readonly known: number; readonly refused: number }): void;
  groupCommitted(messages: number, durationSeconds: number): void;
  administrationAnswered(route: string, httpStatus: number): void;
  bearerRefused(): void;
  /** The connection ended before the whole body was there. */
  requestCut(): void;
  /** Text in the Prometheus exposition format, with its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** What there is, for the reference. */
  list(): readonly MetricDescription[];
}

/** Values that are asked for at the moment of a scrape. */
export type MetricsSources = {
  readonly requestsInFlight: () => number;
  readonly requestBytesInFlight: () => number;
  readonly requestBytesReceived: () => number;
  readonly reportsWaiting: () => number;
  /** Empty where there is no manager above. */
  readonly upstreams: () => Promise<readonly UpstreamState[]>;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** `isProcessMeasured` is false where several managers share a process, as in the lab. */
export function createMetrics(sources: MetricsSources, isProcessMeasured = true): Metrics {
  const registers = [new Registry()] as const;
  const [registry] = registers;
  if (isProcessMeasured) collectDefaultMetrics({ register: registry, prefix: "countersign_" });
  const requests = new Counter({
    name: "countersign_requests_total",
    help: "Device requests by type and outcome.",
    labelNames: ["type", "outcome"],
    registers: [...registers],
  });
  const seconds = new Histogram({
    name: "countersign_request_duration_seconds",
    help: "Time from the whole body to the answer.",
    labelNames: ["type"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [...registers],
  });
  const reports = new Counter({
    name: "countersign_reports_total",
    help: "Usage reports by outcome.",
    labelNames: ["outcome"],
    registers: [...registers],
  });
  const commits = new Histogram({
    name: "countersign_group_commit_messages",
    help: "Messages that shared one transaction.",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers: [...registers],
  });
  const commitSeconds = new Histogram({
    name: "countersign_group_commit_duration_seconds",
    help: "Time of one transaction.",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
    registers: [...registers],
  });
  const administration = new Counter({
    name: "countersign_administration_requests_total",
    help: "Administration requests by route and status.",
    labelNames: ["route", "status"],
    registers: [...registers],
  });
  const bearers = new Counter({
    name: "countersign_bearer_refusals_total",
    help: "Wrong or missing operator tokens.",
    registers: [...registers],
  });
  const cuts = new Counter({
    name: "countersign_requests_cut_total",
    help: "Requests whose connection ended before the whole body was there.",
    registers: [...registers],
  });
  new Gauge({
    name: "countersign_requests_in_flight",
    help: "Device requests being worked on.",
    registers: [...registers],
    collect() {
      this.set(sources.requestsInFlight());
    },
  });
  new Gauge({
    name: "countersign_request_bytes_in_flight",
    help: "Bytes of the device requests being worked on.",
    registers: [...registers],
    collect() {
      this.set(sources.requestBytesInFlight());
    },
  });
  new Gauge({
    name: "countersign_request_bytes_received",
    help: "Bytes of device requests that have arrived, whole or in part, and were not answered yet.",
    registers: [...registers],
    collect() {
      this.set(sources.requestBytesReceived());
    },
  });
  new Gauge({
    name: "countersign_reports_waiting",
    help: "Usage reports that wait for a transaction.",
    registers: [...registers],
    collect() {
      this.set(sources.reportsWaiting());
    },
  });
  const upstreamMeasures: ((states: readonly UpstreamState[]) => void)[] = [];
  const measureUpstream = (name: string, help: string, of: (states: readonly UpstreamState[]) => number) => {
    const gauge = new Gauge({ name: `countersign_upstream_${name}`, help, registers: [...registers] });
    // Where there is no manager above there is no figure either: 0 would say that all is well.
    upstreamMeasures.push((states) => (states.length === 0 ? gauge.remove() : gauge.set(of(states))));
  };
  measureUpstream(
    "synchronised_seconds",
    "Age of the last synchronisation with the manager above that succeeded; before the first one, since it was connected.",
    (states) =>
      Math.max(...states.map(({ lastSyncAtMs, connectedAtMs }) => sources.now() - (lastSyncAtMs ?? connectedAtMs))) /
      1000,
  );
  measureUpstream("waiting_reports", "Reports that the manager above has not acknowledged.", (states) =>
    states.reduce((sum, { waitingReports }) => sum + waitingReports, 0),
  );
  measureUpstream(
    "failed_attempts",
    "Attempts to synchronise that failed since the last one that succeeded.",
    (states) => states.reduce((sum, { failures }) => sum + failures, 0),
  );
  measureUpstream(
    "overdue",
    "1 when a synchronisation is more than a day late, as the alert sync_overdue.",
    (states) => (states.some(({ isOverdue }) => isOverdue) ? 1 : 0),
  );
  return {
    requestAnswered(type, outcome, durationSeconds) {
      requests.inc({ type, outcome });
      seconds.observe({ type }, durationSeconds);
    },
    reportsJudged(counts) {
      for (const [outcome, count] of Object.entries(counts)) if (count > 0) reports.inc({ outcome }, count);
    },
    groupCommitted(messages, durationSeconds) {
      commits.observe(messages);
      commitSeconds.observe(durationSeconds);
    },
    administrationAnswered: (route, status) => administration.inc({ route, status }),
    bearerRefused: () => bearers.inc(),
    requestCut: () => cuts.inc(),
    async render() {
      const states = await sources.upstreams();
      for (const measure of upstreamMeasures) measure(states);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    list: () => describeMetrics(registry.getMetricsAsArray()),
  };
}
