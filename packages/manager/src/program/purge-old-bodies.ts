// The automatic purge: what the setting says is old goes, step by step, account by account. Several managers over one database
// may do it at the same time: a step starts where the last one of any of them ended.

import type { Logger } from "../logging/logger.ts";
import type { AdministrationUseCases } from "../use-cases/use-cases.ts";

export type RetentionPorts = { readonly administration: AdministrationUseCases; readonly logger: Logger };

/** Ends early, between two steps, when `signal` is aborted. Answers the number of bodies that were purged. */
export async function purgeOldBodies(
  olderThanDays: number,
  { administration, logger }: RetentionPorts,
  signal: AbortSignal,
): Promise<number> {
  const cause = { kind: "system", reason: "setting purgeReportBodiesAfterDays" } as const;
  let purged = 0;
  for (const { name: smartAccount } of await administration.listAccounts()) {
    while (!signal.aborted) {
      const step = await administration.purgeReportBodies({ smartAccount, olderThanDays, cause });
      if (step.isFinished) break;
      purged += step.bodies;
    }
  }
  if (purged > 0) logger.info("report_bodies_purged", { count: purged });
  return purged;
}
