// The event stream of RESTCONF (RFC 8040, 6): who listens gets each notification as it happens. Nothing waits for a listener: one
// that reads too slowly is cut off, and comes back for the state, which says everything that a notification said.

import { streamHeartbeatSeconds, streamsMax, streamWaitingBytesMax } from "./http-limits.ts";
import { HttpProblem } from "./http-problem.ts";

export type StreamParts = {
  /** False: nobody is let in any more. */
  authenticates(): boolean;
  start(delayMs: number, callback: () => void): () => void;
};

export class NotificationStream {
  readonly #parts: StreamParts;
  readonly #listeners = new Set<StreamListener>();
  #cancelHeartbeat: () => void = () => undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /** `isAllowed`: may whoever asked still listen? Throws `device_busy` when as many listen as may. */
  listen(isAllowed: () => Promise<boolean>): StreamListener {
    if (this.#listeners.size >= streamsMax) {
      const message = `${streamsMax} clients listen already; a device has no more streams.`;
      throw new HttpProblem("device_busy", { message, headers: { "retry-after": String(streamHeartbeatSeconds) } });
    }
    const listener = new StreamListener(isAllowed, () => this.#remove(listener));
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#scheduleHeartbeat();
    // The client sees at once that it listens.
    listener.push(heartbeat);
    return listener;
  }

  /** One JSON text, without ends of lines. */
  publish(json: string): void {
    for (const listener of [...this.#listeners]) {
      if (this.#parts.authenticates()) listener.push(`data: ${json}\n\n`);
      else listener.end();
    }
  }

  #remove(listener: StreamListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#cancelHeartbeat();
  }

  #scheduleHeartbeat(): void {
    this.#cancelHeartbeat = this.#parts.start(streamHeartbeatSeconds * 1000, () => {
      this.#scheduleHeartbeat();
      for (const listener of [...this.#listeners]) void this.#beat(listener);
    });
  }

  async #beat(listener: StreamListener): Promise<void> {
    const isAllowed = this.#parts.authenticates() && (await listener.isAllowed().catch(() => false));
    if (isAllowed) listener.push(heartbeat);
    else listener.end();
  }
}

/** A comment, which clients leave out: it keeps the connection open, and finds out that nobody is there. */
const heartbeat = ":\n\n";

export class StreamListener implements AsyncIterableIterator<string> {
  readonly isAllowed: () => Promise<boolean>;
  readonly #onEnd: () => void;
  #waiting: string[] = [];
  #bytes = 0;
  #isOver = false;
  #take: ((result: IteratorResult<string>) => void) | null = null;
  #cutOff: () => void = () => undefined;

  constructor(isAllowed: () => Promise<boolean>, onEnd: () => void) {
    this.isAllowed = isAllowed;
    this.#onEnd = onEnd;
  }

  /** What ends the connection of a listener that may not or does not read. */
  onCutOff(cutOff: () => void): void {
    this.#cutOff = cutOff;
  }

  push(text: string): void {
    if (this.#isOver) return;
    if (this.#take !== null) {
      this.#take({ done: false, value: text });
      this.#take = null;
      return;
    }
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > streamWaitingBytesMax) this.end();
    else this.#waiting.push(text);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    this.#take?.({ done: true, value: undefined });
    this.#take = null;
    this.#onEnd();
    this.#cutOff();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<string>> {
    const text = this.#waiting.shift();
    if (text !== undefined) {
      this.#bytes -= Buffer.byteLength(text);
      return Promise.resolve({ done: false, value: text });
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#take = resolve;
    });
  }

  return(): Promise<IteratorResult<string>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}
