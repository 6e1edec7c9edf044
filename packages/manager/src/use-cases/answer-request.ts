// The one door for devices: checks the clock, finds the use case, and turns every refusal into an answer.

import {
  decodeRequest,
  ProtocolError,
  type RequestHeader,
  reportsPerDeviceMessageMax,
  type UnverifiedRequest,
} from "@countersign/protocol";
import { DeviceRefusal } from "../errors.ts";
import type { Environment, UsageThreadPort } from "../ports.ts";
import {
  type AcceptedBody,
  type AcceptedUsage,
  acceptUsageReport,
  answerAccepted,
  type UsagePorts,
  type UsageRequest,
} from "./accept-usage-report.ts";
import { answerRelayed } from "./answer-relayed.ts";
import { hearConfirmation, hearReturn, requestAuthorization } from "./authorize-devices.ts";
import { authorizeUsage } from "./authorize-usage.ts";
import { convertLicenses } from "./convert-licenses.ts";
import { deregisterDevices } from "./deregister-devices.ts";
import { establishTrust } from "./establish-trust.ts";
import { pollResult } from "./poll-result.ts";
import { registerDevices } from "./register-devices.ts";
import { renewRegistration } from "./renew-registration.ts";
import { refusedBy, refusedByProtocol } from "./reply.ts";
import { arrivedAtMs, requireNear } from "./request-clock.ts";
import { sayHello } from "./say-hello.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import { syncTrust } from "./sync-trust.ts";
import type { DeviceReply, DeviceRequestLimits } from "./use-cases.ts";

export type DevicePorts = UsagePorts & {
  readonly environment: Environment;
  readonly signer: ObjectSigner;
  readonly usageThread?: UsageThreadPort;
};

const deviceLimits: DeviceRequestLimits = { reportsMax: reportsPerDeviceMessageMax };

/** Throws only for the manager's own failures; whatever is wrong with the request is a FAILED answer with a reason (BET-18). */
export async function answerRequest(
  request: UnverifiedRequest,
  ports: DevicePorts,
  limits: DeviceRequestLimits = deviceLimits,
): Promise<DeviceReply> {
  try {
    requireTimely(request, ports, limits);
    return await serve(request, ports, limits);
  } catch (error) {
    return refusalOf(error, request);
  }
}

/** The part of it that another thread does for usage reports: everything until they are durable. Throws the same. */
export async function acceptOrRefuse(
  request: UsageRequest,
  ports: UsagePorts,
  limits: DeviceRequestLimits,
): Promise<AcceptedUsage> {
  try {
    return await acceptUsageReport(request, limits, ports);
  } catch (error) {
    return { outcome: "answered", reply: refusalOf(error, request) };
  }
}

/**
 * The same from the bytes of a message, which are much less to hand over than the texts in it. Null, and nothing done, where they
 * are no usage report that can be read. Throws the same.
 */
export async function acceptBody(
  body: Uint8Array,
  ports: UsagePorts,
  limits: DeviceRequestLimits,
): Promise<AcceptedBody | null> {
  const request = decodeOrNull(body, limits);
  if (request?.requestType !== "LICENSE_USAGE") return null;
  const { header, requestType } = request;
  try {
    requireTimely(request, ports, limits);
  } catch (error) {
    return { header, accepted: { outcome: "answered", reply: refusalOf(error, request) } };
  }
  return { header, accepted: await acceptOrRefuse({ ...request, requestType }, ports, limits) };
}

function decodeOrNull(body: Uint8Array, { bytesMax }: DeviceRequestLimits): UnverifiedRequest | null {
  try {
    return decodeRequest(body, bytesMax);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** Answers a large usage report of which the usage thread reads the bytes; null where there is no such thread or no such report. */
export async function answerLargeUsage(
  body: Uint8Array,
  ports: DevicePorts,
  limits: DeviceRequestLimits = deviceLimits,
): Promise<{ readonly header: RequestHeader; readonly reply: DeviceReply } | null> {
  const read = (await ports.usageThread?.acceptBody(body, limits)) ?? null;
  return read === null ? null : { header: read.header, reply: await answerAccepted(read.accepted, ports) };
}

function requireTimely(
  { header: { timestamp }, requestType }: UnverifiedRequest,
  { environment }: Pick<UsagePorts, "environment">,
  limits: DeviceRequestLimits,
): void {
  if (timestamp !== undefined) requireNear(timestamp, arrivedAtMs(requestType, limits, environment.clock.now()));
}

/** The answer to a request that was refused; throws whatever is no refusal. */
function refusalOf(error: unknown, { header, requestType }: UnverifiedRequest): DeviceReply {
  const { product_instance_identifier: identifier } = header;
  if (error instanceof DeviceRefusal) return refusedBy(error, identifier);
  if (error instanceof ProtocolError) return refusedByProtocol(error, identifier, requestType);
  throw error;
}

function serve(
  request: UnverifiedRequest,
  ports: DevicePorts,
  limits: DeviceRequestLimits,
): Promise<DeviceReply> | DeviceReply {
  const { requestType } = request;
  switch (requestType) {
    case "LICENSE_USAGE": {
      const usage = { ...request, requestType };
      return answerUsage(usage, ports, limits);
    }
    case "POLL_REQ":
      return pollResult({ ...request, requestType }, ports);
    case "ID_TOKEN_TRUST":
      return establishTrust({ ...request, requestType }, ports, limits);
    case "TRUST_SYNC":
      return syncTrust({ ...request, requestType }, ports);
    case "AUTHORIZATION_REQUEST":
      return requestAuthorization({ ...request, requestType }, ports);
    case "AUTHORIZATION_CONFIRM":
      return hearConfirmation({ ...request, requestType }, ports);
    case "AUTHORIZATION_RETURN":
      return hearReturn({ ...request, requestType }, ports);
    case "HELLO":
      return sayHello({ ...request, requestType }, ports.environment.clock);
    case "REGISTER":
      return registerDevices({ ...request, requestType }, ports.environment);
    case "RENEW_ID":
      return renewRegistration({ ...request, requestType }, ports);
    case "AUTHORIZE":
      return authorizeUsage({ ...request, requestType }, ports);
    case "CONVERSION":
      return convertLicenses({ ...request, requestType }, ports);
    case "DEREGISTER":
      return deregisterDevices({ ...request, requestType }, ports);
    case "RELAYED_REQUESTS":
      return answerRelayed({ ...request, requestType }, ports, answerRequest);
    default:
      return requestType satisfies never;
  }
}

async function answerUsage(usage: UsageRequest, ports: DevicePorts, limits: DeviceRequestLimits): Promise<DeviceReply> {
  // A relay answers polls itself, so it needs the ACK at once.
  if (limits.carriedBy !== undefined)
    return answerAccepted(await acceptUsageReport(usage, limits, ports), inline(ports));
  const accepted = await (ports.usageThread?.accept(usage, limits) ?? acceptUsageReport(usage, limits, ports));
  return answerAccepted(accepted, ports);
}

function inline({ environment, signer }: DevicePorts): Pick<DevicePorts, "environment" | "signer"> {
  return { environment: { ...environment, options: { ...environment.options, acknowledgeMode: "inline" } }, signer };
}
