// Which code measures which figure, and at what size. Sizes keep each figure within about a minute on two cores.
// Each is loaded only when it is measured: the agent's figure needs no manager, and help needs neither.

import type { FigureName, Measure } from "../figure.ts";
import { licensePath, relayPath } from "../load/wire-constants.ts";
import type { IngestPlan } from "./ingest.ts";

const single = {
  path: licensePath,
  connections: 64,
  instances: 64,
  reportsPerMessage: 1,
  warmUpMessages: 20_000,
  timedMessages: 24_000,
};
const batch = {
  path: relayPath,
  connections: 8,
  instances: 8,
  reportsPerMessage: 1_000,
  warmUpMessages: 40,
  timedMessages: 64,
};

function ingest(plan: IngestPlan): Measure {
  return async (context) => (await import("./ingest.ts")).measureIngest(plan, context);
}

export const measurers: Readonly<Record<FigureName, Measure>> = {
  "ingest-single-64": ingest({ ...single, name: "ingest-single-64", keyType: "rsa-2048" }),
  "ingest-single-64-p256": ingest({ ...single, name: "ingest-single-64-p256", keyType: "p-256" }),
  "ingest-batch-1000": ingest({ ...batch, name: "ingest-batch-1000", keyType: "rsa-2048" }),
  "ingest-batch-1000-p256": ingest({ ...batch, name: "ingest-batch-1000-p256", keyType: "p-256" }),
  enrol: async (context) => (await import("./enrol.ts")).measureEnrol(context),
  "agent-append-365d": async (context) => (await import("./agent-append.ts")).measureAgentAppend(context),
  "ingest-flat-1k-1m": async (context) => (await import("./ingest-flat.ts")).measureIngestFlat(context),
  "manager-rss-1m": async (context) => (await import("./manager-rss.ts")).measureManagerRss(context),
  "device-rss": async (context) => (await import("./device-rss.ts")).measureDeviceRss(context),
  "console-prompt": async (context) => (await import("./console-prompt.ts")).measureConsolePrompt(context),
  "show-license-all-365d": async (context) => (await import("./show-license-all.ts")).measureShowLicenseAll(context),
  "lab-10000-agents": async (context) => (await import("./lab-agents.ts")).measureLabAgents(context),
};
