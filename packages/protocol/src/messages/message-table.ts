// All request types of the policy family with their schemas, in one table.

import type * as v from "valibot";
import {
  authorizationAnswerSchema,
  authorizationConfirmSchema,
  authorizationRequestSchema,
  authorizationReturnSchema,
} from "./authorization.ts";
import { helloAnswerSchema, helloRequestSchema } from "./hello.ts";
import { idTokenTrustAnswerSchema, idTokenTrustRequestSchema } from "./id-token-trust.ts";
import { licenseUsageAnswerSchema, licenseUsageRequestSchema, pollLaterAnswerSchema } from "./license-usage.ts";
import { pollRequestSchema } from "./poll-req.ts";
import { relayedAnswersSchema, relayedRequestsSchema } from "./relayed-requests.ts";
import { trustSyncAnswerSchema, trustSyncRequestSchema } from "./trust-sync.ts";

/** `mustSign`: once trust exists nothing else is taken without a signature (section 2). */
export const messageTable = {
  ID_TOKEN_TRUST: { request: idTokenTrustRequestSchema, answer: idTokenTrustAnswerSchema, mustSign: false },
  TRUST_SYNC: { request: trustSyncRequestSchema, answer: trustSyncAnswerSchema, mustSign: true },
  LICENSE_USAGE: { request: licenseUsageRequestSchema, answer: licenseUsageAnswerSchema, mustSign: true },
  POLL_REQ: { request: pollRequestSchema, answer: licenseUsageAnswerSchema, mustSign: true },
  HELLO: { request: helloRequestSchema, answer: helloAnswerSchema, mustSign: false },
  AUTHORIZATION_REQUEST: { request: authorizationRequestSchema, answer: authorizationAnswerSchema, mustSign: true },
  AUTHORIZATION_CONFIRM: { request: authorizationConfirmSchema, answer: authorizationAnswerSchema, mustSign: true },
  AUTHORIZATION_RETURN: { request: authorizationReturnSchema, answer: authorizationAnswerSchema, mustSign: true },
  RELAYED_REQUESTS: { request: relayedRequestsSchema, answer: relayedAnswersSchema, mustSign: true },
} as const;

export type RequestType = keyof typeof messageTable;
/** What a device sends of itself; the rest is said between a relay and a manager. */
export type DeviceRequestType = Exclude<RequestType, "RELAYED_REQUESTS">;
export const requestTypes = Object.keys(messageTable) as readonly RequestType[];

export type RequestData<T extends RequestType> = v.InferOutput<(typeof messageTable)[T]["request"]>;
export type AnswerData<T extends RequestType> = v.InferOutput<(typeof messageTable)[T]["answer"]>;
export type PollLaterData = v.InferOutput<typeof pollLaterAnswerSchema>;
export { pollLaterAnswerSchema };
