// What a device is answered. Usage is stored before anything is said about it; everything else is brought up at once or put off.
// A relay says by itself only what spec/protocol.md, section 16, allows.

import { TransportFailure } from "@countersign/agent";
import {
  type AnswerContent,
  carriedContent,
  decodeRequest,
  decodeRequestData,
  encodeAnswer,
  formatUdi,
  heldContent,
  ProtocolError,
  type RequestHeader,
  type UnverifiedRequest,
  udiOf,
} from "@countersign/protocol";
import { digestOf } from "../holding/held-request.ts";
import { type Held, ManagerRefusal } from "../ports.ts";
import { RelayError, relayErrors } from "../relay-error.ts";
import type { Fresh, SendUp, SendUpPorts } from "./send-up.ts";

export type AnswerOptions = {
  /** How long a device is kept waiting for the manager's answer before it is told to poll. */
  readonly answerWithinMs: number;
  readonly pollIntervalSeconds: number;
  /** False: nothing is brought up over the network, bundles are carried by hand. */
  readonly isConnected: boolean;
};

export type AnswerPorts = Pick<SendUpPorts, "store" | "identity" | "clock" | "log" | "metrics"> & {
  readonly sendUp: SendUp;
  /** Resolves after so long; `cancel` frees what waits. */
  readonly wait: (ms: number) => { readonly done: Promise<void>; cancel(): void };
};

/** Throws `ProtocolError` for what no relay can read: there is nobody to answer to. */
export async function answerDevice(body: Uint8Array, ports: AnswerPorts, options: AnswerOptions): Promise<Uint8Array> {
  const request = decodeRequest(body);
  const { requestType } = request;
  ports.metrics.asked(requestType);
  switch (requestType) {
    case "RELAYED_REQUESTS":
      throw new ProtocolError("request_type_unknown", "A relay carries no messages of relays.");
    case "LICENSE_USAGE":
      return answerUsage({ ...request, requestType }, body, ports, options);
    case "POLL_REQ":
      return answerPoll({ ...request, requestType }, body, ports, options);
    default:
      return passOn(request.header, body, ports, options);
  }
}

async function answerUsage(
  request: UnverifiedRequest & { readonly requestType: "LICENSE_USAGE" },
  body: Uint8Array,
  ports: AnswerPorts,
  options: AnswerOptions,
): Promise<Uint8Array> {
  const { store, clock, log } = ports;
  const { nonce, sudi, known_tree_head, rum_reports } = decodeRequestData(request);
  const udi = formatUdi(udiOf(sudi));
  let held: Held;
  try {
    const reports = rum_reports.length;
    const digest = digestOf(sudi, rum_reports);
    const asked = { nonce, sudi, ...(known_tree_head === undefined ? {} : { known_tree_head }) };
    held = store.hold({ kind: "message", udi, digest, asked, reports, receivedAtMs: clock.now(), body });
    log.info("request_held", { udi, count: reports });
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    log.warn("request_refused", { udi, code: error.code });
    return sign(tryAgain(error.code, options), request.header, ports);
  }
  const fresh = options.isConnected ? await freshAnswer(held, ports, options) : null;
  // Of another try of the same reports the manager's answer has that one's nonce.
  if (fresh !== null && held.asked.nonce === nonce) return fresh.answer;
  // A relay may not refuse usage: whoever polls is told to send it again, and hears the manager's own refusal then.
  const settlement = fresh?.settlement.outcome === "acknowledged" ? fresh.settlement : null;
  return sign(contentOf({ ...held, settlement }, { nonce, sudi, known_tree_head }, options), request.header, ports);
}

/** The manager's answer if it comes in time; null otherwise. */
async function freshAnswer(held: Held, ports: AnswerPorts, options: AnswerOptions): Promise<Fresh | null> {
  const { sendUp, wait } = ports;
  if (!sendUp.isWayOpen) return null;
  const timer = wait(options.answerWithinMs);
  let forget = (): void => undefined;
  const answered = new Promise<Fresh>((resolve) => {
    forget = sendUp.await(held.itemId, resolve).forget;
  });
  const ended = sendUp.run().then(() => null);
  try {
    // The run ends without it when the way is closed, or when the manager asked to wait.
    const first = await Promise.race([answered, ended, timer.done.then(() => null)]);
    return first ?? null;
  } finally {
    timer.cancel();
    forget();
  }
}

async function answerPoll(
  request: UnverifiedRequest & { readonly requestType: "POLL_REQ" },
  body: Uint8Array,
  ports: AnswerPorts,
  options: AnswerOptions,
): Promise<Uint8Array> {
  const data = decodeRequestData(request);
  const held = ports.store.findByPoll(data.poll_id, formatUdi(udiOf(data.sudi)));
  if (held !== undefined) return sign(contentOf(held, data, options), request.header, ports);
  // It may be a manager's own.
  return passOn(request.header, body, ports, options);
}

function contentOf(held: Held, asked: Held["asked"], options: AnswerOptions): AnswerContent {
  const { settlement, pollId } = held;
  if (settlement === null) return heldContent(asked, pollId, options.pollIntervalSeconds);
  if (settlement.outcome === "acknowledged" && "device_list" in settlement.answer)
    return carriedContent(asked, held.asked, settlement.answer);
  const { meaning, remedy } = relayErrors.poll_not_held;
  const data = { code: "poll_not_held", remedy };
  return { statusCode: "FAILED", statusMessage: meaning, retryTimeSeconds: 0, data };
}

async function passOn(
  header: RequestHeader,
  body: Uint8Array,
  ports: AnswerPorts,
  options: AnswerOptions,
): Promise<Uint8Array> {
  if (!options.isConnected || !ports.sendUp.isWayOpen) return sign(tryAgain("manager_away", options), header, ports);
  try {
    return await ports.sendUp.passOn(body);
  } catch (error) {
    const isForeseen =
      error instanceof TransportFailure || error instanceof ProtocolError || error instanceof ManagerRefusal;
    if (!isForeseen) throw error;
    return sign(tryAgain("manager_away", options), header, ports);
  }
}

function tryAgain(code: "manager_away" | RelayError["code"], { pollIntervalSeconds }: AnswerOptions): AnswerContent {
  const { meaning, remedy } = relayErrors[code];
  const data = { code, remedy };
  return { statusCode: "OK_TRY_AGAIN", statusMessage: meaning, retryTimeSeconds: pollIntervalSeconds, data };
}

async function sign(content: AnswerContent, header: RequestHeader, ports: AnswerPorts): Promise<Uint8Array> {
  const { identity, clock } = ports;
  const { connectInfo, signing } = identity;
  const { product_instance_identifier: productInstanceIdentifier } = header;
  const context = { header, productInstanceIdentifier, connectInfo, now: clock.now() };
  return Buffer.from(await encodeAnswer(content, context, signing));
}
