// What Prometheus can read of a relay.

import { describeMetrics, type MetricDescription } from "@countersign/terminal";
import { Counter, Gauge, Registry } from "prom-client";
import type { HeldCounts } from "../ports.ts";
import type { CertificateView } from "../renewal/renewal.ts";

export interface Metrics {
  asked(requestType: string): void;
  sentUp(items: number): void;
  settled(outcome: "acknowledged" | "refused"): void;
  collected(outcome: string): void;
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** What there is, for the reference. */
  list(): readonly MetricDescription[];
}

/** Values that are asked for at the moment of a scrape. */
export type MetricsSources = {
  readonly counts: () => HeldCounts;
  readonly failingSinceMs: () => number | null;
  readonly certificate: () => CertificateView;
  readonly requestBytesReceived: () => number;
  readonly now: () => number;
};

export function createMetrics(sources: MetricsSources): Metrics {
  const { counts, failingSinceMs, certificate, requestBytesReceived, now } = sources;
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name: `countersign_relay_${name}`, help, labelNames: [label], registers });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `countersign_relay_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const asked = counter("requests_total", "Requests of devices by type.", "type");
  const settled = counter("settled_total", "Held requests by what the manager said.", "outcome");
  const collected = counter("collections_total", "Collections from devices by outcome.", "outcome");
  const sentUp = new Counter({
    name: "countersign_relay_sent_up_total",
    help: "Held requests brought to the manager.",
    registers,
  });
  gauge("waiting_requests", "Requests that the manager has not answered.", () => counts().waiting);
  gauge("waiting_bytes", "Their bytes.", () => counts().waitingBytes);
  gauge(
    "request_bytes_received",
    "Bytes of requests that have arrived, whole or in part, and were not answered yet.",
    requestBytesReceived,
  );
  const ageOf = (sinceMs: number | null) => (sinceMs === null ? 0 : (now() - sinceMs) / 1000);
  gauge("oldest_waiting_seconds", "Age of the oldest of them.", () => ageOf(counts().oldestWaitingAtMs));
  gauge("manager_away_seconds", "For how long the manager has not been reached; 0 when it was.", () =>
    ageOf(failingSinceMs()),
  );
  gauge(
    "certificate_remaining_seconds",
    "How long the relay's own certificate is valid yet; below zero it has ended.",
    () => (certificate().validUntilMs - now()) / 1000,
  );
  gauge("renewal_failing_seconds", "For how long renewing it has failed; 0 when it has not.", () =>
    ageOf(certificate().renewalFailingSinceMs),
  );
  return {
    asked: (type) => asked.inc({ type }),
    sentUp: (items) => sentUp.inc(items),
    settled: (outcome) => settled.inc({ outcome }),
    collected: (outcome) => collected.inc({ outcome }),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    list: () => describeMetrics(registry.getMetricsAsArray()),
  };
}
