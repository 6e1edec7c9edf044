// Step 5 and 6 for each report of a message: its own signature over its exact bytes, then its shape, then whose it is.
// A report that fails is refused alone; the others of the message are taken (domain decision 3).

import {
  decodeRumReport,
  formatUdi,
  isSameUdi,
  ProtocolError,
  type PublicKeyOf,
  type ReportRefusal,
  type RumReport,
  reportHash,
  type SignedReport,
  type Sudi,
  udiOf,
  verifyReport,
  verifyReportNow,
} from "@countersign/protocol";
import type { ManagerOptions } from "../ports.ts";
import { isSameInstallation } from "../trust/product-instance.ts";
import { type CheckedReport, summarizeReport } from "../usage/checked-report.ts";
import type { Sender, SenderDirectory } from "./sender.ts";

type OnCaller = Pick<ManagerOptions, "verifiedOnCallerMax">;
export type ReportCheckPorts = OnCaller & { readonly directory: Pick<SenderDirectory, "findAsOf"> };

/** Whether the calling thread verifies one of so many signatures of a message. */
export function isVerifiedOnCaller(algorithm: string, count: number, { verifiedOnCallerMax }: OnCaller): boolean {
  return (algorithm === "SHA256" || algorithm === "ES256") && count <= verifiedOnCallerMax[algorithm];
}

/** Verifies few signatures one after another and many at once on the thread pool; answers in the order of the message. */
export async function checkReports(
  reports: readonly SignedReport[],
  sender: Sender,
  { directory, ...onCaller }: ReportCheckPorts,
): Promise<readonly CheckedReport[]> {
  const signers = await findSigners(reports, sender, directory);
  const keyOf = (serial: string, sudi: Sudi) => {
    const signer = signers.get(serial);
    return signer !== undefined && isSameUdi(signer.instance.udi, udiOf(sudi)) ? signer.publicKey : undefined;
  };
  const verifierOf = ({ signature }: SignedReport) =>
    signature.signing_type === "trust" && isVerifiedOnCaller(signature.type, reports.length, onCaller)
      ? verifyReportNow
      : verifyReport;
  return Promise.all(reports.map((report) => checkReport(report, sender, keyOf, verifierOf(report))));
}

/** Only certificates of the sender's own installation count. */
async function findSigners(reports: readonly SignedReport[], sender: Sender, directory: ReportCheckPorts["directory"]) {
  const signers = new Map([[sender.certificateSerial, sender]]);
  for (const { signature } of reports) {
    if (signature.signing_type !== "trust" || signers.has(signature.key)) continue;
    const signer = await directory.findAsOf(signature.key, sender.trustEpoch);
    if (signer !== undefined && isSameInstallation(signer.instance, sender.instance))
      signers.set(signature.key, signer);
  }
  return signers;
}

async function checkReport(
  report: SignedReport,
  sender: Sender,
  keyOf: PublicKeyOf,
  verify: typeof verifyReport | typeof verifyReportNow,
): Promise<CheckedReport> {
  const payloadSha256 = reportHash(report);
  const refuse = (code: ReportRefusal, reportId: number | null = null): CheckedReport => ({
    outcome: "refused",
    reportId,
    payloadSha256,
    code,
  });
  let isVerified: boolean;
  try {
    isVerified = (await verify(report, keyOf)) === "verified";
  } catch (error) {
    if (error instanceof ProtocolError) return refuse(refusalOfSignature(error));
    throw error;
  }
  const decoded = decodeOrNull(report.payload);
  if (decoded === null) return refuse("report_malformed");
  const { report_id: reportId, instance } = decoded.asset_identification;
  if (!sender.memberUdis.has(formatUdi(udiOf(instance.sudi)))) return refuse("report_of_other_installation", reportId);
  const bytes = { payload: report.payload, payloadSha256, signature: JSON.stringify(report.signature), isVerified };
  return summarizeReport(decoded, bytes);
}

function refusalOfSignature(error: ProtocolError): ReportRefusal {
  return error.code === "certificate_unknown" ? "report_signer_unknown" : "report_signature_invalid";
}

function decodeOrNull(payload: string): RumReport | null {
  try {
    return decodeRumReport(payload);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
