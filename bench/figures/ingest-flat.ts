// ingest-flat-1k-1m: the intake of single reports with a thousand and with a million product instances in the database, by
// as many senders in both. The ceiling is the smaller database's rate.

import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import type { Fleet } from "../fill/fleet.ts";
import { encodeUsageMessages, type ReportingInstance } from "../load/usage-messages.ts";
import { licensePath } from "../load/wire-constants.ts";
import { withManager } from "../programs/manager-session.ts";
import { formatCost, type IngestResult, loadManager } from "./ingest-load.ts";

const connectionCount = 64;
const senderCount = 1_000;
const warmUpMessages = 12_000;
const timedMessages = 12_000;

export const smallFleet = 1_000;
export const largeFleet = 1_000_000;

export async function measureIngestFlat(context: BenchContext): Promise<Figure> {
  const small = await context.fleet(smallFleet);
  const large = await context.fleet(largeFleet);
  const [smallSenders, largeSenders] = [small.choose(senderCount), large.choose(senderCount)];
  // The small one before and after, so that a machine that grows slower or faster meanwhile moves the result by half only.
  const before = await loadFleet(context, small, smallSenders);
  const among = await loadFleet(context, large, largeSenders);
  const after = await loadFleet(context, small, smallSenders);
  const strangers = await loadFleet(context, large, large.choose(warmUpMessages + timedMessages));
  return figureOf({
    name: "ingest-flat-1k-1m",
    value: among.perSecond,
    unit: "reports/s",
    ceiling: (before.perSecond + after.perSecond) / 2,
    p50Ms: among.p50Ms,
    p99Ms: among.p99Ms,
    note:
      `${timedMessages} messages of one report over ${connectionCount} connections by ${senderCount} instances spread over ` +
      `${largeFleet}; ceiling: the same by all instances of a manager with ${smallFleet} (mean of a run before and one after). When no ` +
      `instance of the million sends twice, so that each has to be looked up and its key read: ${Math.round(strangers.perSecond)} ` +
      "reports/s. Databases filled ahead by the manager's own storage with instances that are trusted and have reported once; 64 " +
      "RSA keys among them. Processor time per message, all threads (main thread), in microseconds: small " +
      `${formatCost(before)} and ${formatCost(after)}, large ${formatCost(among)}, none twice ${formatCost(strangers)}.`,
  });
}

/** The senders take turns; a restart of the manager between runs empties its caches. */
async function loadFleet(
  context: BenchContext,
  fleet: Fleet,
  senders: readonly ReportingInstance[],
): Promise<IngestResult> {
  const messages = await encodeUsageMessages(senders, warmUpMessages + timedMessages, 1);
  const [warmUp, timed] = [messages.slice(0, warmUpMessages), messages.slice(warmUpMessages)];
  context.progress(`${senders.length} of ${fleet.count} product instances report`);
  return withManager(fleet.dataDirectory, context.profileDirectory, (manager) =>
    loadManager(manager, connectionCount, { path: licensePath, warmUp, timed }, context.signal),
  );
}
