// Holds the manager to its ledger. The newest head of each ledger that was verified is kept, and an ACK whose head cannot go on
// from it is not taken: whoever rewrites history gets no report deleted, is told so, and is written down.

import { compareHeads, type TreeHead } from "@countersign/protocol";
import type { AgentState, LedgerState, RefusedHead } from "./state.ts";
import { syslog } from "./syslog.ts";
import { notify, recordEvent, type Transition, unchanged } from "./transition.ts";

/** A restored manager begins a new ledger; so many of the old ones are still held against it. */
export const ledgersKeptMax = 8;

export const noLedger: LedgerState = { heads: [], refused: null };

/** What the request said of the ledger and what came back. */
export type LedgerAnswer = {
  /** The head that the request named; null when it named none: an older manager, a file, the first ACK. */
  readonly named: TreeHead | null;
  /** Hashes that lead from the named head to the ACK's; null when none came. */
  readonly proof: readonly string[] | null;
};

/**
 * `first`: nothing was kept. `new_ledger`: another ledger than the one in use. `unproved`: nobody asked for a proof, or the
 * kept head changed since. `rewritten`: the head cannot go on from the kept one, or the proof that was asked for is missing.
 */
export type HeadVerdict = "none" | "first" | "same" | "grown" | "new_ledger" | "unproved" | "rewritten";

export function judgeHead(
  { heads }: LedgerState,
  offered: TreeHead | null,
  { named, proof }: LedgerAnswer,
): HeadVerdict {
  if (offered === null) return "none";
  const kept = keptHead(heads, offered.ledger_id);
  if (kept === undefined) return heads.length === 0 ? "first" : "new_ledger";
  const isAsked = named !== null && isSameHead(named, kept);
  const verdict = compareHeads(kept, offered, isAsked ? proof : null);
  if (verdict === "unproved" && isAsked) return "rewritten";
  if (verdict !== "rewritten" && heads[0]?.ledger_id !== kept.ledger_id) return "new_ledger";
  return verdict;
}

function keptHead(heads: readonly TreeHead[], ledgerId: string): TreeHead | undefined {
  return heads.find((head) => head.ledger_id === ledgerId);
}

function isSameHead(one: TreeHead, other: TreeHead): boolean {
  return one.ledger_id === other.ledger_id && one.size === other.size && one.root_sha256 === other.root_sha256;
}

/** Takes the head of an ACK that is taken; anything unusual is written down. */
export function takeHead(state: AgentState, offered: TreeHead | null, verdict: HeadVerdict): Transition {
  const { ledger } = state.reporting;
  if (offered === null || verdict === "none" || verdict === "rewritten") return unchanged(state);
  const [current] = ledger.heads;
  if (verdict === "unproved") {
    const kept = current === undefined ? {} : detailsOf("kept", current);
    return { state, effects: [recordEvent("LEDGER_UNPROVED", { ...kept, ...detailsOf("offered", offered) })] };
  }
  // A ledger that was left and comes back is asked for its proof next time: until then its kept head stands.
  const kept = verdict === "new_ledger" ? (keptHead(ledger.heads, offered.ledger_id) ?? offered) : offered;
  const taken = putLedger(state, { heads: withHead(ledger.heads, kept), refused: null });
  const healed =
    ledger.refused === null
      ? []
      : [recordEvent("LEDGER_CONSISTENT", detailsOf("head", offered)), syslog.ledgerConsistent()];
  if (verdict !== "new_ledger" || current === undefined) return { state: taken, effects: healed };
  const details = { ...detailsOf("kept", current), ...detailsOf("offered", offered) };
  return {
    state: taken,
    effects: [
      recordEvent("LEDGER_CHANGED", details),
      syslog.ledgerChanged(),
      notify({ type: "ledger-changed", kept: current, offered }),
      ...healed,
    ],
  };
}

/** The head becomes that of the ledger in use. */
function withHead(heads: readonly TreeHead[], first: TreeHead): readonly TreeHead[] {
  return [first, ...heads.filter((head) => head.ledger_id !== first.ledger_id)].slice(0, ledgersKeptMax);
}

/** Refuses a head: the kept one stays, and the manager is told with the next push. */
export function refuseHead(state: AgentState, offered: TreeHead, now: number): Transition {
  const { ledger } = state.reporting;
  const kept = keptHead(ledger.heads, offered.ledger_id);
  if (kept === undefined) return unchanged(state);
  const earlier = ledger.refused;
  const isKnown = earlier !== null && isSameHead(earlier.kept, kept);
  const refused: RefusedHead = isKnown ? { ...earlier, offered } : { kept, offered, sinceMs: now, isTold: false };
  return {
    state: putLedger(state, { ...ledger, refused }),
    effects: [
      recordEvent("LEDGER_REWRITTEN", { ...detailsOf("kept", kept), ...detailsOf("offered", offered) }),
      syslog.ledgerRewritten(kept.size, offered.size),
      notify({ type: "ledger-rewritten", kept, offered }),
    ],
  };
}

/** The manager has heard of the refused head: it answered a push that left after the refusal. */
export function noteTold(state: AgentState, pushedAtMs: number): AgentState {
  const { ledger } = state.reporting;
  if (ledger.refused === null || ledger.refused.isTold || !hearsOfLedgers(state)) return state;
  if (ledger.refused.sinceMs > pushedAtMs) return state;
  return putLedger(state, { ...ledger, refused: { ...ledger.refused, isTold: true } });
}

/** Only a manager that says so reads what requests say of the ledger. */
export function hearsOfLedgers({ communication }: AgentState): boolean {
  return communication.peer?.capabilities.includes("LEDGER") === true;
}

function putLedger(state: AgentState, ledger: LedgerState): AgentState {
  return { ...state, reporting: { ...state.reporting, ledger } };
}

function detailsOf(name: string, head: TreeHead): Readonly<Record<string, string>> {
  return { [`${name}Ledger`]: head.ledger_id, [`${name}Size`]: String(head.size), [`${name}Root`]: head.root_sha256 };
}
