// A TCP connection whose bytes are seen by somebody on their way: between TCP and TLS, so that they are what is on the wire.
// It is a stream and no socket, so that TLS cannot go round it through the system's handle.

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { ConnectionEvent } from "../trace.ts";
import { maskSecrets } from "./mask-secrets.ts";

/** How long the other side's goodbye is waited for, so that it is seen. */
const goodbyeMsMax = 1_000;

export class TappedSocket extends Duplex {
  readonly #tcp: Socket;

  constructor(tcp: Socket, connectionId: number, tell: (event: ConnectionEvent) => void) {
    super();
    this.#tcp = tcp;
    this.#sees = (isSent, bytes) =>
      tell({ type: "bytes", connectionId, isSent, bytes: isSent ? maskSecrets(bytes) : bytes });
    tcp.on("data", (bytes: Buffer) => {
      this.#sees(false, bytes);
      // What comes after this end was let go is seen, and read by nobody.
      if (!this.destroyed && !this.push(bytes)) tcp.pause();
    });
    tcp.once("end", () => {
      tell({ type: "finished", connectionId, isSent: false });
      if (!this.destroyed) this.push(null);
    });
    tcp.once("finish", () => tell({ type: "finished", connectionId, isSent: true }));
    tcp.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET" || error.code === "EPIPE") tell({ type: "reset", connectionId });
      this.destroy(error);
    });
    tcp.once("close", () => this.destroy());
    tcp.on("timeout", () => this.emit("timeout"));
  }

  readonly #sees: (isSent: boolean, bytes: Uint8Array) => void;

  // What node:http asks of a connection besides being a stream.

  setTimeout(idleMs: number, listener?: () => void): this {
    this.#tcp.setTimeout(idleMs);
    if (listener !== undefined) {
      if (idleMs === 0) this.off("timeout", listener);
      else this.once("timeout", listener);
    }
    return this;
  }

  setKeepAlive(isOn: boolean, delayMs: number): this {
    this.#tcp.setKeepAlive(isOn, delayMs);
    return this;
  }

  ref(): this {
    this.#tcp.ref();
    return this;
  }

  unref(): this {
    this.#tcp.unref();
    return this;
  }

  override _read(): void {
    this.#tcp.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sees(true, bytes);
    this.#tcp.write(bytes, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#tcp.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const tcp = this.#tcp;
    if (!tcp.destroyed) {
      tcp.resume();
      tcp.end();
      const timer = setTimeout(() => tcp.destroy(), goodbyeMsMax);
      timer.unref();
      tcp.once("close", () => clearTimeout(timer));
    }
    done(error);
  }
}
