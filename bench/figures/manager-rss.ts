// manager-rss-1m: the most memory that a manager with a million product instances holds while it takes reports from all
// over them. The floor is a Node process with an HTTPS server and an open database and nothing in them.

import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import { encodeUsageMessages } from "../load/usage-messages.ts";
import { licensePath } from "../load/wire-constants.ts";
import { withCeiling, withManager } from "../programs/manager-session.ts";
import { largeFleet } from "./ingest-flat.ts";
import { loadManager } from "./ingest-load.ts";

const connectionCount = 64;
const messageCount = 12_000;

export async function measureManagerRss(context: BenchContext): Promise<Figure> {
  const fleet = await context.fleet(largeFleet);
  const timed = await encodeUsageMessages(fleet.choose(messageCount), messageCount, 1);
  const { atStart, underLoad } = await withManager(fleet.dataDirectory, context.profileDirectory, async (manager) => {
    const atStart = await manager.usage();
    const messages = { path: licensePath, warmUp: [], timed };
    await loadManager(manager, connectionCount, messages, context.signal);
    return { atStart, underLoad: await manager.usage() };
  });
  const floor = await withCeiling("memory", [context.directory], (ceiling) => ceiling.usage());
  return figureOf({
    name: "manager-rss-1m",
    value: underLoad.peakMegabytes,
    unit: "MB",
    ceiling: floor.rssMegabytes,
    p50Ms: null,
    p99Ms: null,
    note:
      `Peak resident memory with ${largeFleet} product instances after ${messageCount} reports from instances spread over ` +
      `them (${Math.round(atStart.rssMegabytes)} MB after the start, ${Math.round(underLoad.rssMegabytes)} MB at the end). Floor: a Node ` +
      "process with an idle HTTPS server and an empty database. Less is better.",
  });
}
