// A manager and a device that know each other, and everything signed that can pass between them.

import { encodeAccountInfo } from "../account-info.ts";
import { encodeAcknowledgement } from "../acknowledgement.ts";
import { type AnswerContent, type AnswerExpectation, decodeAnswer, encodeAnswer } from "../answer.ts";
import { encodeAuthorizationCode } from "../authorization-code.ts";
import { serialNumberOf } from "../certificate.ts";
import { encodeConversion } from "../conversion.ts";
import { ProtocolError } from "../errors.ts";
import { isSameUdi, type Sudi, udiOf } from "../identity.ts";
import { encodeTreeHead } from "../ledger/tree-head.ts";
import type { RequestType } from "../messages/message-table.ts";
import { encodePolicy } from "../policy.ts";
import { decodeRequest, decodeRequestData, encodeRequest, type RequestIdentity, verifyRequest } from "../request.ts";
import { encodeRumReport } from "../rum-report.ts";
import { type ManagerObject, type ManagerObjectType, type ReportSigner, signManagerObject } from "../signed-object.ts";
import { encodeTrustCode } from "../trust-code.ts";
import {
  createAuthority,
  createKeys,
  issueIdCertificate,
  type KeyKind,
  signingIdentity,
  type TestIdentity,
  testNow,
} from "./certificates.ts";
import * as sample from "./samples.ts";

export const authority = createAuthority();
export const foreignAuthority = createAuthority("Foreign");
export const anchors = [authority.root.certificate];
export const manager = signingIdentity(authority.signing, authority.issuing);

const devices: Record<KeyKind, TestIdentity> = {
  "rsa-2048": issueIdCertificate(authority.issuing, sample.sudi, { keys: createKeys("rsa-2048") }),
  "p-256": issueIdCertificate(authority.issuing, sample.sudi),
};
export const deviceOf = (kind: KeyKind): TestIdentity => devices[kind];
export const device = devices["p-256"];
export const otherDevice = issueIdCertificate(authority.issuing, sample.otherSudi);

export const bytesOf = (text: string): Buffer => Buffer.from(text);

/** What a manager does with a request of this device, in the order of acceptance. */
export async function acceptRequest(body: Uint8Array, identity: TestIdentity = device): Promise<unknown> {
  const request = decodeRequest(body);
  if (request.signature?.key !== serialNumberOf(identity.certificate)) throw new ProtocolError("certificate_unknown");
  await verifyRequest(request, identity.keys.publicKey);
  return decodeRequestData(request);
}

export function requestIdentity(identity: TestIdentity | null = device): RequestIdentity {
  return {
    sudi: sample.sudi,
    productInstanceIdentifier: sample.piid,
    connectInfo: sample.agentConnectInfo,
    signingCertificateSerial: "",
    key: identity && { certificateSerial: serialNumberOf(identity.certificate), signer: identity.keys.signer },
  };
}

export function requestBody(type: RequestType, identity: TestIdentity | null = device): Promise<string> {
  return encodeRequest(type, sample.requestDataSamples[type], requestIdentity(identity));
}

export const okContent = (type: RequestType): AnswerContent => ({
  statusCode: "OK",
  statusMessage: "OK",
  retryTimeSeconds: 0,
  data: sample.answerDataSamples[type],
});

/** An answer to the sample request of this type. */
export async function answerBody(type: RequestType, content = okContent(type), by = manager): Promise<string> {
  const { header } = decodeRequest(bytesOf(await requestBody(type)));
  const context = {
    header,
    productInstanceIdentifier: sample.piid,
    connectInfo: sample.managerConnectInfo,
    now: testNow,
  };
  return encodeAnswer(content, context, by);
}

export function expectation<T extends RequestType>(requestType: T): AnswerExpectation<T> {
  return { requestType, nonce: sample.nonce, anchors, knownCertificate: null, now: testNow };
}

export const acceptAnswer = <T extends RequestType>(body: Uint8Array | string, type: T) =>
  decodeAnswer(typeof body === "string" ? bytesOf(body) : body, expectation(type));

/** The payload of each type, as the manager of this file would sign it. */
export const payloads: Readonly<Record<ManagerObjectType, string>> = {
  ack: encodeAcknowledgement(sample.acknowledgement),
  policy: encodePolicy(sample.policy),
  trust: encodeTrustCode(sample.trustCode(device, authority.issuing)),
  auth: encodeAuthorizationCode(sample.authorizationCode),
  account: encodeAccountInfo(sample.accountInfo),
  "tree-head": encodeTreeHead(sample.treeHead),
  conversion: encodeConversion(sample.conversion),
};
export const managerObject = (type: ManagerObjectType, by = manager): Promise<ManagerObject> =>
  signManagerObject(type, payloads[type], by);

export const reportPayload = encodeRumReport(sample.rumReport);
export const trustSigner = (identity: TestIdentity = device): ReportSigner => ({
  kind: "trust",
  sudi: sample.sudi,
  certificateSerial: serialNumberOf(identity.certificate),
  signer: identity.keys.signer,
});
export const builtinSigner: ReportSigner = { kind: "builtin", sudi: sample.sudi, productTag: sample.productTag };

/** Looks a report's key up as a manager does: by serial number, and only for the device it was issued to. */
export function publicKeyOf(serial: string, sudi: Sudi, known: readonly TestIdentity[] = Object.values(devices)) {
  if (!isSameUdi(udiOf(sudi), udiOf(sample.sudi))) return undefined;
  return known.find(({ certificate }) => serialNumberOf(certificate) === serial)?.keys.publicKey;
}
