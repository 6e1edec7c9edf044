// Product instances that establish trust with a manager, as devices do, before a figure lets them report.

import type { X509Certificate } from "node:crypto";
import {
  createSigner,
  decodeAnswer,
  decodeSmartLicense,
  parseCertificate,
  udiOf,
  verifyTrustCode,
} from "@countersign/protocol";
import { type Enrollee, type EnrolmentMessage, encodeEnrolments } from "./enrolment-messages.ts";
import type { HttpAnswer, KeepAliveConnection } from "./keep-alive-connection.ts";
import type { ReportingInstance } from "./usage-messages.ts";
import { licensePath } from "./wire-constants.ts";

/** Enrols devices one message each and verifies every trust code. */
export async function establishTrust(
  connection: KeepAliveConnection,
  rootCertificatePem: string,
  token: string,
  enrollees: readonly Enrollee[],
): Promise<readonly ReportingInstance[]> {
  const messages = await encodeEnrolments(token, enrollees);
  const root = parseCertificate(rootCertificatePem);
  const instances: ReportingInstance[] = [];
  for (const message of messages) {
    instances.push(await readTrust(message, await connection.post(licensePath, message.body), root));
  }
  return instances;
}

/** Verifies answer and trust code, and gives back the instance that may now report. Throws when trust was refused. */
export async function readTrust(
  message: EnrolmentMessage,
  answer: HttpAnswer,
  root: X509Certificate,
): Promise<ReportingInstance> {
  const now = Date.now();
  const { enrollee, nonce } = message;
  const decoded = await decodeAnswer(answer.body, {
    requestType: "ID_TOKEN_TRUST",
    nonce,
    anchors: [root],
    knownCertificate: null,
    now,
  });
  if (decoded.statusCode !== "OK") throw new Error(`Trust was refused: ${decoded.statusMessage}`);
  const [device] = decoded.data.device_list;
  const object = decodeSmartLicense(device?.smart_license ?? "").find(({ header }) => header.type === "trust");
  if (object === undefined) throw new Error(`Trust was refused: ${device?.status_message ?? "no device"}`);
  const publicKey = enrollee.key.publicKey.export({ type: "spki", format: "der" });
  const { code, certificate, certificateSerial } = await verifyTrustCode({
    object,
    anchors: [root],
    now,
    udi: udiOf(enrollee.sudi),
    publicKey,
  });
  return {
    sudi: enrollee.sudi,
    productInstanceIdentifier: code.product_instance_identifier,
    certificate,
    certificateSerial,
    signingCertificate: decoded.signingCertificate,
    publicKey: enrollee.key.publicKey,
    signer: createSigner(enrollee.key.privateKey),
    nextReportId: 1,
  };
}
