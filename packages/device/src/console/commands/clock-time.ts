// `23:02:21 24 January 2025` as a moment.

import type { ControlOutcome } from "../../device-control.ts";
import type { TimeZone } from "../../render/show-text.ts";
import type { Arguments } from "../parse-command.ts";

const months = ["january", "february", "march", "april", "may", "june", "july"];
const allMonths = [...months, "august", "september", "october", "november", "december"];

export const mistakenTime: ControlOutcome = {
  outcome: "refused",
  code: "time_invalid",
  message: "This is no time of any day.",
  remedy: "Enter it as in `clock set 23:02:21 24 January 2025`.",
};

/** Epoch milliseconds; null for a time that no day has. At least three letters of a month. */
export function timeOf({ time = "", day, month = "", year }: Arguments, zone: TimeZone): number | null {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)$/.exec(time);
  const index = month.length < 3 ? -1 : allMonths.findIndex((name) => name.startsWith(month.toLowerCase()));
  if (clock === null || index === -1) return null;
  const [, hours, minutes, seconds] = clock.map(Number);
  const atMs = Date.UTC(Number(year), index, Number(day), hours, minutes, seconds);
  // The thirtieth of February would become a day in March.
  return new Date(atMs).getUTCDate() === Number(day) ? atMs - zone.offsetMinutes * 60_000 : null;
}
