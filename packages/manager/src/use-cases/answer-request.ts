// The one door for devices: checks the clock, finds the use case, and turns every refusal into an answer.

import { ProtocolError, reportsPerDeviceMessageMax, type UnverifiedRequest } from "@countersign/protocol";
import { DeviceRefusal } from "../errors.ts";
import { acceptUsageReport, type UsagePorts } from "./accept-usage-report.ts";
import { establishTrust } from "./establish-trust.ts";
import { pollResult } from "./poll-result.ts";
import { refusedBy, refusedByProtocol } from "./reply.ts";
import { requireNear } from "./request-clock.ts";
import { sayHello } from "./say-hello.ts";
import { syncTrust } from "./sync-trust.ts";
import type { DeviceReply, DeviceRequestLimits } from "./use-cases.ts";

const deviceLimits: DeviceRequestLimits = { reportsMax: reportsPerDeviceMessageMax };

/** Throws only for the manager's own failures; whatever is wrong with the request is a FAILED answer with a reason (BET-18). */
export async function answerRequest(
  request: UnverifiedRequest,
  ports: UsagePorts,
  limits: DeviceRequestLimits = deviceLimits,
): Promise<DeviceReply> {
  const { timestamp, product_instance_identifier: identifier } = request.header;
  try {
    if (timestamp !== undefined) requireNear(timestamp, ports.environment.clock.now());
    return await serve(request, ports, limits);
  } catch (error) {
    if (error instanceof DeviceRefusal) return refusedBy(error, identifier);
    if (error instanceof ProtocolError) return refusedByProtocol(error, identifier);
    throw error;
  }
}

function serve(
  request: UnverifiedRequest,
  ports: UsagePorts,
  limits: DeviceRequestLimits,
): Promise<DeviceReply> | DeviceReply {
  const { requestType } = request;
  switch (requestType) {
    case "LICENSE_USAGE":
      return acceptUsageReport({ ...request, requestType }, limits, ports);
    case "POLL_REQ":
      return pollResult({ ...request, requestType }, ports);
    case "ID_TOKEN_TRUST":
      return establishTrust({ ...request, requestType }, ports);
    case "TRUST_SYNC":
      return syncTrust({ ...request, requestType }, ports);
    case "HELLO":
      return sayHello({ ...request, requestType }, ports.environment.clock);
  }
}
