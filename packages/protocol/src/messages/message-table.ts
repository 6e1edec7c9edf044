// All request types with their schemas, in one table: those of the policy model, of classic Smart Licensing, and of relays.

import type * as v from "valibot";
import {
  authorizationAnswerSchema,
  authorizationConfirmSchema,
  authorizationRequestSchema,
  authorizationReturnSchema,
} from "./authorization.ts";
import {
  authorizeAnswerSchema,
  authorizeRequestSchema,
  deregisterAnswerSchema,
  deregisterRequestSchema,
  registerAnswerSchema,
  registerRequestSchema,
  renewIdAnswerSchema,
  renewIdRequestSchema,
} from "./classic.ts";
import { conversionAnswerSchema, conversionRequestSchema } from "./conversion.ts";
import { helloAnswerSchema, helloRequestSchema } from "./hello.ts";
import { idTokenTrustAnswerSchema, idTokenTrustRequestSchema } from "./id-token-trust.ts";
import { licenseUsageAnswerSchema, licenseUsageRequestSchema, pollLaterAnswerSchema } from "./license-usage.ts";
import { pollRequestSchema } from "./poll-req.ts";
import { relayedAnswersSchema, relayedRequestsSchema } from "./relayed-requests.ts";
import { trustSyncAnswerSchema, trustSyncRequestSchema } from "./trust-sync.ts";

/** `mustSign`: once trust exists nothing else is taken without a signature (section 2). */
const policyMessages = {
  ID_TOKEN_TRUST: { request: idTokenTrustRequestSchema, answer: idTokenTrustAnswerSchema, mustSign: false },
  TRUST_SYNC: { request: trustSyncRequestSchema, answer: trustSyncAnswerSchema, mustSign: true },
  LICENSE_USAGE: { request: licenseUsageRequestSchema, answer: licenseUsageAnswerSchema, mustSign: true },
  POLL_REQ: { request: pollRequestSchema, answer: licenseUsageAnswerSchema, mustSign: true },
  HELLO: { request: helloRequestSchema, answer: helloAnswerSchema, mustSign: false },
  AUTHORIZATION_REQUEST: { request: authorizationRequestSchema, answer: authorizationAnswerSchema, mustSign: true },
  AUTHORIZATION_CONFIRM: { request: authorizationConfirmSchema, answer: authorizationAnswerSchema, mustSign: true },
  AUTHORIZATION_RETURN: { request: authorizationReturnSchema, answer: authorizationAnswerSchema, mustSign: true },
} as const;

/** Sent by devices whose software has the classic model, and by no others (section 15). */
const classicMessages = {
  REGISTER: { request: registerRequestSchema, answer: registerAnswerSchema, mustSign: false },
  RENEW_ID: { request: renewIdRequestSchema, answer: renewIdAnswerSchema, mustSign: true },
  AUTHORIZE: { request: authorizeRequestSchema, answer: authorizeAnswerSchema, mustSign: true },
  DEREGISTER: { request: deregisterRequestSchema, answer: deregisterAnswerSchema, mustSign: true },
} as const;

/** Sent by the same devices, once (section 18). */
const conversionMessages = {
  CONVERSION: { request: conversionRequestSchema, answer: conversionAnswerSchema, mustSign: true },
} as const;

/** Said by a relay to a manager (section 16). */
const relayMessages = {
  RELAYED_REQUESTS: { request: relayedRequestsSchema, answer: relayedAnswersSchema, mustSign: true },
} as const;

export const messageTable = { ...policyMessages, ...classicMessages, ...relayMessages, ...conversionMessages } as const;

export type PolicyRequestType = keyof typeof policyMessages;
export type ClassicRequestType = keyof typeof classicMessages | keyof typeof conversionMessages;
export const classicRequestTypes = Object.keys({
  ...classicMessages,
  ...conversionMessages,
}) as readonly ClassicRequestType[];

export type RequestType = keyof typeof messageTable;
/** What a device sends of itself. */
export type DeviceRequestType = PolicyRequestType | ClassicRequestType;
export const requestTypes = Object.keys(messageTable) as readonly RequestType[];

export type RequestData<T extends RequestType> = v.InferOutput<(typeof messageTable)[T]["request"]>;
export type AnswerData<T extends RequestType> = v.InferOutput<(typeof messageTable)[T]["answer"]>;
export type PollLaterData = v.InferOutput<typeof pollLaterAnswerSchema>;
export { pollLaterAnswerSchema };
