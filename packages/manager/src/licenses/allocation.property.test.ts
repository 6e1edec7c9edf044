import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { allocate, type Holding, type Loan, spareOf } from "./allocation.ts";
import { type BalanceRow, standingsOf } from "./standing.ts";
import { edgesOf, problemsOf, type SubstitutionEdge } from "./substitution.ts";

const tags = ["A", "B", "C", "D", "E"] as const;

/** Edges from an earlier tag to a later one, so never in a circle; a ratio for each provider. */
const edgesAmong = (most: number): fc.Arbitrary<readonly SubstitutionEdge[]> =>
  fc
    .tuple(
      fc.uniqueArray(fc.tuple(fc.nat({ max: 3 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })), {
        selector: ([from, to]) => `${from} ${to}`,
        maxLength: most,
      }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
    )
    .map(([pairs, ratios]) =>
      pairs
        .filter(([from, to]) => from < to)
        .map(([from, to, rank]) => ({
          ...{ provider: tags[from] ?? "", consumer: tags[to] ?? "", rank },
          ratio: ratios[from] ?? 1,
        })),
    );
const amount = fc.nat({ max: 6 });
const holdings: fc.Arbitrary<readonly Holding[]> = fc
  .array(fc.record({ owned: amount, inUse: amount, reserved: fc.nat({ max: 2 }) }), { minLength: 5, maxLength: 5 })
  .map((all) => all.map((each, at) => ({ ...each, tag: tags[at] ?? "" })));
const worlds = fc.record({ holdings, edges: edgesAmong(8) });
type World = { readonly holdings: readonly Holding[]; readonly edges: readonly SubstitutionEdge[] };

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
const covered = (loans: readonly Loan[]) => sum(loans.map((loan) => loan.covered));
const lacks = ({ owned, inUse }: Holding) => Math.max(0, inUse - owned);
const rowOf = ({ tag, owned, inUse, reserved }: Holding): BalanceRow => ({
  ...{ virtualAccountId: 1, tag, purchased: owned, reserved },
  ...{ inUseVerified: inUse, inUseUnverified: 0, installations: 1 },
});
const standings = ({ holdings: all, edges }: World) => standingsOf(all.map(rowOf), edges);

/** Without a flow: the least that any set of consumers and their providers lets through (a minimum cut). */
function mostCovered({ holdings: all, edges }: World): number {
  const cuts = Array.from({ length: 2 ** tags.length }, (_, set) => {
    const inside = all.filter((_holding, at) => (set >> at) % 2 === 1);
    const reach = new Set(inside.flatMap(({ tag }) => edges.filter(({ consumer }) => consumer === tag)));
    const providers = new Map([...reach].map(({ provider, ratio }) => [provider, ratio]));
    const through = all.map((holding) => spareOf(holding) * (providers.get(holding.tag) ?? 0));
    return sum(through) + sum(all.filter((holding) => !inside.includes(holding)).map(lacks));
  });
  return Math.min(...cuts);
}

/** The least sum of ranks at which so many can be covered, by trying every way of lending. */
function leastRanks({ holdings: all, edges }: World, wanted: number): number {
  const left = new Map(all.map((holding) => [holding.tag, spareOf(holding)]));
  const units = new Map(edges.map(({ provider, ratio }) => [provider, (left.get(provider) ?? 0) * ratio]));
  const lacking = new Map(all.map((holding) => [holding.tag, lacks(holding)]));
  let least = Number.POSITIVE_INFINITY;
  const go = (at: number, done: number, ranks: number): void => {
    if (ranks >= least) return;
    const edge = edges[at];
    if (edge === undefined) {
      if (done === wanted) least = ranks;
      return;
    }
    const most = Math.min(units.get(edge.provider) ?? 0, lacking.get(edge.consumer) ?? 0);
    for (let flow = 0; flow <= most; flow += 1) {
      units.set(edge.provider, (units.get(edge.provider) ?? 0) - flow);
      lacking.set(edge.consumer, (lacking.get(edge.consumer) ?? 0) - flow);
      go(at + 1, done + flow, ranks + flow * edge.rank);
      units.set(edge.provider, (units.get(edge.provider) ?? 0) + flow);
      lacking.set(edge.consumer, (lacking.get(edge.consumer) ?? 0) + flow);
    }
  };
  go(0, 0, 0);
  return least;
}

test("[CNT-14] loans go over declared edges only, own licences come first, and nothing borrowed or reserved is lent", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const loans = allocate(world.holdings, world.edges);
      for (const { provider, consumer, covered: count } of loans) {
        assert.ok(world.edges.some((edge) => edge.provider === provider && edge.consumer === consumer));
        assert.ok(count > 0);
        assert.ok(!loans.some((other) => other.consumer === provider), "what is borrowed is never lent on");
      }
      for (const one of standings(world)) {
        assert.ok(one.lent <= Math.max(0, one.purchased - Math.max(one.inUse, one.reserved)));
        assert.ok(one.borrowed <= Math.max(0, one.inUse - one.purchased));
        assert.ok(one.lent === 0 || one.balance >= 0, "whoever lends is not short: a shortage stands in one place");
      }
      const all = standings(world);
      assert.equal(sum(all.map((one) => one.borrowed)), sum(all.map((one) => covered(one.lentTo))));
    }),
    { numRuns: 500 },
  );
});

