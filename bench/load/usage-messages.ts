// LICENSE_USAGE messages as product instances send them: each report new, signed by the device's key like its message.

import type { KeyObject, X509Certificate } from "node:crypto";
import {
  encodeRequest,
  encodeRumReport,
  type RequestData,
  type RumReport,
  type SignedReport,
  type Signer,
  type Sudi,
  serialNumberOf,
  signReport,
} from "@countersign/protocol";
import { mapBounded } from "./device-keys.ts";
import { benchConnectInfo, entitlementTag, nextNonce, productTag } from "./wire-constants.ts";

/** A trusted product instance, and where it stands in its sequence of reports. */
export type ReportingInstance = {
  readonly sudi: Sudi;
  readonly productInstanceIdentifier: string;
  readonly certificate: X509Certificate;
  readonly certificateSerial: string;
  /** The manager's, known since trust: it need not send it again. */
  readonly signingCertificate: X509Certificate;
  readonly publicKey: KeyObject;
  readonly signer: Signer;
  nextReportId: number;
};

export type UsageMessage = {
  readonly body: Buffer;
  readonly nonce: string;
  readonly instance: ReportingInstance;
  /** Ids and exact payloads of the reports inside, in order. */
  readonly reports: readonly { readonly reportId: number; readonly payload: string }[];
};

const measurementSeconds = 900;
/** Reports begin this long ago; each report of an instance covers the next quarter of an hour. */
const historySeconds = 300 * 86_400;

/** `count` messages of `reportsPerMessage` reports, the instances taking turns. Signed on the thread pool. */
export function encodeUsageMessages(
  instances: readonly ReportingInstance[],
  count: number,
  reportsPerMessage: number,
): Promise<UsageMessage[]> {
  const senders = Array.from({ length: count }, (_, index) => instances[index % instances.length] as ReportingInstance);
  return mapBounded(senders, 8, (sender) => encodeUsageMessage(sender, reportsPerMessage));
}

async function encodeUsageMessage(instance: ReportingInstance, reportCount: number): Promise<UsageMessage> {
  const firstId = instance.nextReportId;
  instance.nextReportId += reportCount;
  const ids = Array.from({ length: reportCount }, (_, index) => firstId + index);
  const signed = await mapBounded(ids, 8, (reportId) => signUsage(instance, reportId));
  const nonce = nextNonce();
  const body = Buffer.from(await encodeRequest("LICENSE_USAGE", dataOf(instance, nonce, signed), identityOf(instance)));
  const reports = signed.map(({ payload }, index) => ({ reportId: firstId + index, payload }));
  return { body, nonce, instance, reports };
}

function identityOf(instance: ReportingInstance) {
  const { sudi, productInstanceIdentifier, signingCertificate, certificateSerial, signer } = instance;
  const key = { certificateSerial, signer };
  const signingCertificateSerial = serialNumberOf(signingCertificate);
  return { sudi, productInstanceIdentifier, connectInfo: benchConnectInfo, signingCertificateSerial, key };
}

function dataOf(
  instance: ReportingInstance,
  nonce: string,
  reports: readonly SignedReport[],
): RequestData<"LICENSE_USAGE"> {
  const { sudi, productInstanceIdentifier } = instance;
  return {
    sudi,
    timestamp: Date.now(),
    nonce,
    product_instance_identifier: productInstanceIdentifier,
    hostname: "bench",
    software_tag_identifier: productTag,
    software_version: "17.12.1",
    device_list: [{ sudi, product_instance_identifier: productInstanceIdentifier, role: "Active" }],
    rum_reports: [...reports],
  };
}

function signUsage(instance: ReportingInstance, reportId: number): Promise<SignedReport> {
  const { sudi, certificateSerial, signer } = instance;
  return signReport(encodeRumReport(usageReport(instance, reportId)), {
    kind: "trust",
    sudi,
    certificateSerial,
    signer,
  });
}

/** One measurement, whose count is never that of the report before. */
function usageReport({ sudi, productInstanceIdentifier }: ReportingInstance, reportId: number): RumReport {
  const startTime = Math.floor(Date.now() / 1000) - historySeconds + (reportId % 20_000) * measurementSeconds;
  return {
    version: "2.0",
    asset_identification: {
      report_id: reportId,
      asset: { name: productTag },
      instance: { sudi, product_instance_identifier: productInstanceIdentifier },
    },
    meta: {
      entitlement_tag: entitlementTag,
      utility_enabled: false,
      software_version: "17.12.1",
      ha_udi: [{ role: "Active", sudi }],
    },
    measurements: [
      {
        log_time: startTime + measurementSeconds,
        metric_name: "ENTITLEMENT",
        start_time: startTime,
        end_time: startTime + measurementSeconds,
        sample_interval: measurementSeconds,
        num_samples: 2,
        meta: { termination_reason: "count_change", close_reason: "report_closed" },
        value: { type: "COUNT", value: `${1 + (reportId % 2)}` },
      },
    ],
  };
}
