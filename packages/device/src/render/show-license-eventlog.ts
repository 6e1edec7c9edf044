// show license eventlog [days]

import type { EventLineView } from "../license-view.ts";
import { oneLine, type ShowOptions, showEventTime } from "./show-text.ts";

export function renderEventLog(events: readonly EventLineView[], options: ShowOptions): string {
  const lines = events.length === 0 ? [" No EventLog Found."] : events.map((event) => eventLine(event, options));
  return ["**** Event Log ****", "", ...lines].join("\n");
}

/** One event is one line: whatever would break the line or its quotes is replaced. */
function eventLine(event: EventLineView, options: ShowOptions): string {
  const details = Object.entries(event.details).map(([key, value]) => ` ${key}="${quotable(value)}"`);
  return `${showEventTime(event.atMs, options.zone)} SAEVT_${event.name.replace(/^SAEVT_/, "")}${details.join("")}`;
}

function quotable(value: string): string {
  return oneLine(value).replaceAll('"', "'");
}
