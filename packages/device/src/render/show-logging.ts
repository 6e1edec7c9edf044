// show logging: what is kept and who gets it, then the lines that are kept.

import { type LoggingConfiguration, type LogReceiver, severityNames } from "../logging-configuration.ts";
import type { LoggingView, ReceiverView } from "../outward-view.ts";
import { oneLine } from "./show-text.ts";

export function renderLogging(view: LoggingView): string {
  const { configuration, lines, buffered, total, receivers } = view;
  const { buffer, trapSeverity } = configuration;
  const lost = receivers.reduce((sum, one) => sum + one.lost, 0);
  const bufferLine =
    buffer === null
      ? "    Buffer logging:  disabled"
      : `    Buffer logging:  level ${severityNames[buffer.severity]}, ${buffered} messages logged`;
  return [
    `Syslog logging: enabled (${lost} messages dropped, 0 flushes, 0 overruns)`,
    "",
    bufferLine,
    `    Trap logging: level ${severityNames[trapSeverity]}, ${total} message lines logged`,
    ...receivers.flatMap(receiverLines),
    ...sourceLine(configuration),
    "",
    ...(buffer === null ? [] : [`Log Buffer (${buffer.bytesMax} bytes):`, "", ...lines]),
  ].join("\n");
}

function receiverLines({ receiver, state, sent, lost, waiting, lastFailure }: ReceiverView): readonly string[] {
  const words = { connecting: "connecting", up: "link up", down: "link down" } as const;
  return [
    `        Logging to ${receiver.host}  (${receiver.transport} port ${receiver.port}, ${words[state]}),`,
    `              ${sent} message lines logged,`,
    `              ${lost} message lines dropped, ${waiting} waiting`,
    ...(receiver.trustpoint === null ? [] : [`              verified with trustpoint ${oneLine(receiver.trustpoint)}`]),
    ...(lastFailure === null ? [] : [`              last failure: ${oneLine(lastFailure)}`]),
  ];
}

function sourceLine({ sourceInterface }: LoggingConfiguration): readonly string[] {
  return sourceInterface === null ? [] : [`        Logging Source-Interface: ${oneLine(sourceInterface)}`];
}

export function loggingJson({ configuration, lines, total, buffered, receivers }: LoggingView): unknown {
  return { configuration, counts: { total, buffered }, receivers: receivers.map(receiverJson), lines };
}

function receiverJson({ receiver, ...state }: ReceiverView): LogReceiver & Omit<ReceiverView, "receiver"> {
  return { ...receiver, ...state };
}
