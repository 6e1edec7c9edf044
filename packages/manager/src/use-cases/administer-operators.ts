// Who may administer over HTTPS. Operators belong to all managers of a database, and so do the acts on them: they stand in the
// managers' own ledger.

import { type Access, fullAccess, type Grant, grantsMax, isSamePlace, type Place } from "../accounts/access.ts";
import {
  bearerHash,
  bearerOf,
  freeName,
  type Operator,
  operatorSecretBytes,
  requireOperatorName,
} from "../accounts/operator.ts";
import { ManagerError } from "../errors.ts";
import type { EventKind, NewEvent } from "../events/event.ts";
import { type AccountReader, managerScope, type Transaction } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount } from "./find-account.ts";
import type { AddedOperator, By, GrantWish, KnownOperator, OperatorFileEntry, OperatorView } from "./use-cases.ts";

/** Throws `operator_exists`, `input_invalid`, `account_unknown`, `account_ambiguous` or `virtual_account_unknown`. */
export async function addOperator(
  { name, grants, cause }: { readonly name: string; readonly grants?: readonly GrantWish[] | undefined } & By,
  { administer, clock, randomness }: Administration,
): Promise<AddedOperator> {
  requireOperatorName(name);
  const bearer = bearerOf(randomness.bytes(operatorSecretBytes));
  return administer({ act: "add_operator", cause }, async (transaction) => {
    const present = (await transaction.operators.listOperators()).filter(isPresent);
    if (present.some((operator) => operator.name === name)) throw new ManagerError("operator_exists");
    const now = clock.now();
    const access = grants === undefined ? fullAccess : await accessOf(grants, transaction.accounts);
    const wanted = { name, tokenSha256: bearerHash(bearer), createdAtMs: now, removedAtMs: null, access };
    const added = await transaction.operators.addOperator(wanted);
    const after = await viewOf(added, transaction.accounts);
    await transaction.events.addEvents([operatorEvent("operator_added", now, cause, { before: null, after })]);
    return { ...after, bearer };
  });
}

/** From the next request on, on every manager. Throws as `addOperator` does, or `operator_unknown`. */
export async function grantAccess(
  { name, grant: wish, cause }: { readonly name: string; readonly grant: GrantWish } & By,
  administration: Administration,
): Promise<OperatorView> {
  return changeAccess({ name, cause }, administration, async ({ access }, { accounts }) => {
    const grant = await grantOf(wish, accounts);
    const isHeld = access.some((one) => one.role === grant.role && isSamePlace(one, grant));
    return isHeld ? access : [...access.filter((one) => !isSamePlace(one, grant)), grant];
  });
}

/** Throws `grant_unknown` where the operator has no grant for just this place, or as `grantAccess` does. */
export async function revokeAccess(
  { name, cause, ...wish }: { readonly name: string } & Omit<GrantWish, "role"> & By,
  administration: Administration,
): Promise<OperatorView> {
  return changeAccess({ name, cause }, administration, async ({ access }, { accounts }) => {
    const place = await placeOf(wish, accounts);
    const rest = access.filter((one) => !isSamePlace(one, place));
    if (rest.length === access.length) throw new ManagerError("grant_unknown");
    return rest;
  });
}

async function changeAccess(
  { name, cause }: { readonly name: string } & By,
  { administer, clock }: Administration,
  change: (operator: Operator, transaction: Transaction) => Promise<Access>,
): Promise<OperatorView> {
  return administer({ act: "change_operator_access", cause }, async (transaction) => {
    const { operators, accounts, events } = transaction;
    const operator = requireOperator(name, await operators.listOperators());
    const changed = { ...operator, access: requireFewGrants(await change(operator, transaction)) };
    const after = await viewOf(changed, accounts);
    if (changed.access === operator.access) return after;
    await operators.changeAccess(changed);
    const before = await viewOf(operator, accounts);
    await events.addEvents([operatorEvent("operator_access_changed", clock.now(), cause, { before, after })]);
    return after;
  });
}

async function accessOf(wishes: readonly GrantWish[], accounts: AccountReader): Promise<Access> {
  const access: Grant[] = [];
  for (const wish of wishes) {
    const grant = await grantOf(wish, accounts);
    if (access.some((one) => isSamePlace(one, grant)))
      throw new ManagerError("input_invalid", "grants: the same place is named twice");
    access.push(grant);
  }
  return requireFewGrants(access);
}

function requireFewGrants(access: Access): Access {
  if (access.length > grantsMax) throw new ManagerError("input_invalid", `grants: more than ${grantsMax}`);
  return access;
}

async function grantOf(wish: GrantWish, accounts: AccountReader): Promise<Grant> {
  return { ...(await placeOf(wish, accounts)), role: wish.role ?? "administrator" };
}

