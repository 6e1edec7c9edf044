// show license air entities summary (REP-8, SHO-26). The original leaves the next report time out of all other commands;
// here show license all and show license tech support have it too (BET-5).

import type { AirEntitiesView, LicenseView } from "../license-view.ts";
import { oneLine, type ShowOptions, showClock, underlined } from "./show-text.ts";

const captionWidth = 48;

/** Empty where the platform has no access points; the console does not offer the command there. */
export function renderAirEntities(view: LicenseView, options: ShowOptions): string {
  return view.airEntities === null ? "" : airLines(view.airEntities, options).join("\n");
}

/** Here a mandatory ACK and its deadline are said; the command of the field has its five lines and no more. */
export function airReportingBlock(view: LicenseView, options: ShowOptions): readonly string[] {
  if (view.airEntities === null) return [];
  const { isAckMandatory } = view.airEntities;
  const deadlineAtMs = view.reporting.deadline?.atMs ?? null;
  const until = deadlineAtMs === null ? "yes" : `yes, until ${showClock(deadlineAtMs, options.zone)}`;
  return [
    ...underlined("Wireless License Reporting"),
    ...airLines(view.airEntities, options),
    ...(isAckMandatory ? [dotted("RUM acknowledgement mandatory", until)] : []),
  ];
}

export const airLists = ["added", "bulk", "deleted", "no-change"] as const;
export type AirList = (typeof airLists)[number];

/** Access points behind the counts of the summary, by their identity. */
export function airListOf({ airEntities }: LicenseView, list: AirList): readonly string[] {
  if (airEntities === null) return [];
  const { added, deleted, unchanged } = airEntities;
  return { added, bulk: [...unchanged, ...added], deleted, "no-change": unchanged }[list];
}

/** The field's command is documented by name only; the words are ours. */
export function renderAirList(view: LicenseView, list: AirList): string {
  const udis = airListOf(view, list);
  return [`Number of access points: ${udis.length}`, ...udis.map((udi) => `  ${oneLine(udi)}`)].join("\n");
}

function airLines(air: AirEntitiesView, options: ShowOptions): readonly string[] {
  const clock = (atMs: number | null) => (atMs === null ? "<none>" : showClock(atMs, options.zone));
  return [
    dotted("Last license report time", clock(air.lastReportAtMs)),
    dotted("Upcoming license report time", clock(air.nextReportAtMs)),
    dotted("No. of APs active at last report", air.activeAtLastReport),
    dotted("No. of APs newly added with last report", air.addedWithLastReport),
    dotted("No. of APs deleted with last report", air.deletedWithLastReport),
  ];
}

function dotted(caption: string, value: string | number): string {
  return `${caption.padEnd(captionWidth, ".")}: ${value}`;
}
