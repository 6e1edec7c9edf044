// A browser that an operator signed in with the bearer token. It holds a secret of its own, which ends by itself, with the operator,
// and when the operator signs out; only the secret's hash is kept.

import { hash } from "node:crypto";

export type SignIn = {
  /** Lower-case hexadecimal. */
  readonly secretSha256: string;
  readonly operatorId: number;
  readonly createdAtMs: number;
  /** It holds up to, not at, this instant. */
  readonly endsAtMs: number;
};

export const signInSecretBytes = 32;
export const signInHours = 12;
/** Browsers that one operator is signed in with at one time; the oldest is signed out for one more. */
export const signInsMax = 20;

export function signInSecretOf(random: Uint8Array): string {
  return Buffer.from(random).toString("base64url");
}

export function signInHash(secret: string): string {
  return hash("sha256", secret);
}

export function endOfSignIn(now: number): number {
  return now + signInHours * 3_600_000;
}

/** Those that have to go before one more is added; given the oldest first. */
export function crowdedOut(signIns: readonly SignIn[]): readonly SignIn[] {
  return signIns.slice(0, Math.max(0, signIns.length - signInsMax + 1));
}
