// Looks at the sums of every smart account and writes down what is not as the look before found it: where licences began or ceased
// to be short, and how each licence stands on this day. Devices are not looked at, and none waits for it; whoever runs it again, or
// beside another manager, finds nothing left to write.

import { setImmediate } from "node:timers/promises";
import { changedDays, dayOf, historyDaysMax, type LicenseDay } from "../licenses/license-day.ts";
import { shortageChanges } from "../licenses/shortage.ts";
import type { Environment } from "../ports.ts";
import { readStandings } from "./list-licenses.ts";
import type { NotedStandings } from "./use-cases.ts";

type Noting = Pick<Environment, "storage" | "clock">;

/** Reports wait for a transaction that writes, so none writes more than this. */
const daysPerTransaction = 500;

/** Ends early, between two accounts or two transactions, when `signal` is aborted. */
export async function noteStandings({ storage, clock }: Noting, signal?: AbortSignal): Promise<NotedStandings> {
  const noted = { shortages: 0, days: 0 };
  for (const { smartAccountId } of await storage.read.accounts.listSmartAccounts()) {
    if (signal?.aborted === true) break;
    // Devices have their turn between two accounts.
    await setImmediate();
    const { read } = storage;
    const known = await read.licenses.listShortages(smartAccountId);
    const newest = await read.licenses.listNewestDays(smartAccountId);
    const now = clock.now();
    const standings = await readStandings(smartAccountId, now, read.licenses);
    const { began, ended } = shortageChanges(known, standings);
    if (began.length + ended.length > 0) noted.shortages += await writeShortages(smartAccountId, { storage, clock });
    const today = dayOf(now);
    noted.days += await writeDays(changedDays(newest, standings, today), { smartAccountId, today, storage, signal });
  }
  return noted;
}

type DayPlace = Pick<Environment, "storage"> & {
  readonly smartAccountId: number;
  readonly today: number;
  readonly signal: AbortSignal | undefined;
};

/** Another manager may write the same day at the same time: the most of a day stays, and the next look mends what was last. */
async function writeDays(days: readonly LicenseDay[], place: DayPlace): Promise<number> {
  const { smartAccountId, today, storage, signal } = place;
  const keptFromDay = today - historyDaysMax + 1;
  let written = 0;
  while (written < days.length && signal?.aborted !== true) {
    const part = days.slice(written, written + daysPerTransaction);
    await storage.inTransaction(({ licenses }) => licenses.putDays(smartAccountId, part, keptFromDay));
    written += part.length;
    await setImmediate();
  }
  return written;
}

/** Looked at again where nothing else changes it, because another manager may have written it meanwhile. */
async function writeShortages(smartAccountId: number, { storage, clock }: Noting): Promise<number> {
  return storage.inTransaction(async ({ licenses, events }) => {
    const now = clock.now();
    const known = await licenses.listShortages(smartAccountId);
    const { began, ended } = shortageChanges(known, await readStandings(smartAccountId, now, licenses));
    const event = {
      ...{ smartAccountId, atMs: now, installationId: null },
      cause: { kind: "system", reason: "looked at the sums of licences" } as const,
    };
    for (const { virtualAccountId, tag } of began)
      await licenses.addShortage(smartAccountId, { virtualAccountId, tag, sinceMs: now });
    for (const shortage of ended) await licenses.removeShortage(smartAccountId, shortage);
    await events.addEvents([
      ...began.map(({ virtualAccountId, tag, purchased, inUse, borrowed, balance }) => ({
        ...{ ...event, kind: "license_shortage_began" as const, virtualAccountId, before: null },
        after: { tag, purchased, inUse, borrowed, short: -balance },
      })),
      ...ended.map(({ virtualAccountId, tag, sinceMs }) => ({
        ...{ ...event, kind: "license_shortage_ended" as const, virtualAccountId },
        before: { tag, sinceMs },
        after: { tag },
      })),
    ]);
    return began.length + ended.length;
  });
}
