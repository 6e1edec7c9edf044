// Who lends how many licences to whom, inside one virtual account: a pure function of what is owned, used and reserved, and of
// the edges. Own licences come first; what is left over may cover what others lack, and what is borrowed is never lent on, so a
// tag either lends or borrows. Among all ways of lending with the least shortage the one over the nearest providers is taken, and
// of equally near ones always the same: a maximum flow of least cost, in which no two ways cost the same. Therefore no order of
// arrival matters, and a licence more never makes any balance lower (licenses/allocation.property.test.ts; decision 0160).

import { familiesOf, type SubstitutionEdge } from "./substitution.ts";

export type Holding = {
  readonly tag: string;
  readonly owned: number;
  readonly inUse: number;
  /** Held by authorization codes: never lent. */
  readonly reserved: number;
};

/** `covered` licences of the consumer are covered by the provider. */
export type Loan = { readonly provider: string; readonly consumer: string; readonly covered: number };

/** Loans in the order of consumer and provider; none covers nothing. */
export function allocate(holdings: readonly Holding[], edges: readonly SubstitutionEdge[]): readonly Loan[] {
  const spare = new Map(holdings.map((holding) => [holding.tag, spareOf(holding)]));
  const lacking = new Map(holdings.map(({ tag, owned, inUse }) => [tag, Math.max(0, inUse - owned)]));
  const usable = edges
    .filter(({ provider, consumer }) => (spare.get(provider) ?? 0) > 0 && (lacking.get(consumer) ?? 0) > 0)
    .toSorted((one, other) => compare(one.consumer, other.consumer) || compare(one.provider, other.provider));
  return familiesOf(usable)
    .flatMap((family) => new Sharing(family, { spare, lacking }).run())
    .toSorted((one, other) => compare(one.consumer, other.consumer) || compare(one.provider, other.provider));
}

/** What may be lent: neither used nor held by an authorization code. */
export function spareOf({ owned, inUse, reserved }: Pick<Holding, "owned" | "inUse" | "reserved">): number {
  return Math.max(0, owned - Math.max(inUse, reserved));
}

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));

type Arc = { readonly provider: string; readonly consumer: string; readonly cost: bigint; flow: number };
type Step = { readonly arc: Arc; readonly isBack: boolean };
type Reached = { readonly cost: bigint; readonly by: Step | null };
type Amounts = { readonly spare: ReadonlyMap<string, number>; readonly lacking: ReadonlyMap<string, number> };

/** The cheapest way from a provider with something left to a consumer that lacks something, again and again. */
class Sharing {
  readonly #arcs: readonly Arc[];
  /** Licences of consumers that a provider can still cover. */
  readonly #left = new Map<string, number>();
  readonly #lacking = new Map<string, number>();

  constructor(edges: readonly SubstitutionEdge[], { spare, lacking }: Amounts) {
    // Above the powers of two, one for each edge, ranks decide; below, no two sets of edges add up to the same.
    const rankUnit = 1n << BigInt(edges.length);
    this.#arcs = edges.map(({ provider, consumer, rank }, at) => ({
      ...{ provider, consumer, flow: 0 },
      cost: BigInt(rank) * rankUnit + (1n << BigInt(at)),
    }));
    for (const { provider, consumer, ratio } of edges) {
      this.#left.set(provider, (spare.get(provider) ?? 0) * ratio);
      this.#lacking.set(consumer, lacking.get(consumer) ?? 0);
    }
  }

  run(): readonly Loan[] {
    for (;;) {
      const way = this.#cheapestWay();
      if (way === null) break;
      this.#send(way);
    }
    return this.#arcs.flatMap(({ provider, consumer, flow }) =>
      flow === 0 ? [] : [{ provider, consumer, covered: flow }],
    );
  }

  /** Steps from a provider to a consumer, over edges and back over what is lent already. */
  #cheapestWay(): readonly Step[] | null {
    const providers = new Map<string, Reached>();
    const consumers = new Map<string, Reached>();
    for (const [provider, left] of this.#left) if (left > 0) providers.set(provider, { cost: 0n, by: null });
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      for (const arc of this.#arcs) {
        isChanged = reach(providers.get(arc.provider), consumers, arc.consumer, { arc, isBack: false }) || isChanged;
        if (arc.flow > 0)
          isChanged = reach(consumers.get(arc.consumer), providers, arc.provider, { arc, isBack: true }) || isChanged;
      }
    }
    let end: string | null = null;
    for (const [consumer, { cost }] of consumers) {
      if ((this.#lacking.get(consumer) ?? 0) === 0) continue;
      if (end === null || cost < (consumers.get(end)?.cost ?? 0n)) end = consumer;
    }
    return end === null ? null : wayTo(end, { providers, consumers });
  }

  #send(way: readonly Step[]): void {
    const start = way[0]?.arc.provider ?? "";
    const end = way.at(-1)?.arc.consumer ?? "";
    const left = this.#left.get(start) ?? 0;
    const lacking = this.#lacking.get(end) ?? 0;
    const amount = Math.min(left, lacking, ...way.flatMap(({ arc, isBack }) => (isBack ? [arc.flow] : [])));
    for (const { arc, isBack } of way) arc.flow += isBack ? -amount : amount;
    this.#left.set(start, left - amount);
    this.#lacking.set(end, lacking - amount);
  }
}

function reach(from: Reached | undefined, to: Map<string, Reached>, name: string, by: Step): boolean {
  if (from === undefined) return false;
  const cost = from.cost + (by.isBack ? -by.arc.cost : by.arc.cost);
  const known = to.get(name);
  if (known !== undefined && known.cost <= cost) return false;
  to.set(name, { cost, by });
  return true;
}

type AllReached = {
  readonly providers: ReadonlyMap<string, Reached>;
  readonly consumers: ReadonlyMap<string, Reached>;
};

function wayTo(consumer: string, { providers, consumers }: AllReached): readonly Step[] {
  const steps: Step[] = [];
  for (let by = consumers.get(consumer)?.by ?? null; by !== null; ) {
    steps.unshift(by);
    by = (by.isBack ? consumers.get(by.arc.consumer) : providers.get(by.arc.provider))?.by ?? null;
  }
  return steps;
}
