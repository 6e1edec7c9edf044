// A refused clock in words that a person can act on. The manager's text names the device's time in milliseconds; how far
// that is from the manager's own time stands in the header of the same answer, which is signed (BET-29, FAIL-3).

import { clockToleranceMs } from "@countersign/protocol";

/** Code under which a manager refuses a request because of its time. */
export const clockOffsetCode = "clock_offset";

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** Both in epoch milliseconds: what the request said, and what the manager's clock showed when it answered. */
export function describeClockOffset(deviceTimeMs: number, managerTimeMs: number): string {
  const offsetMs = deviceTimeMs - managerTimeMs;
  const direction = offsetMs < 0 ? "behind" : "ahead of";
  return (
    `The device's clock is ${inWords(Math.abs(offsetMs))} ${direction} the manager's, which tolerates ` +
    `${inWords(clockToleranceMs)}. Set it with "clock set" and "clock calendar-valid", or let NTP set it.`
  );
}

/** The two largest units that are not zero: `3 hours 5 minutes`. */
function inWords(durationMs: number): string {
  const parts: string[] = [];
  let restMs = durationMs;
  for (const [name, unitMs] of units) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return parts.slice(0, 2).join(" ") || "less than a second";
}
