// Purges the bodies of old reports. Hash, leaf and acknowledgement stay, so that a repeated report is still known, a poll
// still gets its ACK and every proof still holds. One call is one bounded transaction; whoever wants more calls again.

import { dayMs } from "@countersign/protocol";
import { ManagerError } from "../errors.ts";
import type { Readers } from "../storage-ports.ts";
import { leavesPerPurgeMax, purgeAgeDaysMax, purgeAgeDaysMin } from "../usage/retention.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount } from "./find-account.ts";
import type { By, InAccount, PurgeStep } from "./use-cases.ts";

export type PurgeWish = InAccount & { readonly olderThanDays: number };

/** Removes the bodies of the next leaves. Throws `input_invalid`, `account_unknown`. */
export async function purgeReportBodies(
  wish: PurgeWish & By,
  { administer, requireAdministrator, clock }: Administration,
): Promise<PurgeStep> {
  const { cause, olderThanDays } = wish;
  const receivedBeforeMs = limitOf(olderThanDays, clock.now());
  return administer({ act: "purge_report_bodies", cause }, async (transaction) => {
    const { smartAccountId, name } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    requireAdministrator({ smartAccountId, virtualAccountId: null });
    const from = await transaction.bodies.readPurgedBelow(smartAccountId);
    const to = await findEnd(smartAccountId, { from, receivedBeforeMs }, transaction);
    if (from === to) return stepOf(name, { from, to }, { bodies: 0, bytes: 0 });
    const now = clock.now();
    const weight = await transaction.bodies.removeBodies(smartAccountId, { from, to }, now);
    if (weight.bodies > 0) {
      const after = { fromLeaf: from, toLeaf: to, ...weight, olderThanDays };
      const place = { smartAccountId, virtualAccountId: null, installationId: null };
      await transaction.events.addEvents([
        { ...place, atMs: now, kind: "report_bodies_purged", cause, before: { purgedBelowLeaf: from }, after },
      ]);
    }
    return stepOf(name, { from, to }, weight);
  });
}

/** What `purgeReportBodies` would remove from `fromLeaf` on; left out, where the last purge ended. */
export async function weighOldReportBodies(
  query: PurgeWish & { readonly fromLeaf?: number | undefined },
  { storage, clock }: Administration,
): Promise<PurgeStep> {
  const { read } = storage;
  const receivedBeforeMs = limitOf(query.olderThanDays, clock.now());
  const { smartAccountId, name } = await findSmartAccount(query.smartAccount, read.accounts);
  const from = Math.max(query.fromLeaf ?? 0, await read.bodies.readPurgedBelow(smartAccountId));
  const to = await findEnd(smartAccountId, { from, receivedBeforeMs }, read);
  return stepOf(name, { from, to }, await read.bodies.weighBodies(smartAccountId, { from, to }));
}

function limitOf(olderThanDays: number, now: number): number {
  if (!Number.isSafeInteger(olderThanDays) || olderThanDays < purgeAgeDaysMin || olderThanDays > purgeAgeDaysMax)
    throw new ManagerError(
      "input_invalid",
      `olderThanDays: must be a whole number from ${purgeAgeDaysMin} to ${purgeAgeDaysMax}; for ${purgeAgeDaysMin} days a device may ask again.`,
    );
  return now - olderThanDays * dayMs;
}

/** What still has to reach the manager above is kept, however old it is. */
async function findEnd(
  smartAccountId: number,
  { from, receivedBeforeMs }: { readonly from: number; readonly receivedBeforeMs: number },
  { bodies, premises }: Pick<Readers, "bodies" | "premises">,
) {
  const to = await bodies.findEndOfOldLeaves(smartAccountId, { from, receivedBeforeMs, leavesMax: leavesPerPurgeMax });
  const syncedThrough = (await premises.findPremises(smartAccountId))?.upstream?.syncedThrough ?? to;
  return Math.max(from, Math.min(to, syncedThrough));
}

function stepOf(
  smartAccount: string,
  range: { readonly from: number; readonly to: number },
  weight: { readonly bodies: number; readonly bytes: number },
): PurgeStep {
  return { smartAccount, fromLeaf: range.from, toLeaf: range.to, ...weight, isFinished: range.from === range.to };
}
