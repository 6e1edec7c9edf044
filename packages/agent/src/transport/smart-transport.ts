// Smart transport: one HTTPS POST of JSON, TLS verified against the given roots and nothing else, through a proxy when one
// is configured. Answers the body's bytes or throws `TransportFailure`; what the bytes mean is decided elsewhere.

import type { ConnectionQuestion, ConnectionSettings, Exchange, ExchangeOptions } from "../ports.ts";
import { TransportFailure } from "../transport-failure.ts";
import { classifyError } from "./classify-error.ts";
import type { PoolQuestion, SharedPool, TransportTimeouts } from "./connection-pools.ts";
import { defaultPorts } from "./default-ports.ts";

/** The field's devices give up an answer after about 20 s (TRU-7); a setting, not a constant of the protocol. */
export const defaultTimeouts: TransportTimeouts = { connectMs: 10_000, totalMs: 20_000 };

/** Whatever address and resolver the system takes; TLS believes these roots and checks names. */
export function systemConnection(certificateAuthorities: readonly string[]): ConnectionSettings {
  const nobody = { clientCertificate: null, resolve: null, checkServer: null, observer: null };
  return { localAddress: null, certificateAuthorities, checksServerIdentity: true, ...nobody };
}

export type SmartTransportOptions = {
  /** Asked before each message, so that a change counts at once. May throw `TransportFailure` where there is no way. */
  readonly connection: ConnectionQuestion;
  readonly timeouts?: TransportTimeouts;
};

export class SmartTransport {
  readonly #connection: ConnectionQuestion;
  readonly #timeouts: TransportTimeouts;
  #held: Held | null = null;

  constructor(options: SmartTransportOptions) {
    this.#connection = options.connection;
    this.#timeouts = options.timeouts ?? defaultTimeouts;
  }

  readonly exchange: Exchange = async (address, body, options) => {
    const url = parseUrl(address);
    const deadline = AbortSignal.timeout(this.#timeouts.totalMs);
    const signal = AbortSignal.any([deadline, options.signal]);
    try {
      // HTTP is loaded with the first message: a product starts without it.
      const { acquirePool, post } = await import("./https-client.ts");
      const { connection, shared } = this.#sharedFor(options, acquirePool);
      return await post(url, body, { pool: shared.pool, signal, observer: connection.observer });
    } catch (error) {
      if (options.signal.aborted) throw new TransportFailure("aborted", "", { cause: error });
      const place = placeOf(url);
      if (deadline.aborted) throw new TransportFailure("answer_timed_out", place, { cause: error });
      throw classifyError(error, { place, isProxy: false });
    }
  };

  close(): void {
    this.#held?.shared.release();
    this.#held = null;
  }

  #sharedFor(
    { proxy, vrf = null, transport = "smart" }: ExchangeOptions,
    acquire: (question: PoolQuestion) => SharedPool,
  ): Held {
    const way = { connection: this.#connection(vrf, transport), proxyKey: JSON.stringify(proxy) };
    if (this.#held?.proxyKey !== way.proxyKey || this.#held.connection !== way.connection) {
      this.close();
      const question = { connection: way.connection, proxy, timeouts: this.#timeouts };
      this.#held = { ...way, shared: acquire(question) };
    }
    return this.#held;
  }
}

/** Settings are replaced as a whole: the same object means the same way. */
type Way = { readonly connection: ConnectionSettings; readonly proxyKey: string };

type Held = Way & { readonly shared: SharedPool };

/** With the port, also where the address leaves it out: it is what a path may block (TRN-30). */
function placeOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === "" ? defaultPorts[protocol] : port}`;
}

function parseUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new TransportFailure("address_malformed", JSON.stringify(address.slice(0, 200)));
  }
  return url;
}
