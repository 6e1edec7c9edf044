// A new ID token of a virtual account (TOK-1). Its text is answered once and never stored.

import { encodeIdToken, hashIdToken, type IdToken, tokenSecretBytes } from "@countersign/protocol";
import { completeTokenWish, type StoredToken, type TokenWish, tokenExpiryMs } from "../accounts/token.ts";
import type { Cause } from "../events/event.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount } from "./find-account.ts";
import { newUuid } from "./identifiers.ts";
import { viewOfToken } from "./list-tokens.ts";
import type { By, CreatedToken, InVirtualAccount } from "./use-cases.ts";

/** Throws `input_invalid`, `account_unknown` or `virtual_account_unknown`. */
export async function createToken(
  wish: InVirtualAccount & Partial<TokenWish> & By,
  { administer, clock, randomness }: Administration,
): Promise<CreatedToken> {
  const complete = completeTokenWish(wish);
  return administer({ act: "create_token", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const virtualAccount = await findVirtualAccount(smartAccountId, wish.virtualAccount, transaction.accounts);
    const now = clock.now();
    const secret = randomness.bytes(tokenSecretBytes);
    const token: IdToken = {
      uuid: newUuid(randomness),
      expiresAtMs: tokenExpiryMs(now, complete.expiresAfterDays),
      secret,
    };
    const stored = await transaction.tokens.addToken({
      smartAccountId,
      uuid: token.uuid,
      tokenHash: hashIdToken(token),
      virtualAccountId: virtualAccount.virtualAccountId,
      description: complete.description,
      createdAtMs: now,
      createdBy: nameOf(wish.cause),
      expiresAtMs: token.expiresAtMs,
      usesMax: complete.usesMax,
      uses: 0,
      exportControlAllowed: complete.exportControlAllowed,
      revokedAtMs: null,
    });
    await transaction.events.addEvents([
      tokenEvent("token_created", stored, now, wish.cause, null, { tokenId: token.uuid, ...complete }),
    ]);
    return { ...viewOfToken(stored, virtualAccount.name, now), text: encodeIdToken(token) };
  });
}

export function tokenEvent(
  kind: "token_created" | "token_revoked",
  token: StoredToken,
  atMs: number,
  cause: Cause,
  before: unknown,
  after: unknown,
) {
  const { smartAccountId, virtualAccountId } = token;
  return { smartAccountId, atMs, kind, virtualAccountId, installationId: null, cause, before, after };
}

function nameOf(cause: Cause): string {
  switch (cause.kind) {
    case "operator":
      return cause.name;
    case "file":
      return cause.operator;
    case "local":
      return "local";
    case "message":
      return cause.productInstanceIdentifier;
    case "system":
      return cause.reason;
    default:
      return cause satisfies never;
  }
}
