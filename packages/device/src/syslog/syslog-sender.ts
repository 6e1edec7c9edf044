// Sends a device's log lines to the receivers that are configured, each with a queue of its own.

import type { Timers } from "@countersign/agent";
import type { LoggingConfiguration, LogReceiver } from "../logging-configuration.ts";
import type { LogLine } from "../syslog-line.ts";
import type { ConnectionWay } from "./connection.ts";
import { formatMessage, type MessageFacts } from "./format-message.ts";
import { ReceiverQueue } from "./receiver-queue.ts";

export type SyslogParts = {
  readonly timers: Timers;
  readonly note: (line: LogLine) => void;
  /** How a receiver is reached that is verified with this trustpoint, null without TLS. A text says why there is no way. */
  readonly way: (trustpoint: string | null) => ConnectionWay | string;
};

type Opened = { readonly queue: ReceiverQueue; way: string };

/** Opens nothing before `apply`: what a receiver has to say about itself is a log line too. */
export class SyslogSender {
  readonly #parts: SyslogParts;
  #configuration: LoggingConfiguration;
  readonly #opened = new Map<string, Opened>();

  constructor(configuration: LoggingConfiguration, parts: SyslogParts) {
    this.#parts = parts;
    this.#configuration = configuration;
  }

  get views() {
    return this.#queues.map((queue) => queue.view);
  }

  /** A receiver that is reached as before keeps its connection; one that is reached in another way keeps what waits for it. */
  apply(configuration: LoggingConfiguration): void {
    this.#configuration = configuration;
    const wanted = new Map(configuration.receivers.map((receiver) => [JSON.stringify(receiver), receiver]));
    for (const [key, { queue }] of this.#opened) {
      if (wanted.has(key)) continue;
      this.#opened.delete(key);
      void queue.close();
    }
    for (const [key, receiver] of wanted) this.#open(key, receiver);
  }

  send(facts: MessageFacts): void {
    if (facts.line.severity > this.#configuration.trapSeverity) return;
    const message = formatMessage(facts, this.#configuration);
    for (const queue of this.#queues) queue.offer(message);
  }

  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
    this.#opened.clear();
  }

  get #queues(): readonly ReceiverQueue[] {
    return [...this.#opened.values()].map(({ queue }) => queue);
  }

  #open(key: string, receiver: LogReceiver): void {
    const { timers, note } = this.#parts;
    const way = () => this.#parts.way(receiver.trustpoint);
    const described = describeWay(way());
    const opened = this.#opened.get(key);
    if (opened === undefined) {
      const queue = new ReceiverQueue(receiver, { timers, note, way });
      this.#opened.set(key, { queue, way: described });
      queue.open();
    } else if (opened.way !== described) {
      opened.way = described;
      opened.queue.reopen();
    }
  }
}

function describeWay(way: ConnectionWay | string): string {
  return typeof way === "string" ? way : JSON.stringify([way.localAddress, way.certificateAuthorities]);
}
