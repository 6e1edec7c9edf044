// The device side of the manager without sockets: bytes of a request in, bytes of a signed answer out.

import {
  type AnswerContent,
  type ConnectInfo,
  check,
  decodeRequest,
  decodeText,
  encodeAnswer,
  messageBytesMax,
  ProtocolError,
  parseJson,
  type RequestHeader,
  requestHeaderSchema,
  requestTypes,
  type UnverifiedRequest,
} from "@countersign/protocol";
import { DeviceRefusal, type DeviceRefusalCode } from "../errors.ts";
import type { Logger } from "../logging/logger.ts";
import type { Metrics, RequestOutcome } from "../metrics/metrics.ts";
import type { Clock, Randomness, SigningIdentitySource } from "../ports.ts";
import type { DeviceReply, DeviceRequestLimits, DeviceUseCases } from "../use-cases/use-cases.ts";
import type { Admission } from "./admission.ts";
import { LargeMessageTurns, smallMessageBytesMax } from "./large-message-turns.ts";
import { busyContent, deviceRefusalOf, type IncidentReporter } from "./refusal.ts";

export type DeviceEndpointPorts = {
  readonly useCases: DeviceUseCases;
  readonly signing: SigningIdentitySource;
  readonly connectInfo: ConnectInfo;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly reportIncident: IncidentReporter;
  readonly admission: Admission;
  readonly retryWhenBusySeconds: number;
};

/** 200 whenever the header could be read, also for refusals; 400 and 413 otherwise. The body is a signed answer always. */
export type HttpAnswer = { readonly httpStatus: 200 | 400 | 413; readonly body: string };

export interface DeviceEndpoint {
  answer(body: Uint8Array, limits: DeviceRequestLimits): Promise<HttpAnswer>;
  /** The answer to a request that is not worked on because of how it came. */
  refuse(body: Uint8Array, code: DeviceRefusalCode): Promise<HttpAnswer>;
  /** The answer to a body that was not even read because of its size. */
  refuseTooLarge(): Promise<HttpAnswer>;
}

type Outcome = Pick<DeviceReply, "content" | "productInstanceIdentifier"> & {
  readonly header: RequestHeader | null;
  readonly httpStatus: HttpAnswer["httpStatus"];
  readonly kind: RequestOutcome;
  readonly code: string | null;
};

/** What is counted as a failure of the manager, not as a refusal of the device. */
const failuresOfOurs: ReadonlySet<string> = new Set(["internal", "ack_storage_failed", "storage_unavailable"]);

