// A request: built and signed by a device, decoded and verified by a manager in the fixed order of acceptance
// size → text → JSON → envelope → signature over the received bytes → payload → (domain, elsewhere).

import type { KeyObject } from "node:crypto";
import * as v from "valibot";
import {
  type ConnectInfo,
  messageLocale,
  messageVersion,
  type RequestHeader,
  type RequestSignature,
  requestHeaderSchema,
  requestSignatureSchema,
} from "./envelope.ts";
import { ProtocolError } from "./errors.ts";
import type { Sudi } from "./identity.ts";
import { decodeText, parseJson } from "./json.ts";
import { messageBytesMax } from "./limits.ts";
import { messageTable, type RequestData, type RequestType, requestTypes } from "./messages/message-table.ts";
import { check, jsonObject } from "./schema.ts";
import { type Signer, verifySignature } from "./signature.ts";

export type RequestIdentity = {
  readonly sudi: Sudi;
  readonly productInstanceIdentifier: string;
  readonly connectInfo: ConnectInfo;
  /** Serial of the manager's signing certificate the device holds; "" for none. */
  readonly signingCertificateSerial: string;
  /** The device's key; null before trust. */
  readonly key: { readonly certificateSerial: string; readonly signer: Signer } | null;
};

/** Builds the body of a POST. `data` carries the nonce and the time that the header repeats. */
export async function encodeRequest<T extends RequestType>(
  requestType: T,
  data: RequestData<T>,
  identity: RequestIdentity,
): Promise<string> {
  const header: RequestHeader = {
    request_type: requestType,
    sudi: identity.sudi,
    version: messageVersion,
    locale: messageLocale,
    signing_cert_serial_number: identity.signingCertificateSerial,
    id_cert_serial_number: identity.key?.certificateSerial ?? "",
    product_instance_identifier: identity.productInstanceIdentifier,
    nonce: data.nonce,
    timestamp: data.timestamp,
    connect_info: identity.connectInfo,
  };
  const request = JSON.stringify({ header, request_data: JSON.stringify(data) });
  if (identity.key === null) return JSON.stringify({ request });
  const value = Buffer.from(await identity.key.signer.sign(Buffer.from(request))).toString("base64");
  const signature = { type: identity.key.signer.algorithm, key: identity.key.certificateSerial, value };
  return JSON.stringify({ request, signature });
}

const outerSchema = v.strictObject({
  request: v.union([v.string(), jsonObject]),
  signature: v.optional(v.nullable(requestSignatureSchema)),
});
const innerSchema = v.strictObject({
  header: requestHeaderSchema,
  request_data: v.union([v.string(), jsonObject]),
});

/** A request after step 4: shaped, but nobody has vouched for it yet. */
export type UnverifiedRequest = {
  readonly header: RequestHeader;
  readonly requestType: RequestType;
  /** Exact text that the signature covers; null when the peer sent an object, which cannot be signed. */
  readonly signedText: string | null;
  readonly signature: { readonly type: string; readonly key: string; readonly value: string } | null;
  readonly data: string | object;
};

/** Steps 1 to 4. Throws any code up to `envelope_invalid`, `request_type_unknown` or `signature_null`. */
export function decodeRequest(body: Uint8Array, bytesMax: number = messageBytesMax): UnverifiedRequest {
  const outer = check(outerSchema, parseJson(decodeText(body, bytesMax)), "envelope_invalid");
  const signedText = typeof outer.request === "string" ? outer.request : null;
  const innerValue = signedText === null ? outer.request : parseJson(signedText);
  const inner = check(innerSchema, innerValue, "envelope_invalid");
  return {
    header: inner.header,
    requestType: requireRequestType(inner.header.request_type),
    signedText,
    signature: requireWholeSignature(outer.signature),
    data: inner.request_data,
  };
}

function requireRequestType(name: string): RequestType {
  const known = requestTypes.find((type) => type === name);
  if (known === undefined) throw new ProtocolError("request_type_unknown", JSON.stringify(name.slice(0, 40)));
  return known;
}

function requireWholeSignature(signature: RequestSignature | null | undefined): UnverifiedRequest["signature"] {
  if (signature === undefined || signature === null) return null;
  const { type, key, value } = signature;
  if (type === null || key === null || value === null) throw new ProtocolError("signature_null");
  return { type, key, value };
}

/** Step 5. Throws `signature_missing` or what `verifySignature` throws. */
export async function verifyRequest(request: UnverifiedRequest, publicKey: KeyObject): Promise<void> {
  if (request.signature === null || request.signedText === null) throw new ProtocolError("signature_missing");
  await verifySignature(request.signature.type, publicKey, Buffer.from(request.signedText), request.signature.value);
}

/** Step 6, only after step 5 where the type must be signed. Throws `payload_invalid`. */
export function decodeRequestData<T extends RequestType>(
  request: UnverifiedRequest & { readonly requestType: T },
): RequestData<T> {
  const value = typeof request.data === "string" ? parseJson(request.data) : request.data;
  const data = check(messageTable[request.requestType].request, value, "payload_invalid") as RequestData<T>;
  if (request.header.nonce !== undefined && request.header.nonce !== data.nonce) {
    throw new ProtocolError("payload_invalid", "nonce: differs from the header's");
  }
  const { sudi } = request.header;
  if (sudi.udi_pid !== data.sudi.udi_pid || sudi.udi_serial_number !== data.sudi.udi_serial_number) {
    throw new ProtocolError("payload_invalid", "sudi: differs from the header's");
  }
  return data;
}
