// Opens the embedded storage: one connection that writes, one that reads, migrations first.

import type { SharedTurns } from "../../ports.ts";
import type { Readers, Storage, Transaction } from "../../storage-ports.ts";
import { accountReader, accountWriter, tokenReader, tokenWriter } from "./account-rows.ts";
import { auditEntryReader, auditEntryWriter } from "./audit-entry-rows.ts";
import { authorizationReader, authorizationWriter } from "./authorization-rows.ts";
import { bodyReader, bodyWriter } from "./body-rows.ts";
import { classicReader, classicWriter } from "./classic-rows.ts";
import { Connection } from "./connection.ts";
import { conversionReader, conversionWriter } from "./conversion-rows.ts";
import { eventReader, eventWriter } from "./event-rows.ts";
import { acknowledgementReader, acknowledgementWriter, ledgerReader, ledgerWriter } from "./ledger-rows.ts";
import { licenseReader, licenseWriter, policyReader, policyWriter } from "./license-rows.ts";
import { migrate, schemaVersion } from "./migrate.ts";
import { operatorReader, operatorWriter } from "./operator-rows.ts";
import { premisesReader, premisesWriter } from "./premises-rows.ts";
import { reportReader, reportWriter } from "./report-rows.ts";
import { SharedTransactions } from "./shared-transactions.ts";
import { certificateWriter, instanceListReader, trustReader, trustWriter } from "./trust-rows.ts";
import { TagNumbers, usageReader, usageWriter } from "./usage-rows.ts";
import { WriteTurns } from "./write-turns.ts";

/**
 * Opens the database file, or ":memory:" for one that ends with the process. `now` stamps migrations that are applied.
 * `turns` is shared with the other threads of this process that write to the same file.
 * Throws `storage_newer`, or what SQLite says about the file.
 */
export function openSqliteStorage(path: string, now: number = Date.now(), turns?: SharedTurns): Storage {
  const writing = new Connection(path, "write");
  // A database in memory belongs to one connection, so reads share it there.
  return storageOn(writing, () => (path === ":memory:" ? writing : new Connection(path, "read")), now, turns);
}

/** The same on connections of the caller's making; the second is opened when the tables are there. */
export function storageOn(
  writing: Connection,
  openReading: () => Connection,
  now: number,
  turns?: SharedTurns,
): Storage {
  migrate(writing, now);
  const reading = openReading();
  const tagNumbers = new TagNumbers();
  const transaction = transactionOn(writing, tagNumbers);
  const hooks = { committed: () => tagNumbers.commit(), undone: () => tagNumbers.rollback() };
  const transactions = new SharedTransactions(writing.database, hooks, new WriteTurns(turns));
  const inTransaction = <T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> =>
    transactions.add(() => work(transaction));
  return {
    read: readersOn(reading),
    inTransaction,
    check: async () => {
      schemaVersion(reading);
      // Writes a page without changing anything: an empty transaction would not notice a full disk.
      await inTransaction(() => writing.database.exec("pragma user_version = 0"));
    },
    close: async () => {
      await transactions.idle();
      if (reading !== writing) reading.close();
      writing.close();
    },
  };
}

function readersOn(connection: Connection): Readers {
  return {
    accounts: accountReader(connection),
    operators: operatorReader(connection),
    tokens: tokenReader(connection),
    trust: trustReader(connection),
    classic: classicReader(connection),
    conversions: conversionReader(connection),
    instances: instanceListReader(connection),
    reports: reportReader(connection),
    bodies: bodyReader(connection),
    usage: usageReader(connection),
    acknowledgements: acknowledgementReader(connection),
    ledger: ledgerReader(connection),
    audit: auditEntryReader(connection),
    licenses: licenseReader(connection),
    authorizations: authorizationReader(connection),
    policies: policyReader(connection),
    premises: premisesReader(connection),
    events: eventReader(connection),
  };
}

function transactionOn(connection: Connection, tagNumbers: TagNumbers): Transaction {
  const usage = usageWriter(connection, tagNumbers);
  return {
    accounts: { ...accountReader(connection), ...accountWriter(connection) },
    operators: { ...operatorReader(connection), ...operatorWriter(connection) },
    tokens: { ...tokenReader(connection), ...tokenWriter(connection) },
    trust: { ...trustReader(connection), ...trustWriter(connection), ...certificateWriter(connection) },
    classic: { ...classicReader(connection), ...classicWriter(connection) },
    conversions: { ...conversionReader(connection), ...conversionWriter(connection) },
    reports: { ...reportReader(connection), ...reportWriter(connection) },
    bodies: { ...bodyReader(connection), ...bodyWriter(connection) },
    usage: { ...usageReader(connection), ...usage },
    acknowledgements: { ...acknowledgementReader(connection), ...acknowledgementWriter(connection) },
    ledger: { ...ledgerReader(connection), ...ledgerWriter(connection) },
    audit: auditEntryWriter(connection),
    licenses: { ...licenseReader(connection), ...licenseWriter(connection, usage) },
    authorizations: { ...authorizationReader(connection), ...authorizationWriter(connection) },
    policies: { ...policyReader(connection), ...policyWriter(connection) },
    premises: { ...premisesReader(connection), ...premisesWriter(connection) },
    events: eventWriter(connection),
  };
}
