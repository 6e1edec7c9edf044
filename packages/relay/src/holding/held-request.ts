// What a relay has taken and owes an answer for: the rules, without storage or clock.

import type { CarriedAnswer, SignedReport, Sudi, TreeHead } from "@countersign/protocol";
import { formatUdi, reportHash, sha256Hex, udiOf } from "@countersign/protocol";

/** A message that a device sent, or a file with what was collected from one. */
export type HeldKind = "message" | "usage-file";

/** What a device asked with, as far as the answer repeats or depends on it. */
export type Asked = { readonly nonce: string; readonly sudi: Sudi; readonly known_tree_head?: TreeHead | undefined };

export type NewRequest = {
  readonly kind: HeldKind;
  /** As text: `PID:x,SN:y`. */
  readonly udi: string;
  /** The same for the same reports of the same device, however often they are brought. */
  readonly digest: string;
  readonly asked: Asked;
  readonly reports: number;
  readonly receivedAtMs: number;
  readonly body: Uint8Array;
};

export type HeldRequest = NewRequest & {
  readonly itemId: number;
  readonly pollId: string;
  readonly attempts: number;
};

/** What became of it. */
export type Settlement =
  | { readonly outcome: "acknowledged"; readonly answer: CarriedAnswer | { readonly file: string } }
  | { readonly outcome: "refused"; readonly code: string; readonly message: string };

/** Reports by their content: what a device sends again, in another message and perhaps signed anew, is the same. */
export function digestOf(sudi: Sudi, reports: readonly SignedReport[]): string {
  const hashes = reports.map(reportHash).sort();
  return sha256Hex([formatUdi(udiOf(sudi)), ...hashes].join("\n"));
}

const firstDelayMs = 5_000;
const delayMsMax = 900_000;
/** Nothing is put off for longer, whatever the manager asked: what is due later than that was put off before the clock was set back. */
export const putOffMsMax = 86_400_000;

/** Doubled with each failure, up to a quarter of an hour; not sooner than the manager asked, but for a day at most. */
export function retryDelayMs(failures: number, askedSeconds = 0): number {
  const grown = Math.min(delayMsMax, firstDelayMs * 2 ** Math.max(0, Math.min(failures - 1, 20)));
  return Math.min(putOffMsMax, Math.max(grown, askedSeconds * 1000));
}
