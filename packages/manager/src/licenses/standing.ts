// How each (virtual account, tag) stands: purchased and valid today, in use, what others lend and what is lent, and what is
// short. Honour based: it is shown and never enforced; classic mode tells devices `out of compliance`.

import { allocate, type Loan } from "./allocation.ts";
import type { SubstitutionEdge } from "./substitution.ts";

/** The sums that are stored. */
export type BalanceRow = {
  readonly virtualAccountId: number;
  readonly tag: string;
  readonly purchased: number;
  readonly inUseVerified: number;
  readonly inUseUnverified: number;
  readonly installations: number;
  /** Held by authorization codes in force. */
  readonly reserved: number;
};

export type Standing = BalanceRow & {
  readonly inUse: number;
  /** Licences of others that cover what is used of this one. */
  readonly borrowed: number;
  /** Of the purchased ones, those that cover others. */
  readonly lent: number;
  readonly borrowedFrom: readonly Loan[];
  readonly lentTo: readonly Loan[];
  /** Negative by what is short. */
  readonly balance: number;
};

export const complianceStates = ["in_compliance", "out_of_compliance"] as const;
export type ComplianceState = (typeof complianceStates)[number];

export function complianceOf({ balance }: Pick<Standing, "balance">): ComplianceState {
  return balance < 0 ? "out_of_compliance" : "in_compliance";
}

/** The pool is the virtual account: nothing is lent into another one. In the order of the rows. */
export function standingsOf(rows: readonly BalanceRow[], edges: readonly SubstitutionEdge[]): readonly Standing[] {
  const ratios = new Map(edges.map(({ provider, ratio }) => [provider, ratio]));
  const loans = new Map(
    [...Map.groupBy(rows, ({ virtualAccountId }) => virtualAccountId)].map(
      ([virtualAccountId, inside]) => [virtualAccountId, allocate(inside.map(holdingOf), edges)] as const,
    ),
  );
  return rows.map((row) => {
    const all = loans.get(row.virtualAccountId) ?? [];
    const borrowedFrom = all.filter(({ consumer }) => consumer === row.tag);
    const lentTo = all.filter(({ provider }) => provider === row.tag);
    const inUse = inUseOf(row);
    const borrowed = sumOf(borrowedFrom);
    // A licence that covers several is lent as soon as it covers one.
    const lent = Math.ceil(sumOf(lentTo) / (ratios.get(row.tag) ?? 1));
    const balance = row.purchased + borrowed - lent - inUse;
    return { ...row, inUse, borrowed, lent, borrowedFrom, lentTo, balance };
  });
}

const inUseOf = ({ inUseVerified, inUseUnverified }: BalanceRow) => inUseVerified + inUseUnverified;
const sumOf = (loans: readonly Loan[]) => loans.reduce((sum, { covered }) => sum + covered, 0);

function holdingOf(row: BalanceRow) {
  return { tag: row.tag, owned: row.purchased, inUse: inUseOf(row), reserved: row.reserved };
}
