// Accepted reports, acknowledgements and evidence, for operators: what was received, what was answered, what was contradicted.

import { decodeAcknowledgement, encodeLicenseFile } from "@countersign/protocol";
import { ManagerError } from "../errors.ts";
import type { AcceptedReport, StoredAcknowledgement, StoredEvidence } from "../usage/stored-report.ts";
import { acknowledgementObjects, pollIdOf } from "./acknowledgement-answer.ts";
import type { Administration } from "./administer.ts";
import { findProductInstance, findSmartAccount } from "./find-account.ts";
import { pageOf } from "./page.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import type {
  AcknowledgementView,
  InAccount,
  InstanceReference,
  PageWish,
  ReportDetail,
  ReportView,
  SignedAcknowledgement,
} from "./use-cases.ts";

/** Reports of the instance's installation, newest id first; `after` is the last report id seen. */
export async function listReports(
  query: InstanceReference & PageWish,
  { storage }: Administration,
): Promise<readonly ReportView[]> {
  const { smartAccountId, installationId } = await findInstance(query, storage);
  return (await storage.read.reports.listReports(smartAccountId, installationId, pageOf(query))).map(reportView);
}

/** With the exact bytes that were signed. Throws `report_unknown`. */
export async function showReport(
  query: InstanceReference & { readonly reportId: number },
  { storage }: Administration,
): Promise<ReportDetail> {
  const { smartAccountId, installationId } = await findInstance(query, storage);
  const report = await storage.read.reports.findReport({ smartAccountId, installationId, reportId: query.reportId });
  if (report === undefined) throw new ManagerError("report_unknown", `${query.reportId}`);
  const body = await storage.read.reports.findReportBody(report);
  return {
    ...reportView(report),
    payload: body?.payload ?? "",
    signature: body === undefined ? null : JSON.parse(body.signature),
  };
}

export async function listEvidence(
  query: InstanceReference,
  { storage }: Administration,
): Promise<readonly StoredEvidence[]> {
  const { smartAccountId, installationId } = await findInstance(query, storage);
  return storage.read.reports.listEvidence(smartAccountId, installationId);
}

/** Newest first; `after` is the last acknowledgement id seen. */
export async function listAcknowledgements(
  query: InAccount & PageWish,
  { storage }: Administration,
): Promise<readonly AcknowledgementView[]> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, storage.read.accounts);
  const wanted = { smartAccountId, virtualAccountIds: null, page: pageOf(query) };
  return (await storage.read.acknowledgements.listAcknowledgements(wanted)).map(acknowledgementView);
}

/** Signed anew, with the file that a device imports. Throws `acknowledgement_unknown`. */
export async function showAcknowledgement(
  query: InAccount & { readonly acknowledgementId: number },
  { storage }: Administration,
  signer: ObjectSigner,
): Promise<SignedAcknowledgement> {
  const { read } = storage;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const stored = await read.acknowledgements.findAcknowledgement(smartAccountId, query.acknowledgementId);
  if (stored === undefined) throw new ManagerError("acknowledgement_unknown", `${query.acknowledgementId}`);
  const objects = await acknowledgementObjects(stored, { signer, trust: read.trust });
  const [object] = objects;
  if (object === undefined) throw new ManagerError("acknowledgement_unknown", `${query.acknowledgementId}`);
  return {
    ...acknowledgementView(stored),
    object,
    file: encodeLicenseFile({ reports: [], managerObjects: objects, systemInfo: null }),
  };
}

async function findInstance(query: InstanceReference, storage: Administration["storage"]) {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, storage.read.accounts);
  return findProductInstance(smartAccountId, query.instance, storage.read.trust);
}

function reportView(report: AcceptedReport): ReportView {
  const { reportId, tag, count, startsAtSeconds, endsAtSeconds, measurements, receivedAtMs, isVerified, timeMark } =
    report;
  const { payloadSha256, leafIndex, acknowledgementId } = report;
  const times = { startsAtSeconds, endsAtSeconds, measurements, receivedAtMs };
  return { reportId, tag, count, ...times, isVerified, timeMark, payloadSha256, leafIndex, acknowledgementId };
}

function acknowledgementView(stored: StoredAcknowledgement): AcknowledgementView {
  const acknowledgement = decodeAcknowledgement(stored.payload);
  return {
    acknowledgementId: stored.acknowledgementId,
    productInstanceIdentifier: acknowledgement.product_instance_identifier,
    pollId: pollIdOf(stored.acknowledgementId),
    acknowledgedAtMs: stored.atMs,
    acknowledgement,
  };
}
