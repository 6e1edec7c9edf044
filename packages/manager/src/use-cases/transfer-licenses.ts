// Transfers of licences between virtual accounts. What a transfer would do is told first, by the same computation that does it; it
// is done as one act, and taken back as one act while nothing depends on it.

import { parseTag } from "@countersign/protocol";
import type { Purchase } from "../accounts/purchase.ts";
import { ManagerError } from "../errors.ts";
import { spareOf } from "../licenses/allocation.ts";
import {
  addedShortage,
  changesOf,
  type LicenseTransfer,
  lotsFor,
  lotsPerTransferMax,
  type Move,
  type MovedLot,
  type StandingChange,
  type TakenLot,
} from "../licenses/license-transfer.ts";
import type { AccountReader, LicenseReader, Transaction } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount, narrowedTo, virtualAccountNames } from "./find-account.ts";
import { licenseViewOf } from "./list-licenses.ts";
import { pageOf } from "./page.ts";
import type {
  By,
  InAccount,
  InVirtualAccount,
  LicenseTransferView,
  LicenseTransferWish,
  PageWish,
  TransferPreview,
} from "./use-cases.ts";

type Planned = Move & {
  readonly lots: readonly TakenLot[];
  readonly changes: readonly StandingChange[];
};
type Seen = { readonly accounts: AccountReader; readonly licenses: LicenseReader };

/** Changes nothing. Throws `transfer_impossible`, `virtual_account_unknown`, `input_invalid`. */
export async function previewLicenseTransfer(
  wish: InAccount & LicenseTransferWish,
  { storage: { read }, clock }: Administration,
): Promise<TransferPreview> {
  const { smartAccountId } = await findSmartAccount(wish.smartAccount, read.accounts);
  const planned = await plan(smartAccountId, wish, { read, now: clock.now() });
  return previewOf(planned, await virtualAccountNames(smartAccountId, read.accounts));
}

/** Throws `transfer_makes_short` when more would be short than was accepted, and nothing is changed; and as the preview does. */
export async function transferLicenses(
  wish: InAccount & LicenseTransferWish & { readonly shortageAccepted?: number | undefined } & By,
  { administer, requireAdministrator, clock }: Administration,
): Promise<LicenseTransferView> {
  return administer({ act: "transfer_licenses", cause: wish.cause }, async (transaction) => {
    const now = clock.now();
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    for (const name of [wish.from, wish.to])
      requireAdministrator(await findVirtualAccount(smartAccountId, name, transaction.accounts));
    const planned = await plan(smartAccountId, wish, { read: transaction, now });
    const nameOf = await virtualAccountNames(smartAccountId, transaction.accounts);
    if (addedShortage(planned.changes) > (wish.shortageAccepted ?? 0))
      throw new ManagerError("transfer_makes_short", shortText(planned.changes, nameOf));
    const { tag, quantity, fromVirtualAccountId, toVirtualAccountId } = planned;
    const lots = await moveLots(smartAccountId, planned, transaction);
    const transfer = await transaction.licenses.addTransfer({
      ...{ smartAccountId, atMs: now, tag, quantity, lots, cause: wish.cause, undoneAtMs: null },
      ...{ fromVirtualAccountId, toVirtualAccountId },
    });
    await tell("licenses_transferred", transfer, planned.changes, { transaction, now, cause: wish.cause });
    return viewOf(transfer, nameOf);
  });
}

