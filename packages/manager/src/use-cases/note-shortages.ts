// Looks at the sums of every smart account and writes down where licences began or ceased to be short. Devices are not looked at, and
// none waits for it; whoever runs it again, or beside another manager, finds nothing left to write.

import { setImmediate } from "node:timers/promises";
import { shortageChanges } from "../licenses/shortage.ts";
import type { Environment } from "../ports.ts";
import { readStandings } from "./list-licenses.ts";

/** Answers how many changes were written. Ends early, between two accounts, when `signal` is aborted. */
export async function noteShortages(
  { storage, clock }: Pick<Environment, "storage" | "clock">,
  signal?: AbortSignal,
): Promise<number> {
  let written = 0;
  for (const { smartAccountId } of await storage.read.accounts.listSmartAccounts()) {
    if (signal?.aborted === true) break;
    // Devices have their turn between two accounts.
    await setImmediate();
    const { read } = storage;
    const known = await read.licenses.listShortages(smartAccountId);
    const { began, ended } = shortageChanges(known, await readStandings(smartAccountId, clock.now(), read.licenses));
    if (began.length + ended.length > 0) written += await write(smartAccountId, { storage, clock });
  }
  return written;
}

/** Looked at again where nothing else changes it, because another manager may have written it meanwhile. */
async function write(
  smartAccountId: number,
  { storage, clock }: Pick<Environment, "storage" | "clock">,
): Promise<number> {
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
