// Devices of an installation join, leave, fail, reload and take over, and access points come and go. Stored first, then told
// to the agent and logged; a refusal changes nothing.

import { formatUdi, isSameUdi } from "@countersign/protocol";
import type { AccessPointWish, ControlOutcome, InstallationChange } from "../device-control.ts";
import { done, refusal } from "../device-control.ts";
import type { DeviceDescription } from "../device-description.ts";
import { nextAccessPoints } from "../platform/access-points.ts";
import { joinSlot, leaveSlot, type SlotChange, slotRefusals, switchOver } from "../platform/installation.ts";
import type { Slot } from "../platform/platform-profile.ts";
import type { LogLine } from "../syslog-line.ts";
import type { DeviceCore } from "./device-core.ts";
import { type AccessPointChange, accessPointChange, platformEvent } from "./installation-plan.ts";

export function changeInstallation(core: DeviceCore, change: InstallationChange): Promise<ControlOutcome> {
  switch (change.change) {
    case "add member":
      return apply(core, joinSlot(core.profile, core.description.slots, change.udi), { reason: "" });
    case "remove slot":
      return apply(core, leaveSlot(core.description.slots, change.slot), { reason: "active unit removed" });
    case "fail slot":
      return failSlot(core, change.slot);
    case "reload slot":
      return reloadSlot(core, change.slot);
    case "switchover":
      return apply(core, switchOver(core.description.slots), { reason: "user forced" });
    default:
      return change satisfies never;
  }
}

/** Why another device took over, if one did, and which slots failed. */
type Why = { readonly reason: string; readonly failed?: DeviceDescription["failedSlots"] };

async function apply(core: DeviceCore, change: SlotChange, { reason, failed = [] }: Why): Promise<ControlOutcome> {
  if (change.outcome === "refused") {
    const { meaning, remedy } = slotRefusals[change.code];
    return refusal(change.code, meaning, remedy);
  }
  const before = core.description;
  const slots = change.slots.map((slot) => ({ ...slot }));
  const hasTakenOver = before.slots[0]?.number !== slots[0]?.number;
  await core.describe({
    slots,
    failedSlots: stillFailed([...before.failedSlots, ...failed], slots),
    ...(hasTakenOver ? { switchovers: oneMore(before, reason, core.now()) } : {}),
  });
  await core.applyMembers();
  await tellOfSlots(core, before.slots, slots);
  const takenOver = { facility: "REDUNDANCY", severity: 3, mnemonic: "SWITCHOVER", text: `RP switchover (${reason})` };
  if (hasTakenOver) core.note(takenOver as LogLine);
  return done;
}

function oneMore({ switchovers }: DeviceDescription, lastReason: string, lastAtMs: number) {
  return { count: switchovers.count + 1, lastReason, lastAtMs };
}

/** A failed slot is forgotten when its device is back, or another one has its place. */
function stillFailed(failed: DeviceDescription["failedSlots"], slots: readonly Slot[]) {
  return failed.filter(
    ({ number, udi }) => !slots.some((slot) => slot.number === number || isSameMember(slot, udi, slots)),
  );
}

/** In a chassis both supervisors have one identity, so only the number tells them apart. */
function isSameMember(slot: Slot, udi: Slot["udi"], slots: readonly Slot[]): boolean {
  const isShared = slots.length > 0 && slots.every((one) => isSameUdi(one.udi, udi));
  return isSameUdi(slot.udi, udi) && !isShared;
}

async function failSlot(core: DeviceCore, number: number): Promise<ControlOutcome> {
  const failing = core.description.slots.find((slot) => slot.number === number);
  const failed = failing === undefined ? [] : [{ number, udi: { ...failing.udi } }];
  return apply(core, leaveSlot(core.description.slots, number), { reason: "active unit failed", failed });
}

