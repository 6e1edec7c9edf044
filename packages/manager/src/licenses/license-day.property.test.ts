import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  changedDays,
  dayText,
  inUseOn,
  type LicenseDay,
  parseDay,
  placeKeyOf,
  stepsFrom,
  withLook,
} from "./license-day.ts";
import { type BalanceRow, type Standing, standingsOf } from "./standing.ts";

const tags = ["A", "B"] as const;
const count = fc.nat({ max: 4 });
const row = fc.option(fc.record({ purchased: count, inUseVerified: count, inUseUnverified: count }), { nil: null });
type Look = { readonly day: number; readonly standings: readonly Standing[] };
/** Each so many days after the one before; a tag of which nothing is left has no row. */
const looks: fc.Arbitrary<readonly Look[]> = fc
  .array(fc.record({ daysLater: fc.constantFrom(0, 0, 0, 1, 2, 9), rows: fc.tuple(row, row) }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((drawn) => {
    let day = 20_000;
    return drawn.map(({ daysLater, rows }) => {
      day += daysLater;
      const balances = rows.flatMap((each, at): readonly BalanceRow[] =>
        each === null ? [] : [{ ...each, virtualAccountId: 1, tag: tags[at] ?? "", installations: 0, reserved: 0 }],
      );
      return { day, standings: standingsOf(balances, []) };
    });
  });

/** Every look written as a storage writes it: a row for each day, the newest of each licence known to the next look. */
function written(all: readonly Look[]): readonly LicenseDay[] {
  const kept = new Map<string, LicenseDay>();
  for (const { day, standings } of all) {
    const newest = [...Map.groupBy(kept.values(), placeKeyOf).values()].flatMap((days) => days.at(-1) ?? []);
    for (const one of changedDays(newest, standings, day)) kept.set(`${placeKeyOf(one)} ${one.day}`, one);
    const again = [...Map.groupBy(kept.values(), placeKeyOf).values()].flatMap((days) => days.at(-1) ?? []);
    assert.deepEqual(changedDays(again, standings, day), [], "a second look finds nothing left to write");
  }
  return [...kept.values()];
}

const foundIn = ({ standings }: Look, tag: string) => {
  const one = standings.find((each) => each.tag === tag);
  return {
    ...{ verified: one?.inUseVerified ?? 0, unverified: one?.inUseUnverified ?? 0, purchased: one?.purchased ?? 0 },
    ...{ inUse: one?.inUse ?? 0, short: Math.max(0, -(one?.balance ?? 0)) },
  };
};

test("the steps say of every day how its last look found a licence, and the most that any of its looks found", () => {
  fc.assert(
    fc.property(looks, (all) => {
      const days = written(all);
      for (const tag of tags) {
        const ofTag = days.filter((one) => one.tag === tag);
        const first = all.findIndex(({ standings }) => standings.some((one) => one.tag === tag));
        assert.equal(ofTag[0]?.day, all[first]?.day, "the first look that found it is where it begins");
        let begun = { inUse: 0, short: 0 };
        for (const [day, looksOfDay] of Map.groupBy(first < 0 ? [] : all.slice(first), (look) => look.day)) {
          const [step] = stepsFrom(day, ofTag.filter((one) => one.day <= day).slice(-1));
          const found = looksOfDay.map((look) => foundIn(look, tag));
          const last = found.at(-1);
          assert.deepEqual(
            [step?.inUseVerified, step?.inUseUnverified, step?.purchased, step?.short],
            [last?.verified, last?.unverified, last?.purchased, last?.short],
          );
          assert.equal(step?.inUseMax, Math.max(begun.inUse, ...found.map(({ inUse }) => inUse)));
          assert.equal(step?.shortMax, Math.max(begun.short, ...found.map(({ short }) => short)));
          begun = { inUse: last?.inUse ?? 0, short: last?.short ?? 0 };
        }
      }
    }),
  );
});

test("there is no row for a day on which nothing changed, so there are no more rows than changes", () => {
  fc.assert(
    fc.property(looks, (all) => {
      for (const tag of tags) {
        let changes = 0;
        for (const [at, look] of all.entries()) {
          const before = all[at - 1];
          const isSame =
            before !== undefined && JSON.stringify(foundIn(before, tag)) === JSON.stringify(foundIn(look, tag));
          if (!isSame) changes += 1;
        }
        assert.ok(written(all).filter((one) => one.tag === tag).length <= changes);
      }
    }),
  );
});

test("with a look that is not written the last step is what is in use now, and the other days stay", () => {
  fc.assert(
    fc.property(looks, (all) => {
      const now = all.at(-1);
      assert.ok(now);
      const days = written(all.slice(0, -1)).filter(({ tag }) => tag === "A");
      const standing = now.standings.find(({ tag }) => tag === "A");
      const shown = withLook(days, standing, now.day);
      assert.equal(shown.length === 0 ? 0 : inUseOn(shown.at(-1) as LicenseDay), standing?.inUse ?? 0);
      assert.deepEqual(
        shown.filter(({ day }) => day < now.day),
        days.filter(({ day }) => day < now.day),
      );
    }),
  );
});

test("a clock that went back goes on with the newest day, and leaves those before as they are", () => {
  const standing = (inUseVerified: number) =>
    standingsOf(
      [
        {
          virtualAccountId: 1,
          tag: "A",
          purchased: 1,
          inUseVerified,
          inUseUnverified: 0,
          installations: 1,
          reserved: 0,
        },
      ],
      [],
    );
  const first = changedDays([], standing(1), 100);
  const [next] = changedDays(first, standing(3), 101);
  assert.ok(next);
  assert.deepEqual(changedDays([next], standing(2), 99), [{ ...next, inUseVerified: 2, short: 1 }]);
});

test("days are written as they are read, and what is no day is not read", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), (day) => {
      assert.equal(parseDay(dayText(day)), day);
    }),
  );
  for (const text of [
    "2031-02-29",
    "2031-02-30",
    "2031-13-01",
    "2031-1-1",
    "31-01-01",
    "",
    "2031-01-01T00:00Z",
    "99999-01-01",
  ])
    assert.equal(parseDay(text), undefined, text);
  assert.equal(parseDay("2032-02-29"), 22_704);
});
