// Generates docs/reference/relay-metrics.md from the metrics themselves.

import { createMetrics } from "./metrics.ts";

function render(): string {
  const counts = { waiting: 0, oldestWaitingAtMs: null, waitingBytes: 0, acknowledged: 0, refused: 0, taken: 0 };
  const certificate = { validUntilMs: 0, state: "valid", renewalFailure: null, renewalFailingSinceMs: null } as const;
  const sources = {
    counts: () => counts,
    failingSinceMs: () => null,
    certificate: () => certificate,
    requestBytesReceived: () => 0,
    now: () => 0,
  };
  const rows = createMetrics(sources)
    .list()
    .map(({ name, type, help, labels }) => `| \`${name}\` | ${type} | ${labels.join(", ")} | ${help} |`);
  return `# Metrics of a relay

\`GET /metrics\`, in the text format of Prometheus.

| metric | type | labels | meaning |
|---|---|---|---|
${rows.join("\n")}
`;
}

export const pages = [{ name: "relay-metrics.md", render }];
