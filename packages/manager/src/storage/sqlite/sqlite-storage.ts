// Opens the embedded storage: one connection that writes, one that reads, migrations first.

import type { Readers, Storage, Transaction } from "../../storage-ports.ts";
import { accountReader, accountWriter, tokenReader, tokenWriter } from "./account-rows.ts";
import { Connection } from "./connection.ts";
import { eventReader, eventWriter } from "./event-rows.ts";
import { acknowledgementReader, acknowledgementWriter, ledgerReader, ledgerWriter } from "./ledger-rows.ts";
import { licenseReader, licenseWriter, policyReader, policyWriter } from "./license-rows.ts";
import { migrate, schemaVersion } from "./migrate.ts";
import { reportReader, reportWriter } from "./report-rows.ts";
import { certificateWriter, instanceListReader, trustReader, trustWriter } from "./trust-rows.ts";
import { TagNumbers, usageReader, usageWriter } from "./usage-rows.ts";

/**
 * Opens the database file, or ":memory:" for one that ends with the process. `now` stamps migrations that are applied.
 * Throws `storage_newer`, or what SQLite says about the file.
 */
export function openSqliteStorage(path: string, now: number = Date.now()): Storage {
  const writing = new Connection(path, "write");
  migrate(writing, now);
  // A database in memory belongs to one connection, so reads share it there.
  const reading = path === ":memory:" ? writing : new Connection(path, "read");
  const tagNumbers = new TagNumbers();
  const transaction = transactionOn(writing, tagNumbers);
  let last: Promise<unknown> = Promise.resolve();

  const runAlone = async <T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> => {
    writing.database.exec("begin immediate");
    try {
      const result = await work(transaction);
      writing.database.exec("commit");
      tagNumbers.commit();
      return result;
    } catch (error) {
      tagNumbers.rollback();
      if (writing.database.isTransaction) writing.database.exec("rollback");
      throw error;
    }
  };
  // One after another: the connection can hold one transaction only.
  const inTransaction = <T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> => {
    const result = last.then(() => runAlone(work));
    last = result.catch(() => undefined);
    return result;
  };
  return {
    read: readersOn(reading),
    inTransaction,
    check: async () => {
      schemaVersion(reading);
      await inTransaction(() => undefined);
    },
    close: async () => {
      await last;
      if (reading !== writing) reading.close();
      writing.close();
    },
  };
}

function readersOn(connection: Connection): Readers {
  return {
    accounts: accountReader(connection),
    tokens: tokenReader(connection),
    trust: trustReader(connection),
    instances: instanceListReader(connection),
    reports: reportReader(connection),
    usage: usageReader(connection),
    acknowledgements: acknowledgementReader(connection),
    ledger: ledgerReader(connection),
    licenses: licenseReader(connection),
    policies: policyReader(connection),
    events: eventReader(connection),
  };
}

function transactionOn(connection: Connection, tagNumbers: TagNumbers): Transaction {
  const usage = usageWriter(connection, tagNumbers);
  return {
    accounts: { ...accountReader(connection), ...accountWriter(connection) },
    tokens: { ...tokenReader(connection), ...tokenWriter(connection) },
    trust: { ...trustReader(connection), ...trustWriter(connection), ...certificateWriter(connection) },
    reports: { ...reportReader(connection), ...reportWriter(connection) },
    usage: { ...usageReader(connection), ...usage },
    acknowledgements: { ...acknowledgementReader(connection), ...acknowledgementWriter(connection) },
    ledger: { ...ledgerReader(connection), ...ledgerWriter(connection) },
    licenses: licenseWriter(connection, usage),
    policies: { ...policyReader(connection), ...policyWriter(connection) },
    events: eventWriter(connection),
  };
}
