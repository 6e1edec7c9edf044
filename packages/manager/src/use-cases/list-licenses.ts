// Purchased, in use (verified and not) and balance per (virtual account, tag). Reads sums, never the fleet.

import { parseTag } from "@countersign/protocol";
import { balanceOf } from "../accounts/balance.ts";
import type { Purchase } from "../accounts/purchase.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount, virtualAccountNames } from "./find-account.ts";
import type { InAccount, InVirtualAccount, LicenseView } from "./use-cases.ts";

/** All virtual accounts, or one if it is named. */
export async function listLicenses(
  query: InVirtualAccount,
  { storage, clock }: Administration,
): Promise<readonly LicenseView[]> {
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const only =
    query.virtualAccount === undefined
      ? null
      : await findVirtualAccount(smartAccountId, query.virtualAccount, read.accounts);
  const rows = await read.licenses.listBalances(smartAccountId, clock.now());
  return rows
    .filter((row) => only === null || row.virtualAccountId === only.virtualAccountId)
    .map((row) => ({
      virtualAccount: nameOf(row.virtualAccountId),
      tag: row.tag,
      name: parseTag(row.tag).name,
      purchased: row.purchased,
      inUse: row.inUseVerified + row.inUseUnverified,
      inUseVerified: row.inUseVerified,
      inUseUnverified: row.inUseUnverified,
      balance: balanceOf(row),
      installations: row.installations,
    }));
}

export async function listPurchases(query: InAccount, { storage }: Administration): Promise<readonly Purchase[]> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, storage.read.accounts);
  return storage.read.licenses.listPurchases(smartAccountId);
}
