// What a request says of the manager's ledger, so that the answer can prove that it only grew.

import type { TreeHead } from "@countersign/protocol";
import { hearsOfLedgers } from "../lifecycle/ledger-watch.ts";
import type { AgentState } from "../lifecycle/state.ts";

/** The newest verified head of the ledger in use; null for none, or for a manager that does not ask for it. */
export function namedHead(state: AgentState): TreeHead | null {
  return hearsOfLedgers(state) ? (state.reporting.ledger.heads[0] ?? null) : null;
}

export function knownHeadEntry(state: AgentState): { readonly known_tree_head?: TreeHead } {
  const known_tree_head = namedHead(state);
  return known_tree_head === null ? {} : { known_tree_head };
}

/** The head that was refused, until the manager has heard of it. */
export function refusedHeadEntry(state: AgentState): { readonly refused_tree_head?: TreeHead } {
  const { refused } = state.reporting.ledger;
  if (refused === null || refused.isTold || !hearsOfLedgers(state)) return {};
  return { refused_tree_head: refused.offered };
}
