// What of device requests has arrived and was not answered yet, over all connections. Bodies are counted as they come, not as they
// are announced: whoever announces much and sends nothing takes no room from anybody.

import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";

/** No signed answer: nobody knows yet to which request it would be one. */
export class TooMuchReceived extends Error {
  override readonly name = "TooMuchReceived";
  /** What the HTTP library answers where nothing else is said. */
  readonly statusCode = 503;
}

/** What is needed of a listener of fastify: a look at each body before it is read. */
export type BodyHooks = {
  addHook(
    name: "preParsing",
    hook: (
      request: unknown,
      reply: { readonly raw: ServerResponse },
      payload: Readable,
      done: (error: null, payload: Readable) => void,
    ) => void,
  ): unknown;
};

export class ReceivedBytes {
  total = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Counts every body of the listener or scope; the one that brings more than there is room for ends in `TooMuchReceived`. */
  watch(listener: BodyHooks): void {
    listener.addHook("preParsing", (_request, { raw }, payload, done) => {
      let own = 0;
      raw.once("close", () => {
        this.total -= own;
        own = 0;
      });
      payload.on("data", ({ byteLength }: Buffer) => {
        if (raw.closed) return;
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
