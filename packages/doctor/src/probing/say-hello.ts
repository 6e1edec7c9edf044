// Stages http, envelope, signature and refused: a HELLO, which changes nothing anywhere, and what comes back.

import type { X509Certificate } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import {
  type Answer,
  decodeAnswer,
  encodeRequest,
  messageBytesMax,
  ProtocolError,
  parseCertificate,
} from "@countersign/protocol";
import { failureOf, ProbeFailure } from "./probe-failure.ts";
import type { ProbeOptions, ProbeSources } from "./probe-options.ts";

const sudi = { udi_pid: "COUNTERSIGN-DOCTOR", udi_serial_number: "PROBE" };

export type Hello = { readonly body: string; readonly nonce: string };

export async function buildHello({ now, randomBytes }: ProbeSources): Promise<Hello> {
  const nonce = Buffer.from(randomBytes(8)).readBigUInt64BE().toString();
  const identity = {
    ...{ sudi, productInstanceIdentifier: "", signingCertificateSerial: "", key: null },
    connectInfo: {
      name: "Countersign doctor",
      version: "1.3",
      production: true,
      additional_info: "",
      capabilities: [],
    },
  };
  const data = { sudi, timestamp: now(), nonce, product_instance_identifier: "" };
  return { body: await encodeRequest("HELLO", data, identity), nonce };
}

export type HttpAnswer = { readonly status: number; readonly body: Uint8Array; readonly dateMs: number | null };

export function post(connection: Duplex, { body }: Hello, { url, timeoutMs }: ProbeOptions): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const late = new ProbeFailure("answer_timed_out", `no whole answer within ${timeoutMs} ms`);
    const timer = setTimeout(() => settle(reject)(late), timeoutMs);
    const settle =
      <T>(then: (value: T) => void) =>
      (value: T): void => {
        clearTimeout(timer);
        then(value);
      };
    const asking = request(
      {
        ...{ method: "POST", path: url.pathname + url.search, createConnection: () => connection },
        headers: {
          ...{ host: url.host, "content-type": "application/json", accept: "application/json", connection: "close" },
          "content-length": Buffer.byteLength(body),
        },
      },
      (answer) => collect(answer).then(settle(resolve), settle(reject)),
    );
    asking.once("error", (error) => settle(reject)(failureOf(error, "unexpected", url.host)));
    asking.end(body);
  });
}

async function collect(answer: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > messageBytesMax) throw new ProbeFailure("answer_too_large", `more than ${messageBytesMax} bytes`);
    chunks.push(chunk);
  }
  const dateMs = Date.parse(answer.headers.date ?? "");
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks), dateMs: Number.isNaN(dateMs) ? null : dateMs };
}

/** What is wrong with the answer before anybody opens it. */
export function requireAnswer({ status, body }: HttpAnswer): void {
  if (status !== 200) throw new ProbeFailure("http_status", `HTTP ${status}`);
  if (body.byteLength === 0) throw new ProbeFailure("empty_answer", "HTTP 200 and no body");
}

/** Throws `ProbeFailure` with the protocol's code. */
export async function openAnswer(
  { body }: HttpAnswer,
  { nonce }: Hello,
  anchors: readonly X509Certificate[],
  now: number,
): Promise<Answer<"HELLO">> {
  try {
    return await decodeAnswer(body, { requestType: "HELLO", nonce, anchors, knownCertificate: null, now });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProbeFailure(error.code, error.message, { cause: error });
  }
}

export function readRoots(roots: readonly string[]): readonly X509Certificate[] {
  return roots.flatMap((pem) =>
    (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]{1,20000}?-----END CERTIFICATE-----/g) ?? []).map(parseCertificate),
  );
}
