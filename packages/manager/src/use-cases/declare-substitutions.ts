// Which licences may stand in for which, as an administrator of the whole smart account declares it: all at once from a file, or
// one edge more or less. The same declaration again changes nothing and is no act.

import { isTag } from "../accounts/license-import.ts";
import { ManagerError } from "../errors.ts";
import {
  type Declaration,
  edgesOf,
  problemsOf,
  type SubstitutionEdge,
  substitutionRankMax,
  substitutionRatioMax,
} from "../licenses/substitution.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount } from "./find-account.ts";
import type { By, InAccount } from "./use-cases.ts";

export async function listSubstitutions(
  query: InAccount,
  { storage: { read } }: Administration,
): Promise<readonly SubstitutionEdge[]> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  return read.licenses.listSubstitutions(smartAccountId);
}

/** In place of all that was declared before. Throws `input_invalid` with every reason. */
export async function declareSubstitutions(
  wish: InAccount & { readonly declaration: Partial<Declaration> } & By,
  administration: Administration,
): Promise<readonly SubstitutionEdge[]> {
  const { hierarchies = [], edges = [] } = wish.declaration;
  return change(wish, administration, () => edgesOf({ hierarchies, edges }));
}

/** In place of an edge between the same two tags. Throws `input_invalid`. */
export async function addSubstitution(
  wish: InAccount & { readonly edge: SubstitutionEdge } & By,
  administration: Administration,
): Promise<readonly SubstitutionEdge[]> {
  return change(wish, administration, (known) => {
    const others = known.filter((edge) => !isBetween(edge, wish.edge));
    return edgesOf({ hierarchies: [], edges: [...others, wish.edge] });
  });
}

/** Throws `substitution_unknown`. */
export async function removeSubstitution(
  wish: InAccount & Pick<SubstitutionEdge, "provider" | "consumer"> & By,
  administration: Administration,
): Promise<readonly SubstitutionEdge[]> {
  return change(wish, administration, (known) => {
    const others = known.filter((edge) => !isBetween(edge, wish));
    if (others.length === known.length)
      throw new ManagerError("substitution_unknown", `${wish.provider} → ${wish.consumer}`);
    return others;
  });
}

type Ends = Pick<SubstitutionEdge, "provider" | "consumer">;
const isBetween = (edge: Ends, other: Ends) => edge.provider === other.provider && edge.consumer === other.consumer;

async function change(
  wish: InAccount & By,
  { administer, requireAdministrator, clock }: Administration,
  changed: (known: readonly SubstitutionEdge[]) => readonly SubstitutionEdge[],
): Promise<readonly SubstitutionEdge[]> {
  return administer({ act: "declare_substitutions", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    requireAdministrator({ smartAccountId, virtualAccountId: null });
    const known = await transaction.licenses.listSubstitutions(smartAccountId);
    const edges = changed(known);
    const problems = [...edges.flatMap(problemsOfNumbers), ...problemsOf(edges)];
    if (problems.length > 0) throw new ManagerError("input_invalid", `${problems.slice(0, 20).join("; ")}.`);
    const text = (all: readonly SubstitutionEdge[]) => JSON.stringify(all.map(textOf));
    if (text(edges) === text(known)) return known;
    await transaction.licenses.putSubstitutions(smartAccountId, edges);
    const without = (all: readonly SubstitutionEdge[], others: readonly SubstitutionEdge[]) => {
      const theirs = new Set(others.map(textOf));
      return all.filter((edge) => !theirs.has(textOf(edge)));
    };
    await transaction.events.addEvents([
      {
        ...{ smartAccountId, atMs: clock.now(), kind: "substitutions_declared", cause: wish.cause },
        ...{ virtualAccountId: null, installationId: null },
        before: { edges: known.length, removed: without(known, edges) },
        after: { edges: edges.length, added: without(edges, known) },
      },
    ]);
    return edges;
  });
}

const textOf = ({ provider, consumer, ratio, rank }: SubstitutionEdge) => `${provider}\n${consumer}\n${ratio}\n${rank}`;

function problemsOfNumbers({ provider, consumer, ratio, rank }: SubstitutionEdge): readonly string[] {
  const isWithin = (value: number, most: number) => Number.isSafeInteger(value) && value >= 1 && value <= most;
  return [
    ...[provider, consumer].flatMap((tag) =>
      isTag(tag) ? [] : [`${JSON.stringify(tag.slice(0, 80))} is not an entitlement tag`],
    ),
    ...(isWithin(ratio, substitutionRatioMax) ? [] : [`ratio: must be 1 to ${substitutionRatioMax}`]),
    ...(isWithin(rank, substitutionRankMax) ? [] : [`rank: must be 1 to ${substitutionRankMax}`]),
  ];
}
