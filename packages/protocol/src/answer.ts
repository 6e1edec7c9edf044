// An answer: built and signed by a manager, verified by a device before anything in it is believed.

import type { X509Certificate } from "node:crypto";
import * as v from "valibot";
import {
  encodeCertificate,
  isMeantFor,
  parseCertificate,
  requireCertificateValidAt,
  serialNumberOf,
  type TrustAnchors,
  verifyChain,
} from "./certificate.ts";
import {
  type AnswerHeader,
  type AnswerSignature,
  answerHeaderSchema,
  answerSignatureSchema,
  type ConnectInfo,
  messageLocale,
  messageVersion,
  type RequestHeader,
  type StatusCode,
  statusCodes,
} from "./envelope.ts";
import { ProtocolError } from "./errors.ts";
import { decodeText, parseJson } from "./json.ts";
import { messageBytesMax } from "./limits.ts";
import {
  type AnswerData,
  messageTable,
  type PollLaterData,
  pollLaterAnswerSchema,
  type RequestType,
} from "./messages/message-table.ts";
import { mayRelayAnswer } from "./relay-answers.ts";
import { check, wholeNumber } from "./schema.ts";
import { verifySignature } from "./signature.ts";
import type { SigningIdentity } from "./signed-object.ts";

/** Our own member beside the documented texts: a stable code, its remedy, and an id to quote. */
const refusalDataSchema = v.strictObject({
  code: v.string(),
  remedy: v.string(),
  incident_id: v.optional(v.string()),
});
export type RefusalData = v.InferOutput<typeof refusalDataSchema>;

export type AnswerContent = {
  readonly statusCode: StatusCode;
  readonly statusMessage: string;
  readonly retryTimeSeconds: number;
  /** Serialised once, here; "" for none. */
  readonly data: object | null;
};

/** The members of a request's header that its answer repeats or depends on. */
export type AnsweredHeader = Pick<
  RequestHeader,
  "request_type" | "sudi" | "nonce" | "id_cert_serial_number" | "signing_cert_serial_number"
>;

export type AnswerContext = {
  /** The request's header, or null when it could not be read. */
  readonly header: AnsweredHeader | null;
  readonly productInstanceIdentifier: string;
  readonly connectInfo: ConnectInfo;
  /** Epoch milliseconds. */
  readonly now: number;
};

/** Builds and signs an answer; the chain goes along unless the device said that it has the certificate. */
export async function encodeAnswer(
  content: AnswerContent,
  context: AnswerContext,
  identity: SigningIdentity,
): Promise<string> {
  const certificateSerial = serialNumberOf(identity.certificate);
  const header: AnswerHeader = {
    version: messageVersion,
    locale: messageLocale,
    timestamp: context.now,
    nonce: context.header?.nonce ?? null,
    request_type: context.header?.request_type ?? null,
    sudi: context.header?.sudi ?? null,
    agent_actions: null,
    connect_info: context.connectInfo,
    product_instance_identifier: context.productInstanceIdentifier,
    id_cert_serial_number: context.header?.id_cert_serial_number || null,
    signing_cert_serial_number: certificateSerial,
  };
  const response = JSON.stringify({
    header,
    status_code: content.statusCode,
    status_message: content.statusMessage,
    retry_time_seconds: content.retryTimeSeconds,
    response_data: content.data === null ? "" : JSON.stringify(content.data),
  });
  const value = Buffer.from(await identity.signer.sign(Buffer.from(response))).toString("base64");
  const signature: AnswerSignature = { type: identity.signer.algorithm, value, piid: null, cert_sn: certificateSerial };
  if (context.header?.signing_cert_serial_number !== certificateSerial) {
    signature.certificates = [identity.certificate, ...identity.chain].map(encodeCertificate);
  }
  return JSON.stringify({ signature, response, sch_response: null });
}

const outerSchema = v.strictObject({ signature: answerSignatureSchema, response: v.string(), sch_response: v.null() });
const innerSchema = v.strictObject({
  header: answerHeaderSchema,
  status_code: v.picklist(statusCodes),
  status_message: v.string(),
  retry_time_seconds: wholeNumber,
  response_data: v.string(),
});

export type AnswerExpectation<T extends RequestType> = {
  readonly requestType: T;
  readonly nonce: string;
  readonly anchors: TrustAnchors;
  /** The manager's signing certificate that the device holds, if any. */
  readonly knownCertificate: X509Certificate | null;
  readonly now: number;
  /** True where a relay may stand between: then a relay's signature is believed for what a relay may say (section 16). */
  readonly takesRelay?: boolean;
};