/** A virtual account may be named without its smart account while there is only one. */
async function placeOf(
  { smartAccount, virtualAccount }: Omit<GrantWish, "role">,
  accounts: AccountReader,
): Promise<Place> {
  if (smartAccount === undefined && virtualAccount === undefined)
    return { smartAccountId: null, virtualAccountId: null };
  const { smartAccountId } = await findSmartAccount(smartAccount, accounts);
  if (virtualAccount === undefined) return { smartAccountId, virtualAccountId: null };
  const { virtualAccountId } = await findVirtualAccount(smartAccountId, virtualAccount, accounts);
  return { smartAccountId, virtualAccountId };
}

/** From the next request on the token opens nothing any more, on any manager. Throws `operator_unknown`. */
export async function removeOperator(
  { name, cause }: { readonly name: string } & By,
  { administer, clock }: Administration,
): Promise<void> {
  await administer({ act: "remove_operator", cause }, async (transaction) => {
    const operator = requireOperator(name, await transaction.operators.listOperators());
    const now = clock.now();
    await transaction.operators.removeOperator(operator.operatorId, now);
    const before = await viewOf(operator, transaction.accounts);
    await transaction.events.addEvents([operatorEvent("operator_removed", now, cause, { before, after: null })]);
  });
}

export async function listOperators({ storage }: Administration): Promise<readonly OperatorView[]> {
  const { operators, accounts } = storage.read;
  const present = (await operators.listOperators()).filter(isPresent);
  return Promise.all(present.map((operator) => viewOf(operator, accounts)));
}

/** The operator whose token this is, or undefined. */
export async function findOperator(bearer: string, { storage }: Administration): Promise<KnownOperator | undefined> {
  const operator = await storage.read.operators.findOperatorByToken(bearerHash(bearer));
  if (operator === undefined || !isPresent(operator)) return undefined;
  const { operatorId, name, access } = operator;
  return { operatorId, name, access };
}

/**
 * Operators that version 1 kept in a file of each data directory. A token that is known is never taken again, also when its
 * operator was removed since; a name that another token has gets a number.
 */
export async function takeOverOperators(
  { operators, cause }: { readonly operators: readonly OperatorFileEntry[] } & By,
  { administer, clock }: Administration,
): Promise<number> {
  return administer({ act: "take_over_operators", cause }, async (transaction) => {
    const known = await transaction.operators.listOperators();
    const tokens = new Set(known.map(({ tokenSha256 }) => tokenSha256));
    const names = new Set(known.filter(isPresent).map(({ name }) => name));
    const fresh = operators.filter(({ tokenSha256 }) => !tokens.has(tokenSha256));
    for (const { name: nameInFile, tokenSha256, createdAtMs } of fresh) {
      const name = freeName(nameInFile, names);
      names.add(name);
      const added = await transaction.operators.addOperator({
        ...{ name, tokenSha256, createdAtMs, removedAtMs: null, access: fullAccess },
      });
      const after = { ...(await viewOf(added, transaction.accounts)), nameInFile };
      await transaction.events.addEvents([
        operatorEvent("operator_taken_over", clock.now(), cause, { before: null, after }),
      ]);
    }
    return fresh.length;
  });
}

function isPresent(operator: Operator): boolean {
  return operator.removedAtMs === null;
}

function requireOperator(name: string, operators: readonly Operator[]): Operator {
  const operator = operators.find((one) => one.name === name && isPresent(one));
  if (operator === undefined) throw new ManagerError("operator_unknown");
  return operator;
}

async function viewOf(
  { operatorId, name, createdAtMs, access }: Operator,
  accounts: AccountReader,
): Promise<OperatorView> {
  const all = await accounts.listSmartAccounts();
  const grants: OperatorView["grants"][number][] = [];
  for (const { role, smartAccountId, virtualAccountId } of access) {
    const smartAccount = all.find((one) => one.smartAccountId === smartAccountId)?.name ?? null;
    const inside =
      smartAccountId === null || virtualAccountId === null ? [] : await accounts.listVirtualAccounts(smartAccountId);
    const virtualAccount = inside.find((one) => one.virtualAccountId === virtualAccountId)?.name ?? null;
    grants.push({ role, smartAccount, virtualAccount });
  }
  return { operatorId, name, createdAtMs, grants };
}

function operatorEvent(
  kind: EventKind,
  atMs: number,
  cause: NewEvent["cause"],
  change: { readonly before: unknown; readonly after: unknown },
): NewEvent {
  return {
    smartAccountId: managerScope,
    ...{ atMs, kind, virtualAccountId: null, installationId: null, cause, ...change },
  };
}
