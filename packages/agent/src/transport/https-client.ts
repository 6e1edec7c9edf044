// What needs the HTTP library: kept apart, so that it is loaded with the first message and not with the agent.

import { messageBytesMax } from "@countersign/protocol";
import type { Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";
import { type ConnectionObserver, harmless, publicAddress } from "../trace.ts";
import { TransportFailure } from "../transport-failure.ts";

export { acquireDispatcher } from "./dispatchers.ts";

/** Throws `TransportFailure` for what HTTP itself says, and whatever undici throws for the rest. */
export async function post(
  url: URL,
  body: Uint8Array,
  how: { dispatcher: Dispatcher; signal: AbortSignal; observer: ConnectionObserver | null },
): Promise<Uint8Array> {
  const tell = how.observer === null ? () => undefined : harmless(how.observer.tell);
  const startedMs = performance.now();
  const answered = (status: number, bytes: number): void =>
    tell({ type: "message answered", status, bytes, durationMs: Math.round(performance.now() - startedMs) });
  tell({ type: "message sent", method: "POST", address: publicAddress(url.href), bytes: body.length });
  const answer = await request.call(how.dispatcher, {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body,
    signal: how.signal,
  });
  if (answer.statusCode !== 200) {
    await answer.body.dump({ limit: messageBytesMax });
    answered(answer.statusCode, 0);
    throw new TransportFailure("http_status", `HTTP ${answer.statusCode} from ${url.host}`);
  }
  const bytes = await readLimited(answer.body);
  answered(answer.statusCode, bytes.length);
  if (bytes.length === 0) throw new TransportFailure("empty_answer", url.host);
  return bytes;
}

async function readLimited(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > messageBytesMax) throw new TransportFailure("answer_too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
