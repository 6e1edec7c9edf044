// After a restore the manager is behind its devices: they have seen ACKs and policies that it has forgotten, and refuse
// whatever counts less than those. So every count that devices compare goes on from the time of the restore in milliseconds:
// above anything that was given out before, also by an earlier restore, unless one installation got a thousand ACKs a
// second. The ledger gets a new id, because what is appended from now on is not what the old one went on with.

import type { Cause, NewEvent } from "../../events/event.ts";
import type { Randomness } from "../../ports.ts";
import { managerScope } from "../../storage-ports.ts";
import { recordAct } from "../../use-cases/administer.ts";
import { newUuid } from "../../use-cases/identifiers.ts";
import { accountReader, accountWriter } from "./account-rows.ts";
import { auditEntryWriter } from "./audit-entry-rows.ts";
import type { Connection } from "./connection.ts";
import { eventWriter } from "./event-rows.ts";
import { ledgerReader, ledgerWriter } from "./ledger-rows.ts";

export type Epoch = {
  /** Epoch milliseconds of the restore. */
  readonly startsAtMs: number;
  readonly takenAtMs: number;
  readonly randomness: Randomness;
  /** Who restores, and why. */
  readonly cause: Cause;
};

/** One transaction for all ledgers; each begins its new id with the act of restoring it. */
export async function beginEpoch(connection: Connection, epoch: Epoch): Promise<void> {
  const { database } = connection;
  database.exec("begin immediate");
  try {
    // Who signed out since the backup was taken must not be signed in again by it.
    connection.prepare("delete from sign_ins where smart_account_id = ?").run(managerScope);
    const told: NewEvent[] = [];
    for (const { table, smartAccountId, before } of ledgersOf(connection)) {
      const ledgerId = newUuid(epoch.randomness);
      if (smartAccountId !== managerScope) {
        continueCounts(connection, smartAccountId, epoch.startsAtMs);
        repeatPolicies(connection, smartAccountId, epoch.startsAtMs);
      }
      connection.prepare(`update ${table} set ledger_id = ? where smart_account_id = ?`).run(ledgerId, smartAccountId);
      told.push(eventOf(smartAccountId, epoch, before, ledgerId));
    }
    const parts = {
      accounts: { ...accountReader(connection), ...accountWriter(connection) },
      audit: auditEntryWriter(connection),
      events: eventWriter(connection),
      ledger: { ...ledgerReader(connection), ...ledgerWriter(connection) },
    };
    const { cause, randomness, startsAtMs: atMs } = epoch;
    await recordAct(parts, { act: "restore_backup", cause, atMs }, { told, randomness });
    database.exec("commit");
  } catch (error) {
    database.exec("rollback");
    throw error;
  }
}

function ledgersOf({ database }: Connection) {
  return (["smart_accounts", "manager_ledger"] as const).flatMap((table) =>
    database
      .prepare(`select smart_account_id, ledger_id from ${table}`)
      .all()
      .map((row) => ({ table, smartAccountId: Number(row.smart_account_id), before: String(row.ledger_id) })),
  );
}

/** Sequences of ACKs, and their numbers, so that the poll id of a forgotten ACK never finds another one. */
function continueCounts(connection: Connection, smartAccountId: number, from: number): void {
  for (const [table, column] of [
    ["installations", "next_sequence"],
    ["ledgers", "next_acknowledgement_id"],
  ] as const) {
    connection
      .prepare(`update ${table} set ${column} = max(${column}, ?) where smart_account_id = ?`)
      .run(from, smartAccountId);
  }
}

/** The policies in force under new versions (I10). Without any, an empty layer of the account carries the version. */
function repeatPolicies(connection: Connection, smartAccountId: number, from: number): void {
  const newest = connection
    .prepare(`select virtual_account_id, layer from policy_settings p where smart_account_id = ? and version =
      (select max(version) from policy_settings q where q.smart_account_id = p.smart_account_id
        and q.virtual_account_id is p.virtual_account_id) order by version`)
    .all(smartAccountId);
  const hasOwn = newest.some((row) => row.virtual_account_id === null);
  const layers = hasOwn ? newest : [{ virtual_account_id: null, layer: '{"source":"account"}' }, ...newest];
  const account = connection
    .prepare("select newest_policy_version from smart_accounts where smart_account_id = ?")
    .get(smartAccountId);
  let version = Math.max(from, Number(account?.newest_policy_version));
  for (const { virtual_account_id: virtualAccountId, layer } of layers) {
    version += 1;
    connection
      .prepare(
        `insert into policy_settings (smart_account_id, version, virtual_account_id, set_at_ms, layer)
         values (?, ?, ?, ?, ?)`,
      )
      .run(smartAccountId, version, virtualAccountId as number | null, from, layer as string);
  }
  connection
    .prepare("update smart_accounts set newest_policy_version = ? where smart_account_id = ?")
    .run(version, smartAccountId);
}

function eventOf(smartAccountId: number, epoch: Epoch, before: string, ledgerId: string): NewEvent {
  return {
    ...{
      smartAccountId,
      atMs: epoch.startsAtMs,
      kind: "manager_restored",
      virtualAccountId: null,
      installationId: null,
    },
    cause: epoch.cause,
    before: { ledgerId: before },
    after: { ledgerId, backupTakenAtMs: epoch.takenAtMs, sequencesFrom: epoch.startsAtMs },
  };
}
