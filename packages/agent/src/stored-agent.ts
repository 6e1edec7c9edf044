// The queries of an agent that does not run, read from the directory it left. Nothing is locked, written or sent, so that a
// stopped product can be looked at; a directory that is in use may be read too, but its owner knows better.

import { access } from "node:fs/promises";
import type { Clock } from "./ports.ts";
import { type AgentQueries, createQueries } from "./queries.ts";
import { upToDate } from "./start-state.ts";
import { DiskEventLog } from "./storage/event-log.ts";
import { FileDisk } from "./storage/file-disk.ts";
import { DiskMessageHistory } from "./storage/message-history.ts";
import { DiskReportStore } from "./storage/report-store.ts";
import { DiskStateStore } from "./storage/state-store.ts";
import { systemClock } from "./system-ports.ts";

/** Null when no agent ever stored a state there; throws `directory_unusable`. */
export async function readStoredAgent(directory: string, clock: Clock = systemClock): Promise<AgentQueries | null> {
  if (!(await exists(directory))) return null;
  const disk = await FileDisk.open(directory);
  const stored = upToDate((await new DiskStateStore(disk).load()).stored);
  if (stored === null) return null;
  const reports = new DiskReportStore(disk);
  await reports.open(stored.unwritten);
  return createQueries({
    state: () => stored.state,
    clock,
    reports,
    events: new DiskEventLog(disk),
    history: new DiskMessageHistory(disk),
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
