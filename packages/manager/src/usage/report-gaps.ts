// Which report ids are missing: those between the lowest and the highest id that an installation reported (I4).
// Kept by difference; no look at earlier reports is needed.

/** Both ends belong to it. */
export type IdRange = { readonly from: number; readonly to: number };
/** Ids that are missing. */
export type ReportGap = IdRange;

/** Lowest and highest id reported; null before the first. */
export type SeenIds = { readonly min: number | null; readonly max: number | null };

export type GapChange = {
  readonly seen: SeenIds;
  readonly removed: readonly ReportGap[];
  readonly added: readonly ReportGap[];
  /** The hole that this report revealed, if it came from beyond what was seen. */
  readonly revealed: ReportGap | null;
};

/** True if stored gaps can be touched: only then `overlapping` has to be looked up. */
export function mayFillGap({ min, max }: SeenIds, range: IdRange): boolean {
  return min !== null && max !== null && range.from <= max && range.to >= min;
}

/**
 * Notes that the ids of a range are reported (one id, or what a report says it merged).
 * `overlapping` are the gaps that share an id with the range.
 */
export function noteReported(seen: SeenIds, range: IdRange, overlapping: readonly ReportGap[]): GapChange {
  const { min, max } = seen;
  if (min === null || max === null)
    return { seen: { min: range.from, max: range.to }, removed: [], added: [], revealed: null };
  const rests = overlapping.flatMap((gap) => [...between(gap.from - 1, range.from), ...between(range.to, gap.to + 1)]);
  const revealed = [...between(max, range.from), ...between(range.to, min)];
  return {
    seen: { min: Math.min(min, range.from), max: Math.max(max, range.to) },
    removed: overlapping,
    added: [...rests, ...revealed],
    revealed: revealed[0] ?? null,
  };
}

/** What lies strictly between two ids. */
function between(below: number, above: number): readonly ReportGap[] {
  return above - below > 1 ? [{ from: below + 1, to: above - 1 }] : [];
}