/** Throws `transfer_unknown`, `transfer_undone`, or `transfer_depended_on`, and nothing is changed. */
export async function undoLicenseTransfer(
  wish: InAccount & { readonly transferId: number } & By,
  { administer, clock }: Administration,
): Promise<LicenseTransferView> {
  return administer({ act: "undo_license_transfer", cause: wish.cause }, async (transaction) => {
    const now = clock.now();
    const { licenses } = transaction;
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const transfer = await licenses.findTransfer(smartAccountId, wish.transferId);
    if (transfer === undefined) throw new ManagerError("transfer_unknown", String(wish.transferId));
    if (transfer.undoneAtMs !== null) throw new ManagerError("transfer_undone", String(wish.transferId));
    const nameOf = await virtualAccountNames(smartAccountId, transaction.accounts);
    const purchases = await licenses.listPurchases(smartAccountId);
    const still = ({ toPurchaseId, quantity }: MovedLot) =>
      purchases.some((one) => one.purchaseId === toPurchaseId && one.quantity === quantity);
    if (!transfer.lots.every(still))
      throw new ManagerError("transfer_depended_on", "Some of the licences were moved on; take that back first.");
    const back = await changesOfUndo(transfer, purchases, { licenses, now });
    if (addedShortage(back) > 0) throw new ManagerError("transfer_depended_on", shortText(back, nameOf));
    if (back.some(takesHeldOnes))
      throw new ManagerError("transfer_depended_on", "Authorization codes hold some of them.");
    for (const { fromPurchaseId, toPurchaseId, quantity } of transfer.lots) {
      await licenses.changePurchaseQuantity(smartAccountId, toPurchaseId, -quantity);
      await licenses.changePurchaseQuantity(smartAccountId, fromPurchaseId, quantity);
    }
    await licenses.endTransfer(smartAccountId, transfer.transferId, now);
    await tell("license_transfer_undone", transfer, back, { transaction, now, cause: wish.cause });
    return viewOf({ ...transfer, undoneAtMs: now }, nameOf);
  });
}

/** Newest first; of all virtual accounts, or those between one and others. */
export async function listLicenseTransfers(
  query: InVirtualAccount & PageWish,
  { storage: { read } }: Administration,
): Promise<readonly LicenseTransferView[]> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const place = await narrowedTo(smartAccountId, query.virtualAccount, read.accounts);
  const found = await read.licenses.listTransfers({ smartAccountId, virtualAccountIds: null, page: pageOf(query) });
  return found
    .filter(
      ({ fromVirtualAccountId, toVirtualAccountId }) =>
        place === null || place[0] === fromVirtualAccountId || place[0] === toVirtualAccountId,
    )
    .map((transfer) => viewOf(transfer, nameOf));
}

async function plan(
  smartAccountId: number,
  { tag, quantity, from, to, precedence = "longest-term-first", kind }: LicenseTransferWish,
  { read, now }: { readonly read: Seen; readonly now: number },
): Promise<Planned> {
  if (!Number.isSafeInteger(quantity) || quantity < 1)
    throw new ManagerError("input_invalid", "quantity: must be a whole number from 1 on");
  const { virtualAccountId: fromVirtualAccountId } = await findVirtualAccount(smartAccountId, from, read.accounts);
  const { virtualAccountId: toVirtualAccountId } = await findVirtualAccount(smartAccountId, to, read.accounts);
  if (fromVirtualAccountId === toVirtualAccountId)
    throw new ManagerError("input_invalid", "from and to are the same virtual account");
  const purchases = await read.licenses.listPurchases(smartAccountId);
  const lots = lotsFor({ tag, quantity, fromVirtualAccountId, precedence, kind: kind ?? null }, purchases, now);
  const rows = await read.licenses.listBalances(smartAccountId, now);
  const row = rows.find((one) => one.virtualAccountId === fromVirtualAccountId && one.tag === tag);
  const found = lots.reduce((sum, lot) => sum + lot.quantity, 0);
  const unheld = row === undefined ? 0 : spareOf({ owned: row.purchased, inUse: 0, reserved: row.reserved });
  if (quantity > Math.min(found, unheld))
    throw new ManagerError(
      "transfer_impossible",
      `${Math.min(found, unheld)} may be moved: ${found} are valid now, and ${row?.reserved ?? 0} are held by authorization codes.`,
    );
  if (lots.length > lotsPerTransferMax)
    throw new ManagerError(
      "transfer_impossible",
      `More than ${lotsPerTransferMax} purchases would be touched; move fewer.`,
    );
  const move = { tag, quantity, fromVirtualAccountId, toVirtualAccountId };
  return { ...move, lots, changes: changesOf(move, rows, await read.licenses.listSubstitutions(smartAccountId)) };
}

async function moveLots(
  smartAccountId: number,
  { lots, toVirtualAccountId }: Planned,
  { licenses }: Transaction,
): Promise<readonly MovedLot[]> {
  for (const { purchase, quantity } of lots)
    await licenses.changePurchaseQuantity(smartAccountId, purchase.purchaseId, -quantity);
  const parts = lots.map(({ purchase, quantity }) => {
    const { smartAccountId: _account, purchaseId: _purchase, ...terms } = purchase;
    return { ...terms, quantity, virtualAccountId: toVirtualAccountId };
  });
  const added = await licenses.addPurchases(smartAccountId, parts);
  return lots.map(({ purchase, quantity }, at) => ({
    ...{ fromPurchaseId: purchase.purchaseId, quantity },
    toPurchaseId: (added[at] as Purchase).purchaseId,
  }));
}

