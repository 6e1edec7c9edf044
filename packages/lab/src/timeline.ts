// What of an instance's licensing life becomes a line: a push that leaves, an ACK that was verified, a deadline that moved
// or passed. Each with the rule that made it.

import type { Agent } from "@countersign/agent";
import { decodeRequest } from "@countersign/protocol";

export type TimelineEntry = {
  readonly kind: "push" | "acknowledgement" | "deadline";
  readonly atMs: number;
  readonly instance: string;
  readonly text: string;
};
export type Timeline = (entry: TimelineEntry) => void;

export type ScheduleWatch = {
  /** Shows the first deadline and remembers why the next push is planned. */
  started(): void;
  /** Told each message that leaves. */
  sending(body: Uint8Array): void;
  acknowledged(reports: number): void;
  overdue(deadlineAtMs: number): void;
};

export function watchSchedule(
  instance: string,
  timeline: Timeline,
  agentOf: () => Agent | null,
  now: () => number,
): ScheduleWatch {
  let shownDeadlineAtMs: number | null = null;
  // Read before the push leaves: afterwards the plan is the one after it.
  let plannedReason = "";
  const say = (kind: TimelineEntry["kind"], text: string) => timeline({ kind, atMs: now(), instance, text });
  const showDeadline = (): void => {
    const schedule = agentOf()?.schedule();
    plannedReason = schedule?.nextPushReason ?? "";
    const deadline = schedule?.acknowledgementDeadline ?? null;
    if (deadline === null || deadline.atMs === shownDeadlineAtMs) return;
    shownDeadlineAtMs = deadline.atMs;
    say("deadline", `next ACK is due ${day(deadline.atMs)}: ${deadline.reason}`);
  };
  return {
    started: showDeadline,
    sending(body) {
      if (decodeRequest(body).requestType !== "LICENSE_USAGE") return;
      say("push", `pushes usage: ${plannedReason}`);
    },
    acknowledged(reports) {
      say("acknowledgement", `ACK verified for ${reports} ${reports === 1 ? "report" : "reports"}`);
      showDeadline();
    },
    overdue(deadlineAtMs) {
      say("deadline", `an ACK was due ${day(deadlineAtMs)} and has not come; everything goes on working`);
    },
  };
}

function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16).replace("T", " ");
}
