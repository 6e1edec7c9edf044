// Since when licences of a tag are short in a virtual account. Sums change with every report, so shortages are not followed there:
// whoever looks at the sums now and then compares them with what was short at the last look.

import type { Standing } from "./standing.ts";

export type Shortage = {
  readonly virtualAccountId: number;
  readonly tag: string;
  /** When a look at the sums first found it, epoch milliseconds. */
  readonly sinceMs: number;
};

export type ShortageChanges = {
  readonly began: readonly Standing[];
  readonly ended: readonly Shortage[];
};

const keyOf = ({ virtualAccountId, tag }: Pick<Shortage, "virtualAccountId" | "tag">) => `${virtualAccountId} ${tag}`;

export function shortageChanges(known: readonly Shortage[], standings: readonly Standing[]): ShortageChanges {
  const short = standings.filter(({ balance }) => balance < 0);
  const before = new Set(known.map(keyOf));
  const now = new Set(short.map(keyOf));
  return {
    began: short.filter((standing) => !before.has(keyOf(standing))),
    ended: known.filter((shortage) => !now.has(keyOf(shortage))),
  };
}

/** Since when a standing is short; null for one that is not, or that nobody has looked at yet. */
export function sinceOf(standing: Standing, known: readonly Shortage[]): number | null {
  if (standing.balance >= 0) return null;
  return known.find((one) => keyOf(one) === keyOf(standing))?.sinceMs ?? null;
}
