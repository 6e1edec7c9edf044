// Who may administer over HTTPS. Operators belong to all managers of a database, and so do the acts on them: they stand in the
// managers' own ledger.

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
import { managerScope } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import type { AddedOperator, By, OperatorFileEntry, OperatorView } from "./use-cases.ts";

/** Throws `operator_exists` or `input_invalid`. */
export async function addOperator(
  { name, cause }: { readonly name: string } & By,
  { administer, clock, randomness }: Administration,
): Promise<AddedOperator> {
  requireOperatorName(name);
  const bearer = bearerOf(randomness.bytes(operatorSecretBytes));
  return administer({ act: "add_operator", cause }, async (transaction) => {
    const present = (await transaction.operators.listOperators()).filter(isPresent);
    if (present.some((operator) => operator.name === name)) throw new ManagerError("operator_exists");
    const now = clock.now();
    const wanted = { name, tokenSha256: bearerHash(bearer), createdAtMs: now, removedAtMs: null };
    const added = await transaction.operators.addOperator(wanted);
    await transaction.events.addEvents([
      operatorEvent("operator_added", now, cause, { before: null, after: viewOf(added) }),
    ]);
    return { ...viewOf(added), bearer };
  });
}

/** From the next request on the token opens nothing any more, on any manager. Throws `operator_unknown`. */
export async function removeOperator(
  { name, cause }: { readonly name: string } & By,
  { administer, clock }: Administration,
): Promise<void> {
  await administer({ act: "remove_operator", cause }, async (transaction) => {
    const operators = await transaction.operators.listOperators();
    const operator = operators.find((one) => one.name === name && isPresent(one));
    if (operator === undefined) throw new ManagerError("operator_unknown");
    const now = clock.now();
    await transaction.operators.removeOperator(operator.operatorId, now);
    await transaction.events.addEvents([
      operatorEvent("operator_removed", now, cause, { before: viewOf(operator), after: null }),
    ]);
  });
}

export async function listOperators({ storage }: Administration): Promise<readonly OperatorView[]> {
  return (await storage.read.operators.listOperators()).filter(isPresent).map(viewOf);
}

/** The operator whose token this is, or undefined. */
export async function findOperator(bearer: string, { storage }: Administration): Promise<OperatorView | undefined> {
  const operator = await storage.read.operators.findOperatorByToken(bearerHash(bearer));
  return operator !== undefined && isPresent(operator) ? viewOf(operator) : undefined;
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
      const added = await transaction.operators.addOperator({ name, tokenSha256, createdAtMs, removedAtMs: null });
      const after = { ...viewOf(added), nameInFile };
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

function viewOf({ operatorId, name, createdAtMs }: Operator): OperatorView {
  return { operatorId, name, createdAtMs };
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
