// The one way in which an administrator changes anything: as an act that the ledger keeps (I6). Administrative use cases are
// given this instead of the storage, so that there is no other way for them to write.

import { assert, auditLeaf, type Hash, sha256Hex } from "@countersign/protocol";
import type { Access, Place } from "../accounts/access.ts";
import { type AdministrativeAct, entriesOf, operatorOf } from "../audit/audit-entry.ts";
import type { Cause, NewEvent } from "../events/event.ts";
import type { Clock, Environment, Randomness } from "../ports.ts";
import { managerScope, type Storage, type Transaction } from "../storage-ports.ts";
import { appendToLedger } from "./append-to-ledger.ts";
import { newUuid } from "./identifiers.ts";
import { readersSeenWith, requirePermitted, transactionSeenWith } from "./seen-storage.ts";

export type Act = { readonly act: AdministrativeAct; readonly cause: Cause };

export type Administration = {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly access: Access;
  /** As it is seen with this access; so is the transaction that `administer` gives. */
  readonly storage: Pick<Storage, "read">;
  /**
   * Runs `work` in one transaction and appends what its events tell to the ledger of their smart account, in the same one.
   * Without an event nothing was changed, and nothing is appended. Throws `operator_not_permitted`, and nothing was changed,
   * when an event tells of a place that may not be administered.
   */
  administer<T>(act: Act, work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** The same with everything in sight, for what must be decided from all there is; what is changed is judged alike. */
  administerInSightOfAll<T>(act: Act, work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** For places that are read, or left alone, before any event tells of them. Throws `operator_not_permitted`. */
  requireAdministrator(place: Place): void;
};

export function openAdministration({ storage, clock, randomness }: Environment, access: Access): Administration {
  const requireAdministrator = (place: Place) => requirePermitted(access, "administer", place);
  const administerInSightOfAll: Administration["administer"] = (act, work) =>
    storage.inTransaction(async (transaction) => {
      const told: NewEvent[] = [];
      const events = { addEvents: async (added: readonly NewEvent[]) => void told.push(...added) };
      const result = await work({ ...transaction, events });
      for (const event of told) requireAdministrator(event);
      await recordAct(transaction, { ...act, atMs: clock.now() }, { told, randomness });
      return result;
    });
  return {
    clock,
    randomness,
    access,
    storage: { read: readersSeenWith(access, storage.read) },
    requireAdministrator,
    administerInSightOfAll,
    administer: (act, work) =>
      administerInSightOfAll(act, (transaction) => work(transactionSeenWith(access, transaction))),
  };
}

type Facts = Act & { readonly atMs: number };

/** Entries, leaves and events of one act, in each ledger that it concerns. */
export async function recordAct(
  transaction: Pick<Transaction, "accounts" | "audit" | "events" | "ledger">,
  facts: Facts,
  { told, randomness }: { readonly told: readonly NewEvent[]; readonly randomness: Randomness },
): Promise<void> {
  for (const [smartAccountId, events] of Map.groupBy(told, (event) => event.smartAccountId)) {
    if (smartAccountId === managerScope) await requireManagerLedger(transaction.accounts, randomness);
    const head = await transaction.ledger.readHead(smartAccountId);
    const leaves = await writeAct(transaction, { smartAccountId, firstLeaf: head.size }, { ...facts, events });
    const { size } = await appendToLedger(transaction.ledger, head, leaves, facts.atMs);
    assert(size === head.size + leaves.length, "an act's leaves follow those before it");
  }
}

/** Writes an act's entries and events in one ledger, and answers the leaves, which the caller appends from `firstLeaf` on. */
export async function writeAct(
  transaction: Pick<Transaction, "audit" | "events">,
  { smartAccountId, firstLeaf }: { readonly smartAccountId: number; readonly firstLeaf: number },
  { events, ...facts }: Facts & { readonly events: readonly NewEvent[] },
): Promise<readonly Hash[]> {
  const { act, atMs, cause } = facts;
  const leaves: Hash[] = [];
  for (const { entry, events: part } of entriesOf(facts, events)) {
    const leafIndex = firstLeaf + leaves.length;
    const operator = operatorOf(cause);
    await transaction.audit.addAuditEntry({ smartAccountId, leafIndex, atMs, act, operator, entry });
    await transaction.events.addEvents(part, leafIndex);
    leaves.push(auditLeaf(Buffer.from(sha256Hex(entry), "hex")));
  }
  return leaves;
}

/** The storage for a use case that devices cause too, when an administrator does: what it writes is an act. */
export function storageOfAct(act: Act, storage: Storage, { administerInSightOfAll }: Administration): Storage {
  return {
    read: storage.read,
    inTransaction: (work) => administerInSightOfAll(act, async (transaction) => work(transaction)),
    check: () => storage.check(),
    close: () => storage.close(),
  };
}

async function requireManagerLedger(accounts: Transaction["accounts"], randomness: Randomness): Promise<void> {
  if ((await accounts.findManagerLedger()) === undefined) await accounts.addManagerLedger(newUuid(randomness));
}
