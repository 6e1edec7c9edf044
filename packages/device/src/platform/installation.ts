// What may happen to the slots of an installation: devices join, leave and take over. Pure; a refusal is an answer.

import { formatUdi, isSameUdi, type Udi } from "@countersign/protocol";
import type { PlatformProfile, Slot } from "./platform-profile.ts";

export type SlotRefusal =
  | "slots_full"
  | "pid_does_not_fit"
  | "udi_already_present"
  | "no_standby"
  | "no_such_slot"
  | "last_slot";

export const slotRefusals: Readonly<Record<SlotRefusal, { readonly meaning: string; readonly remedy: string }>> = {
  slots_full: { meaning: "The installation has no free slot.", remedy: "Remove a member first." },
  pid_does_not_fit: {
    meaning: "A device of this product id cannot join.",
    remedy: "Choose a device of the same platform.",
  },
  udi_already_present: { meaning: "This device is a member already.", remedy: "Nothing; it is counted once." },
  no_standby: { meaning: "No standby is there to take over.", remedy: "Add a member first." },
  no_such_slot: { meaning: "No slot has this number.", remedy: "See `show license udi` for the members." },
  last_slot: { meaning: "The last device cannot be removed.", remedy: "Stop the device instead." },
};

export type SlotChange =
  | { readonly outcome: "changed"; readonly slots: readonly Slot[] }
  | { readonly outcome: "refused"; readonly code: SlotRefusal };

const refused = (code: SlotRefusal): SlotChange => ({ outcome: "refused", code });

/** A device, or in a chassis a supervisor with the chassis' own UDI, joins in the first free slot. */
export function joinSlot(profile: PlatformProfile, slots: readonly Slot[], udi: Udi): SlotChange {
  if (slots.length >= profile.slotsMax) return refused("slots_full");
  if (!profile.pidPrefixes.some((prefix) => udi.pid.startsWith(prefix))) return refused("pid_does_not_fit");
  const sharesUdi = slots.some((slot) => isSameUdi(slot.udi, udi));
  if (profile.redundancy === "chassis" && !sharesUdi) return refused("pid_does_not_fit");
  if (profile.redundancy !== "chassis" && sharesUdi) return refused("udi_already_present");
  const taken = new Set(slots.map((slot) => slot.number));
  // The places of a new device first: the supervisors of a chassis do not stand in slot 1.
  let number = profile.defaultSlots.map((slot) => slot.number).find((one) => !taken.has(one)) ?? 1;
  while (taken.has(number)) number += 1;
  const hasStandby = slots.some((slot) => slot.role === "Standby");
  return { outcome: "changed", slots: ordered([...slots, { number, udi, role: hasStandby ? "Member" : "Standby" }]) };
}

/** A device leaves. When it was the active one, the standby takes over; a member becomes the new standby. */
export function leaveSlot(slots: readonly Slot[], number: number): SlotChange {
  const leaving = slots.find((slot) => slot.number === number);
  if (leaving === undefined) return refused("no_such_slot");
  if (slots.length === 1) return refused("last_slot");
  const left = slots.filter((slot) => slot !== leaving);
  return { outcome: "changed", slots: ordered(withLeaders(left)) };
}

/** Active and standby change places; nobody else's role changes. */
export function switchOver(slots: readonly Slot[]): SlotChange {
  if (!slots.some((slot) => slot.role === "Standby")) return refused("no_standby");
  const swapped = slots.map((slot): Slot => {
    if (slot.role === "Active") return { ...slot, role: "Standby" };
    return slot.role === "Standby" ? { ...slot, role: "Active" } : slot;
  });
  return { outcome: "changed", slots: ordered(swapped) };
}

/** The distinct devices behind the slots, the active first. Two supervisors of a chassis are one device. */
export function distinctDevices(slots: readonly Slot[]): readonly Slot[] {
  const devices = new Map<string, Slot>();
  for (const slot of ordered(slots)) if (!devices.has(formatUdi(slot.udi))) devices.set(formatUdi(slot.udi), slot);
  return [...devices.values()];
}

function withLeaders(slots: readonly Slot[]): readonly Slot[] {
  const led = slots.some((slot) => slot.role === "Active") ? slots : promote(slots, "Active");
  return led.some((slot) => slot.role === "Standby") ? led : promote(led, "Standby");
}

/** Gives the role to the next in line: the standby before the members, lower slots before higher ones. */
function promote(slots: readonly Slot[], role: "Active" | "Standby"): readonly Slot[] {
  const next = ordered(slots).find((slot) => slot.role !== "Active");
  return slots.map((slot) => (slot === next ? { ...slot, role } : slot));
}

const rank = { Active: 0, Standby: 1, Member: 2 } as const;

function ordered(slots: readonly Slot[]): readonly Slot[] {
  return [...slots].sort((one, other) => rank[one.role] - rank[other.role] || one.number - other.number);
}
