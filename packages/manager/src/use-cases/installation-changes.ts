// Changes to whole installations inside a transaction: usage follows the installation wherever it goes, and is freed with it.

import { formatUdi } from "@countersign/protocol";
import type { Cause, EventKind } from "../events/event.ts";
import type { Transaction } from "../storage-ports.ts";
import type { Installation, ProductInstance } from "../trust/product-instance.ts";
import { usageDifference } from "../usage/in-use.ts";
import type { UsageTotalChange } from "../usage/stored-report.ts";
import { authorizationInForce, endAuthorization, moveAuthorization } from "./give-authorization.ts";

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

/** Withdraws its certificates; the licences are free when it was the last member. Answers the installation as it is then. */
export async function removeMember(
  instance: ProductInstance,
  installation: Installation,
  context: ChangeContext,
): Promise<Installation> {
  const { transaction, now } = context;
  const { smartAccountId, instanceId, virtualAccountId, productInstanceIdentifier } = instance;
  const inForce = await authorizationInForce(instance, context);
  if (inForce !== undefined) await endAuthorization(instance, inForce, "withdrawn", context);
  await transaction.trust.putInstance({ ...instance, removedAtMs: now });
  await transaction.trust.endCertificates(smartAccountId, instanceId, "withdrawn");
  await transaction.trust.changeInstanceCount(smartAccountId, virtualAccountId, -1);
  const after = { ...installation, trustEpoch: installation.trustEpoch + 1 };
  await transaction.trust.putInstallation(after);
  const described = { udi: formatUdi(instance.udi), productInstanceIdentifier };
  const before = { ...described, removedAtMs: null };
  await addEvent("device_removed", after, before, { ...described, removedAtMs: now }, context);
  await freeIfEmpty(after, context);
  return after;
}

/** Frees the licences of an installation that has no registered member left; does nothing while it has one. */
export async function freeIfEmpty(installation: Installation, context: ChangeContext): Promise<void> {
  const { transaction } = context;
  const { smartAccountId, installationId } = installation;
  const members = await transaction.trust.listMembers(smartAccountId, installationId);
  if (members.some((member) => member.removedAtMs === null)) return;
  const before = await freeUsage(installation, context);
  await transaction.classic.removeClassic(smartAccountId, installationId);
  await addEvent("installation_emptied", installation, before, { identifier: installation.identifier }, context);
}

/** Nothing of it is counted any more. Answers what was. */
export async function freeUsage(
  { smartAccountId, installationId, virtualAccountId }: Installation,
  { transaction }: ChangeContext,
): Promise<{ readonly tags: number; readonly counts: readonly number[] }> {
  const usage = await transaction.usage.listInUse(smartAccountId, installationId);
  const changes = usage.map(({ tagId, inUse }) => ({
    smartAccountId,
    virtualAccountId,
    tagId,
    ...usageDifference(inUse, undefined),
  }));
  await transaction.usage.changeTotals(changes);
  await transaction.usage.removeInUse(smartAccountId, installationId);
  return { tags: usage.length, counts: usage.map(({ inUse }) => inUse.count) };
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
