// Which report ids are missing: those between the lowest and the highest id that an installation reported (I4).
// Kept by difference; no look at earlier reports is needed.

/** Both ends are missing, and everything between them. */
export type ReportGap = { readonly from: number; readonly to: number };

export type ReportIdRange = { readonly min: number | null; readonly max: number | null };

export type GapChange = {
  readonly range: ReportIdRange;
  /** The gap that goes, if the id fell into one. */
  readonly removed: ReportGap | null;
  readonly added: readonly ReportGap[];
};

/**
 * Notes one received id. `gapOf` answers the gap that contains an id; it is asked only for ids inside the range, that is,
 * for late ones.
 */
export function noteReportId(
  range: ReportIdRange,
  reportId: number,
  gapOf: (reportId: number) => ReportGap | undefined,
): GapChange {
  const { min, max } = range;
  if (min === null || max === null) return { range: { min: reportId, max: reportId }, removed: null, added: [] };
  if (reportId > max) {
    return { range: { min, max: reportId }, removed: null, added: gapBetween(max, reportId) };
  }
  if (reportId < min) {
    return { range: { min: reportId, max }, removed: null, added: gapBetween(reportId, min) };
  }
  const gap = gapOf(reportId);
  if (gap === undefined) return { range, removed: null, added: [] };
  return { range, removed: gap, added: [...gapBetween(gap.from - 1, reportId), ...gapBetween(reportId, gap.to + 1)] };
}

function gapBetween(below: number, above: number): readonly ReportGap[] {
  return above - below > 1 ? [{ from: below + 1, to: above - 1 }] : [];
}
