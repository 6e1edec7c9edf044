// What needs HTTP: kept apart, so that it is loaded with the first message and not with the agent.

import type { IncomingMessage } from "node:http";
import { messageBytesMax } from "@countersign/protocol";
import { type ConnectionObserver, harmless, publicAddress } from "../trace.ts";
import { TransportFailure } from "../transport-failure.ts";
import type { ConnectionPool } from "./connection-pools.ts";

// An import of node:http reads all its names, and one of them loads a browser's worth of interfaces (docs/decisions/0064).
const { request } = process.getBuiltinModule("node:http");

export { acquirePool } from "./connection-pools.ts";

type Posting = { readonly pool: ConnectionPool; readonly signal: AbortSignal };

/** Throws `TransportFailure` for what HTTP itself says, and whatever sockets and OpenSSL throw for the rest. */
export async function post(
  url: URL,
  body: Uint8Array,
  { pool, signal, observer }: Posting & { readonly observer: ConnectionObserver | null },
): Promise<Uint8Array> {
  const tell = observer === null ? () => undefined : harmless(observer.tell);
  const startedMs = performance.now();
  const answered = (status: number, bytes: number): void =>
    tell({ type: "message answered", status, bytes, durationMs: Math.round(performance.now() - startedMs) });
  tell({ type: "message sent", method: "POST", address: publicAddress(url.href), bytes: body.length });
  const answer = await ask(url, body, { pool, signal });
  const status = answer.statusCode ?? 0;
  if (status !== 200) {
    // Read to its end, so that the connection can be kept; what it says is nobody's business.
    await readLimited(answer).catch(() => undefined);
    answered(status, 0);
    throw new TransportFailure("http_status", `HTTP ${status} from ${url.host}`);
  }
  const bytes = await readLimited(answer);
  answered(status, bytes.length);
  if (bytes.length === 0) throw new TransportFailure("empty_answer", url.host);
  return bytes;
}

/** Resolves when the head of the answer is there. */
async function ask(url: URL, body: Uint8Array, { pool, signal }: Posting): Promise<IncomingMessage> {
  const connections = pool.to(url);
  const giveBack = await connections.takeTurn(signal);
  return new Promise((resolve, reject) => {
    const asking = request({
      agent: connections,
      method: "POST",
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        "content-type": "application/json",
        accept: "application/json",
        "content-length": body.length,
      },
    });
    let isConnected = false;
    // Says so itself: an agent of node:http tells of an end only when the connection is there.
    const stop = (): void => {
      asking.destroy(signal.reason);
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    asking.once("socket", () => {
      isConnected = true;
    });
    asking.once("response", resolve);
    asking.on("error", (error) => reject(isConnected && isGoodbye(error) ? emptyAnswer(url, error) : error));
    asking.once("close", () => {
      signal.removeEventListener("abort", stop);
      giveBack();
    });
    asking.end(body);
  });
}

/** The server closed the connection before it said anything: no system call failed. */
function isGoodbye(error: NodeJS.ErrnoException): boolean {
  return error.code === "ECONNRESET" && error.syscall === undefined;
}

function emptyAnswer(url: URL, cause: Error): TransportFailure {
  return new TransportFailure("empty_answer", url.host, { cause });
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
