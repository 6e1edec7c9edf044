// Which installations are in classic Smart Licensing, kept inside the transactions that change it (spec/protocol.md, section 15).

import type { ClassicInstallation } from "../trust/classic-installation.ts";
import type { Installation } from "../trust/product-instance.ts";
import { addEvent, type ChangeContext, freeUsage } from "./installation-changes.ts";

/** After a registration or a renewal: heard now, with the certificates as they are now. */
export async function enterClassic(installation: Installation, context: ChangeContext): Promise<Installation> {
  const { transaction, now } = context;
  const { smartAccountId, installationId } = installation;
  const before = await transaction.classic.findClassic(smartAccountId, installationId);
  await transaction.classic.putClassic({
    ...{ smartAccountId, installationId, lastContactAtMs: now, releasedAtMs: before?.releasedAtMs ?? null },
    askedAtMs: before?.askedAtMs ?? 0,
    certificateEndsAtMs: await certificateEndOf(installation, context),
  });
  if (before !== undefined) return installation;
  await addEvent("licensing_model_changed", installation, null, { model: "classic" }, context);
  return noteModelChange(installation, context);
}

/** A device that has a trust code reports from now on; what it was counted with before is no longer counted. */
export async function leaveClassic(installation: Installation, context: ChangeContext): Promise<Installation> {
  const { smartAccountId, installationId } = installation;
  const { classic } = context.transaction;
  if ((await classic.findClassic(smartAccountId, installationId)) === undefined) return installation;
  const counted = await freeUsage(installation, context);
  await classic.removeClassic(smartAccountId, installationId);
  const before = { model: "classic", ...counted };
  await addEvent("licensing_model_changed", installation, before, { model: "policy" }, context);
  return noteModelChange(installation, context);
}

/** What is cached of its members knows the model before. */
async function noteModelChange(installation: Installation, { transaction }: ChangeContext): Promise<Installation> {
  const after = { ...installation, trustEpoch: installation.trustEpoch + 1 };
  await transaction.trust.putInstallation(after);
  return after;
}

/** When the first registered member is without a valid certificate: each has until the last of its own. */
export async function certificateEndOf(
  { smartAccountId, installationId }: Installation,
  { transaction }: ChangeContext,
): Promise<ClassicInstallation["certificateEndsAtMs"]> {
  const ends: number[] = [];
  for (const { instanceId, removedAtMs } of await transaction.trust.listMembers(smartAccountId, installationId)) {
    if (removedAtMs === null) ends.push(await lastValidUntil(smartAccountId, instanceId, { transaction }));
  }
  return Math.min(...ends, Number.MAX_SAFE_INTEGER);
}

/** The end of the last certificate of a product instance that is not revoked; 0 for none. */
export async function lastValidUntil(
  smartAccountId: number,
  instanceId: number,
  { transaction }: Pick<ChangeContext, "transaction">,
): Promise<number> {
  const certificates = await transaction.trust.listCertificates(smartAccountId, instanceId);
  return Math.max(0, ...certificates.filter(({ state }) => state === "valid").map(({ validUntilMs }) => validUntilMs));
}
