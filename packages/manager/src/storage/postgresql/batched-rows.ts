// The parts of a transaction that go through the batch: what it knows is answered from it, what it does not know is asked of
// the database after everything that waits has been sent, so that a transaction always sees its own writes.

import type {
  AcknowledgementReader,
  AcknowledgementWriter,
  CertificateReader,
  CertificateWriter,
  ReportReader,
  ReportWriter,
  TrustReader,
  TrustWriter,
  UsageReader,
  UsageWriter,
} from "../../storage-ports.ts";
import type { Session, Value } from "./connection.ts";
import { acknowledgementReader } from "./ledger-rows.ts";
import { reportReader, reportWriter } from "./report-rows.ts";
import type { TagNumbers } from "./tag-numbers.ts";
import { certificateWriter, trustReader, trustWriter } from "./trust-rows.ts";
import type { UsageBatch } from "./usage-batch.ts";
import { usageReader, usageWriter } from "./usage-rows.ts";

/** Sends what waits in the batch before every statement. */
export function afterBatch(session: Session, batch: UsageBatch): Session {
  return {
    all: async (sql: string, id: number, ...values: readonly Value[]) => {
      await batch.flush();
      return session.all(sql, id, ...values);
    },
    first: async (sql: string, id: number, ...values: readonly Value[]) => {
      await batch.flush();
      return session.first(sql, id, ...values);
    },
    run: async (sql: string, id: number, ...values: readonly Value[]) => {
      await batch.flush();
      return session.run(sql, id, ...values);
    },
    anywhere: (sql: string, ...values: readonly Value[]) => session.anywhere(sql, ...values),
    lookUp: (sql: string, ...values: readonly Value[]) => session.lookUp(sql, ...values),
  };
}

export function batchedTrust(
  session: Session,
  batch: UsageBatch,
): TrustReader & TrustWriter & CertificateReader & CertificateWriter {
  const direct = { ...trustReader(session), ...trustWriter(session), ...certificateWriter(session) };
  return {
    ...direct,
    findInstallation: (smartAccountId, installationId) => {
      const known = batch.installation(smartAccountId, installationId);
      return known === undefined ? direct.findInstallation(smartAccountId, installationId) : (known ?? undefined);
    },
    putInstallation: (one) => {
      if (batch.installation(one.smartAccountId, one.installationId) === undefined) return direct.putInstallation(one);
      batch.putInstallation(one);
    },
  };
}

export function batchedReports(session: Session, batch: UsageBatch): ReportReader & ReportWriter {
  const direct = { ...reportReader(session), ...reportWriter(session) };
  return {
    ...direct,
    findReport: (key) => {
      const known = batch.report(key.smartAccountId, key.installationId, key.reportId);
      if (known === undefined || known === "added") return direct.findReport(key);
      return known ?? undefined;
    },
    addReport: (one) => {
      const known = batch.report(one.smartAccountId, one.installationId, one.reportId);
      if (known === undefined) return direct.addReport(one);
      if (known !== null) return false;
      batch.addReport(one);
      return true;
    },
  };
}

export function batchedUsage(session: Session, batch: UsageBatch, tagNumbers: TagNumbers): UsageReader & UsageWriter {
  const direct = { ...usageReader(session), ...usageWriter(session, tagNumbers) };
  return {
    ...direct,
    foresee: async (outlook) => {
      for (const one of outlook()) await batch.foresee(one);
    },
    tagIdOf: (smartAccountId, tag) => tagNumbers.get(smartAccountId, tag) ?? direct.tagIdOf(smartAccountId, tag),
    findInUse: (smartAccountId, installationId, tagId) => {
      const known = batch.inUse(smartAccountId, installationId, tagId);
      return known === undefined ? direct.findInUse(smartAccountId, installationId, tagId) : (known ?? undefined);
    },
    putInUse: (smartAccountId, installationId, tagId, inUse) => {
      if (batch.inUse(smartAccountId, installationId, tagId) === undefined)
        return direct.putInUse(smartAccountId, installationId, tagId, inUse);
      batch.putInUse(smartAccountId, { installationId, tagId, inUse });
    },
  };
}

export function batchedAcknowledgements(
  session: Session,
  batch: UsageBatch,
): AcknowledgementReader & AcknowledgementWriter {
  return { ...acknowledgementReader(session), addAcknowledgement: (one) => batch.addAcknowledgement(one) };
}
