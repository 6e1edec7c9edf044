// Opens storage in PostgreSQL: one pool that reads, one that runs transactions, migrations first. Several managers may use
// one database at the same time.

import type pg from "pg";
import { ManagerError } from "../../errors.ts";
import type { Readers, Storage, Transaction } from "../../storage-ports.ts";
import { requireNoUnfinishedCopy } from "../copy/copy-mark.ts";
import type { Row } from "../mapping/row.ts";
import { accountReader, accountWriter, tokenReader, tokenWriter } from "./account-rows.ts";
import { auditEntryReader, auditEntryWriter } from "./audit-entry-rows.ts";
import { authorizationReader, authorizationWriter } from "./authorization-rows.ts";
import { afterBatch, batchedAcknowledgements, batchedReports, batchedTrust, batchedUsage } from "./batched-rows.ts";
import { bodyReader, bodyWriter } from "./body-rows.ts";
import { classicReader, classicWriter } from "./classic-rows.ts";
import { openPool, runStatement, type Session, type Value } from "./connection.ts";
import { conversionReader, conversionWriter } from "./conversion-rows.ts";
import { eventReader, eventWriter } from "./event-rows.ts";
import { kindOfFailure } from "./failures.ts";
import { requireSameRoot } from "./installation-root.ts";
import { acknowledgementReader, ledgerReader, ledgerWriter } from "./ledger-rows.ts";
import { licenseReader, licenseWriter, policyReader, policyWriter } from "./license-rows.ts";
import { migrate, schemaVersion } from "./migrate.ts";
import { operatorReader, operatorWriter } from "./operator-rows.ts";
import { premisesReader, premisesWriter } from "./premises-rows.ts";
import { reportReader } from "./report-rows.ts";
import { CommittedTagNumbers, TagNumbers } from "./tag-numbers.ts";
import { type Attempt, type TransactionSession, Transactions } from "./transactions.ts";
import { instanceListReader, trustReader } from "./trust-rows.ts";
import { UsageBatch } from "./usage-batch.ts";
import { usageReader } from "./usage-rows.ts";

export type PostgresqlOptions = {
  /** `postgres://…` as libpq writes it. */
  readonly url: string;
  /** Connections of this process at most, 2 or more; half of them run transactions. */
  readonly connectionsMax?: number;
  /** SHA-256 of the licensing root; left out, it is not compared. */
  readonly rootFingerprint?: string;
  /** How long a lost server is waited for before what needs it fails, in milliseconds. */
  readonly retryForMs?: number;
  /** A server without a synchronous standby counts as lost; it does not when left out. */
  readonly isStandbyRequired?: boolean;
  /** Stamps migrations that are applied; epoch milliseconds. */
  readonly now?: number;
};

const defaultConnectionsMax = 10;
/** Longer than a standby needs to take over. */
const defaultRetryForMs = 30_000;
const pauseMs = 250;

/** Throws `storage_newer`, `database_not_durable`, or what the server says. */
export async function openPostgresqlStorage(options: PostgresqlOptions): Promise<Storage> {
  const { url, connectionsMax = defaultConnectionsMax, retryForMs = defaultRetryForMs } = options;
  const slots = Math.max(1, Math.floor(connectionsMax / 2));
  const reading = openPool({ url, connectionsMax: Math.max(1, connectionsMax - slots), isPipelined: false });
  const writing = openPool({ url, connectionsMax: slots, isPipelined: true });
  const closePools = () => Promise.all([reading.end(), writing.end()]);
  try {
    await requireNoUnfinishedCopy(reading);
    await migrate(reading, options.now ?? Date.now());
    if (options.rootFingerprint !== undefined) await requireSameRoot(reading, options.rootFingerprint);
  } catch (error) {
    await closePools();
    throw error;
  }
  const tagNumbers = new CommittedTagNumbers();
  const transactions = new Transactions(
    writing,
    { slots, retryForMs, isStandbyRequired: options.isStandbyRequired ?? false },
    (session) => begin(session, tagNumbers),
  );
  return {
    read: readersOn(readingSession(reading, retryForMs)),
    inTransaction: (work) => transactions.run(work),
    check: () => check(reading),
    close: async () => {
      await transactions.close();
      await closePools();
    },
  };
}

