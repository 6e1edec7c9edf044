// Balance per (virtual account, tag) = purchased and valid today − in use (domain decision 5).

export type BalanceRow = {
  readonly virtualAccountId: number;
  readonly tag: string;
  readonly purchased: number;
  readonly inUseVerified: number;
  readonly inUseUnverified: number;
  readonly installations: number;
};

/** Negative when more is used than was bought; honour based, so it is shown and never enforced. */
export function balanceOf(row: BalanceRow): number {
  return row.purchased - row.inUseVerified - row.inUseUnverified;
}
