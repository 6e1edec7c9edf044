// Generates docs/reference/manager-metrics.md from the metrics themselves.

import { createMetrics } from "./metrics.ts";

const none = () => 0;
const idle = {
  ...{ requestsInFlight: none, requestBytesInFlight: none, requestBytesReceived: none, reportsWaiting: none },
  ...{ upstreams: async () => [], now: none },
};

function render(): string {
  const rows = createMetrics(idle, false)
    .list()
    .map(({ name, type, help, labels }) => `| \`${name}\` | ${type} | ${labels.join(", ")} | ${help} |`);
  return `# Metrics of a manager

\`GET /metrics\`, in the text format of Prometheus. Beside these the process itself is measured, under \`countersign_process_…\` and \`countersign_nodejs_…\`.
Those of \`countersign_upstream_…\` are there only where another manager stands above.

| metric | type | labels | meaning |
|---|---|---|---|
${rows.join("\n")}
`;
}

export const pages = [{ name: "manager-metrics.md", render }];
