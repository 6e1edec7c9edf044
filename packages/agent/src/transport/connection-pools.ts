// Connections are shared: all agents of a process that trust the same roots and use the same proxy have one pool. The pool
// is closed when the last of them has let it go.

import { createHash } from "node:crypto";
import type { ProxyConfiguration } from "../lifecycle/state.ts";
import type { ConnectionSettings } from "../ports.ts";
import { Connections } from "./connections.ts";
import { createConnector } from "./connector.ts";
import { defaultPorts } from "./default-ports.ts";

export type TransportTimeouts = {
  /** To a TCP and TLS connection. */
  readonly connectMs: number;
  /** From the first byte sent to the last byte received. */
  readonly totalMs: number;
};

export type PoolQuestion = {
  readonly connection: ConnectionSettings;
  readonly proxy: ProxyConfiguration | null;
  readonly timeouts: TransportTimeouts;
};

export type SharedPool = { readonly pool: ConnectionPool; release(): void };

type Held = { readonly pool: ConnectionPool; users: number };
const held = new Map<string, Held>();

export function acquirePool(question: PoolQuestion): SharedPool {
  const key = createHash("sha256").update(keyOf(question)).digest("base64");
  const entry = held.get(key) ?? { pool: new ConnectionPool(question), users: 0 };
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
    entry.pool.destroy();
  };
  return { pool: entry.pool, release };
}

/** Functions and observers of different owners never share a pool. */
function keyOf({ connection, proxy, timeouts }: PoolQuestion): string {
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

export class ConnectionPool {
  readonly #question: PoolQuestion;
  readonly #servers = new Map<string, Connections>();

  constructor(question: PoolQuestion) {
    this.#question = question;
  }

  to({ origin, protocol, hostname, port }: URL): Connections {
    const known = this.#servers.get(origin);
    if (known !== undefined) return known;
    const destination = {
      isSecure: protocol === "https:",
      host: hostname,
      port: port === "" ? (defaultPorts[protocol] ?? 0) : Number(port),
    };
    const connections = new Connections(createConnector(destination, this.#question));
    this.#servers.set(origin, connections);
    return connections;
  }

  destroy(): void {
    for (const connections of this.#servers.values()) connections.destroy();
  }
}
