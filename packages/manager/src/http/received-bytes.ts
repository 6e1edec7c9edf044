// What of device requests has arrived and was not answered yet, over all connections. Bodies are counted as they come, not as they
// are announced: whoever announces much and sends nothing takes no room from anybody.

import type { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";

/** No signed answer: nobody knows yet to which request it would be one. */
export class TooMuchReceived extends Error {
  override readonly name = "TooMuchReceived";
  /** What the HTTP library answers where nothing else is said. */
  readonly statusCode = 503;
}

export class ReceivedBytes {
  total = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Counts every body of a scope; the one that brings more than there is room for ends in `TooMuchReceived`. */
  watch(scope: FastifyInstance): void {
    scope.addHook("preParsing", (_request, reply, payload, done) => {
      let own = 0;
      reply.raw.once("close", () => {
        this.total -= own;
        own = 0;
      });
      payload.on("data", ({ byteLength }: Buffer) => {
        if (reply.raw.closed) return;
        own += byteLength;
        this.total += byteLength;
        if (this.total > this.#bytesMax) endReading(payload);
      });
      done(null, payload);
    });
  }
}

/** Whoever reads it hears of the error, and reads no further; nobody does when the body was refused for something else. */
function endReading(payload: Readable): void {
  if (payload.listenerCount("error") > 0) payload.emit("error", new TooMuchReceived());
}
