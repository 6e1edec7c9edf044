// One request and its verified answer, written into the history whatever comes of it (BET-1). Nonce and times are new in
// every attempt (MSG-11).

import {
  type Answer,
  type DeviceRequestType,
  decodeAnswer,
  encodeCertificate,
  encodeRequest,
  ProtocolError,
  parseCertificate,
  type RequestData,
} from "@countersign/protocol";
import type { PeerContact } from "../lifecycle/event.ts";
import type { MessageKind } from "../lifecycle/state.ts";
import { type ExchangeTrace, publicAddress } from "../trace.ts";
import { TransportFailure } from "../transport-failure.ts";
import { clockOffsetCode, describeClockOffset } from "./clock-offset.ts";
import { type ExchangeContext, requestIdentity } from "./exchange-context.ts";
import { Refusal } from "./exchange-failure.ts";
import { redactRequest } from "./redact-request.ts";
import { addressOf } from "./transport-address.ts";

/** Members that `sendRequest` fills in for every request. */
type Common = "nonce" | "timestamp" | "sudi" | "product_instance_identifier";

export type Question<T extends DeviceRequestType> = {
  readonly requestType: T;
  readonly kind: MessageKind;
  /** False where the manager cannot know the key yet. */
  readonly isSigned: boolean;
  readonly data: Omit<RequestData<T>, Common>;
};

export type Reply<T extends DeviceRequestType> = {
  readonly answer: Exclude<Answer<T>, { readonly statusCode: "FAILED" }>;
  readonly contact: PeerContact;
};

/** Throws `TransportFailure`, `ProtocolError`, or `Refusal` for an answer that says FAILED. */
export async function sendRequest<T extends DeviceRequestType>(
  question: Question<T>,
  context: ExchangeContext,
): Promise<Reply<T>> {
  const identity = await requestIdentity(context, question.isSigned);
  const nonce = createNonce(context);
  const data = {
    ...question.data,
    sudi: identity.sudi,
    timestamp: context.clock.now(),
    nonce,
    product_instance_identifier: identity.productInstanceIdentifier,
  } as RequestData<T>;
  const body = await encodeRequest(question.requestType, data, identity);
  const bytes = await exchangeWithHistory(body, question, context);
  try {
    const { signingCertificate } = context.state.trust;
    const answer = await decodeAnswer(bytes, {
      requestType: question.requestType,
      nonce,
      anchors: context.anchors,
      knownCertificate: signingCertificate === null ? null : parseCertificate(signingCertificate),
      now: context.clock.now(),
      // A relay stands only where relays are spoken to (spec/protocol.md, section 16).
      takesRelay: context.state.configuration.transport === "cslu",
    });
    const reply = acceptAnswer(answer, data.timestamp);
    const { name, version } = reply.contact.peer;
    traced(question, context, { type: "accepted", statusCode: answer.statusCode, peer: `${name} ${version}` });
    return reply;
  } catch (error) {
    traceVerdict(question, context, error);
    throw error;
  }
}

type Traced = Pick<Question<DeviceRequestType>, "kind" | "requestType">;
/** Without what every trace of an exchange has. */
type Told<T> = T extends unknown ? Omit<T, "kind" | "requestType"> : never;

function traced({ kind, requestType }: Traced, { trace }: ExchangeContext, told: Told<ExchangeTrace>): void {
  trace?.({ kind, requestType, ...told });
}

function traceVerdict(question: Traced, context: ExchangeContext, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof Refusal) traced(question, context, { type: "refused", code: error.code, reason });
  else {
    const code = error instanceof ProtocolError ? error.code : "internal_error";
    traced(question, context, { type: "not believed", code, reason });
  }
}

function acceptAnswer<T extends DeviceRequestType>(answer: Answer<T>, sentAtMs: number): Reply<T> {
  const { name, version, production, capabilities } = answer.header.connect_info;
  const contact: PeerContact = {
    peer: { name, version, production, capabilities },
    signingCertificate: answer.signedBy === "relay" ? null : encodeCertificate(answer.signingCertificate),
  };
  if (answer.statusCode !== "FAILED") return { answer: answer as Reply<T>["answer"], contact };
  const code = answer.data?.code ?? "refused";
  throw new Refusal({
    code,
    message: code === clockOffsetCode ? describeClockOffset(sentAtMs, answer.header.timestamp) : answer.statusMessage,
    contact,
    retryAfterSeconds: answer.retryTimeSeconds,
  });
}

/** Up to twenty decimal digits from 64 random bits. */
function createNonce(context: ExchangeContext): string {
  const bytes = context.randomness.bytes(8);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0).toString(10);
}

async function exchangeWithHistory(body: string, question: Traced, context: ExchangeContext): Promise<Uint8Array> {
  const requestAtMs = context.clock.now();
  const startedMs = context.clock.monotonicMs();
  const record = (response: string): Promise<void> =>
    context.history.append(question.kind, {
      requestAtMs,
      request: redactRequest(body),
      responseAtMs: context.clock.now(),
      response,
    });
  const durationMs = (): number => Math.round(context.clock.monotonicMs() - startedMs);
  try {
    const url = addressOf(context.state.configuration);
    traced(question, context, { type: "request", address: publicAddress(url), bytes: Buffer.byteLength(body) });
    const { proxy, vrf, transport } = context.state.configuration;
    const { signal } = context;
    const bytes = await context.exchange(url, Buffer.from(body), { proxy, vrf, transport, signal });
    traced(question, context, { type: "answer", bytes: bytes.length, durationMs: durationMs() });
    await record(Buffer.from(bytes).toString("utf8"));
    return bytes;
  } catch (error) {
    const failure = asTransportFailure(error);
    const { stage, message: reason } = failure;
    traced(question, context, { type: "no answer", stage, reason, durationMs: durationMs() });
    const seconds = Math.round((context.clock.monotonicMs() - startedMs) / 1000);
    await record(`NO RESPONSE after ${seconds} s: ${failure.message}`);
    throw failure;
  }
}

/** A transport of the embedding product may throw anything. */
function asTransportFailure(error: unknown): TransportFailure {
  if (error instanceof TransportFailure) return error;
  return new TransportFailure("unexpected", error instanceof Error ? error.message : String(error), { cause: error });
}
