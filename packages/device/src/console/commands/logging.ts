// logging ... of global configuration, show logging, clear logging.

import {
  bufferBytesMax,
  bufferBytesMin,
  defaultLogging,
  isSameReceiver,
  type LoggingConfiguration,
  type LogReceiver,
  logFacilities,
  receiverPorts,
  receiversMax,
  receiverTransports,
  severityNames,
} from "../../logging-configuration.ts";
import { loggingJson, renderLogging } from "../../render/show-logging.ts";
import { type CommandHandler, type ConsoleNode, changing, shown } from "../command-context.ts";
import { keyword, line, number, word } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";
import { showLoggingProcess } from "./debug.ts";

type Edit = (now: LoggingConfiguration, given: Arguments) => LoggingConfiguration | string;

function editing(edit: Edit): CommandHandler {
  return changing((control, given) => control.change({ setting: "logging", edit: (now) => edit(now, given) }));
}

/** A severity by number or by name; `apply` takes the number. */
function severities(apply: (now: LoggingConfiguration, severity: number, given: Arguments) => LoggingConfiguration) {
  const named = severityNames.map((name, severity) =>
    keyword<CommandHandler>(name, `Severity ${severity} and worse`, {
      action: editing((now, given) => apply(now, severity, given)),
    }),
  );
  const numbered = number<CommandHandler>("severity", [0, 7], "Severity", {
    action: editing((now, given) => apply(now, Number(given.severity), given)),
  });
  return [...named, numbered];
}

function receiverOf({ host = "", port, trustpoint }: Arguments, transport: LogReceiver["transport"]): LogReceiver {
  const isTls = transport === "tls";
  return {
    host,
    transport,
    port: port === undefined ? receiverPorts[transport] : Number(port),
    trustpoint: isTls ? (trustpoint ?? "SLA-TrustPoint") : null,
  };
}

function addReceiver(now: LoggingConfiguration, receiver: LogReceiver): LoggingConfiguration | string {
  const others = now.receivers.filter((one) => !isSameReceiver(one, receiver));
  if (others.length >= receiversMax) return `Log lines go to at most ${receiversMax} receivers.`;
  return { ...now, receivers: [...others, receiver] };
}

function removeReceiver(now: LoggingConfiguration, receiver: LogReceiver): LoggingConfiguration | string {
  const others = now.receivers.filter((one) => !isSameReceiver(one, receiver));
  return others.length === now.receivers.length ? "There is no such receiver." : { ...now, receivers: others };
}

type ReceiverEdit = (now: LoggingConfiguration, receiver: LogReceiver) => LoggingConfiguration | string;

/** `<host> [transport {udp | tcp | tls} [port <n>] [trustpoint <name>]]` */
function receiverBranch(edit: ReceiverEdit, bare: CommandHandler): ConsoleNode {
  const transports = receiverTransports.map((transport) => {
    const action = editing((now, given) => edit(now, receiverOf(given, transport)));
    const trustpoint = keyword<CommandHandler>("trustpoint", "Whose certificates verify the receiver", {
      next: [word("trustpoint", "Trustpoint", { action })],
    });
    const last = transport === "tls" ? [trustpoint] : [];
    const port = keyword<CommandHandler>("port", "Port of the receiver", {
      next: [number("port", [1, 65_535], "Port", { action, next: last })],
    });
    return keyword<CommandHandler>(transport, `Over ${transport.toUpperCase()}`, { action, next: [port, ...last] });
  });
  return word("host", "Name or address of the receiver", {
    action: bare,
    next: [keyword("transport", "How the receiver is reached", { next: transports })],
  });
}

const added = receiverBranch(
  addReceiver,
  editing((now, given) => addReceiver(now, receiverOf(given, "udp"))),
);
/** Without a transport, every receiver at this address goes. */
const removed = receiverBranch(
  removeReceiver,
  editing((now, { host }) => {
    const others = now.receivers.filter((one) => one.host !== host);
    return others.length === now.receivers.length ? "There is no such receiver." : { ...now, receivers: others };
  }),
);

const standardBuffer = { bytesMax: 65_536, severity: 7 };

const bufferBranch: readonly ConsoleNode[] = [
  number("bytes", [bufferBytesMin, bufferBytesMax], "Bytes that are kept", {
    action: editing((now, { bytes }) => ({
      ...now,
      buffer: { ...(now.buffer ?? standardBuffer), bytesMax: Number(bytes) },
    })),
    next: severities((now, severity, { bytes }) => ({ ...now, buffer: { bytesMax: Number(bytes), severity } })),
  }),
  ...severities((now, severity) => ({ ...now, buffer: { ...(now.buffer ?? standardBuffer), severity } })),
];

/** Below `logging`. */
export const loggingCommands: readonly ConsoleNode[] = [
  keyword("buffered", "Keep log lines on the device", {
    action: editing((now) => ({ ...now, buffer: standardBuffer })),
    next: bufferBranch,
  }),
  keyword("facility", "Facility of what is sent", {
    next: logFacilities.map((facility) =>
      keyword(facility, "Facility", { action: editing((now) => ({ ...now, facility })) }),
    ),
  }),
  keyword("format", "Form of what is sent", {
    next: [keyword("rfc5424", "With structured data", { action: editing((now) => ({ ...now, format: "rfc5424" })) })],
  }),
  keyword("host", "Send log lines to a receiver", { next: [added] }),
  keyword("origin-id", "Who sends", {
    next: [
      keyword("hostname", "The host name in each line", {
        action: editing((now) => ({ ...now, sendsHostname: true })),
      }),
    ],
  }),
  keyword("source-interface", "Interface that log lines leave through", {
    next: [
      line("interface", "Interface", {
        action: editing((now, given) => ({ ...now, sourceInterface: given.interface ?? "" })),
      }),
    ],
  }),
  keyword("trap", "How bad a line must be to be sent", {
    action: editing((now) => ({ ...now, trapSeverity: defaultLogging.trapSeverity })),
    next: severities((now, trapSeverity) => ({ ...now, trapSeverity })),
  }),
];

function standard<Part extends keyof LoggingConfiguration>(part: Part): { readonly action: CommandHandler } {
  return { action: editing((now) => ({ ...now, [part]: defaultLogging[part] })) };
}

/** Below `no logging`. */
export const noLogging: readonly ConsoleNode[] = [
  keyword("buffered", "Keep no log lines", { action: editing((now) => ({ ...now, buffer: null })) }),
  keyword("facility", "Facility local7", standard("facility")),
  keyword("format", "The form of network devices", standard("format")),
  keyword("host", "Send nothing to a receiver", { next: [removed] }),
  keyword("origin-id", "No host name in the lines", standard("sendsHostname")),
  keyword("source-interface", "Whichever interface is up", {
    ...standard("sourceInterface"),
    next: [line("value", "Whatever it was", standard("sourceInterface"))],
  }),
  keyword("trap", "Informational and worse", standard("trapSeverity")),
];

const logging: CommandHandler = async ({ reader }) => {
  const view = reader.logging();
  return shown(renderLogging(view), loggingJson(view));
};

/** Below `show`. */
export const showLoggingCommands: readonly ConsoleNode[] = [
  keyword("logging", "Receivers of log lines, and the last lines", {
    modes: ["exec"],
    action: logging,
    next: showLoggingProcess,
  }),
];

export const clearCommands: readonly ConsoleNode[] = [
  keyword("clear", "Forget", {
    modes: ["exec"],
    next: [
      keyword("logging", "The log lines that are kept", { action: changing((control) => control.clearLogging()) }),
    ],
  }),
];