export type Answer<T extends RequestType> = {
  readonly header: AnswerHeader;
  readonly statusMessage: string;
  readonly retryTimeSeconds: number;
  /** Whose word the answer is; what a relay carries has a manager's signature of its own. */
  readonly signedBy: "manager" | "relay";
  /** The certificate that signed; a manager's is kept for the next exchange. */
  readonly signingCertificate: X509Certificate;
} & (
  | { readonly statusCode: "OK"; readonly data: AnswerData<T> }
  | { readonly statusCode: "OK_POLL"; readonly data: PollLaterData }
  | { readonly statusCode: "OK_TRY_AGAIN"; readonly data: RefusalData | null }
  | { readonly statusCode: "FAILED"; readonly data: RefusalData | null }
);

/**
 * Verifies and decodes an answer, in the same order as a request, then nonce and request type.
 * Throws `ProtocolError`; a FAILED answer is a value, not an error.
 */
export async function decodeAnswer<T extends RequestType>(
  body: Uint8Array,
  expected: AnswerExpectation<T>,
): Promise<Answer<T>> {
  const outer = check(outerSchema, parseJson(decodeText(body, messageBytesMax)), "envelope_invalid");
  const signer = await verifyAnswerSignature(outer.signature, outer.response, expected);
  const inner = check(innerSchema, parseJson(outer.response), "envelope_invalid");
  if (inner.header.nonce !== expected.nonce) throw new ProtocolError("nonce_mismatch");
  if (inner.header.request_type !== expected.requestType) throw new ProtocolError("request_type_mismatch");
  if (signer.signedBy === "relay" && !mayRelayAnswer(expected.requestType, inner.status_code))
    throw new ProtocolError(
      "certificate_wrong_purpose",
      `A relay may not answer ${inner.status_code} to this request.`,
    );
  const common = {
    header: inner.header,
    statusMessage: inner.status_message,
    retryTimeSeconds: inner.retry_time_seconds,
    ...signer,
  };
  const data = inner.response_data === "" ? null : parseJson(inner.response_data);
  switch (inner.status_code) {
    case "OK":
      return {
        ...common,
        statusCode: "OK",
        data: check(messageTable[expected.requestType].answer, data, "payload_invalid") as AnswerData<T>,
      };
    case "OK_POLL":
      return { ...common, statusCode: "OK_POLL", data: check(pollLaterAnswerSchema, data, "payload_invalid") };
    case "OK_TRY_AGAIN":
    case "FAILED":
      return {
        ...common,
        statusCode: inner.status_code,
        data: data === null ? null : check(refusalDataSchema, data, "payload_invalid"),
      };
    default:
      return inner.status_code satisfies never;
  }
}

async function verifyAnswerSignature(
  signature: AnswerSignature,
  response: string,
  expected: AnswerExpectation<RequestType>,
): Promise<Signer> {
  const { type, value, cert_sn: serial } = signature;
  if (type === null || value === null || serial === null) throw new ProtocolError("signature_null");
  const signer = findSigner(signature, serial, expected);
  await verifySignature(type, signer.signingCertificate.publicKey, Buffer.from(response), value);
  return signer;
}

type Signer = Pick<Answer<RequestType>, "signingCertificate" | "signedBy">;

function findSigner(signature: AnswerSignature, serial: string, expected: AnswerExpectation<RequestType>): Signer {
  const { knownCertificate, anchors, now, takesRelay = false } = expected;
  const [leaf, ...intermediates] = (signature.certificates ?? []).map(parseCertificate);
  if (leaf !== undefined) {
    if (serialNumberOf(leaf) !== serial)
      throw new ProtocolError("certificate_unknown", "The serial number is another.");
    const signedBy = takesRelay && isMeantFor(leaf, "relay") ? "relay" : "manager";
    const purpose = signedBy === "relay" ? "relay" : "manager-signing";
    verifyChain({ leaf, intermediates, anchors, purpose, now });
    return { signingCertificate: leaf, signedBy };
  }
  if (knownCertificate === null || serialNumberOf(knownCertificate) !== serial)
    throw new ProtocolError("certificate_unknown");
  requireCertificateValidAt(knownCertificate, now);
  return { signingCertificate: knownCertificate, signedBy: "manager" };
}
