// Purchased, in use (verified and not), lent and borrowed, and what is short, per (virtual account, tag); and who uses a tag. Sums
// are read, never the fleet: what installations use is walked by pages only.

import { parseTag } from "@countersign/protocol";
import type { Purchase } from "../accounts/purchase.ts";
import { type Shortage, sinceOf } from "../licenses/shortage.ts";
import { complianceOf, type Standing, standingsOf } from "../licenses/standing.ts";
import type { LicenseReader } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount, virtualAccountNames } from "./find-account.ts";
import { pageOf } from "./page.ts";
import type { InAccount, InVirtualAccount, LicenseUsers, LicenseView, PageWish } from "./use-cases.ts";

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
  const standings = await readStandings(smartAccountId, clock.now(), read.licenses);
  const shortages = await read.licenses.listShortages(smartAccountId);
  return standings
    .filter((row) => only === null || row.virtualAccountId === only.virtualAccountId)
    .map((standing) => licenseViewOf(standing, nameOf, shortages));
}

/** As everything stands now, by what is declared. */
export async function readStandings(
  smartAccountId: number,
  now: number,
  licenses: Pick<LicenseReader, "listBalances" | "listSubstitutions">,
): Promise<readonly Standing[]> {
  const rows = await licenses.listBalances(smartAccountId, now);
  return standingsOf(rows, await licenses.listSubstitutions(smartAccountId));
}

export function licenseViewOf(
  standing: Standing,
  nameOf: (virtualAccountId: number) => string,
  shortages: readonly Shortage[],
): LicenseView {
  const { virtualAccountId, tag, purchased, reserved, inUse, inUseVerified, inUseUnverified, balance } = standing;
  const { borrowed, lent, borrowedFrom, lentTo, installations } = standing;
  return {
    ...{ virtualAccount: nameOf(virtualAccountId), tag, name: parseTag(tag).name },
    ...{ purchased, reserved, inUse, inUseVerified, inUseUnverified, borrowed, lent, balance, installations },
    borrowedFrom: borrowedFrom.map(({ provider, covered }) => ({ tag: provider, covered })),
    lentTo: lentTo.map(({ consumer, covered }) => ({ tag: consumer, covered })),
    status: complianceOf(standing),
    shortSinceMs: sinceOf(standing, shortages),
  };
}

export async function listPurchases(query: InAccount, { storage }: Administration): Promise<readonly Purchase[]> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, storage.read.accounts);
  return storage.read.licenses.listPurchases(smartAccountId);
}

/** The installations of a virtual account that use a tag, each by its first product instance; page by page. */
export async function listLicenseUsers(
  query: InVirtualAccount & { readonly tag: string } & PageWish,
  { storage }: Administration,
): Promise<LicenseUsers> {
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const { virtualAccountId } = await findVirtualAccount(smartAccountId, query.virtualAccount, read.accounts);
  return read.licenses.listUsers({ smartAccountId, virtualAccountId, tag: query.tag, page: pageOf(query) });
}
