// Connections are shared: all agents of a process that trust the same roots and use the same proxy have one pool. The pool
// is closed when the last of them has let it go.

import { createHash } from "node:crypto";
import type { Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import type { ProxyConfiguration } from "../lifecycle/state.ts";
import type { ConnectionSettings } from "../ports.ts";
import { createConnector } from "./connector.ts";

export type TransportTimeouts = {
  /** To a TCP and TLS connection. */
  readonly connectMs: number;
  /** From the first byte sent to the last byte received. */
  readonly totalMs: number;
};

export type DispatcherQuestion = {
  readonly connection: ConnectionSettings;
  readonly proxy: ProxyConfiguration | null;
  readonly timeouts: TransportTimeouts;
};

export type SharedDispatcher = { readonly dispatcher: Dispatcher; release(): void };

type Held = { readonly dispatcher: Dispatcher; users: number };
const held = new Map<string, Held>();

/** Connections of one pool to one manager; more agents than that wait their turn. */
const connectionsMax = 64;

export function acquireDispatcher(question: DispatcherQuestion): SharedDispatcher {
  const key = createHash("sha256").update(keyOf(question)).digest("base64");
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

/** Functions and observers of different owners never share a pool. */
function keyOf({ connection, proxy, timeouts }: DispatcherQuestion): string {
  const { resolve, checkServer, observer, ...plain } = connection;
  return JSON.stringify({ plain, proxy, timeouts, owned: [resolve, checkServer, observer].map(numberOf) });
}

const numbers = new WeakMap<object, number>();
let numbered = 0;

function numberOf(owned: object | null): number {
  if (owned === null) return 0;
  const known = numbers.get(owned);
  if (known !== undefined) return known;
  numbered += 1;
  numbers.set(owned, numbered);
  return numbered;
}

function createDispatcher(question: DispatcherQuestion): Dispatcher {
  const { timeouts } = question;
  return new Agent({
    connections: connectionsMax,
    headersTimeout: timeouts.totalMs,
    bodyTimeout: timeouts.totalMs,
    // Agents talk once a day: a connection is kept only for what follows at once.
    keepAliveTimeout: 4_000,
    connect: createConnector(question),
  });
}
