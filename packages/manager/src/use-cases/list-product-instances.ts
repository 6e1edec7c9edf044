// Product instances: a page of them, or one with everything that is known of it.

import { assert, formatUdi } from "@countersign/protocol";
import type { Readers } from "../storage-ports.ts";
import type { Installation, ProductInstance } from "../trust/product-instance.ts";
import { lastContactOf } from "../trust/role-changes.ts";
import type { Administration } from "./administer.ts";
import { findProductInstance, findSmartAccount, narrowedTo, virtualAccountNames } from "./find-account.ts";
import { pageOf } from "./page.ts";
import type { InAccount, InstanceDetail, InstanceReference, InstanceView, PageWish } from "./use-cases.ts";

/** In the order of their first trust; `after` is the `instanceId` of the last one seen. */
export async function listProductInstances(
  query: InAccount & { readonly virtualAccount?: string | undefined } & PageWish,
  { storage }: Administration,
): Promise<readonly InstanceView[]> {
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const virtualAccountIds = await narrowedTo(smartAccountId, query.virtualAccount, read.accounts);
  const rows = await read.instances.listInstances({
    smartAccountId,
    virtualAccountIds,
    page: pageOf(query),
  });
  return rows.map((row) => ({ ...row, virtualAccount: nameOf(row.virtualAccountId) }));
}

/** Throws `instance_unknown`, `instance_removed`, `account_unknown`. */
export async function showProductInstance(
  query: InstanceReference,
  { storage }: Administration,
): Promise<InstanceDetail> {
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  return detailOf(await findProductInstance(smartAccountId, query.instance, read.trust), read);
}

export async function detailOf(instance: ProductInstance, read: Readers): Promise<InstanceDetail> {
  const { smartAccountId, installationId, instanceId } = instance;
  const installation: Installation | undefined = await read.trust.findInstallation(smartAccountId, installationId);
  assert(installation !== undefined, "the installation of a product instance is stored");
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const members = (await read.trust.listMembers(smartAccountId, installationId)).filter(
    (member) => member.removedAtMs === null,
  );
  const certificates = await read.trust.listCertificates(smartAccountId, instanceId);
  return {
    instance: {
      ...instance,
      virtualAccount: nameOf(instance.virtualAccountId),
      lastContactAtMs: lastContactOf(instance, installation.lastContactAtMs),
    },
    installation,
    members: members.map(({ productInstanceIdentifier, udi, role }) => ({
      productInstanceIdentifier,
      udi: formatUdi(udi),
      role,
    })),
    usage: await read.instances.listInstallationUsage(smartAccountId, installationId),
    certificates: certificates.map(({ publicKey: _key, certificate: _certificate, ...rest }) => rest),
    classic: (await read.classic.findClassic(smartAccountId, installationId)) ?? null,
    missingReports: await read.reports.listGaps(smartAccountId, installationId),
  };
}
