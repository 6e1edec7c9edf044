// What waits for one receiver: bounded, sent in order, with reconnecting that takes its time. Never in anybody's way.

import type { Timers } from "@countersign/agent";
import { type LogReceiver, nameOfReceiver } from "../logging-configuration.ts";
import type { LogLine } from "../syslog-line.ts";
import { type Connection, type ConnectionWay, openConnection } from "./connection.ts";

/** Messages that wait for a receiver; when one more comes, the oldest is lost. */
export const queueMax = 1000;

const retryMsMin = 1000;
const retryMsMax = 60_000;

export type QueueParts = {
  readonly timers: Timers;
  /** A log line about the receiver itself. */
  readonly note: (line: LogLine) => void;
  /** Asked at each attempt. A text is the reason why there is no way. */
  readonly way: () => ConnectionWay | string;
};

export class ReceiverQueue {
  readonly receiver: LogReceiver;
  readonly #parts: QueueParts;
  #waiting: string[] = [];
  #connection: Connection | null = null;
  #state: "connecting" | "up" | "down" = "connecting";
  #isWaitingForDrain = false;
  #attempts = 0;
  #cancelRetry = () => {};
  #sent = 0;
  #lost = 0;
  #lostBefore = 0;
  #lastFailure: string | null = null;

  constructor(receiver: LogReceiver, parts: QueueParts) {
    this.receiver = receiver;
    this.#parts = parts;
  }

  /** Whoever makes a queue opens it once lines about it can reach it. */
  open(): void {
    const way = this.#parts.way();
    if (typeof way === "string") {
      this.#fail(way);
      return;
    }
    this.#connection = openConnection(this.receiver, way, {
      opened: () => this.#opened(),
      drained: () => {
        this.#isWaitingForDrain = false;
        this.#send();
      },
      failed: (reason) => this.#fail(reason),
      undelivered: (reason) => {
        this.#lost += 1;
        this.#lastFailure = reason;
      },
    });
  }

  get view() {
    const { receiver } = this;
    const counts = { sent: this.#sent, lost: this.#lost, waiting: this.#waiting.length };
    return { receiver, state: this.#state, ...counts, lastFailure: this.#lastFailure } as const;
  }

  offer(message: string): void {
    if (this.#waiting.length >= queueMax) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    this.#waiting.push(message);
    this.#send();
  }

  /** Another way than before: what waits goes it. */
  reopen(): void {
    this.#cancelRetry();
    void this.#connection?.close();
    this.#connection = null;
    this.#state = "connecting";
    this.#attempts = 0;
    this.open();
  }

  async close(): Promise<void> {
    this.#cancelRetry();
    this.#state = "down";
    await this.#connection?.close();
    this.#connection = null;
  }

  #opened(): void {
    const name = nameOfReceiver(this.receiver);
    const isAgain = this.#state === "down";
    this.#state = "up";
    this.#attempts = 0;
    this.#isWaitingForDrain = false;
    const how = isAgain ? "reconnection" : "CLI initiated";
    this.#note(6, "LOGGINGHOST_STARTSTOP", `Logging to ${name} started - ${how}`);
    const lost = this.#lost - this.#lostBefore;
    this.#lostBefore = this.#lost;
    if (lost > 0) this.#note(3, "LOGGINGHOST_LOST", `${lost} messages for ${name} were lost`);
    this.#send();
  }

  /** Said once in an outage, however long it takes. */
  #fail(reason: string): void {
    this.#connection = null;
    this.#lastFailure = reason;
    this.#attempts += 1;
    const delayMs = Math.min(retryMsMin * 2 ** (this.#attempts - 1), retryMsMax);
    this.#cancelRetry = this.#parts.timers.start(delayMs, () => this.open());
    if (this.#state === "down") return;
    this.#state = "down";
    this.#note(3, "LOGGINGHOST_FAIL", `Logging to ${nameOfReceiver(this.receiver)} failed: ${reason}`);
  }

  #send(): void {
    while (this.#state === "up" && !this.#isWaitingForDrain && this.#connection !== null) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#sent += 1;
      this.#isWaitingForDrain = !this.#connection.send(message);
    }
  }

  #note(severity: 3 | 6, mnemonic: string, text: string): void {
    this.#parts.note({ facility: "SYS", severity, mnemonic, text });
  }
}