/** A device that reloads comes back by itself with its trust; when it was the active one, the standby has taken over. */
async function reloadSlot(core: DeviceCore, number: number): Promise<ControlOutcome> {
  const { slots } = core.description;
  const slot = slots.find((one) => one.number === number);
  if (slot === undefined) return apply(core, leaveSlot(slots, number), { reason: "" });
  if (slot.role === "Active") return apply(core, switchOver(slots), { reason: `slot ${number} reloaded` });
  await core.agent.recordEvents([oirAdd(number)]);
  core.note({ facility: "SYS", severity: 5, mnemonic: "RELOAD", text: `Slot ${number} reloaded.` });
  return done;
}

function oirAdd(number: number) {
  return platformEvent("INFRA_SL_EVLOG_OIR_ADD", `OIR Add evt 100 with slot-id ${number}`);
}

/** A member that joins asks its own platform layer for licensing data, and only the active one has them (HW-8). */
function notActive() {
  return platformEvent("INFRA_SL_EVLOG_SYSDATA_FAIL", "Get-SDL: not the active switch");
}

async function tellOfSlots(core: DeviceCore, before: readonly Slot[], after: readonly Slot[]): Promise<void> {
  const joined = after.filter((slot) => !before.some(({ number }) => number === slot.number));
  const left = before.filter((slot) => !after.some(({ number }) => number === slot.number));
  const events = [
    ...joined.map(({ number }) => oirAdd(number)),
    ...(core.profile.redundancy === "stack" ? joined.filter(({ role }) => role !== "Active").map(notActive) : []),
    ...left.map(({ number }) => platformEvent("INFRA_SL_EVLOG_OIR_REMOVE", `OIR Remove evt with slot-id ${number}`)),
  ];
  if (events.length > 0) await core.agent.recordEvents(events);
  for (const slot of joined) core.note(oirLine(slot, "INSCARD"));
  for (const slot of left) core.note(oirLine(slot, "REMCARD"));
}

function oirLine({ number, udi }: Slot, mnemonic: "INSCARD" | "REMCARD"): LogLine {
  const what = mnemonic === "INSCARD" ? "inserted in" : "removed from";
  return { facility: "OIR", severity: 6, mnemonic, text: `${formatUdi(udi)} ${what} slot ${number}` };
}

/** More than this a controller of the field does not take. */
export const accessPointsMax = 6000;

/** A number of access points joins or leaves in the order of their serial numbers. */
export async function moveAccessPoints(core: DeviceCore, { act, which }: AccessPointWish): Promise<ControlOutcome> {
  const present = core.description.accessPoints;
  const moving = "udi" in which ? [which.udi] : chosen(act, which.count, present);
  if (act === "join" && present.length + moving.length > accessPointsMax) {
    const message = `This controller takes ${accessPointsMax} access points at most; ${present.length} have joined.`;
    return refusal("access_points_full", message, "Let fewer join.");
  }
  if (act === "leave" && "count" in which && moving.length < which.count) {
    const message = `Only ${present.length} access points have joined.`;
    return refusal("access_points_missing", message, "Let fewer leave.");
  }
  const change = await applyAccessPoints(core, act === "join" ? { join: moving } : { leave: moving });
  if (change !== null) return done;
  return act === "join"
    ? refusal("access_point_present", "This access point has joined already.", "Nothing; it is counted once.")
    : refusal("access_point_unknown", "This access point has not joined.", "See `show license air entities bulk`.");
}

function chosen(act: "join" | "leave", count: number, present: DeviceDescription["accessPoints"]) {
  return act === "join" ? nextAccessPoints(present, count) : present.slice(-count);
}

/** Null when nothing changed: who is there cannot join again, who is not cannot leave. */
export async function applyAccessPoints(
  core: DeviceCore,
  { join = [], leave = [] }: { readonly join?: readonly Slot["udi"][]; readonly leave?: readonly Slot["udi"][] },
): Promise<AccessPointChange | null> {
  const { present, ...change } = accessPointChange(core.description.accessPoints, { join, leave });
  if (change.added.length + change.removed.length === 0) return null;
  await core.describe({ accessPoints: present.map((udi) => ({ ...udi })) });
  await core.applyUsage(change);
  return change;
}
