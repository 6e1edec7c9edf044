// What request and answer envelopes share: header members, peers, signature members (spec/protocol.md, section 1).

import * as v from "valibot";
import { sudiSchema } from "./identity.ts";
import { capabilitiesMax, chainCertificatesMax } from "./limits.ts";
import { base64, decimalSerial, epochMs, nonce, signatureText, text, uuidOrEmpty } from "./schema.ts";

export const messageVersion = "1.3";
export const messageLocale = "en_US.UTF-8";

/** Capabilities are announced once each; duplicates are accepted (BET-20). */
export const connectInfoSchema = v.strictObject({
  name: text,
  version: text,
  production: v.boolean(),
  additional_info: text,
  capabilities: v.pipe(v.array(text), v.maxLength(capabilitiesMax)),
});
export type ConnectInfo = v.InferOutput<typeof connectInfoSchema>;

export const agentCapabilities = [
  "UTILITY",
  "DLC",
  "AppHA",
  "MULTITIER",
  "EXPORT_2",
  "OK_TRY_AGAIN",
  "POLICY_USAGE",
] as const;
export const managerCapabilities = ["DLC", "AppHA", "EXPORT_2", "POLICY_USAGE", "UTILITY", "LEDGER"] as const;

const serialOrEmpty = v.union([v.literal(""), decimalSerial]);

export const requestHeaderSchema = v.strictObject({
  /** Any text here: an unknown type is refused with its own code, not as a malformed envelope. */
  request_type: text,
  sudi: sudiSchema,
  version: v.literal(messageVersion),
  locale: text,
  /** The manager's signing certificate that the device holds; the answer then leaves the chain out. */
  signing_cert_serial_number: v.optional(serialOrEmpty),
  id_cert_serial_number: v.optional(serialOrEmpty),
  product_instance_identifier: uuidOrEmpty,
  nonce: v.optional(nonce),
  timestamp: v.optional(epochMs),
  connect_info: connectInfoSchema,
});
export type RequestHeader = v.InferOutput<typeof requestHeaderSchema>;

export const statusCodes = ["OK", "OK_POLL", "OK_TRY_AGAIN", "FAILED"] as const;
export type StatusCode = (typeof statusCodes)[number];

export const answerHeaderSchema = v.strictObject({
  version: v.literal(messageVersion),
  locale: text,
  timestamp: epochMs,
  nonce: v.nullable(nonce),
  request_type: v.nullable(text),
  sudi: v.nullable(sudiSchema),
  agent_actions: v.null(),
  connect_info: connectInfoSchema,
  product_instance_identifier: v.string(),
  id_cert_serial_number: v.nullable(v.string()),
  signing_cert_serial_number: v.nullable(v.string()),
});
export type AnswerHeader = v.InferOutput<typeof answerHeaderSchema>;

export const requestSignatureSchema = v.strictObject({
  type: v.nullable(v.string()),
  key: v.nullable(decimalSerial),
  value: v.nullable(signatureText),
});
export type RequestSignature = v.InferOutput<typeof requestSignatureSchema>;

export const answerSignatureSchema = v.strictObject({
  type: v.nullable(v.string()),
  value: v.nullable(signatureText),
  piid: v.nullable(v.string()),
  cert_sn: v.nullable(decimalSerial),
  certificates: v.optional(v.pipe(v.array(base64), v.maxLength(chainCertificatesMax))),
});
export type AnswerSignature = v.InferOutput<typeof answerSignatureSchema>;
