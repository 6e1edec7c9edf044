// How a licence stood over time, as steps: one row for each UTC day on which a look at the sums found something else than the look
// before. A day without a row is as the row before it ended. Sums change with every report, so they are not followed there.

import type { Standing } from "./standing.ts";

const dayMs = 86_400_000;

/** Days that are kept, and the most that one question asks for: three years. */
export const historyDaysMax = 1096;
/** Days up to the last one, where nobody says from when. */
export const historyDaysUnlessAsked = 90;

/** What a look found. */
type Found = Pick<Standing, "inUseVerified" | "inUseUnverified" | "purchased"> & {
  /** Licences that were missing after all that others lent. */
  readonly short: number;
};
type Place = Pick<Standing, "virtualAccountId" | "tag">;

/** What the last look of a day found, and the most of all its looks and of what the day began with. */
export type LicenseDay = Place &
  Found & {
    /** Days since 1970-01-01, UTC. */
    readonly day: number;
    readonly inUseMax: number;
    readonly shortMax: number;
  };

/** Calls the same place in another list the same. */
export const placeKeyOf = ({ virtualAccountId, tag }: Place) => `${virtualAccountId} ${tag}`;

export function dayOf(atMs: number): number {
  return Math.floor(atMs / dayMs);
}

/** `2031-05-01`. */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** The day that `yyyy-mm-dd` names; undefined for what is no day. */
export function parseDay(text: string): number | undefined {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  // 30 February is read as a day of March.
  return !Number.isNaN(atMs) && dayText(dayOf(atMs)) === text ? dayOf(atMs) : undefined;
}

export const inUseOn = ({ inUseVerified, inUseUnverified }: Found) => inUseVerified + inUseUnverified;

/** What has to be written after a look: nothing where all is as the newest days of an account say. */
export function changedDays(
  newest: readonly LicenseDay[],
  standings: readonly Standing[],
  today: number,
): readonly LicenseDay[] {
  const known = new Map(newest.map((one) => [placeKeyOf(one), one]));
  const seen = new Set(standings.map(placeKeyOf));
  const gone = newest.filter((one) => !seen.has(placeKeyOf(one))).map(nothingAt);
  return [...standings.map(foundAt), ...gone].flatMap((found) => {
    const before = known.get(placeKeyOf(found));
    return before !== undefined && isSame(before, found) ? [] : [dayAfter(before, found, today)];
  });
}

/** The steps of one licence after a look that is not written; `days` are in order and end with the newest. */
export function withLook(
  days: readonly LicenseDay[],
  standing: Standing | undefined,
  today: number,
): readonly LicenseDay[] {
  const newest = days.at(-1);
  const [changed] = changedDays(newest === undefined ? [] : [newest], standing === undefined ? [] : [standing], today);
  if (changed === undefined) return days;
  return [...(changed.day === newest?.day ? days.slice(0, -1) : days), changed];
}

/** Of days in order, the first of which may be earlier: what that one ended with is what `fromDay` began with. */
export function stepsFrom(fromDay: number, days: readonly LicenseDay[]): readonly LicenseDay[] {
  const [first, ...rest] = days;
  if (first === undefined || first.day >= fromDay) return days;
  return rest[0]?.day === fromDay ? rest : [{ ...first, ...begunWith(first), day: fromDay }, ...rest];
}

function dayAfter(before: LicenseDay | undefined, found: Place & Found, today: number): LicenseDay {
  const inUse = inUseOn(found);
  if (before === undefined) return { ...found, day: today, inUseMax: inUse, shortMax: found.short };
  // A clock that went back goes on with the newest day: what is written of earlier ones stays.
  const day = Math.max(today, before.day);
  const { inUseMax, shortMax } = day === before.day ? before : begunWith(before);
  return { ...found, day, inUseMax: Math.max(inUseMax, inUse), shortMax: Math.max(shortMax, found.short) };
}

const begunWith = (before: LicenseDay) => ({ inUseMax: inUseOn(before), shortMax: before.short });

function foundAt({ virtualAccountId, tag, inUseVerified, inUseUnverified, purchased, balance }: Standing) {
  return { virtualAccountId, tag, inUseVerified, inUseUnverified, purchased, short: Math.max(0, -balance) };
}

/** Sums have no row any more where everything was moved away. */
function nothingAt({ virtualAccountId, tag }: Place): Place & Found {
  return { virtualAccountId, tag, inUseVerified: 0, inUseUnverified: 0, purchased: 0, short: 0 };
}

function isSame(one: Found, other: Found): boolean {
  return (
    one.inUseVerified === other.inUseVerified &&
    one.inUseUnverified === other.inUseUnverified &&
    one.purchased === other.purchased &&
    one.short === other.short
  );
}
