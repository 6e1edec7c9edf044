// What is configured about log lines: which are kept, and who gets them, in which form.

import * as v from "valibot";

/** Names of the severities, 0 to 7, as `logging trap` and `show logging` spell them. */
export const severityNames = [
  "emergencies",
  "alerts",
  "critical",
  "errors",
  "warnings",
  "notifications",
  "informational",
  "debugging",
] as const;

/** Facility codes of RFC 5424 section 6.2.1 under the names that devices give them. */
export const facilityCodes = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  sys9: 9,
  sys10: 10,
  sys11: 11,
  sys12: 12,
  sys13: 13,
  sys14: 14,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;
export type LogFacility = keyof typeof facilityCodes;
export const logFacilities = Object.keys(facilityCodes) as readonly LogFacility[];

export const receiverTransports = ["udp", "tcp", "tls"] as const;
export type ReceiverTransport = (typeof receiverTransports)[number];

/** UDP: RFC 5426; TCP: RFC 6587; TLS: RFC 5425. */
export const receiverPorts: Readonly<Record<ReceiverTransport, number>> = { udp: 514, tcp: 601, tls: 6514 };

/** `device`: the form that network devices have always sent. `rfc5424`: with structured data. */
export const logFormats = ["device", "rfc5424"] as const;
export type LogFormat = (typeof logFormats)[number];

export const receiversMax = 8;
/** Bytes of `logging buffered`. */
export const bufferBytesMin = 4096;
export const bufferBytesMax = 4_194_304;

const severity = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(7));

const receiverSchema = v.strictObject({
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(253)),
  transport: v.picklist(receiverTransports),
  port: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(65_535)),
  /** Whose certificates a TLS receiver is verified with; null with the other transports. */
  trustpoint: v.nullable(v.string()),
});

export type LogReceiver = v.InferOutput<typeof receiverSchema>;

export const loggingSchema = v.strictObject({
  receivers: v.pipe(v.array(receiverSchema), v.maxLength(receiversMax)),
  /** Receivers get this severity and what is worse. */
  trapSeverity: severity,
  facility: v.picklist(logFacilities),
  format: v.picklist(logFormats),
  sourceInterface: v.nullable(v.string()),
  /** The host name in each line of the device format. */
  sendsHostname: v.boolean(),
  /** Null keeps no lines. */
  buffer: v.nullable(
    v.strictObject({
      bytesMax: v.pipe(v.number(), v.safeInteger(), v.minValue(bufferBytesMin), v.maxValue(bufferBytesMax)),
      severity,
    }),
  ),
});

export type LoggingConfiguration = v.InferOutput<typeof loggingSchema>;

export const defaultLogging: LoggingConfiguration = {
  receivers: [],
  trapSeverity: 6,
  facility: "local7",
  format: "device",
  sourceInterface: null,
  sendsHostname: false,
  buffer: { bytesMax: 65_536, severity: 7 },
};

export function isSameReceiver(one: LogReceiver, other: LogReceiver): boolean {
  return one.host === other.host && one.transport === other.transport && one.port === other.port;
}

/** `host 192.0.2.1 port 514`, as log lines name a receiver. */
export function nameOfReceiver({ host, port }: LogReceiver): string {
  return `host ${host} port ${port}`;
}

/** What is kept, which a configuration says far before who gets it. */
export function bufferLines({ buffer }: LoggingConfiguration): readonly string[] {
  const standard = defaultLogging.buffer;
  if (buffer === null) return ["no logging buffered"];
  const isStandard = buffer.bytesMax === standard?.bytesMax && buffer.severity === standard.severity;
  return isStandard ? [] : [`logging buffered ${buffer.bytesMax} ${severityNames[buffer.severity]}`];
}

/** Who gets what, as the commands that make it, without what is at its default. */
export function loggingLines(logging: LoggingConfiguration): readonly string[] {
  const { receivers, trapSeverity, facility, format, sourceInterface, sendsHostname } = logging;
  const lines: string[] = [];
  if (trapSeverity !== defaultLogging.trapSeverity) lines.push(`logging trap ${severityNames[trapSeverity]}`);
  if (facility !== defaultLogging.facility) lines.push(`logging facility ${facility}`);
  if (format !== defaultLogging.format) lines.push(`logging format ${format}`);
  if (sendsHostname) lines.push("logging origin-id hostname");
  if (sourceInterface !== null) lines.push(`logging source-interface ${sourceInterface}`);
  return [...lines, ...receivers.map(receiverLine)];
}

function receiverLine({ host, transport, port, trustpoint }: LogReceiver): string {
  const start = `logging host ${host}`;
  if (transport === "udp" && port === receiverPorts.udp) return start;
  return `${start} transport ${transport} port ${port}${trustpoint === null ? "" : ` trustpoint ${trustpoint}`}`;
}
