// ingest-flat-1k-1m: the intake of single reports with a thousand and with a million product instances in the database,
// the senders spread all over them. The ceiling is the smaller fleet's rate.

import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import type { Fleet } from "../fill/fleet.ts";
import type { LoadResult } from "../load/closed-loop.ts";
import { encodeUsageMessages } from "../load/usage-messages.ts";
import { licensePath } from "../load/wire-constants.ts";
import { withManager } from "../programs/manager-session.ts";
import { loadManager } from "./ingest-load.ts";

const connectionCount = 64;
const warmUpMessages = 4_000;
const timedMessages = 16_000;

export const smallFleet = 1_000;
export const largeFleet = 1_000_000;

export async function measureIngestFlat(context: BenchContext): Promise<Figure> {
  const small = await context.fleet(smallFleet);
  const large = await context.fleet(largeFleet);
  // The small one before and after, so that a machine that grows slower or faster meanwhile moves the result by half only.
  const before = await loadFleet(context, small);
  const among = await loadFleet(context, large);
  const after = await loadFleet(context, small);
  return figureOf({
    name: "ingest-flat-1k-1m",
    value: among.perSecond,
    unit: "reports/s",
    ceiling: (before.perSecond + after.perSecond) / 2,
    p50Ms: among.p50Ms,
    p99Ms: among.p99Ms,
    note:
      `${timedMessages} messages of one report over ${connectionCount} connections, from as many instances spread over ` +
      `${largeFleet}; ceiling: the same manager with ${smallFleet} (mean of a run before and one after). Databases filled ahead ` +
      "by the manager's own storage with instances that are trusted and have reported once; 64 RSA keys among them.",
  });
}

async function loadFleet(context: BenchContext, fleet: Fleet): Promise<LoadResult> {
  const warmUp = await encodeUsageMessages(fleet.choose(warmUpMessages), warmUpMessages, 1);
  const timed = await encodeUsageMessages(fleet.choose(timedMessages), timedMessages, 1);
  context.progress(`manager with ${fleet.count} product instances`);
  return withManager(fleet.dataDirectory, context.profileDirectory, (manager) =>
    loadManager(manager, connectionCount, { path: licensePath, warmUp, timed }, context.signal),
  );
}
