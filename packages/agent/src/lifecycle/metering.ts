// What is in use, and since when. Only changes make measurements: between them a report just lets time pass, so a tick
// costs the same for one tag as for a thousand, and nothing here ever looks at a closed report.

import { assert, countMax, type LicenseClass, type Udi } from "@countersign/protocol";
import { isClassic } from "./classic/classic-state.ts";
import type { AgentEffect } from "./effect.ts";
import { type Boundary, drawBoundary, moment, openWhenUsed, putUsage } from "./open-report.ts";
import type { AgentState, Usage } from "./state.ts";
import { notify, recordEvent, type Transition, unchanged } from "./transition.ts";

/** Seconds between two marks of "ran until here" (15 minutes in the field). */
export const tickSeconds = 900;

export type UsageChange = {
  readonly tag: string;
  readonly licenseClass: LicenseClass;
  readonly count: number;
  readonly added?: readonly Udi[];
  readonly removed?: readonly Udi[];
};

/** Sets how many of an entitlement the installation uses; 0 releases it. The same count again changes nothing. */
export function setUsage(state: AgentState, change: UsageChange, now: number): Transition {
  assert(
    Number.isSafeInteger(change.count) && change.count >= 0 && change.count <= countMax,
    "a count is a whole number",
  );
  const known = state.metering.usages[change.tag];
  const usage = known ?? freshUsage(change);
  const added = change.added ?? [];
  const removed = change.removed ?? [];
  if (
    usage.count === change.count &&
    usage.licenseClass === change.licenseClass &&
    added.length + removed.length === 0
  ) {
    return unchanged(state);
  }
  const hasTurned = (usage.count === 0) !== (change.count === 0);
  const next: Usage = {
    ...usage,
    licenseClass: change.licenseClass,
    count: change.count,
    requestedAtMs: hasTurned && change.count > 0 ? now : usage.requestedAtMs,
  };
  const boundary: Boundary = { reason: "count_change", added, removed };
  const effects = [...describeUsage(usage, next), ...tellUsage(usage, next)];
  const counted = hasTurned ? noteTurn(state, next, now) : state;
  // The classic model reports nothing; a report that an earlier software opened goes on.
  if (usage.openReport === null && isClassic(state)) return { state: putUsage(counted, next), effects };
  const measured =
    usage.openReport === null
      ? openWhenUsed(
          counted,
          next,
          { before: null, boundary, startSeconds: Math.floor(now / 1000), isZeroTold: true },
          now,
        )
      : drawBoundary(counted, next, boundary, moment(now));
  return { state: measured.state, effects: [...effects, ...measured.effects] };
}

function freshUsage({ tag, licenseClass }: UsageChange): Usage {
  return { tag, licenseClass, count: 0, requestedAtMs: null, openReport: null, lastReportId: null };
}

function describeUsage(before: Usage, after: Usage): readonly AgentEffect[] {
  const details = { count: String(after.count), entitlementTag: after.tag };
  if (after.count === 0)
    return [recordEvent("LICENSE_USAGE", { count: "0", type: "destroy", entitlementTag: after.tag })];
  const usage = recordEvent("LICENSE_USAGE", { ...details, type: before.count === 0 ? "create" : "update" });
  return before.count === 0 ? [recordEvent("TAG_AUTHORIZED", details), usage] : [usage];
}

function tellUsage({ count: countBefore }: Usage, { tag, count }: Usage): readonly AgentEffect[] {
  return count === countBefore ? [] : [notify({ type: "usage-changed", tag, count, countBefore })];
}

/** 0→n and n→0 are what "report on change" counts. */
function noteTurn(state: AgentState, usage: Usage, now: number): AgentState {
  const { metering } = state;
  const classesChanged = metering.classesChanged.includes(usage.licenseClass)
    ? metering.classesChanged
    : [...metering.classesChanged, usage.licenseClass];
  return {
    ...state,
    metering: {
      ...metering,
      classesChanged,
      firstUseAtMs: metering.firstUseAtMs ?? now,
      changedAtMs: now,
    },
  };
}

/** The 15-minute tick: constant cost, whatever is in use and however many reports wait. */
export function tick(state: AgentState, now: number): Transition {
  const { metering } = state;
  const tickMs = tickSeconds * 1000;
  const missed = Math.max(1, Math.ceil((now - metering.nextTickAtMs + 1) / tickMs));
  return unchanged({
    ...state,
    metering: { ...metering, measuredUntilMs: now, nextTickAtMs: metering.nextTickAtMs + missed * tickMs },
  });
}

export function classesInUse(state: AgentState): readonly LicenseClass[] {
  const classes = new Set<LicenseClass>();
  for (const usage of Object.values(state.metering.usages)) if (usage.count > 0) classes.add(usage.licenseClass);
  return [...classes];
}
