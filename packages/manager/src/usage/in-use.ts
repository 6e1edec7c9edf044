// "In use now" of one (installation, tag): which accepted measurement decides (domain decision 2).
// The choice is the greatest element of a total order, so any order, repetition or batching of reports gives the same.

export type InUse = {
  readonly count: number;
  /** Claimed end of the deciding measurement, epoch seconds. */
  readonly endsAtSeconds: number;
  readonly reportId: number;
  /** Signed by a device key that the manager vouched for. */
  readonly isVerified: boolean;
};

/** A verified measurement always stands over an unverified one; then the later end, then the higher report id. */
export function decidesOver(candidate: InUse, current: InUse | undefined): boolean {
  if (current === undefined) return true;
  if (candidate.isVerified !== current.isVerified) return candidate.isVerified;
  if (candidate.endsAtSeconds !== current.endsAtSeconds) return candidate.endsAtSeconds > current.endsAtSeconds;
  return candidate.reportId > current.reportId;
}

export type UsageDifference = {
  readonly verified: number;
  readonly unverified: number;
  readonly installations: number;
};

/** What the sums of a virtual account change by when `before` gives way to `after`; undefined means no measurement. */
export function usageDifference(before: InUse | undefined, after: InUse | undefined): UsageDifference {
  const share = (inUse: InUse | undefined, isVerified: boolean) => (inUse?.isVerified === isVerified ? inUse.count : 0);
  return {
    verified: share(after, true) - share(before, true),
    unverified: share(after, false) - share(before, false),
    installations: Number((after?.count ?? 0) > 0) - Number((before?.count ?? 0) > 0),
  };
}
