// Smart transport: one HTTPS POST of JSON, TLS verified against the given roots and nothing else, through a proxy when one
// is configured. Answers the body's bytes or throws `TransportFailure`; what the bytes mean is decided elsewhere.

import { messageBytesMax } from "@countersign/protocol";
import { type Dispatcher, request } from "undici";
import type { ProxyConfiguration } from "../lifecycle/state.ts";
import type { Exchange, ExchangeOptions } from "../ports.ts";
import { TransportFailure } from "../transport-failure.ts";
import { classifyError } from "./classify-error.ts";
import { acquireDispatcher, type SharedDispatcher, type TransportTimeouts } from "./dispatchers.ts";

/** The field's devices give up an answer after about 20 s (TRU-7); a setting, not a constant of the protocol. */
export const defaultTimeouts: TransportTimeouts = { connectMs: 10_000, totalMs: 20_000 };

export type SmartTransportOptions = {
  /** PEM texts of the roots that may have issued a server's TLS certificate. */
  readonly certificateAuthorities: readonly string[];
  readonly timeouts?: TransportTimeouts;
};

export class SmartTransport {
  readonly #certificateAuthorities: readonly string[];
  readonly #timeouts: TransportTimeouts;
  #shared: { readonly proxyKey: string; readonly dispatcher: SharedDispatcher } | null = null;

  constructor(options: SmartTransportOptions) {
    this.#certificateAuthorities = options.certificateAuthorities;
    this.#timeouts = options.timeouts ?? defaultTimeouts;
  }

  readonly exchange: Exchange = async (address, body, options) => {
    const url = parseUrl(address);
    const deadline = AbortSignal.timeout(this.#timeouts.totalMs);
    const signal = AbortSignal.any([deadline, options.signal]);
    try {
      return await post(url, body, { dispatcher: this.#dispatcherFor(options.proxy), signal });
    } catch (error) {
      if (options.signal.aborted) throw new TransportFailure("aborted", "", { cause: error });
      if (deadline.aborted) throw new TransportFailure("answer_timed_out", url.host, { cause: error });
      throw classifyError(error, { url, proxy: options.proxy });
    }
  };

  close(): void {
    this.#shared?.dispatcher.release();
    this.#shared = null;
  }

  #dispatcherFor(proxy: ExchangeOptions["proxy"]): Dispatcher {
    const proxyKey = JSON.stringify(proxy);
    if (this.#shared?.proxyKey !== proxyKey) {
      this.close();
      this.#shared = { proxyKey, dispatcher: this.#acquire(proxy) };
    }
    return this.#shared.dispatcher.dispatcher;
  }

  #acquire(proxy: ProxyConfiguration | null): SharedDispatcher {
    return acquireDispatcher({ certificateAuthorities: this.#certificateAuthorities, proxy, timeouts: this.#timeouts });
  }
}

function parseUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new TransportFailure("address_malformed", JSON.stringify(address.slice(0, 200)));
  }
  return url;
}

async function post(
  url: URL,
  body: Uint8Array,
  how: { dispatcher: Dispatcher; signal: AbortSignal },
): Promise<Uint8Array> {
  const answer = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body,
    dispatcher: how.dispatcher,
    signal: how.signal,
  });
  if (answer.statusCode !== 200) {
    await answer.body.dump({ limit: messageBytesMax });
    throw new TransportFailure("http_status", `HTTP ${answer.statusCode} from ${url.host}`);
  }
  const bytes = await readLimited(answer.body);
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
