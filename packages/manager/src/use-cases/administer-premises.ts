// An account on premises: made when the manager is, and whom it lets in without a token. No route makes one of an account that
// was none, so that nothing that is set later can open a cloud account to devices without a token.

import { ManagerError } from "../errors.ts";
import type { NewEvent } from "../events/event.ts";
import { admittedProductIdsMax, firstAdmission, type Premises } from "../premises/premises.ts";
import type { Readers } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount, virtualAccountNames } from "./find-account.ts";
import type { AdmissionChange, By, InAccount, PremisesView } from "./use-cases.ts";

/** Throws `account_unknown`, or `input_invalid` for an account that devices are registered in. */
export async function establishPremises(
  wish: InAccount & By,
  { administer, clock }: Administration,
): Promise<PremisesView> {
  return administer({ act: "establish_premises", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const accounts = await transaction.accounts.listVirtualAccounts(smartAccountId);
    if (accounts.some(({ instances }) => instances > 0))
      throw new ManagerError("input_invalid", "The account has product instances already.");
    const premises = { smartAccountId, admission: firstAdmission, upstream: null };
    await transaction.premises.putPremises(premises);
    const after = await view(premises, transaction);
    await transaction.events.addEvents([
      eventOf("premises_established", premises, { ...wish, atMs: clock.now(), before: null, after }),
    ]);
    return after;
  });
}

/** Throws `not_on_premises` for a cloud account, `virtual_account_unknown` or `input_invalid`. */
export async function setAdmission(
  wish: InAccount & { readonly change: AdmissionChange } & By,
  { administer, clock }: Administration,
): Promise<PremisesView> {
  const { isOpen, virtualAccount, productIds } = wish.change;
  if ((productIds?.length ?? 0) > admittedProductIdsMax)
    throw new ManagerError("input_invalid", `productIds: at most ${admittedProductIdsMax}`);
  return administer({ act: "set_admission", cause: wish.cause }, async (transaction) => {
    const before = await findPremises(wish, transaction);
    const { smartAccountId, admission } = before;
    const virtualAccountId =
      virtualAccount === undefined
        ? admission.virtualAccountId
        : (await findVirtualAccount(smartAccountId, virtualAccount, transaction.accounts)).virtualAccountId;
    const premises = {
      ...before,
      admission: {
        isOpen: isOpen ?? admission.isOpen,
        virtualAccountId,
        productIds: [...new Set(productIds ?? admission.productIds)],
      },
    };
    const after = await view(premises, transaction);
    if (JSON.stringify(premises) === JSON.stringify(before)) return after;
    await transaction.premises.putPremises(premises);
    const told = { ...wish, atMs: clock.now(), before: await view(before, transaction), after };
    await transaction.events.addEvents([eventOf("admission_set", premises, told)]);
    return after;
  });
}

export async function showPremises({ smartAccount }: InAccount, { storage }: Administration): Promise<PremisesView> {
  const { read } = storage;
  const { smartAccountId, name } = await findSmartAccount(smartAccount, read.accounts);
  const premises = await read.premises.findPremises(smartAccountId);
  return premises === undefined ? { smartAccount: name, role: "cloud", admission: null } : view(premises, read);
}

type PremisesReaders = Pick<Readers, "accounts" | "premises">;

async function findPremises({ smartAccount }: InAccount, read: PremisesReaders): Promise<Premises> {
  const { smartAccountId } = await findSmartAccount(smartAccount, read.accounts);
  const premises = await read.premises.findPremises(smartAccountId);
  if (premises === undefined) throw new ManagerError("not_on_premises");
  return premises;
}

async function view({ smartAccountId, admission }: Premises, read: PremisesReaders): Promise<PremisesView> {
  const all = await read.accounts.listSmartAccounts();
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const { isOpen, virtualAccountId, productIds } = admission;
  return {
    smartAccount: all.find((account) => account.smartAccountId === smartAccountId)?.name ?? "",
    role: "onprem",
    admission: { isOpen, virtualAccount: virtualAccountId === null ? null : nameOf(virtualAccountId), productIds },
  };
}

function eventOf(
  kind: "premises_established" | "admission_set",
  { smartAccountId }: Premises,
  told: Pick<NewEvent, "cause" | "atMs" | "before" | "after">,
): NewEvent {
  const { cause, atMs, before, after } = told;
  return { smartAccountId, atMs, kind, virtualAccountId: null, installationId: null, cause, before, after };
}
