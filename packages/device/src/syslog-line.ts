// A log line as devices print it: `*Aug 22 12:13:08.425: %SMART_LIC-6-AGENT_READY: text` (LOG-8).

import { showLogTime, type TimeZone } from "./render/show-text.ts";

export type LogLine = {
  readonly facility: string;
  readonly severity: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly mnemonic: string;
  readonly text: string;
};

/** Lines of debugs are printed without facility, severity and mnemonic, as in the field. */
export const debugFacility = "DEBUG";

/** One line whatever the text holds: control characters become blanks, so that nobody can forge a second one. */
export function formatSyslogLine(line: LogLine, atMs: number, zone: TimeZone, clockIsAuthoritative: boolean): string {
  const text = line.text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  const begin = showLogTime(atMs, zone, clockIsAuthoritative);
  if (line.facility === debugFacility) return `${begin}: ${text}`;
  return `${begin}: %${line.facility}-${line.severity}-${line.mnemonic}: ${text}`;
}
