// Moving licences from one virtual account to another: which purchases are taken, what that does to both accounts, and whether
// it can be taken back. A moved part is a purchase of its own with the same terms, so every sum of purchases stays what it is.

import type { Purchase, PurchaseKind } from "../accounts/purchase.ts";
import { isPurchaseValidAt } from "../accounts/purchase.ts";
import type { Cause } from "../events/event.ts";
import { type BalanceRow, type Standing, standingsOf } from "./standing.ts";
import type { SubstitutionEdge } from "./substitution.ts";

export const transferPrecedences = ["longest-term-first", "shortest-term-first"] as const;
export type TransferPrecedence = (typeof transferPrecedences)[number];

/** Part of a purchase that moved, and the purchase that it became. */
export type MovedLot = { readonly fromPurchaseId: number; readonly toPurchaseId: number; readonly quantity: number };

export type LicenseTransfer = {
  readonly smartAccountId: number;
  readonly transferId: number;
  readonly atMs: number;
  readonly tag: string;
  readonly fromVirtualAccountId: number;
  readonly toVirtualAccountId: number;
  readonly quantity: number;
  readonly lots: readonly MovedLot[];
  readonly cause: Cause;
  readonly undoneAtMs: number | null;
};

/** Purchases that one transfer may touch; each becomes a row of its own in the other account. */
export const lotsPerTransferMax = 1000;

export type TransferWish = {
  readonly tag: string;
  readonly quantity: number;
  readonly fromVirtualAccountId: number;
  readonly precedence: TransferPrecedence;
  readonly kind: PurchaseKind | null;
};

export type TakenLot = { readonly purchase: Purchase; readonly quantity: number };

/** What is valid now and can be taken, in the wished order; together less than the wished quantity where there is not enough. */
export function lotsFor(wish: TransferWish, purchases: readonly Purchase[], now: number): readonly TakenLot[] {
  const { tag, fromVirtualAccountId, kind, precedence } = wish;
  const ends = ({ endsAtMs }: Purchase) => endsAtMs ?? Number.MAX_SAFE_INTEGER;
  const sign = precedence === "longest-term-first" ? -1 : 1;
  const taken: TakenLot[] = [];
  let left = wish.quantity;
  const valid = purchases
    .filter((one) => one.tag === tag && one.virtualAccountId === fromVirtualAccountId && isPurchaseValidAt(one, now))
    .filter((one) => kind === null || one.kind === kind)
    .toSorted((one, other) => sign * (ends(one) - ends(other)) || one.purchaseId - other.purchaseId);
  for (const purchase of valid) {
    const quantity = Math.min(left, purchase.quantity);
    if (quantity === 0) break;
    taken.push({ purchase, quantity });
    left -= quantity;
  }
  return taken;
}

export type Move = {
  readonly tag: string;
  readonly quantity: number;
  readonly fromVirtualAccountId: number;
  readonly toVirtualAccountId: number;
};
export type StandingChange = { readonly before: Standing | null; readonly after: Standing };

/** How both accounts would stand, and which tags of them would stand otherwise: what is lent changes with what is owned. */
export function changesOf(
  { tag, quantity, fromVirtualAccountId, toVirtualAccountId }: Move,
  rows: readonly BalanceRow[],
  edges: readonly SubstitutionEdge[],
): readonly StandingChange[] {
  const inside = rows.filter(
    ({ virtualAccountId }) => virtualAccountId === fromVirtualAccountId || virtualAccountId === toVirtualAccountId,
  );
  const isAt = (row: BalanceRow, virtualAccountId: number) =>
    row.tag === tag && row.virtualAccountId === virtualAccountId;
  const known = inside.some((row) => isAt(row, toVirtualAccountId));
  const moved = [...inside, ...(known ? [] : [emptyRow(tag, toVirtualAccountId)])].map((row) => {
    if (isAt(row, fromVirtualAccountId)) return { ...row, purchased: row.purchased - quantity };
    return isAt(row, toVirtualAccountId) ? { ...row, purchased: row.purchased + quantity } : row;
  });
  const before = standingsOf(inside, edges);
  return standingsOf(moved, edges)
    .map((after, at) => ({ before: before[at] ?? null, after }))
    .filter(({ before: earlier, after }) => JSON.stringify(earlier) !== JSON.stringify(after));
}

const emptyRow = (tag: string, virtualAccountId: number): BalanceRow => ({
  ...{ virtualAccountId, tag, purchased: 0, inUseVerified: 0, inUseUnverified: 0, installations: 0, reserved: 0 },
});

/** How many licences are short afterwards that were not short before, over all tags of both accounts. */
export function addedShortage(changes: readonly StandingChange[]): number {
  const short = (standing: Standing | null) => Math.max(0, -(standing?.balance ?? 0));
  return changes.reduce((sum, { before, after }) => sum + Math.max(0, short(after) - short(before)), 0);
}
