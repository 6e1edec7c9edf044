// Licences that were bought: how many of which entitlement tag, for which virtual account, from when to when.

export const purchaseKinds = ["perpetual", "term", "subscription", "demo"] as const;
export type PurchaseKind = (typeof purchaseKinds)[number];

export type Purchase = {
  readonly smartAccountId: number;
  readonly purchaseId: number;
  readonly virtualAccountId: number;
  readonly tag: string;
  readonly quantity: number;
  readonly kind: PurchaseKind;
  readonly startsAtMs: number;
  /** Null for ever. The licence counts up to, not at, this instant. */
  readonly endsAtMs: number | null;
  readonly orderReference: string;
};

export type NewPurchase = Omit<Purchase, "smartAccountId" | "purchaseId">;

export function isPurchaseValidAt(purchase: Pick<Purchase, "startsAtMs" | "endsAtMs">, now: number): boolean {
  return purchase.startsAtMs <= now && (purchase.endsAtMs === null || now < purchase.endsAtMs);
}
