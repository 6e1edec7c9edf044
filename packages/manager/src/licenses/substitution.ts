// Which licence may stand in for which: edges from a provider to a consumer, declared for a whole smart account. A more general
// licence covers a more specific one, never the other way round, so edges make no circle. Checked here as a whole, once, where
// they are declared; docs/decisions/0160 says why a ratio belongs to its provider.

export type SubstitutionEdge = {
  readonly provider: string;
  readonly consumer: string;
  /** Licences of consumers that one licence of the provider covers; the same on all edges of a provider. */
  readonly ratio: number;
  /** How far the provider is from the consumer; 1 is the nearest. */
  readonly rank: number;
};

/** Levels of tags, the most general first: each tag of a level covers every tag of the levels below it. */
export type Hierarchy = readonly (readonly string[])[];

export type Declaration = {
  readonly hierarchies: readonly Hierarchy[];
  readonly edges: readonly SubstitutionEdge[];
};

/** Edges of one smart account. */
export const substitutionEdgesMax = 1000;
/** Edges that hang together: so many are shared out at one time, on the way of whoever asks for a balance. */
export const substitutionFamilyEdgesMax = 100;
export const substitutionRatioMax = 10_000;
export const substitutionRankMax = 100;

/** All edges that a declaration stands for; what one provider and consumer are declared twice, alike, is one edge. */
export function edgesOf({ hierarchies, edges }: Declaration): readonly SubstitutionEdge[] {
  return inOrder([...hierarchies.flatMap(closureOf), ...edges]);
}

/** Every tag covers what is on any level below it, the nearer level first. */
function closureOf(hierarchy: Hierarchy): readonly SubstitutionEdge[] {
  return hierarchy.flatMap((providers, above) =>
    hierarchy
      .slice(above + 1)
      .flatMap((consumers, below) =>
        providers.flatMap((provider) =>
          consumers.map((consumer) => ({ provider, consumer, ratio: 1, rank: below + 1 })),
        ),
      ),
  );
}

const pairOf = ({ provider, consumer }: Pick<SubstitutionEdge, "provider" | "consumer">) => `${provider}\n${consumer}`;
const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));

function inOrder(edges: readonly SubstitutionEdge[]): readonly SubstitutionEdge[] {
  const known = new Map(edges.map((edge) => [`${pairOf(edge)}\n${edge.ratio}\n${edge.rank}`, edge]));
  return [...known.values()].sort(
    (one, other) =>
      compare(one.consumer, other.consumer) || one.rank - other.rank || compare(one.provider, other.provider),
  );
}

/** Everything that is wrong with edges as a whole, in words; nothing for edges that may stand. */
export function problemsOf(edges: readonly SubstitutionEdge[]): readonly string[] {
  const problems: string[] = [];
  if (edges.length > substitutionEdgesMax) problems.push(`more than ${substitutionEdgesMax} edges`);
  for (const [pair, alike] of Map.groupBy(edges, pairOf))
    if (alike.length > 1) problems.push(`declared twice, with different numbers: ${pair.replace("\n", " covers ")}`);
  for (const [provider, own] of Map.groupBy(edges, (edge) => edge.provider))
    if (new Set(own.map(({ ratio }) => ratio)).size > 1) problems.push(`${provider} has more than one ratio`);
  const circle = circleIn(edges);
  if (circle !== null) problems.push(`${circle} would cover itself`);
  for (const family of familiesOf(edges))
    if (family.length > substitutionFamilyEdgesMax)
      problems.push(`more than ${substitutionFamilyEdgesMax} edges hang together, around ${family[0]?.provider}`);
  return problems;
}

/** A tag on a circle, or null: providers that nobody covers are taken away until none is left. */
function circleIn(edges: readonly SubstitutionEdge[]): string | null {
  let left = edges;
  for (;;) {
    const covered = new Set(left.map(({ consumer }) => consumer));
    const rest = left.filter(({ provider }) => covered.has(provider));
    if (rest.length === 0) return null;
    if (rest.length === left.length) return rest[0]?.provider ?? null;
    left = rest;
  }
}

/** Edges that share a tag, directly or through others. */
export function familiesOf<E extends Pick<SubstitutionEdge, "provider" | "consumer">>(
  edges: readonly E[],
): readonly (readonly E[])[] {
  const parents = new Map<string, string>();
  const rootOf = (tag: string): string => {
    const parent = parents.get(tag) ?? tag;
    if (parent === tag) return tag;
    const root = rootOf(parent);
    parents.set(tag, root);
    return root;
  };
  for (const { provider, consumer } of edges) parents.set(rootOf(provider), rootOf(consumer));
  return [...Map.groupBy(edges, ({ provider }) => rootOf(provider)).values()];
}
