// Licences that were bought, one at a time or from a CSV or JSON file: all rows of a file are taken, or none.

import { decodeText, ProtocolError } from "@countersign/protocol";
import {
  licenseFileBytesMax,
  type NewPurchaseText,
  type ReadPurchase,
  readLicenseFile,
  readPurchase,
} from "../accounts/license-import.ts";
import type { NewPurchase, Purchase } from "../accounts/purchase.ts";
import type { AdministrativeAct } from "../audit/audit-entry.ts";
import { ManagerError } from "../errors.ts";
import type { AccountReader } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount } from "./find-account.ts";
import type { By, InAccount } from "./use-cases.ts";

/** Throws `input_invalid`, `account_unknown`. */
export async function addPurchase(
  wish: InAccount & { readonly purchase: NewPurchaseText } & By,
  administration: Administration,
): Promise<Purchase> {
  const purchases = [readPurchase(wish.purchase, administration.clock.now())];
  const [purchase] = await addAll({ ...wish, act: "add_purchase" }, purchases, administration);
  return purchase as Purchase;
}

/** Throws `input_invalid` with every wrong place; then nothing was written. */
export async function importLicenses(
  wish: InAccount & { readonly bytes: Uint8Array } & By,
  administration: Administration,
): Promise<readonly Purchase[]> {
  const purchases = readLicenseFile(readText(wish.bytes), administration.clock.now());
  return addAll({ ...wish, act: "import_licenses" }, purchases, administration);
}

function readText(bytes: Uint8Array): string {
  try {
    return decodeText(bytes, licenseFileBytesMax);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new ManagerError("input_invalid", cause.message, { cause });
    throw cause;
  }
}

async function addAll(
  wish: InAccount & By & { readonly act: AdministrativeAct },
  purchases: readonly ReadPurchase[],
  { administer, clock }: Administration,
): Promise<readonly Purchase[]> {
  return administer({ act: wish.act, cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const placed = await placeAll(purchases, smartAccountId, transaction.accounts);
    const added = await transaction.licenses.addPurchases(smartAccountId, placed);
    const event = {
      smartAccountId,
      atMs: clock.now(),
      kind: "licenses_added",
      installationId: null,
      cause: wish.cause,
      before: null,
    } as const;
    await transaction.events.addEvents(
      added.map((purchase) => ({ ...event, virtualAccountId: purchase.virtualAccountId, after: purchase })),
    );
    return added;
  });
}

async function placeAll(
  purchases: readonly ReadPurchase[],
  smartAccountId: number,
  accounts: AccountReader,
): Promise<readonly NewPurchase[]> {
  const all = await accounts.listVirtualAccounts(smartAccountId);
  const unknown = new Set<string>();
  const placed = purchases.map(({ virtualAccount, ...purchase }) => {
    const found = all.find((account) =>
      virtualAccount === null ? account.isDefault : account.name === virtualAccount,
    );
    if (found === undefined) unknown.add(virtualAccount ?? "");
    return { ...purchase, virtualAccountId: found?.virtualAccountId ?? 0 };
  });
  if (unknown.size > 0)
    throw new ManagerError("virtual_account_unknown", [...unknown].map((name) => JSON.stringify(name)).join(", "));
  return placed;
}
