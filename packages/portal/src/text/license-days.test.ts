import assert from "node:assert/strict";
import { test } from "node:test";
import type { LicenseHistory, LicenseStep } from "../api/answers.ts";
import { axisEnd, chartWords, daysOf, dayWords, shortestDay, shortPath, stepPath } from "./license-days.ts";

const step = (day: string, inUseMax: number, inUse: number, short = 0, shortMax = short): LicenseStep => ({
  ...{ day, purchased: 3, inUse, inUseUnverified: 0, short, inUseMax, shortMax },
});
const history: LicenseHistory = {
  from: "2031-02-27",
  to: "2031-03-03",
  steps: [step("2031-02-28", 5, 4, 1, 2), step("2031-03-02", 4, 3, 0, 1)],
};

test("every day has the most that it saw; between steps it is as the day before ended, and before the first one not known", () => {
  assert.deepEqual(
    daysOf(history).map(({ day, shown }) => [day, shown?.inUseMax, shown?.shortMax]),
    [
      ["2031-02-27", undefined, undefined],
      ["2031-02-28", 5, 2],
      ["2031-03-01", 4, 1],
      ["2031-03-02", 4, 1],
      ["2031-03-03", 3, 0],
    ],
  );
});

test("lines are steps as wide as a day, and what is short lies below the line of what is in use", () => {
  const frame = { xOf: (day: number) => day * 10, yOf: (count: number) => 100 - count };
  const days = daysOf(history);
  assert.equal(
    stepPath(days, ({ inUseMax }) => inUseMax, frame),
    "M10 95H20V96H30V96H40V97H50",
  );
  assert.equal(shortPath(days.slice(0, 2), frame), "M10 95H20V97H10Z");
  assert.equal(shortPath(days.slice(4), frame), "");
  assert.deepEqual([shortestDay(days), shortestDay(days.slice(2)), shortestDay(days.slice(4))], [1, 0, -1]);
});

test("an axis ends where the most still fits, at a number that is easily read", () => {
  const ends = new Map([
    ...([
      [0, 4],
      [1, 4],
      [4, 4],
      [5, 6],
      [6, 6],
      [9, 10],
      [10, 10],
      [11, 12],
      [12, 12],
      [13, 16],
      [41, 60],
    ] as const),
    ...([
      [100, 100],
      [999, 1000],
      [1_000_000_000, 1_000_000_000],
    ] as const),
  ]);
  for (const [most, end] of ends) {
    assert.equal(axisEnd(most), end);
    assert.ok(Number.isInteger(end / 2), "its half is a count too");
  }
});

test("a day and a chart have words for who does not see them", () => {
  const days = daysOf(history);
  assert.deepEqual(
    [0, 1, 4].map((at) => dayWords(days[at] ?? assert.fail())),
    ["2031-02-27: not known", "2031-02-28: 5 in use, 3 purchased, 2 short", "2031-03-03: 3 in use, 3 purchased"],
  );
  assert.equal(
    chartWords(days),
    "In use and purchased for 4 days: at most 5 in use; short on 3 days. 2031-03-03: 3 in use, 3 purchased.",
  );
  assert.equal(chartWords(days.slice(0, 1)), "Nothing is known of these days.");
});
