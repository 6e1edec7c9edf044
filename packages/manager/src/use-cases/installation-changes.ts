// Changes to whole installations inside a transaction: usage follows the installation wherever it goes, and is freed with it.

import type { Cause, EventKind } from "../events/event.ts";
import type { Transaction } from "../storage-ports.ts";
import type { Installation } from "../trust/product-instance.ts";
import { usageDifference } from "../usage/in-use.ts";
import type { UsageTotalChange } from "../usage/stored-report.ts";
import { moveAuthorization } from "./give-authorization.ts";

export type ChangeContext = { readonly transaction: Transaction; readonly now: number; readonly cause: Cause };

/** Moves an installation with its members and its usage. Answers the changed installation, which is not written yet. */
export async function moveToVirtualAccount(
  installation: Installation,
  virtualAccountId: number,
  context: ChangeContext,
): Promise<Installation> {
  const { transaction } = context;
  const { smartAccountId, installationId } = installation;
  const members = (await transaction.trust.listMembers(smartAccountId, installationId)).filter(
    (member) => member.removedAtMs === null,
  );
  for (const member of members) {
    await transaction.trust.putInstance({ ...member, virtualAccountId });
    await moveAuthorization(member, virtualAccountId, context);
  }
  await transaction.trust.changeInstanceCount(smartAccountId, installation.virtualAccountId, -members.length);
  await transaction.trust.changeInstanceCount(smartAccountId, virtualAccountId, members.length);
  const usage = await transaction.usage.listInUse(smartAccountId, installationId);
  const changes = usage.flatMap(({ tagId, inUse }): UsageTotalChange[] => [
    { smartAccountId, virtualAccountId: installation.virtualAccountId, tagId, ...usageDifference(inUse, undefined) },
    { smartAccountId, virtualAccountId, tagId, ...usageDifference(undefined, inUse) },
  ]);
  await transaction.usage.changeTotals(changes);
  // A higher version than any before: the policy of the new place must never look older to the device (I10).
  const policyVersionFloor = await transaction.policies.nextPolicyVersion(smartAccountId);
  return { ...installation, virtualAccountId, policyVersionFloor, trustEpoch: installation.trustEpoch + 1 };
}

/** Frees the licences of an installation that has no registered member left; does nothing while it has one. */
export async function freeIfEmpty(installation: Installation, context: ChangeContext): Promise<void> {
  const { transaction } = context;
  const { smartAccountId, installationId, virtualAccountId } = installation;
  const members = await transaction.trust.listMembers(smartAccountId, installationId);
  if (members.some((member) => member.removedAtMs === null)) return;
  const usage = await transaction.usage.listInUse(smartAccountId, installationId);
  const changes = usage.map(({ tagId, inUse }) => ({
    smartAccountId,
    virtualAccountId,
    tagId,
    ...usageDifference(inUse, undefined),
  }));
  await transaction.usage.changeTotals(changes);
  await transaction.usage.removeInUse(smartAccountId, installationId);
  const before = { tags: usage.length, counts: usage.map(({ inUse }) => inUse.count) };
  await addEvent("installation_emptied", installation, before, { identifier: installation.identifier }, context);
}

export async function addEvent(
  kind: EventKind,
  installation: Installation,
  before: unknown,
  after: unknown,
  context: ChangeContext,
): Promise<void> {
  const { smartAccountId, virtualAccountId, installationId } = installation;
  const { now: atMs, cause } = context;
  await context.transaction.events.addEvents([
    { smartAccountId, atMs, kind, virtualAccountId, installationId, cause, before, after },
  ]);
}
