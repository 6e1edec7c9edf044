// The paths at which devices, relays and on-prem managers speak to this one (spec/protocol.md, section 1).

import type { Socket } from "node:net";
import {
  messageBytesMax,
  relayMessageBytesMax,
  reportsPerDeviceMessageMax,
  reportsPerRelayMessageMax,
} from "@countersign/protocol";
import { type ReceivedBytes, TooMuchReceived } from "@countersign/terminal";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { DeviceRefusalCode } from "../errors.ts";
import type { DeviceRequestLimits } from "../use-cases/use-cases.ts";
import type { DeviceEndpoint, HttpAnswer } from "./device-endpoints.ts";

const fromDevice: DeviceRequestLimits = { reportsMax: reportsPerDeviceMessageMax };
/** A relay forwards the reports of many devices in one message. */
const fromRelay: DeviceRequestLimits = { reportsMax: reportsPerRelayMessageMax };

/**
 * `:tenant` is a name with percent-encoded blanks and perhaps a trailing `-1`. It says where a device belongs that is let in
 * without a token; who sends, and what a device that has trust may do, the message itself says.
 */
export const devicePaths = {
  "/licservice/license": fromDevice,
  "/SmartTransport": fromDevice,
  "/cslu/v1/pi": fromRelay,
  "/cslu/v1/pi/:tenant": fromRelay,
  "/cslu/v1/relay": fromRelay,
  "/its/service/oddce/services/DDCEService": fromDevice,
  "/Transportgateway/services/DeviceRequestHandler": fromDevice,
} as const satisfies Record<string, DeviceRequestLimits>;

/** A relay carries the largest message of a device, and what stands around it. */
function bytesMaxOf(path: string): number {
  return path === "/cslu/v1/relay" ? relayMessageBytesMax : messageBytesMax;
}

/** Registers the device paths in a scope of their own, where every body is taken as the bytes it is. */
export async function registerDeviceRoutes(
  application: FastifyInstance,
  endpoint: DeviceEndpoint,
  refusalOfSocket: (socket: Socket) => DeviceRefusalCode | null,
  received: ReceivedBytes,
): Promise<void> {
  await application.register(async (scope) => {
    received.watch(scope);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: relayMessageBytesMax }, (_request, body, done) =>
      done(null, body),
    );
    scope.setErrorHandler(async (error, _request, reply) => {
      if (isTooLarge(error)) return send(reply, await endpoint.refuseTooLarge());
      if (error instanceof TooMuchReceived) reply.header("connection", "close");
      throw error;
    });
    for (const [path, limits] of Object.entries(devicePaths)) {
      const bodyLimit = bytesMaxOf(path);
      scope.post(path, { bodyLimit, config: { authorization: "message" } }, async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const refusal = refusalOfSocket(request.raw.socket);
        if (refusal !== null) return send(reply, await endpoint.refuse(body, refusal));
        const { tenant } = request.params as { readonly tenant?: string };
        const ofPath = { ...limits, bytesMax: bodyLimit, ...(tenant === undefined ? {} : { tenant }) };
        return send(reply, await endpoint.answer(body, ofPath));
      });
    }
  });
}

function send(reply: FastifyReply, { httpStatus, body }: HttpAnswer): FastifyReply {
  // Bytes, because fastify would add a charset to a text, which JSON has none of.
  return reply.code(httpStatus).header("content-type", "application/json").send(Buffer.from(body));
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "FST_ERR_CTP_BODY_TOO_LARGE";
}
