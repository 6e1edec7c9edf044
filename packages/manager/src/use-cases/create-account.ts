// Smart accounts with their ledger and default virtual account, and further virtual accounts.

import { nameCharactersMax } from "@countersign/protocol";
import { defaultVirtualAccountName, type SmartAccount, type VirtualAccount } from "../accounts/account.ts";
import { ManagerError } from "../errors.ts";
import type { Cause } from "../events/event.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount } from "./find-account.ts";
import { newUuid } from "./identifiers.ts";
import type { By, InAccount } from "./use-cases.ts";

export type SmartAccountWish = { readonly name: string; readonly allowUntrustedReports?: boolean } & By;

/** Throws `account_exists` or `input_invalid`. */
export async function createSmartAccount(
  wish: SmartAccountWish,
  { administer, clock, randomness }: Administration,
): Promise<SmartAccount> {
  const name = requireName(wish.name);
  return administer({ act: "create_smart_account", cause: wish.cause }, async (transaction) => {
    const all = await transaction.accounts.listSmartAccounts();
    if (all.some((account) => account.name === name)) throw new ManagerError("account_exists", JSON.stringify(name));
    const now = clock.now();
    const allowUntrustedReports = wish.allowUntrustedReports ?? true;
    const account = await transaction.accounts.addSmartAccount({
      name,
      ledgerId: newUuid(randomness),
      allowUntrustedReports,
      createdAtMs: now,
    });
    const { smartAccountId, ledgerId } = account;
    const description = "The account's default virtual account";
    const common = { smartAccountId, createdAtMs: now, instances: 0 };
    const first = await transaction.accounts.addVirtualAccount({
      ...common,
      name: defaultVirtualAccountName,
      description,
      isDefault: true,
    });
    await transaction.events.addEvents([
      accountEvent("smart_account_created", smartAccountId, null, now, wish.cause, {
        name,
        ledgerId,
        allowUntrustedReports,
      }),
      accountEvent("virtual_account_created", smartAccountId, first.virtualAccountId, now, wish.cause, {
        name: first.name,
      }),
    ]);
    return account;
  });
}

export type VirtualAccountWish = InAccount & { readonly name: string; readonly description?: string } & By;

/** Throws `account_exists`, `account_unknown` or `input_invalid`. */
export async function createVirtualAccount(
  wish: VirtualAccountWish,
  { administer, clock }: Administration,
): Promise<VirtualAccount> {
  const name = requireName(wish.name);
  return administer({ act: "create_virtual_account", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const all = await transaction.accounts.listVirtualAccounts(smartAccountId);
    if (all.some((account) => account.name === name)) throw new ManagerError("account_exists", JSON.stringify(name));
    const now = clock.now();
    const description = wish.description ?? "";
    const account = { smartAccountId, name, description, isDefault: false, instances: 0, createdAtMs: now };
    const added = await transaction.accounts.addVirtualAccount(account);
    await transaction.events.addEvents([
      accountEvent("virtual_account_created", smartAccountId, added.virtualAccountId, now, wish.cause, {
        name,
        description,
      }),
    ]);
    return added;
  });
}

function requireName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === "" || trimmed.length > nameCharactersMax)
    throw new ManagerError("input_invalid", `name: must have 1 to ${nameCharactersMax} characters`);
  return trimmed;
}

function accountEvent(
  kind: "smart_account_created" | "virtual_account_created",
  smartAccountId: number,
  virtualAccountId: number | null,
  atMs: number,
  cause: Cause,
  after: object,
) {
  return { smartAccountId, atMs, kind, virtualAccountId, installationId: null, cause, before: null, after };
}
