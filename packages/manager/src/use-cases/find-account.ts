// From the names that operators use to the accounts they mean.

import { formatUdi, ProtocolError, parseUdi } from "@countersign/protocol";
import type { SmartAccount, VirtualAccount } from "../accounts/account.ts";
import { ManagerError } from "../errors.ts";
import { type AccountReader, managerScope, type TrustReader, type VirtualAccountIds } from "../storage-ports.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import type { InLedger } from "./use-cases.ts";

/** The named smart account, or the only one. Throws `account_unknown` or `account_ambiguous`. */
export async function findSmartAccount(name: string | undefined, accounts: AccountReader): Promise<SmartAccount> {
  const all = await accounts.listSmartAccounts();
  if (name === undefined) {
    if (all.length > 1) throw new ManagerError("account_ambiguous");
    if (all[0] === undefined) throw new ManagerError("account_unknown", "There is none yet.");
    return all[0];
  }
  const found = all.find((account) => account.name === name);
  if (found === undefined) throw new ManagerError("account_unknown", JSON.stringify(name));
  return found;
}

/** What the managers' own ledger is called where a smart account's name would stand. */
export const managersName = "(managers)";

export type FoundLedger = {
  readonly smartAccountId: number;
  readonly name: string;
  /** Null for the managers' own before its first leaf. */
  readonly ledgerId: string | null;
};

/** A smart account's ledger, or the managers' own. Throws `account_unknown` or `account_ambiguous`. */
export async function findLedger({ smartAccount, manager }: InLedger, accounts: AccountReader): Promise<FoundLedger> {
  if (manager !== true) return findSmartAccount(smartAccount, accounts);
  if (smartAccount !== undefined)
    throw new ManagerError("input_invalid", "Either a smart account or the managers themselves can be asked about.");
  const ledgerId = (await accounts.findManagerLedger()) ?? null;
  return { smartAccountId: managerScope, name: managersName, ledgerId };
}

/** The named virtual account, or the default one. Throws `virtual_account_unknown`. */
export async function findVirtualAccount(
  smartAccountId: number,
  name: string | undefined,
  accounts: AccountReader,
): Promise<VirtualAccount> {
  const all = await accounts.listVirtualAccounts(smartAccountId);
  const found = all.find((account) => (name === undefined ? account.isDefault : account.name === name));
  if (found === undefined) throw new ManagerError("virtual_account_unknown", JSON.stringify(name ?? "(default)"));
  return found;
}

/** For a list: the named virtual account, or all of them. Throws `virtual_account_unknown`. */
export async function narrowedTo(
  smartAccountId: number,
  name: string | undefined,
  accounts: AccountReader,
): Promise<VirtualAccountIds> {
  return name === undefined ? null : [(await findVirtualAccount(smartAccountId, name, accounts)).virtualAccountId];
}

/** Names by id, for lists. */
export async function virtualAccountNames(
  smartAccountId: number,
  accounts: AccountReader,
): Promise<(virtualAccountId: number) => string> {
  const all = await accounts.listVirtualAccounts(smartAccountId);
  const names = new Map(all.map((account) => [account.virtualAccountId, account.name]));
  return (virtualAccountId) => names.get(virtualAccountId) ?? "";
}

/**
 * A registered product instance by identifier or UDI (`PID:x,SN:y`). Throws `instance_unknown`, `instance_removed`, or
 * `input_invalid` where one UDI runs several products.
 */
export async function findProductInstance(
  smartAccountId: number,
  reference: string,
  trust: TrustReader,
): Promise<ProductInstance> {
  const instance = reference.includes(",")
    ? await findByUdi(smartAccountId, reference, trust)
    : await trust.findInstanceByIdentifier(reference);
  if (instance === undefined || instance.smartAccountId !== smartAccountId)
    throw new ManagerError("instance_unknown", JSON.stringify(reference));
  if (instance.removedAtMs !== null) throw new ManagerError("instance_removed", formatUdi(instance.udi));
  return instance;
}

async function findByUdi(
  smartAccountId: number,
  reference: string,
  trust: TrustReader,
): Promise<ProductInstance | undefined> {
  const udi = readUdi(reference);
  const found = await trust.findInstancesByUdi(smartAccountId, udi.pid, udi.serialNumber);
  if (found.length > 1)
    throw new ManagerError("input_invalid", "The UDI runs several products; name the product instance identifier.");
  return found[0];
}

function readUdi(reference: string) {
  try {
    return parseUdi(reference);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new ManagerError("input_invalid", cause.message, { cause });
    throw cause;
  }
}