export function createDeviceEndpoint(ports: DeviceEndpointPorts): DeviceEndpoint {
  const turns = new LargeMessageTurns();

  async function serve(body: Uint8Array, limits: DeviceRequestLimits): Promise<Outcome> {
    // Its texts would be copied from thread to thread (docs/decisions/0270); whatever is no usage report goes on as a small one.
    if (body.byteLength > smallMessageBytesMax) {
      try {
        const answered = await ports.useCases.answerLargeUsage(body, limits);
        if (answered !== null) return outcomeOf(answered.reply, answered.header);
      } catch (error) {
        return refuse(error, readHeader(body, limits));
      }
    }
    let request: UnverifiedRequest;
    try {
      request = decodeRequest(body, limits.bytesMax);
    } catch (error) {
      return refuse(error, readHeader(body, limits));
    }
    try {
      return outcomeOf(await ports.useCases.answerRequest(request, limits), request.header);
    } catch (error) {
      return refuse(error, request.header);
    }
  }

  function outcomeOf(reply: DeviceReply, header: RequestHeader): Outcome {
    ports.metrics.reportsJudged(reply.reports);
    return { ...reply, header, httpStatus: 200, kind: kindOf(reply.content), code: reply.refusal };
  }

  function refuse(error: unknown, header: RequestHeader | null): Outcome {
    const { content, code } = deviceRefusalOf(error, ports.reportIncident);
    const common = { content, header, productInstanceIdentifier: header?.product_instance_identifier ?? "", code };
    if (failuresOfOurs.has(code)) return { ...common, httpStatus: 200, kind: "failed" };
    if (header !== null) return { ...common, httpStatus: 200, kind: "refused" };
    return { ...common, httpStatus: code === "message_too_large" ? 413 : 400, kind: "unreadable" };
  }

  /** Before anything expensive: nothing of the data is looked at, no signature verified, no transaction begun. */
  async function turnAway(body: Uint8Array, limits: DeviceRequestLimits): Promise<Outcome> {
    const header = readHeader(body, limits);
    // Nobody to answer to: reading it on ends where it is refused.
    if (header === null) return serve(body, limits);
    const content = busyContent(spreadSeconds(ports));
    return {
      content,
      header,
      productInstanceIdentifier: header.product_instance_identifier,
      httpStatus: 200,
      kind: "try_again",
      code: "overloaded",
    };
  }

  async function finish(outcome: Outcome, bodyBytes: number, startedAt: number): Promise<HttpAnswer> {
    const { header, content, productInstanceIdentifier, httpStatus } = outcome;
    const context = { header, productInstanceIdentifier, connectInfo: ports.connectInfo, now: ports.clock.now() };
    const body = await encodeAnswer(content, context, ports.signing.current());
    record(ports, outcome, bodyBytes, performance.now() - startedAt);
    return { httpStatus, body };
  }

  return {
    async answer(body, limits) {
      const startedAt = performance.now();
      const { byteLength } = body;
      if (!ports.admission.enter(byteLength)) return finish(await turnAway(body, limits), byteLength, startedAt);
      const wait = turns.begin(byteLength);
      if (wait !== null) await wait;
      try {
        return await finish(await serve(body, limits), byteLength, startedAt);
      } finally {
        turns.end(byteLength);
        ports.admission.leave(byteLength);
      }
    },
    refuse: (body, code) =>
      finish(refuse(new DeviceRefusal(code), readHeader(body)), body.byteLength, performance.now()),
    refuseTooLarge: () =>
      finish(refuse(new ProtocolError("message_too_large"), null), messageBytesMax + 1, performance.now()),
  };
}

/** The header of a request that was refused for something else, such as its type; null if there is none to read. */
function readHeader(
  body: Uint8Array,
  { bytesMax = messageBytesMax }: { bytesMax?: number } = {},
): RequestHeader | null {
  try {
    const outer = memberOf(parseJson(decodeText(body, bytesMax)), "request");
    const inner = typeof outer === "string" ? parseJson(outer) : outer;
    return check(requestHeaderSchema, memberOf(inner, "header"), "envelope_invalid");
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Between once and twice the wait, so that a fleet that was turned away together does not return together. */
function spreadSeconds({ randomness, retryWhenBusySeconds }: DeviceEndpointPorts): number {
  const [high = 0, low = 0] = randomness.bytes(2);
  return retryWhenBusySeconds + Math.floor((retryWhenBusySeconds * (high * 256 + low)) / 65_536);
}

function kindOf(content: AnswerContent): RequestOutcome {
  const kinds = { OK: "ok", OK_POLL: "poll", OK_TRY_AGAIN: "try_again", FAILED: "refused" } as const;
  return kinds[content.statusCode];
}

function record(ports: DeviceEndpointPorts, outcome: Outcome, bodyBytes: number, durationMs: number): void {
  const { header, kind, code, httpStatus } = outcome;
  // A type that we do not know comes from outside: it must not become a label, of which there would be no end.
  const requestType = requestTypes.find((type) => type === header?.request_type) ?? "unknown";
  ports.metrics.requestAnswered(requestType, kind, durationMs / 1000);
  const fields = {
    requestType,
    outcome: kind,
    httpStatus,
    durationMs: Math.round(durationMs * 10) / 10,
    bodyBytes,
    ...(code === null ? {} : { code }),
    ...(header === null ? {} : { udi: `PID:${header.sudi.udi_pid},SN:${header.sudi.udi_serial_number}` }),
    ...(outcome.productInstanceIdentifier === ""
      ? {}
      : { productInstanceIdentifier: outcome.productInstanceIdentifier }),
  };
  if (kind === "ok" || kind === "poll") ports.logger.info("request_answered", fields);
  else if (kind === "try_again") ports.logger.debug("request_deferred", fields);
  else ports.logger.warn(kind === "unreadable" ? "request_unreadable" : "request_answered", fields);
}
