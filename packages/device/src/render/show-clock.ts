// show clock, show ntp status, show ntp associations (SHO-29).

import type { ClockView, NtpServerView } from "../clock-view.ts";
import { oneLine, type ShowOptions, showClock } from "./show-text.ts";

/** A star before the time says that nobody vouches for it. */
export function renderClock(view: ClockView, { nowMs, zone }: ShowOptions, isDetailed: boolean): string {
  const time = `${view.isAuthoritative ? "" : "*"}${showClock(nowMs, zone)}`;
  if (!isDetailed) return time;
  return [
    time,
    view.source === null ? "No time source" : `Time source is ${view.source}`,
    `The clock is ${(view.offsetMs / 1000).toFixed(3)} s ahead of the machine that this device runs on`,
  ].join("\n");
}

export function renderNtpStatus(view: ClockView, nowMs: number): string {
  const peer = view.servers.find(({ isPeer }) => isPeer);
  if (peer === undefined) {
    const tried = view.servers.flatMap(({ host, failure }) =>
      failure === null ? [] : [`${oneLine(host)}: ${oneLine(failure)}`],
    );
    return ["Clock is unsynchronized, stratum 16, no reference clock", ...tried].join("\n");
  }
  const seconds = Math.round((nowMs - (peer.lastAnswerAtMs ?? nowMs)) / 1000);
  return [
    `Clock is synchronized, stratum ${peer.stratum + 1}, reference is ${peer.address ?? oneLine(peer.host)}`,
    `clock offset is ${milliseconds(peer.offsetMs)} msec, root delay is ${milliseconds(peer.delayMs)} msec`,
    `system poll interval is ${view.pollSeconds}, last update was ${seconds} sec ago.`,
  ].join("\n");
}

export function renderNtpAssociations(view: ClockView, nowMs: number): string {
  const head = "  address         ref clock       st   when   poll reach  delay  offset";
  const legend = " * sys.peer, ~ configured";
  return [head, ...view.servers.map((server) => associationLine(server, view.pollSeconds, nowMs)), legend].join("\n");
}

function associationLine(server: NtpServerView, pollSeconds: number, nowMs: number): string {
  const { address, host, referenceId, stratum, lastAnswerAtMs, reach, delayMs, offsetMs, isPeer } = server;
  const when = lastAnswerAtMs === null ? "-" : `${Math.round((nowMs - lastAnswerAtMs) / 1000)}`;
  return [
    `${isPeer ? "*" : " "}~${oneLine(address ?? host).padEnd(15)}`,
    referenceId.padEnd(15),
    `${stratum}`.padStart(2),
    when.padStart(6),
    `${pollSeconds}`.padStart(6),
    reach.toString(8).padStart(5),
    milliseconds(delayMs).padStart(6),
    milliseconds(offsetMs).padStart(7),
  ].join(" ");
}

function milliseconds(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}
