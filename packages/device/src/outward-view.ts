// What leaves a device beside licensing, as show commands print it: log lines and SNMP.

import type { LoggingConfiguration, LogReceiver } from "./logging-configuration.ts";
import type { SnmpConfiguration } from "./snmp-configuration.ts";

export type ReceiverView = {
  readonly receiver: LogReceiver;
  readonly state: "connecting" | "up" | "down";
  readonly sent: number;
  /** What waited when the queue was full, and what certainly did not arrive. */
  readonly lost: number;
  readonly waiting: number;
  readonly lastFailure: string | null;
};

export type LoggingView = {
  readonly configuration: LoggingConfiguration;
  /** As printed, oldest first. */
  readonly lines: readonly string[];
  /** Since the start of the device: all lines, and those that were put into the buffer. */
  readonly total: number;
  readonly buffered: number;
  readonly receivers: readonly ReceiverView[];
};

export type SnmpCounters = {
  readonly requests: number;
  readonly answers: number;
  readonly refusedRequests: number;
  readonly notificationsSent: number;
  readonly notificationsFailed: number;
};

export type SnmpView = {
  readonly configuration: SnmpConfiguration;
  readonly users: readonly { readonly name: string; readonly group: string; readonly authProtocol: string }[];
  /** Null until SNMP was used for the first time. */
  readonly engineIdHex: string | null;
  /** Where it answers; null when it does not. */
  readonly listening: { readonly address: string; readonly port: number } | null;
  /** Why it does not although somebody could ask. */
  readonly failure: string | null;
  readonly counters: SnmpCounters;
};
