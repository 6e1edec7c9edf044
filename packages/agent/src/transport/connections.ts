// The connections of one pool to one server, as node:http wants them: opened by the connector, kept for what follows at once,
// and never more than a fixed number of them.

import type { Agent as HttpAgent } from "node:http";
import type { Duplex } from "node:stream";
import { TransportFailure } from "../transport-failure.ts";
import type { Connector } from "./connector.ts";

// An import of node:http reads all its names, and one of them loads a browser's worth of interfaces (docs/decisions/0064).
const { Agent } = process.getBuiltinModule("node:http");

/** More messages than that wait their turn. */
export const connectionsMax = 64;

/** Agents talk once a day: a connection is kept only for what follows at once. */
const idleMsMax = 4_000;

export class Connections extends Agent {
  readonly #connect: Connector;
  readonly #waiting = new Set<() => void>();
  #turns = connectionsMax;
  #isClosed = false;

  constructor(connect: Connector) {
    super({ keepAlive: true, timeout: idleMsMax, maxFreeSockets: connectionsMax });
    this.#connect = connect;
  }

  /**
   * Resolves when one of the connections is to be had, with what gives it back. The agent of node:http counts connections when
   * they are there, so that of a thousand messages at once each would open one. Throws the signal's reason.
   */
  async takeTurn(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#turns > 0) this.#turns -= 1;
    else await this.#wait(signal);
    return () => this.#giveBack();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(begin);
        reject(signal.reason);
      };
      const begin = (): void => {
        this.#waiting.delete(begin);
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      this.#waiting.add(begin);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#turns += 1;
    else next();
  }

  override createConnection(
    ...[, callback]: Parameters<HttpAgent["createConnection"]>
  ): ReturnType<HttpAgent["createConnection"]> {
    this.#open().then(
      (connection) => callback?.(null, connection),
      (error: Error) => callback?.(error, undefined as never),
    );
    return undefined;
  }

  async #open(): Promise<Duplex> {
    const connection = await this.#connect();
    if (!this.#isClosed) return connection;
    connection.destroy();
    throw new TransportFailure("aborted");
  }

  override destroy(): void {
    this.#isClosed = true;
    super.destroy();
  }
}
