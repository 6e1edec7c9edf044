// Revokes a token: no new device gets in with it; devices that did keep their trust. Revoking twice changes nothing.

import { ManagerError } from "../errors.ts";
import type { Administration } from "./administer.ts";
import { tokenEvent } from "./create-token.ts";
import { findSmartAccount, virtualAccountNames } from "./find-account.ts";
import { viewOfToken } from "./list-tokens.ts";
import type { By, InAccount, TokenView } from "./use-cases.ts";

/** Throws `token_unknown` or `account_unknown`. */
export async function revokeToken(
  wish: InAccount & { readonly tokenId: string } & By,
  { administer, requireAdministrator, clock }: Administration,
): Promise<TokenView> {
  return administer({ act: "revoke_token", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const token = (await transaction.tokens.listTokens(smartAccountId)).find(({ uuid }) => uuid === wish.tokenId);
    if (token === undefined) throw new ManagerError("token_unknown", JSON.stringify(wish.tokenId));
    requireAdministrator(token);
    const nameOf = await virtualAccountNames(smartAccountId, transaction.accounts);
    const now = clock.now();
    const revokedAtMs = token.revokedAtMs ?? now;
    if (token.revokedAtMs === null) {
      await transaction.tokens.revokeToken(smartAccountId, token.tokenId, revokedAtMs);
      const after = { tokenId: token.uuid, revokedAtMs };
      await transaction.events.addEvents([
        tokenEvent("token_revoked", token, now, wish.cause, { tokenId: token.uuid, revokedAtMs: null }, after),
      ]);
    }
    return viewOfToken({ ...token, revokedAtMs }, nameOf(token.virtualAccountId), now);
  });
}
