// Which code measures which figure, and at what size. Sizes keep each figure within about a minute on two cores.

import type { FigureName, Measure } from "../figure.ts";
import { licensePath, relayPath } from "../load/wire-constants.ts";
import { measureEnrol } from "./enrol.ts";
import { measureIngest } from "./ingest.ts";
import { measureIngestFlat } from "./ingest-flat.ts";
import { measureManagerRss } from "./manager-rss.ts";

const single = {
  path: licensePath,
  connections: 64,
  instances: 64,
  reportsPerMessage: 1,
  warmUpMessages: 4_000,
  timedMessages: 24_000,
};
const batch = {
  path: relayPath,
  connections: 8,
  instances: 8,
  reportsPerMessage: 1_000,
  warmUpMessages: 16,
  timedMessages: 64,
};

export const measurers: Readonly<Record<FigureName, Measure>> = {
  "ingest-single-64": measureIngest({ ...single, name: "ingest-single-64", keyType: "rsa-2048" }),
  "ingest-single-64-p256": measureIngest({ ...single, name: "ingest-single-64-p256", keyType: "p-256" }),
  "ingest-batch-1000": measureIngest({ ...batch, name: "ingest-batch-1000", keyType: "rsa-2048" }),
  "ingest-batch-1000-p256": measureIngest({ ...batch, name: "ingest-batch-1000-p256", keyType: "p-256" }),
  enrol: measureEnrol,
  "ingest-flat-1k-1m": measureIngestFlat,
  "manager-rss-1m": measureManagerRss,
};
