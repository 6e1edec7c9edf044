// show debugging, and the trace of show logging process.

import { topicsOf } from "../debug/debug-topics.ts";
import type { TraceLine } from "../debug/trace-ring.ts";
import type { WatchView } from "../debug/watch-view.ts";
import { oneLine, type TimeZone } from "./show-text.ts";

export function renderDebugging({ debugs }: WatchView): string {
  const topics = debugs.map((words) => topicsOf[words]);
  const groups = [...new Set(topics.map(({ group }) => group))];
  return groups
    .flatMap((group) => [
      "",
      `${group}:`,
      ...topics.filter((topic) => topic.group === group).map(({ title }) => `  ${title} debugging is on`),
    ])
    .join("\n");
}

/** `2025/01/24 23:02:21.000 {iosrp_R0-0}{1}: [smart-agent] (debug): text` */
export function renderTrace(lines: readonly TraceLine[], zone: TimeZone): string {
  return lines
    .map(({ atMs, area, text }) => `${traceTime(atMs, zone)} {iosrp_R0-0}{1}: [${area}] (debug): ${oneLine(text)}`)
    .join("\n");
}

function traceTime(atMs: number, { offsetMinutes }: TimeZone): string {
  const iso = new Date(atMs + offsetMinutes * 60_000).toISOString();
  return `${iso.slice(0, 10).replaceAll("-", "/")} ${iso.slice(11, 23)}`;
}
