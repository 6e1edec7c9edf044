// Tokens as operators see them: everything but what would let somebody use them.

import { type StoredToken, stateOfToken } from "../accounts/token.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount, virtualAccountNames } from "./find-account.ts";
import type { InVirtualAccount, TokenView } from "./use-cases.ts";

/** All tokens of the smart account, or of one virtual account if it is named. */
export async function listTokens(
  query: InVirtualAccount,
  { storage, clock }: Administration,
): Promise<readonly TokenView[]> {
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const only =
    query.virtualAccount === undefined
      ? null
      : await findVirtualAccount(smartAccountId, query.virtualAccount, read.accounts);
  const tokens = await read.tokens.listTokens(smartAccountId);
  return tokens
    .filter((token) => only === null || token.virtualAccountId === only.virtualAccountId)
    .map((token) => viewOfToken(token, nameOf(token.virtualAccountId), clock.now()));
}

export function viewOfToken(token: StoredToken, virtualAccount: string, now: number): TokenView {
  return {
    tokenId: token.uuid,
    virtualAccount,
    description: token.description,
    createdAtMs: token.createdAtMs,
    createdBy: token.createdBy,
    expiresAtMs: token.expiresAtMs,
    usesMax: token.usesMax,
    uses: token.uses,
    exportControlAllowed: token.exportControlAllowed,
    state: stateOfToken(token, now),
  };
}
