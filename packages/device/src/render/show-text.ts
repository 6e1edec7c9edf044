// What all show commands share: dates, durations and the words for what is not there, as public parsers expect them
// (spec: captions and dates of the field, requirements SHO-1, SHO-24, SHO-26).

import { formatUdi, type HaRole, type LicenseClass, type PolicySource, type Udi } from "@countersign/protocol";

/** What a renderer may not find out by itself. */
export type ShowOptions = {
  readonly nowMs: number;
  readonly zone: TimeZone;
};

/** `clock timezone CET 1 0`: the name that is printed and the offset that goes with it. */
export type TimeZone = { readonly label: string; readonly offsetMinutes: number };

export const utc: TimeZone = { label: "UTC", offsetMinutes: 0 };

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

type DateParts = { readonly date: Date; readonly month: string; readonly day: string; readonly clock: string };

function partsOf(atMs: number, zone: TimeZone): DateParts {
  const date = new Date(atMs + zone.offsetMinutes * 60_000);
  const iso = date.toISOString();
  return { date, month: months[date.getUTCMonth()] ?? "", day: iso.slice(8, 10), clock: iso.slice(11, 19) };
}

/** `Jan 24 23:19:05 2025 UTC` */
export function showDate(atMs: number, zone: TimeZone): string {
  const { date, month, day, clock } = partsOf(atMs, zone);
  return `${month} ${day} ${clock} ${date.getUTCFullYear()} ${zone.label}`;
}

/** The date, or `<none>`. */
export function dateOrNone(atMs: number | null, zone: TimeZone): string {
  return atMs === null ? "<none>" : showDate(atMs, zone);
}

/** `07:38:15.237 UTC Fri Aug 27 2021` */
export function showClock(atMs: number, zone: TimeZone): string {
  const { date, month, clock } = partsOf(atMs, zone);
  const milliseconds = date.toISOString().slice(20, 23);
  const weekday = weekdays[date.getUTCDay()] ?? "";
  return `${clock}.${milliseconds} ${zone.label} ${weekday} ${month} ${date.getUTCDate()} ${date.getUTCFullYear()}`;
}

/** `2025-01-24 13:58:23.900 UTC`, as the event log prints it. */
export function showEventTime(atMs: number, zone: TimeZone): string {
  const iso = partsOf(atMs, zone).date.toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)} ${zone.label}`;
}

/** `Aug 22 12:13:08.425`, `Mar  1 …` as log lines begin; a leading star means that nobody vouches for the clock (LOG-8). */
export function showLogTime(atMs: number, zone: TimeZone, clockIsAuthoritative: boolean): string {
  const { date, month, clock } = partsOf(atMs, zone);
  // Receivers expect two places for the day, the first a blank (RFC 3164, 4.1.2).
  const day = String(date.getUTCDate()).padStart(2);
  return `${clockIsAuthoritative ? "" : "*"}${month} ${day} ${clock}.${date.toISOString().slice(20, 23)}`;
}

/** `29 days, 23 hours, 49 minutes, 39 seconds`, leading zero parts left out (SHO-19). */
export function showDuration(durationMs: number): string {
  const total = Math.max(0, Math.round(durationMs / 1000));
  const parts: readonly [number, string][] = [
    [Math.floor(total / 86_400), "days"],
    [Math.floor(total / 3600) % 24, "hours"],
    [Math.floor(total / 60) % 60, "minutes"],
    [total % 60, "seconds"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return (first === -1 ? parts.slice(-1) : parts.slice(first)).map(([value, unit]) => `${value} ${unit}`).join(", ");
}

export function enabled(isEnabled: boolean): string {
  return isEnabled ? "ENABLED" : "DISABLED";
}

export function trueFalse(value: boolean): string {
  return value ? "True" : "False";
}

/** Names and reasons come from outside: whatever would break the line, or reach into a terminal, becomes a blank. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

/** The same for a line of a block, whose indentation says what it belongs to. */
export function indentedLine(text: string): string {
  return `${/^ */.exec(text)?.[0] ?? ""}${oneLine(text)}`;
}

export function orEmpty(text: string | number | null): string {
  const shown = oneLine(`${text ?? ""}`);
  return shown === "" ? "<empty>" : shown;
}

const sourceWords: Readonly<Record<PolicySource, string>> = {
  default: "CISCO default",
  product: "Product default",
  account: "Customer Policy",
  "virtual account": "Customer Policy",
  "imported file": "Customer Policy",
};

export function policyOrigin(source: PolicySource): string {
  return sourceWords[source];
}

/** How the field words a class; the class of a licence that nobody enforces is its type. */
export const licenseTypeWords: Readonly<Record<LicenseClass, string>> = {
  perpetual: "Perpetual",
  subscription: "Subscription",
  enforced: "Subscription",
  export: "Export",
};

export const enforcementWords: Readonly<Record<LicenseClass, string>> = {
  perpetual: "NOT ENFORCED",
  subscription: "NOT ENFORCED",
  enforced: "ENFORCED",
  export: "EXPORT RESTRICTED",
};

/** `Active: PID:x,SN:y`, with a blank: trust code and authorization blocks. */
export function roleWithBlank(role: HaRole, udi: Udi): string {
  return `${role}: ${formatUdi(udi)}`;
}

/** `Active:PID:x,SN:y`, without one: the list of members. Readers tell the two apart by it. */
export function roleWithoutBlank(role: HaRole, udi: Udi): string {
  return `${role}:${formatUdi(udi)}`;
}

/** `P:x,S:y` */
export function shortUdi(udi: Udi): string {
  return `P:${udi.pid},S:${udi.serialNumber}`;
}

export function indent(lines: readonly string[], blanks: number): readonly string[] {
  return lines.map((line) => (line === "" ? line : " ".repeat(blanks) + line));
}

/** Blocks with one empty line between them; blocks without lines are left out. */
export function joinBlocks(blocks: readonly (readonly string[])[]): readonly string[] {
  const present = blocks.filter((block) => block.length > 0);
  return present.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

export function underlined(title: string): readonly string[] {
  return [title, "=".repeat(title.length)];
}

/** For JSON output: the instant as ISO 8601 in UTC. */
export function isoOrNull(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
