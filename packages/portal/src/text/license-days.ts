// The history of a licence as a chart draws it: one value for each day, the lines as steps, and the words for all of it.

import type { LicenseHistory, LicenseStep } from "../api/answers.ts";
import { plural } from "./sentence.ts";

const dayMs = 86_400_000;

/** A day as the chart shows it: the most that was in use and short, what was purchased at its end; null where nothing is known. */
export type ShownDay = { readonly day: string; readonly shown: Shown | null };
export type Shown = Pick<LicenseStep, "inUseMax" | "purchased" | "shortMax">;

export function daysOf({ from, to, steps }: LicenseHistory): readonly ShownDay[] {
  const byDay = new Map(steps.map((step) => [step.day, step]));
  const days: ShownDay[] = [];
  let before: Shown | null = null;
  for (let at = Date.parse(from); at <= Date.parse(to); at += dayMs) {
    const day = new Date(at).toISOString().slice(0, 10);
    const step = byDay.get(day);
    days.push({ day, shown: step ?? before });
    // The day after begins as this one ended.
    if (step !== undefined) before = { ...step, inUseMax: step.inUse, shortMax: step.short };
  }
  return days;
}

const axisEnds = [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10] as const;

/** The end of an axis that begins with 0: a number that is easily read, as its half is, and not much more than the most. */
export function axisEnd(most: number): number {
  if (most <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(most));
  return Math.round((axisEnds.find((factor) => factor * power >= most) ?? 10) * power);
}

export type Frame = { readonly xOf: (day: number) => number; readonly yOf: (count: number) => number };

/** A line of steps, each as wide as its day; it begins where something is known. */
export function stepPath(days: readonly ShownDay[], countOf: (shown: Shown) => number, { xOf, yOf }: Frame): string {
  let path = "";
  for (const [at, { shown }] of days.entries()) {
    if (shown === null) continue;
    const y = yOf(countOf(shown));
    path += path === "" ? `M${xOf(at)} ${y}` : `V${y}`;
    path += `H${xOf(at + 1)}`;
  }
  return path;
}

/** A box for each run of days on which so many of so many in use were short. */
export function shortPath(days: readonly ShownDay[], { xOf, yOf }: Frame): string {
  return days
    .map(({ shown }, at) => {
      if (shown === null || shown.shortMax === 0) return "";
      const [top, bottom] = [yOf(shown.inUseMax), yOf(shown.inUseMax - shown.shortMax)];
      return `M${xOf(at)} ${top}H${xOf(at + 1)}V${bottom}H${xOf(at)}Z`;
    })
    .join("");
}

/** The first of the days that were shortest; -1 where none was. */
export function shortestDay(days: readonly ShownDay[]): number {
  const most = Math.max(1, ...days.map(({ shown }) => shown?.shortMax ?? 0));
  return days.findIndex(({ shown }) => shown?.shortMax === most);
}

/** `2031-05-01: 5 in use, 3 purchased, 2 short`. */
export function dayWords({ day, shown }: ShownDay): string {
  if (shown === null) return `${day}: not known`;
  const short = shown.shortMax === 0 ? "" : `, ${shown.shortMax.toLocaleString("en")} short`;
  return `${day}: ${shown.inUseMax.toLocaleString("en")} in use, ${shown.purchased.toLocaleString("en")} purchased${short}`;
}

/** What somebody who does not see the chart is told in its place. */
export function chartWords(days: readonly ShownDay[]): string {
  const known = days.filter(({ shown }) => shown !== null);
  const most = Math.max(0, ...known.map(({ shown }) => shown?.inUseMax ?? 0));
  const short = known.filter(({ shown }) => (shown?.shortMax ?? 0) > 0).length;
  const last = known.at(-1);
  if (last === undefined) return "Nothing is known of these days.";
  return `In use and purchased for ${plural(known.length, "day")}: at most ${most.toLocaleString("en")} in use; short on ${plural(short, "day")}. ${dayWords(last)}.`;
}
