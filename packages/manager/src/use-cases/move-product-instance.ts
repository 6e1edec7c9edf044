// Transfer and removal of product instances, as administrators do it. Usage moves with its installation, and is freed with it.

import { assert, formatUdi } from "@countersign/protocol";
import type { Administration } from "./administer.ts";
import { findProductInstance, findSmartAccount, findVirtualAccount } from "./find-account.ts";
import { addEvent, moveToVirtualAccount, removeMember } from "./installation-changes.ts";
import { detailOf } from "./list-product-instances.ts";
import type { By, InstanceDetail, InstanceReference } from "./use-cases.ts";

/** Moves the whole installation of the named instance. Throws `instance_unknown`, `virtual_account_unknown`, `operator_not_permitted` … */
export async function transferProductInstance(
  wish: InstanceReference & { readonly virtualAccount: string } & By,
  { administer, requireAdministrator, storage, clock }: Administration,
): Promise<InstanceDetail> {
  const moved = await administer({ act: "transfer_product_instance", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const target = await findVirtualAccount(smartAccountId, wish.virtualAccount, transaction.accounts);
    const instance = await findProductInstance(smartAccountId, wish.instance, transaction.trust);
    const installation = await transaction.trust.findInstallation(smartAccountId, instance.installationId);
    assert(installation !== undefined, "the installation of a product instance is stored");
    // A move takes from one place and gives to another.
    for (const place of [installation, target]) requireAdministrator(place);
    if (installation.virtualAccountId === target.virtualAccountId) return instance;
    const context = { transaction, now: clock.now(), cause: wish.cause };
    const after = await moveToVirtualAccount(installation, target.virtualAccountId, context);
    await transaction.trust.putInstallation(after);
    const before = { udi: formatUdi(instance.udi), virtualAccountId: installation.virtualAccountId };
    await addEvent(
      "device_transferred",
      after,
      before,
      { ...before, virtualAccountId: after.virtualAccountId },
      context,
    );
    return { ...instance, virtualAccountId: after.virtualAccountId };
  });
  return detailOf(moved, storage.read);
}

/** Withdraws the instance's certificates; its licences are free when it was the last of its installation. */
export async function removeProductInstance(
  wish: InstanceReference & By,
  { administer, clock }: Administration,
): Promise<void> {
  await administer({ act: "remove_product_instance", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const instance = await findProductInstance(smartAccountId, wish.instance, transaction.trust);
    const installation = await transaction.trust.findInstallation(smartAccountId, instance.installationId);
    assert(installation !== undefined, "the installation of a product instance is stored");
    await removeMember(instance, installation, { transaction, now: clock.now(), cause: wish.cause });
  });
}
