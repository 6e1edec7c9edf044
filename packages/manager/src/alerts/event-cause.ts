// Why devices raise an alert. Events with the same cause are one alert: a rewritten ledger is one thing that happened, whichever
// devices found it out.

import type { StoredEvent } from "../events/event.ts";
import type { AlertText } from "./alert.ts";

/**
 * What this ledger itself had at the two sizes that a device named, when it named them.
 * `rewritten`: it shows what it has, and that is not what it showed before. `foreign`: what was shown was never its own.
 * `both`: neither is its own. `unproved`: both are, or the device knew none; the proof between them did not hold.
 */
export type DisputeFinding = "rewritten" | "foreign" | "both" | "unproved";

export type AlertCause =
  | {
      readonly kind: "ledger_disputed";
      readonly alertId: string;
      readonly finding: DisputeFinding;
      readonly ledgerId: string;
    }
  | { readonly kind: "report_conflict"; readonly alertId: string };

/** Null for an event that is no alert. */
export function causeOf(event: Pick<StoredEvent, "kind" | "before" | "after">): AlertCause | null {
  if (event.kind === "report_conflict") return { kind: "report_conflict", alertId: "report_conflict" };
  if (event.kind !== "ledger_disputed") return null;
  const known = event.before as Head | null;
  const { refused } = event.after as { readonly refused: Head };
  const finding = findingOf(known, refused);
  const ledgerId = (known ?? refused).ledger_id;
  return { kind: "ledger_disputed", alertId: `ledger_disputed:${finding}:${ledgerId}`, finding, ledgerId };
}

type Head = { readonly ledger_id: string; readonly isOurs: boolean };

function findingOf(known: Head | null, refused: Head): DisputeFinding {
  if (known === null) return refused.isOurs ? "unproved" : "foreign";
  if (known.isOurs) return refused.isOurs ? "unproved" : "foreign";
  return refused.isOurs ? "rewritten" : "both";
}

const disputeTitles: Readonly<Record<DisputeFinding, string>> = {
  rewritten: "The ledger is not the one that devices were shown before: its history was rewritten.",
  foreign: "Devices were shown a state of the ledger that it never had.",
  both: "Devices know a state of the ledger, and were shown another, of which it has neither.",
  unproved: "Devices were shown a state of the ledger without a proof that it goes on from the one they know.",
};

const disputeSteps: Readonly<Record<DisputeFinding, string>> = {
  rewritten:
    "Run `countersign manager ledger verify`. If an older copy of the data was put back in place, take a backup of it and restore that: the ledger then goes on under a new id, which devices accept.",
  foreign:
    "Look for a second manager under this name with other data, or for something between the devices and this manager that answers in its place.",
  both: "Run `countersign manager ledger verify`, and look for a second manager under this name with other data.",
  unproved:
    "Run `countersign manager ledger verify`. If it finds nothing, look at the event log of one of the devices.",
};

export function textOfCause(cause: AlertCause): AlertText {
  if (cause.kind === "report_conflict")
    return {
      severity: "critical",
      title: "Devices sent reports that contradict reports they were acknowledged for.",
      consequence: "The first report counts, the other is kept as evidence. One identity may run on two machines.",
      nextStep:
        "Look whether the device was copied or put back. `countersign manager report show` has the report that counts, `GET /api/v1/instances/<identifier>/evidence` the other.",
    };
  return {
    severity: "critical",
    title: disputeTitles[cause.finding],
    consequence:
      "These devices refuse acknowledgements and keep their reports; nothing of theirs is lost, and they work on.",
    nextStep: disputeSteps[cause.finding],
  };
}
