// What becomes due for classic installations that stay silent: after 90 days what they use is free again (MGR-12), and a product
// instance whose ID certificate has ended is removed (CLS-14). Nobody waits for it, and only what is due is looked at.

import { setImmediate } from "node:timers/promises";
import { assert } from "@countersign/protocol";
import type { Environment } from "../ports.ts";
import { releaseDueAtMs } from "../trust/classic-installation.ts";
import type { Installation } from "../trust/product-instance.ts";
import { certificateEndOf, lastValidUntil } from "./classic-model.ts";
import { addEvent, type ChangeContext, freeUsage, removeMember } from "./installation-changes.ts";

type Keeping = Pick<Environment, "storage" | "clock">;

const installationsPerRead = 100;

/** Answers for how many installations something was due. Ends early, between two of them, when `signal` is aborted. */
export async function keepClassic({ storage, clock }: Keeping, signal?: AbortSignal): Promise<number> {
  let done = 0;
  for (const { smartAccountId } of await storage.read.accounts.listSmartAccounts()) {
    for (;;) {
      const due = await storage.read.classic.listDue(smartAccountId, clock.now(), installationsPerRead);
      for (const installationId of due) {
        if (signal?.aborted === true) return done;
        await setImmediate();
        await keepOne(smartAccountId, installationId, { storage, clock });
        done += 1;
      }
      if (due.length < installationsPerRead) break;
    }
  }
  return done;
}

/** Another manager, or a message of the device, may have come first: what is still due is seen inside the transaction. */
async function keepOne(smartAccountId: number, installationId: number, { storage, clock }: Keeping): Promise<void> {
  await storage.inTransaction(async (transaction) => {
    const now = clock.now();
    const classic = await transaction.classic.findClassic(smartAccountId, installationId);
    if (classic === undefined) return;
    const installation = await transaction.trust.findInstallation(smartAccountId, installationId);
    assert(installation !== undefined, "a classic installation is stored");
    let kept = classic;
    if (kept.releasedAtMs === null && releaseDueAtMs(kept) <= now) {
      const cause = { kind: "system", reason: "no contact for 90 days" } as const;
      const context = { transaction, now, cause };
      const before = await freeUsage(installation, context);
      const after = { lastContactAtMs: kept.lastContactAtMs };
      await addEvent("usage_released", installation, before, after, context);
      kept = { ...kept, releasedAtMs: now };
    }
    const cause = { kind: "system", reason: "the ID certificate has ended" } as const;
    const isGone = await removeExpired(installation, { transaction, now, cause });
    if (isGone) return;
    const certificateEndsAtMs = await certificateEndOf(installation, { transaction, now, cause });
    await transaction.classic.putClassic({ ...kept, certificateEndsAtMs });
  });
}

/** True when no member is left. */
async function removeExpired(found: Installation, context: ChangeContext): Promise<boolean> {
  const { transaction, now } = context;
  const { smartAccountId, installationId } = found;
  let installation = found;
  let left = 0;
  for (const member of await transaction.trust.listMembers(smartAccountId, installationId)) {
    if (member.removedAtMs !== null) continue;
    const isExpired = (await lastValidUntil(smartAccountId, member.instanceId, context)) <= now;
    if (isExpired) installation = await removeMember(member, installation, context);
    else left += 1;
  }
  return left === 0;
}
