// ID tokens as the manager keeps them (TOK-): only the hash of the text is stored.

import { dayMs, nameCharactersMax } from "@countersign/protocol";
import { ManagerError } from "../errors.ts";

export type StoredToken = {
  readonly smartAccountId: number;
  readonly tokenId: number;
  /** The uuid inside the token's text; names the token without being able to use it. */
  readonly uuid: string;
  readonly tokenHash: string;
  readonly virtualAccountId: number;
  readonly description: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number;
  readonly usesMax: number;
  readonly uses: number;
  readonly exportControlAllowed: boolean;
  readonly revokedAtMs: number | null;
};

export const tokenExpiryDaysDefault = 30;
export const tokenExpiryDaysMax = 9999;
export const tokenUsesMax = 1_000_000;

export type TokenState = "valid" | "expired" | "used_up" | "revoked";

/** Whether a token lets a new device in now. An expiry at exactly `now` is past. */
export function stateOfToken(token: StoredToken, now: number): TokenState {
  if (token.revokedAtMs !== null) return "revoked";
  if (now >= token.expiresAtMs) return "expired";
  return token.uses >= token.usesMax ? "used_up" : "valid";
}

export type TokenWish = {
  readonly description: string;
  readonly expiresAfterDays: number;
  readonly usesMax: number;
  readonly exportControlAllowed: boolean;
};

/** Fills in the defaults (TOK-7: 30 days); throws `input_invalid`. */
export function completeTokenWish(wish: Partial<TokenWish>): TokenWish {
  const complete = {
    description: wish.description ?? "",
    expiresAfterDays: wish.expiresAfterDays ?? tokenExpiryDaysDefault,
    usesMax: wish.usesMax ?? 1,
    exportControlAllowed: wish.exportControlAllowed ?? false,
  };
  if (complete.description.length > nameCharactersMax)
    throw new ManagerError("input_invalid", `description: longer than ${nameCharactersMax}`);
  requireWithin("expiresAfterDays", complete.expiresAfterDays, tokenExpiryDaysMax);
  requireWithin("usesMax", complete.usesMax, tokenUsesMax);
  return complete;
}

function requireWithin(name: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > max)
    throw new ManagerError("input_invalid", `${name}: must be 1 to ${max}`);
}

export function tokenExpiryMs(now: number, expiresAfterDays: number): number {
  return now + expiresAfterDays * dayMs;
}
