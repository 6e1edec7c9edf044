// A manager and a device that really spoke to each other, in this process: what they said is what fuzzers begin with, and
// their keys sign hostile texts, so that what stands behind the signature is reached as well.

import type { X509Certificate } from "node:crypto";
import { createRequestHandler, initManager, type Manager, openManager } from "@countersign/manager";
import {
  type AnswerExpectation,
  createSigner,
  decodeAnswer,
  decodeRumReport,
  decodeSmartLicense,
  encodeActProofFile,
  encodeCertificate,
  encodeProofFile,
  formatUdi,
  type ManagerObject,
  type ManagerObjectType,
  parseCertificate,
  type SignedReport,
  serialNumberOf,
  signManagerObject,
  type TrustAnchors,
  type TrustCodeQuestion,
  udiOf,
} from "@countersign/protocol";
import { createDeviceKeys, type DeviceKey } from "../../bench/load/device-keys.ts";
import { createEnrollees, encodeEnrolments } from "../../bench/load/enrolment-messages.ts";
import { readTrust } from "../../bench/load/trusted-instances.ts";
import { encodeUsageMessages, type ReportingInstance } from "../../bench/load/usage-messages.ts";
import { entitlementTag, productTag } from "../../bench/load/wire-constants.ts";

export type LiveExchange = {
  readonly manager: Manager;
  readonly ask: (body: Uint8Array) => Promise<Uint8Array>;
  readonly anchors: TrustAnchors;
  readonly now: number;
  readonly token: string;
  readonly tags: readonly string[];
  /** Bodies that the manager takes. */
  readonly requests: readonly Buffer[];
  readonly enrolment: Buffer;
  readonly usage: Buffer;
  readonly trustAnswer: Buffer;
  /** The `response` of the trust answer, which the signature covers. */
  readonly trustAnswerText: string;
  readonly trustExpectation: AnswerExpectation<"ID_TOKEN_TRUST">;
  readonly trustQuestion: (object: ManagerObject) => TrustCodeQuestion;
  /** Everything that the manager signed: trust code, account, policy, acknowledgement. */
  readonly objects: readonly ManagerObject[];
  readonly reports: readonly SignedReport[];
  readonly certificates: readonly X509Certificate[];
  /** Proof files that the manager wrote: of a report, and of an administrative act. */
  readonly proof: string;
  readonly actProof: string;
  readonly signAnswer: (response: string) => Promise<Buffer>;
  readonly signObject: (type: ManagerObjectType, payload: string) => Promise<ManagerObject>;
  /** The body of a request with this text, signed by the device. */
  readonly signRequest: (request: string) => Promise<Buffer>;
  readonly close: () => Promise<void>;
};

export async function openLiveExchange(dataDirectory: string): Promise<LiveExchange> {
  const by = { cause: { kind: "operator", name: "fuzz" } } as const;
  const { rootCertificatePem } = await initManager({ dataDirectory, smartAccount: "Fuzz" });
  const manager = await openManager({ dataDirectory, logLevel: "silent", isProcessMeasured: false });
  const { text: token } = await manager.administration.createToken({ usesMax: 9_999, ...by });
  const ask = createRequestHandler(manager);
  const root = parseCertificate(rootCertificatePem);
  const [key] = await createDeviceKeys("p-256", 1);
  const [enrolment] = await encodeEnrolments(token, createEnrollees("FUZ", 1, [key as DeviceKey]));
  if (enrolment === undefined) throw new Error("nothing to enrol");
  const trustAnswer = Buffer.from(await ask(enrolment.body));
  const instance = await readTrust(enrolment, { status: 200, body: trustAnswer }, root);
  const [usage] = await encodeUsageMessages([instance], 1, 2);
  if (usage === undefined) throw new Error("nothing to report");
  const trustExpectation: AnswerExpectation<"ID_TOKEN_TRUST"> = {
    requestType: "ID_TOKEN_TRUST",
    nonce: enrolment.nonce,
    anchors: [root],
    knownCertificate: null,
    now: Date.now(),
  };
  const granted = await decodeAnswer(trustAnswer, trustExpectation);
  const objects = [
    ...grantedIn(granted.statusCode === "OK" ? granted.data.device_list[0]?.smart_license : ""),
    ...grantedIn(await smartLicenseOf(await ask(usage.body), usage.nonce, instance, root)),
  ];
  const identity = manager.authority.signing.current();
  return {
    ...{
      manager,
      ask,
      anchors: [root],
      now: Date.now(),
      token,
      tags: [entitlementTag, productTag],
      trustAnswer,
      objects,
    },
    ...{ enrolment: enrolment.body, usage: usage.body, requests: [enrolment.body, usage.body], trustExpectation },
    trustAnswerText: JSON.parse(trustAnswer.toString()).response,
    trustQuestion: (object) => ({
      ...{ object, anchors: [root], now: Date.now(), udi: udiOf(instance.sudi) },
      publicKey: instance.publicKey.export({ type: "spki", format: "der" }),
    }),
    reports: reportsIn(usage.body),
    proof: await proofOf(reportsIn(usage.body)[0], manager),
    actProof: await actProofOf(manager),
    certificates: [instance.certificate, instance.signingCertificate, ...identity.chain, root],
    signObject: (type, payload) => signManagerObject(type, payload, identity),
    async signAnswer(response) {
      const value = Buffer.from(await identity.signer.sign(Buffer.from(response))).toString("base64");
      const certificates = [identity.certificate, ...identity.chain].map(encodeCertificate);
      const serial = serialNumberOf(identity.certificate);
      const signature = { type: identity.signer.algorithm, value, piid: null, cert_sn: serial, certificates };
      return Buffer.from(JSON.stringify({ signature, response, sch_response: null }));
    },
    async signRequest(request) {
      const signer = createSigner((key as DeviceKey).privateKey);
      const value = Buffer.from(await signer.sign(Buffer.from(request))).toString("base64");
      const signature = { type: signer.algorithm, key: instance.certificateSerial, value };
      return Buffer.from(JSON.stringify({ request, signature }));
    },
    close: () => manager.close(),
  };
}

async function proofOf(report: SignedReport | undefined, manager: Manager): Promise<string> {
  if (report === undefined) throw new Error("nothing to prove");
  const { report_id: reportId } = decodeRumReport(report.payload).asset_identification;
  const instance = formatUdi(udiOf(report.signature.sudi));
  return encodeProofFile(await manager.administration.proveReport({ instance, reportId }));
}

async function actProofOf({ administration }: Manager): Promise<string> {
  const [act] = await administration.listAuditEntries({ limit: 1 });
  if (act === undefined) throw new Error("nothing to prove");
  return encodeActProofFile(await administration.proveAct({ leafIndex: act.leafIndex }));
}

function grantedIn(smartLicense: string | undefined): readonly ManagerObject[] {
  return smartLicense === undefined || smartLicense === "" ? [] : decodeSmartLicense(smartLicense);
}

async function smartLicenseOf(
  body: Uint8Array,
  nonce: string,
  instance: ReportingInstance,
  root: X509Certificate,
): Promise<string> {
  const knownCertificate = instance.signingCertificate;
  const expected = { requestType: "LICENSE_USAGE", nonce, anchors: [root], knownCertificate, now: Date.now() } as const;
  const answer = await decodeAnswer(body, expected);
  return answer.statusCode === "OK" ? (answer.data.device_list[0]?.smart_license ?? "") : "";
}

function reportsIn(body: Buffer): readonly SignedReport[] {
  return JSON.parse(JSON.parse(JSON.parse(body.toString()).request).request_data).rum_reports;
}
