// Speaks to the manager above when it is time: monthly, and after a failure with growing waits. Somebody may ask for it besides.

import { type Repeated, repeatWhileRunning } from "@countersign/terminal";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../ports.ts";
import { isSyncDue } from "../premises/upstream.ts";
import type { AdministrationUseCases } from "../use-cases/use-cases.ts";

const lookIntervalMs = 60_000;

export type SyncWhenDuePorts = {
  readonly administration: Pick<AdministrationUseCases, "listAccounts" | "showUpstream" | "syncUpstream">;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Looks at the start and every minute; a failure is logged, and waits for its next time. */
export function syncWhileRunning(ports: SyncWhenDuePorts): Repeated {
  return repeatWhileRunning(
    () => syncIfDue(ports),
    lookIntervalMs,
    (cause) => ports.logger.error("upstream_sync_failed", {}, cause),
  );
}

/** What fails for one account keeps no other from its turn. */
export async function syncIfDue({ administration, clock, logger }: SyncWhenDuePorts): Promise<void> {
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (cause) {
      logger.error("upstream_sync_failed", {}, cause);
    }
  };
  await attempt(async () => {
    for (const { name: smartAccount } of await administration.listAccounts())
      await attempt(async () => {
        const { upstream } = await administration.showUpstream({ smartAccount });
        if (upstream === null || upstream.url === null || !isSyncDue(upstream, clock.now())) return;
        const cause = { kind: "system", reason: "synchronisation" } as const;
        const { acknowledged, refused } = await administration.syncUpstream({ smartAccount, cause });
        logger.info("upstream_synced", { count: acknowledged + refused });
      });
  });
}
