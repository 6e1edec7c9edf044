// All smart accounts with their virtual accounts.

import type { SmartAccount, VirtualAccount } from "../accounts/account.ts";
import type { Storage } from "../storage-ports.ts";

export async function listAccounts({
  read,
}: Pick<Storage, "read">): Promise<
  readonly (SmartAccount & { readonly virtualAccounts: readonly VirtualAccount[] })[]
> {
  const accounts = await read.accounts.listSmartAccounts();
  return Promise.all(
    accounts.map(async (account) => ({
      ...account,
      virtualAccounts: await read.accounts.listVirtualAccounts(account.smartAccountId),
    })),
  );
}
