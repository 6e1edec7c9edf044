// A log line as receivers get it: in the form of network devices, or in that of RFC 5424 with structured data.

import { facilityCodes, type LogFacility, type LogFormat } from "../logging-configuration.ts";
import { oneLine, type TimeZone } from "../render/show-text.ts";
import { formatSyslogLine, type LogLine } from "../syslog-line.ts";

export type MessageFacts = {
  readonly line: LogLine;
  readonly atMs: number;
  /** Counts the device's log lines since its start, so that a receiver sees what it missed. */
  readonly sequence: number;
  readonly hostname: string;
  readonly zone: TimeZone;
  readonly clockIsAuthoritative: boolean;
  readonly softwareVersion: string;
};

export type MessageStyle = {
  readonly facility: LogFacility;
  readonly format: LogFormat;
  readonly sendsHostname: boolean;
};

/** The enterprise number that RFC 5612 sets apart for documentation; see docs/decisions/0047. */
const enterpriseNumber = 32_473;

/** One message, never with a line feed in it. */
export function formatMessage(facts: MessageFacts, style: MessageStyle): string {
  const priority = facilityCodes[style.facility] * 8 + facts.line.severity;
  return style.format === "rfc5424" ? structured(facts, priority) : plain(facts, style, priority);
}

/** `<189>12: edge-1: *Aug 22 12:13:08.425: %SMART_LIC-6-AGENT_READY: text` */
function plain({ line, atMs, sequence, hostname, ...facts }: MessageFacts, style: MessageStyle, priority: number) {
  const origin = style.sendsHostname ? `${oneLine(hostname)}: ` : "";
  return `<${priority}>${sequence}: ${origin}${formatSyslogLine(line, atMs, facts.zone, facts.clockIsAuthoritative)}`;
}

/** RFC 5424: APP-NAME is the facility of the line, MSGID its mnemonic. */
function structured(facts: MessageFacts, priority: number): string {
  const { line, atMs, sequence, hostname } = facts;
  const header = [
    `<${priority}>1`,
    new Date(atMs).toISOString(),
    headerField(hostname, 255),
    headerField(line.facility, 48),
    "-",
    headerField(line.mnemonic, 32),
  ].join(" ");
  const data = [
    element("timeQuality", { tzKnown: "1", isSynced: facts.clockIsAuthoritative ? "1" : "0" }),
    element("meta", { sequenceId: String(((sequence - 1) % 2_147_483_647) + 1) }),
    element("origin", { software: "countersign-device", swVersion: facts.softwareVersion.slice(0, 32) }),
    element(`event@${enterpriseNumber}`, {
      facility: line.facility,
      severity: String(line.severity),
      mnemonic: line.mnemonic,
    }),
  ].join("");
  // The mark of RFC 5424 section 6.4 says that the text is UTF-8.
  return `${header} ${data} ${/^[\x20-\x7e]*$/.test(line.text) ? "" : "\uFEFF"}${oneLine(line.text)}`;
}

/** Printable ASCII without blanks; `-` where nothing is left. */
function headerField(text: string, charactersMax: number): string {
  return text.replace(/[^\x21-\x7e]/g, "").slice(0, charactersMax) || "-";
}

function element(id: string, values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(
    ([name, value]) => ` ${name}="${oneLine(value).replace(/["\\\]]/g, (found) => `\\${found}`)}"`,
  );
  return `[${id}${pairs.join("")}]`;
}
