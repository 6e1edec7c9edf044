// Connections are shared: all agents of a process that trust the same roots and use the same proxy have one pool. The pool
// is closed when the last of them has let it go.

import { createHash } from "node:crypto";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import type { ProxyConfiguration } from "../lifecycle/state.ts";

export type TransportTimeouts = {
  /** To a TCP and TLS connection. */
  readonly connectMs: number;
  /** From the first byte sent to the last byte received. */
  readonly totalMs: number;
};

export type DispatcherQuestion = {
  readonly certificateAuthorities: readonly string[];
  readonly proxy: ProxyConfiguration | null;
  readonly timeouts: TransportTimeouts;
};

export type SharedDispatcher = { readonly dispatcher: Dispatcher; release(): void };

type Held = { readonly dispatcher: Dispatcher; users: number };
const held = new Map<string, Held>();

/** Connections of one pool to one manager; more agents than that wait their turn. */
const connectionsMax = 64;

export function acquireDispatcher(question: DispatcherQuestion): SharedDispatcher {
  const key = createHash("sha256").update(JSON.stringify(question)).digest("base64");
  const entry = held.get(key) ?? { dispatcher: createDispatcher(question), users: 0 };
  held.set(key, entry);
  entry.users += 1;
  let isReleased = false;
  const release = (): void => {
    if (isReleased) return;
    isReleased = true;
    entry.users -= 1;
    if (entry.users > 0) return;
    held.delete(key);
    // Nobody waits for idle sockets; what is under way was aborted by its own signal before.
    void entry.dispatcher.destroy();
  };
  return { dispatcher: entry.dispatcher, release };
}

function createDispatcher({ certificateAuthorities, proxy, timeouts }: DispatcherQuestion): Dispatcher {
  const tls = { ca: [...certificateAuthorities], timeout: timeouts.connectMs };
  const common = {
    connections: connectionsMax,
    headersTimeout: timeouts.totalMs,
    bodyTimeout: timeouts.totalMs,
    // Agents talk once a day: a connection is kept only for what follows at once.
    keepAliveTimeout: 4_000,
  };
  if (proxy === null) return new Agent({ ...common, connect: tls });
  const token = proxyToken(proxy);
  return new ProxyAgent({
    ...common,
    uri: `http://${proxy.address.includes(":") ? `[${proxy.address}]` : proxy.address}:${proxy.port}`,
    // CONNECT for http addresses too, so that one path is all there is to test and to allow.
    proxyTunnel: true,
    requestTls: tls,
    connect: { timeout: timeouts.connectMs },
    ...(token === null ? {} : { token }),
  });
}

/** RFC 7617. Credentials stand in a header, never in an address, where logs would show them. */
function proxyToken(proxy: ProxyConfiguration): string | null {
  if (proxy.username === null) return null;
  return `Basic ${Buffer.from(`${proxy.username}:${proxy.password ?? ""}`).toString("base64")}`;
}
