// The one door for devices: checks the clock, finds the use case, and turns every refusal into an answer.

import { ProtocolError, reportsPerDeviceMessageMax, type UnverifiedRequest } from "@countersign/protocol";
import { DeviceRefusal } from "../errors.ts";
import type { Clock, Environment, UsageThreadPort } from "../ports.ts";
import { acceptUsageReport, type UsagePorts, type UsageRequest } from "./accept-usage-report.ts";
import { hearConfirmation, hearReturn, requestAuthorization } from "./authorize-devices.ts";
import { establishTrust } from "./establish-trust.ts";
import { pollResult } from "./poll-result.ts";
import { refusedBy, refusedByProtocol } from "./reply.ts";
import { requireNear } from "./request-clock.ts";
import { sayHello } from "./say-hello.ts";
import { syncTrust } from "./sync-trust.ts";
import type { DeviceReply, DeviceRequestLimits } from "./use-cases.ts";

export type DevicePorts = UsagePorts & { readonly environment: Environment; readonly usageThread?: UsageThreadPort };

const deviceLimits: DeviceRequestLimits = { reportsMax: reportsPerDeviceMessageMax };

/** Throws only for the manager's own failures; whatever is wrong with the request is a FAILED answer with a reason (BET-18). */
export async function answerRequest(
  request: UnverifiedRequest,
  ports: DevicePorts,
  limits: DeviceRequestLimits = deviceLimits,
): Promise<DeviceReply> {
  return refusalsAnswered(request, ports.environment.clock, () => serve(request, ports, limits));
}

/** The same for usage reports alone, which need less of the outside. */
export async function answerUsageReport(
  request: UsageRequest,
  ports: UsagePorts,
  limits: DeviceRequestLimits,
): Promise<DeviceReply> {
  return refusalsAnswered(request, ports.environment.clock, () => acceptUsageReport(request, limits, ports));
}

async function refusalsAnswered(
  request: UnverifiedRequest,
  clock: Clock,
  answer: () => Promise<DeviceReply> | DeviceReply,
): Promise<DeviceReply> {
  const { timestamp, product_instance_identifier: identifier } = request.header;
  try {
    if (timestamp !== undefined) requireNear(timestamp, clock.now());
    return await answer();
  } catch (error) {
    if (error instanceof DeviceRefusal) return refusedBy(error, identifier);
    if (error instanceof ProtocolError) return refusedByProtocol(error, identifier);
    throw error;
  }
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
      return ports.usageThread?.answer(usage, limits) ?? acceptUsageReport(usage, limits, ports);
    }
    case "POLL_REQ":
      return pollResult({ ...request, requestType }, ports);
    case "ID_TOKEN_TRUST":
      return establishTrust({ ...request, requestType }, ports);
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
  }
}
