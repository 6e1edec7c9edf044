// Sends a device's log lines to the receivers that are configured, each with a queue of its own.

import type { Timers } from "@countersign/agent";
import type { LoggingConfiguration, LogReceiver } from "../logging-configuration.ts";
import type { LogLine } from "../syslog-line.ts";
import { formatMessage, type MessageFacts } from "./format-message.ts";
import { ReceiverQueue } from "./receiver-queue.ts";

export type SyslogParts = {
  readonly timers: Timers;
  readonly note: (line: LogLine) => void;
  /** PEM certificates of a trustpoint; null when it has none. */
  readonly trustAnchorsOf: (trustpoint: string) => readonly string[] | null;
  /** Address of an interface; null when there is none of this name or it has no address. */
  readonly addressOf: (interfaceName: string) => string | null;
};

export class SyslogSender {
  readonly #parts: SyslogParts;
  #configuration: LoggingConfiguration;
  #queues = new Map<string, ReceiverQueue>();

  constructor(configuration: LoggingConfiguration, parts: SyslogParts) {
    this.#parts = parts;
    this.#configuration = configuration;
    this.apply(configuration);
  }

  get views() {
    return [...this.#queues.values()].map((queue) => queue.view);
  }

  /** What is configured as before keeps its connection. */
  apply(configuration: LoggingConfiguration): void {
    this.#configuration = configuration;
    const wanted = new Map(configuration.receivers.map((receiver) => [keyOf(receiver, configuration), receiver]));
    for (const [key, queue] of this.#queues) {
      if (wanted.has(key)) continue;
      this.#queues.delete(key);
      void queue.close();
    }
    for (const [key, receiver] of wanted) {
      if (!this.#queues.has(key)) this.#queues.set(key, new ReceiverQueue(receiver, this.#queueParts(receiver)));
    }
  }

  send(facts: MessageFacts): void {
    if (facts.line.severity > this.#configuration.trapSeverity) return;
    const message = formatMessage(facts, this.#configuration);
    for (const queue of this.#queues.values()) queue.offer(message);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    this.#queues.clear();
  }

  #queueParts({ transport, trustpoint }: LogReceiver) {
    const { timers, note, trustAnchorsOf, addressOf } = this.#parts;
    const { sourceInterface } = this.#configuration;
    const ways = () => {
      const localAddress = sourceInterface === null ? null : addressOf(sourceInterface);
      if (sourceInterface !== null && localAddress === null) return `interface ${sourceInterface} has no address`;
      const trustAnchors = transport === "tls" ? trustAnchorsOf(trustpoint ?? "") : [];
      if (trustAnchors === null) return `trustpoint ${trustpoint} has no certificate`;
      return { localAddress, trustAnchors };
    };
    return { timers, note, ways };
  }
}

function keyOf(receiver: LogReceiver, { sourceInterface }: LoggingConfiguration): string {
  return JSON.stringify([receiver, sourceInterface]);
}
