import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countUsage } from "./count-usage.ts";
import { distinctDevices, joinSlot, leaveSlot, type SlotChange, switchOver } from "./installation.ts";
import type { PlatformProfile, Slot } from "./platform-profile.ts";
import { platformProfiles } from "./platform-table.ts";
import { licensesOf } from "./software-version.ts";

type Life = { readonly act: "join" | "leave" | "switch"; readonly pid: number; readonly serial: number };

const lives = fc.array(
  fc.record({
    act: fc.constantFrom("join", "leave", "switch"),
    pid: fc.nat(3),
    serial: fc.integer({ min: 1, max: 12 }),
  }),
  { maxLength: 30 },
) as fc.Arbitrary<Life[]>;
const profiles = fc.constantFrom(...platformProfiles);

function live(profile: PlatformProfile, slots: readonly Slot[], life: Life): SlotChange {
  if (life.act === "leave") return leaveSlot(slots, life.serial);
  if (life.act === "switch") return switchOver(slots);
  const pid = profile.pidPrefixes[life.pid % profile.pidPrefixes.length] as string;
  const chassisUdi = (slots[0] as Slot).udi;
  return joinSlot(
    profile,
    slots,
    profile.redundancy === "chassis" ? chassisUdi : { pid, serialNumber: `S${life.serial}` },
  );
}

function total(profile: PlatformProfile, slots: readonly Slot[]): ReadonlyMap<string, number> {
  return countUsage(profile, {
    slots,
    features: new Set(profile.defaultFeatures),
    accessPoints: new Set(["AP1", "AP2"]),
    softwareVersion: profile.softwareVersion,
  });
}

test("[HW-7] whatever joins, leaves or takes over, one device is active and at most one standby", () => {
  fc.assert(
    fc.property(profiles, lives, (profile, acts) => {
      let slots = profile.defaultSlots;
      for (const act of acts) {
        const change = live(profile, slots, act);
        if (change.outcome === "changed") slots = change.slots;
        assert.equal(slots.filter((slot) => slot.role === "Active").length, 1);
        assert.equal(slots[0]?.role, "Active");
        assert(slots.filter((slot) => slot.role === "Standby").length <= 1);
        assert(slots.length <= 1 || slots.some((slot) => slot.role === "Standby"));
        assert(slots.length >= 1 && slots.length <= profile.slotsMax);
        assert.equal(new Set(slots.map((slot) => slot.number)).size, slots.length);
      }
    }),
  );
});

test("[CNT-2] a switchover and the order of the slots change no count", () => {
  fc.assert(
    fc.property(profiles, lives, fc.func(fc.integer()), (profile, acts, key) => {
      let slots = profile.defaultSlots;
      for (const act of acts) {
        const change = live(profile, slots, act);
        if (change.outcome === "changed") slots = change.slots;
      }
      const before = total(profile, slots);
      const after = switchOver(slots);
      if (after.outcome === "changed") assert.deepEqual(total(profile, after.slots), before);
      assert.deepEqual(
        total(
          profile,
          [...slots].sort((one, other) => key(one.number) - key(other.number)),
        ),
        before,
      );
    }),
  );
});

test("[CNT-3] [CNT-4] [CNT-5] every licence level is used once for each device or supervisor, and never negative", () => {
  fc.assert(
    fc.property(profiles, lives, (profile, acts) => {
      let slots = profile.defaultSlots;
      for (const act of acts) {
        const change = live(profile, slots, act);
        if (change.outcome === "changed") slots = change.slots;
      }
      const counts = total(profile, slots);
      const units = { slot: slots.length, device: distinctDevices(slots).length, access_point: 2, installation: 1 };
      for (const feature of profile.defaultFeatures) {
        const licenses = licensesOf(profile, profile.softwareVersion).filter((license) => license.feature === feature);
        const sum = licenses.reduce((all, license) => all + (counts.get(license.tag) ?? 0), 0);
        assert.equal(sum, units[licenses[0]?.countedBy ?? "slot"]);
      }
      for (const count of counts.values()) assert(Number.isSafeInteger(count) && count >= 0);
    }),
  );
});