type UndoContext = { readonly licenses: LicenseReader; readonly now: number };

/** Only what is valid now counts now: a term that ended meanwhile goes back without changing any balance. */
async function changesOfUndo(
  { smartAccountId, tag, lots, fromVirtualAccountId, toVirtualAccountId }: LicenseTransfer,
  purchases: readonly Purchase[],
  { licenses, now }: UndoContext,
): Promise<readonly StandingChange[]> {
  const moved = new Set(lots.map(({ toPurchaseId }) => toPurchaseId));
  const valid = purchases.filter(({ purchaseId, startsAtMs, endsAtMs }) => {
    return moved.has(purchaseId) && startsAtMs <= now && (endsAtMs === null || now < endsAtMs);
  });
  const quantity = valid.reduce((sum, one) => sum + one.quantity, 0);
  const move = { tag, quantity, fromVirtualAccountId: toVirtualAccountId, toVirtualAccountId: fromVirtualAccountId };
  const rows = await licenses.listBalances(smartAccountId, now);
  return changesOf(move, rows, await licenses.listSubstitutions(smartAccountId));
}

/** Of fewer licences than before, codes would hold more than there are. */
function takesHeldOnes({ before, after: { purchased, reserved } }: StandingChange): boolean {
  return purchased < (before?.purchased ?? 0) && purchased < reserved;
}

function shortText(changes: readonly StandingChange[], nameOf: (id: number) => string): string {
  return changes
    .filter((change) => addedShortage([change]) > 0)
    .map(
      ({ after }) =>
        `${parseTag(after.tag).name} in ${nameOf(after.virtualAccountId)} would be ${-after.balance} short.`,
    )
    .join(" ");
}

type TellContext = { readonly transaction: Transaction; readonly now: number } & By;

/** One event in each of the two accounts, so that each has it in its log, and both must be administered. */
async function tell(
  kind: "licenses_transferred" | "license_transfer_undone",
  { smartAccountId, transferId, tag, quantity, fromVirtualAccountId, toVirtualAccountId }: LicenseTransfer,
  changes: readonly StandingChange[],
  { transaction, now: atMs, cause }: TellContext,
): Promise<void> {
  await transaction.events.addEvents(
    [fromVirtualAccountId, toVirtualAccountId].map((virtualAccountId) => {
      const own = changes.find(({ after }) => after.tag === tag && after.virtualAccountId === virtualAccountId);
      const facts = { transferId, tag, quantity, fromVirtualAccountId, toVirtualAccountId };
      const sums = (standing: StandingChange["before"]) => ({
        purchased: standing?.purchased ?? 0,
        balance: standing?.balance ?? 0,
      });
      return {
        ...{ smartAccountId, atMs, kind, virtualAccountId, installationId: null, cause },
        before: { ...facts, ...sums(own?.before ?? null) },
        after: { ...facts, ...sums(own?.after ?? null) },
      };
    }),
  );
}

function previewOf(planned: Planned, nameOf: (id: number) => string): TransferPreview {
  const { tag, quantity, fromVirtualAccountId, toVirtualAccountId, lots, changes } = planned;
  return {
    ...{ tag, quantity, from: nameOf(fromVirtualAccountId), to: nameOf(toVirtualAccountId) },
    lots: lots.map(({ purchase: { kind, startsAtMs, endsAtMs, orderReference, purchaseId }, quantity: part }) => ({
      ...{ purchaseId, quantity: part, kind, startsAtMs, endsAtMs, orderReference },
    })),
    changes: changes.map(({ before, after }) => ({
      before: before === null ? null : licenseViewOf(before, nameOf, []),
      after: licenseViewOf(after, nameOf, []),
    })),
    addedShortage: addedShortage(changes),
  };
}

function viewOf(
  { smartAccountId: _account, fromVirtualAccountId, toVirtualAccountId, ...transfer }: LicenseTransfer,
  nameOf: (id: number) => string,
): LicenseTransferView {
  return { ...transfer, from: nameOf(fromVirtualAccountId), to: nameOf(toVirtualAccountId) };
}
