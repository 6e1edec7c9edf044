// The shape that all vectors share. A vector is language neutral: bytes as base64, text as text, times in epoch
// milliseconds, certificates as base64 of DER, and what must come of it.

export type Expected =
  | { readonly outcome: "accepted"; readonly [fact: string]: unknown }
  | { readonly outcome: "refused"; readonly code: string };

export type Vector = {
  readonly name: string;
  readonly kind: string;
  readonly [input: string]: unknown;
  readonly expected: Expected;
};

/** One file below spec/vectors. */
export type VectorFile = { readonly file: string; readonly about: string; readonly vectors: readonly Vector[] };

export const accepted = (facts: Record<string, unknown> = {}): Expected => ({ outcome: "accepted", ...facts });
export const refused = (code: string): Expected => ({ outcome: "refused", code });
export const base64Of = (text: string | Uint8Array): string => Buffer.from(text as Uint8Array).toString("base64");
