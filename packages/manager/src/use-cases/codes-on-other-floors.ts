// How many licences the authorization codes of another floor hold. What was bought comes down as a copy (ONP-6), so each floor
// leaves free what the other one has given; as of the last synchronisation, because nobody waits for another floor.

import type { AuthorizedCount } from "../premises/lower-manager.ts";
import type { Readers, Transaction } from "../storage-ports.ts";

type Place = { readonly smartAccountId: number; readonly virtualAccountId: number };
type FloorReaders = Pick<Readers, "premises" | "accounts" | "licenses" | "authorizations"> | Transaction;

/** By the codes in force of these virtual accounts; an enforced licence that no purchase names has none. */
export async function authorizedByTag(
  smartAccountId: number,
  virtualAccountIds: readonly number[],
  { licenses, authorizations }: Pick<FloorReaders, "licenses" | "authorizations">,
): Promise<readonly AuthorizedCount[]> {
  const tags = new Set((await licenses.listPurchases(smartAccountId)).map(({ tag }) => tag));
  const counts: AuthorizedCount[] = [];
  for (const tag of [...tags].sort()) {
    let count = 0;
    for (const virtualAccountId of virtualAccountIds)
      count += await authorizations.findAuthorizedTotal(smartAccountId, virtualAccountId, tag);
    if (count > 0) counts.push({ tag, count });
  }
  return counts;
}

/** Of the managers on premises whose devices are counted in this virtual account; one that was removed holds nothing any more. */
export async function authorizedBelow(
  { smartAccountId, virtualAccountId }: Place,
  { premises }: Pick<FloorReaders, "premises">,
  except: string | null = null,
): Promise<readonly AuthorizedCount[]> {
  const all = await premises.listLowerManagers(smartAccountId);
  return all
    .filter((one) => one.virtualAccountId === virtualAccountId && one.identifier !== except)
    .filter(({ facts }) => facts.removedAtMs === null)
    .flatMap(({ facts }) => facts.authorized ?? []);
}

export function countOf(counts: readonly AuthorizedCount[], tag: string): number {
  return counts.filter((one) => one.tag === tag).reduce((sum, { count }) => sum + count, 0);
}

/** Of one tag, both together: what the manager above holds. */
export function sumByTag(counts: readonly AuthorizedCount[]): readonly AuthorizedCount[] {
  const tags = [...new Set(counts.map(({ tag }) => tag))].sort();
  return tags.map((tag) => ({ tag, count: countOf(counts, tag) }));
}

/** What the manager above holds, and what of it is left in the whole account: purchases from above may have moved inside it. */
export async function isHeldAbove(
  { smartAccountId, tag, wish, now }: { smartAccountId: number; tag: string; wish: number; now: number },
  readers: FloorReaders,
): Promise<boolean> {
  const upstream = (await readers.premises.findPremises(smartAccountId))?.upstream ?? null;
  const above = upstream === null ? 0 : countOf(upstream.authorizedAbove ?? [], tag);
  if (above === 0) return false;
  const places = await readers.accounts.listVirtualAccounts(smartAccountId);
  const ids = places.map(({ virtualAccountId }) => virtualAccountId);
  const own = countOf(await authorizedByTag(smartAccountId, ids, readers), tag);
  const bought = (await readers.licenses.listPurchases(smartAccountId))
    .filter((one) => one.tag === tag && one.startsAtMs <= now && (one.endsAtMs === null || one.endsAtMs > now))
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return own + above + wish > bought;
}