test("the total shortage is the least that is possible", () => {
  fc.assert(
    fc.property(worlds, (world) => assert.equal(covered(allocate(world.holdings, world.edges)), mostCovered(world))),
    { numRuns: 500 },
  );
});

test("of all ways with the least shortage the one over the nearest providers is taken", () => {
  const small = fc.record({ owned: fc.nat({ max: 3 }), inUse: fc.nat({ max: 3 }), reserved: fc.constant(0) });
  const few = fc
    .array(small, { minLength: 5, maxLength: 5 })
    .map((all) => all.map((each, at) => ({ ...each, tag: tags[at] ?? "" })));
  const alike = edgesAmong(6).map((edges) => edges.map((edge) => ({ ...edge, ratio: 1 })));
  fc.assert(
    fc.property(fc.record({ holdings: few, edges: alike }), (world) => {
      const loans = allocate(world.holdings, world.edges);
      const ranks = loans.map(({ provider, consumer, covered: count }) => {
        const edge = world.edges.find((one) => one.provider === provider && one.consumer === consumer);
        return count * (edge?.rank ?? 0);
      });
      assert.equal(sum(ranks), leastRanks(world, covered(loans)));
    }),
    { numRuns: 300 },
  );
});

test("the result is the same for every order of tags and edges", () => {
  fc.assert(
    fc.property(
      worlds.chain((world) =>
        fc.tuple(
          fc.constant(world),
          fc.shuffledSubarray([...world.holdings], { minLength: world.holdings.length }),
          fc.shuffledSubarray([...world.edges], { minLength: world.edges.length }),
        ),
      ),
      ([world, shuffled, edges]) => assert.deepEqual(allocate(shuffled, edges), allocate(world.holdings, world.edges)),
    ),
  );
});

test("a licence more, or one less in use, never makes any balance lower", () => {
  fc.assert(
    fc.property(worlds, fc.nat({ max: 4 }), fc.boolean(), (world, at, isBought) => {
      const better = world.holdings.map((holding, each) => {
        if (each !== at) return holding;
        return isBought
          ? { ...holding, owned: holding.owned + 1 }
          : { ...holding, inUse: Math.max(0, holding.inUse - 1) };
      });
      const after = standings({ ...world, holdings: better });
      for (const [each, before] of standings(world).entries())
        assert.ok((after[each]?.balance ?? Number.NaN) >= before.balance, before.tag);
    }),
    { numRuns: 1000 },
  );
});

test("what is declared may stand exactly when it makes no circle, whatever else it holds", () => {
  const loose = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), { maxLength: 6 }).map((pairs) =>
    edgesOf({
      hierarchies: [],
      edges: pairs.map(([from, to]) => ({ provider: tags[from] ?? "", consumer: tags[to] ?? "", ratio: 1, rank: 1 })),
    }),
  );
  /** From each tag as far as edges go. */
  const circles = (edges: readonly SubstitutionEdge[]) =>
    tags.some((start) => {
      const seen = new Set<string>();
      const next = [start as string];
      for (let tag = next.pop(); tag !== undefined; tag = next.pop())
        for (const { provider, consumer } of edges)
          if (provider === tag && !seen.has(consumer)) {
            seen.add(consumer);
            next.push(consumer);
          }
      return seen.has(start);
    });
  fc.assert(fc.property(loose, (edges) => assert.equal(problemsOf(edges).length > 0, circles(edges))));
});