/** Fails at once, and does not wait for a lost server: whoever asks wants to know how it is now. */
async function check(pool: pg.Pool): Promise<void> {
  await schemaVersion(pool);
  // Writes a row without changing anything: reading alone would not notice a full disk or a standby.
  await pool.query(
    `insert into sequences (smart_account_id, kind, next_id) values (0, 'check', 1)
     on conflict (smart_account_id, kind) do update set next_id = 1`,
  );
}

/** Reads change nothing, so one that met a lost server is asked again. */
function readingSession(pool: pg.Pool, retryForMs: number): Session {
  const read = async (sql: string, values: readonly Value[]): Promise<readonly Row[]> => {
    const deadline = performance.now() + retryForMs;
    for (;;) {
      try {
        return (await runStatement(pool, sql, values)).rows;
      } catch (error) {
        if (kindOfFailure(error) !== "lost") throw error;
        if (pool.ending || performance.now() > deadline) {
          throw new ManagerError("storage_unavailable", "", { cause: error });
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  };
  return {
    all: (sql, smartAccountId, ...values) => read(sql, [smartAccountId, ...values]),
    first: async (sql, smartAccountId, ...values) => (await read(sql, [smartAccountId, ...values]))[0],
    run: () => Promise.reject(new Error("nothing is written outside of a transaction")),
    anywhere: (sql, ...values) => read(sql, values),
    lookUp: async (sql, ...values) => (await read(sql, values))[0],
  };
}

function readersOn(session: Session): Readers {
  return {
    accounts: accountReader(session),
    operators: operatorReader(session),
    tokens: tokenReader(session),
    trust: trustReader(session),
    classic: classicReader(session),
    conversions: conversionReader(session),
    instances: instanceListReader(session),
    reports: reportReader(session),
    bodies: bodyReader(session),
    usage: usageReader(session),
    acknowledgements: acknowledgementReader(session),
    ledger: ledgerReader(session),
    audit: auditEntryReader(session),
    licenses: licenseReader(session),
    authorizations: authorizationReader(session),
    policies: policyReader(session),
    premises: premisesReader(session),
    events: eventReader(session),
  };
}

function begin(session: TransactionSession, committed: CommittedTagNumbers): Attempt<Transaction> {
  const tagNumbers = new TagNumbers(committed);
  const batch = new UsageBatch(session, tagNumbers);
  const settled = afterBatch(session, batch);
  const usage = batchedUsage(settled, batch, tagNumbers);
  const work: Transaction = {
    accounts: { ...accountReader(session), ...accountWriter(session) },
    operators: { ...operatorReader(session), ...operatorWriter(session) },
    tokens: { ...tokenReader(session), ...tokenWriter(session) },
    trust: batchedTrust(settled, batch),
    classic: { ...classicReader(session), ...classicWriter(session) },
    conversions: { ...conversionReader(session), ...conversionWriter(session) },
    reports: batchedReports(settled, batch),
    bodies: { ...bodyReader(settled), ...bodyWriter(settled) },
    usage,
    acknowledgements: batchedAcknowledgements(settled, batch),
    ledger: { ...ledgerReader(session), ...ledgerWriter(session) },
    audit: auditEntryWriter(session),
    licenses: { ...licenseReader(session), ...licenseWriter(session, usage) },
    authorizations: { ...authorizationReader(session), ...authorizationWriter(session) },
    policies: { ...policyReader(session), ...policyWriter(session) },
    premises: { ...premisesReader(session), ...premisesWriter(session) },
    events: eventWriter(session),
  };
  return { work, flush: () => batch.flush(), committed: () => tagNumbers.committed() };
}
