// From a device's description to what its agent is told: which devices, which licences, how many of each.

import type { PlatformEvent } from "@countersign/agent";
import type { HaRole, LicenseClass, Udi } from "@countersign/protocol";
import { formatUdi } from "@countersign/protocol";
import type { DeviceDescription } from "../device-description.ts";
import { countUsage } from "../platform/count-usage.ts";
import { distinctDevices } from "../platform/installation.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";

/** Each device once, the active one first. */
export function membersOf(description: DeviceDescription): readonly { readonly udi: Udi; readonly role: HaRole }[] {
  return distinctDevices(description.slots).map(({ udi, role }) => ({ udi, role }));
}

export type UsageWish = {
  readonly tag: string;
  readonly name: string;
  readonly isConfigured: boolean;
  readonly count: number;
  /** Product id of the device that asks: the first of those that are counted. */
  readonly pid: string;
  readonly licenseClass: LicenseClass;
  /** Counted by access point, so that the ones that came and went are told along (REP-9). */
  readonly namesAccessPoints: boolean;
};

/** What the device uses now, every licence of the platform included. */
export function usageOf(profile: PlatformProfile, description: DeviceDescription): readonly UsageWish[] {
  const counts = countUsage(profile, {
    slots: description.slots,
    features: new Set(description.features),
    accessPoints: new Set(description.accessPoints.map(formatUdi)),
    softwareVersion: description.softwareVersion,
  });
  return profile.licenses.map((license) => ({
    tag: license.tag,
    name: license.name,
    isConfigured: description.features.includes(license.feature),
    count: counts.get(license.tag) ?? 0,
    pid: description.slots.find(({ udi }) => udi.pid.startsWith(license.pidPrefix ?? ""))?.udi.pid ?? "",
    licenseClass: license.licenseClass,
    namesAccessPoints: license.countedBy === "access_point",
  }));
}

/** What a controller logs each time it counts its access points. */
export function endpointEvents(profile: PlatformProfile, description: DeviceDescription): readonly PlatformEvent[] {
  const names = usageOf(profile, description).filter(({ isConfigured }) => isConfigured);
  const features = names.map(({ name }) => name);
  const message = `ERM-Reset: Client 0, AP-GROUP group, ${features.length} features ${features.join(",")}`;
  return [
    platformEvent("INFRA_SL_EVLOG_ERM_RESET", message),
    ...names.map(
      ({ tag, count }): PlatformEvent => ({
        name: "ENDPOINT_USAGE",
        details: { count: String(count), entitlementTag: tag },
      }),
    ),
  ];
}

/**
 * What the platform logs when it asked the agent for licences and was not refused (`reslt` is how the field spells it). Access points
 * are counted, not asked for: `endpointEvents` tells of them.
 */
export function licenseRequestEvents(asked: readonly UsageWish[]): readonly PlatformEvent[] {
  return asked
    .filter(({ count, namesAccessPoints }) => count > 0 && !namesAccessPoints)
    .map(({ name, pid, count }) => {
      const device = pid.replaceAll("-", "_");
      const message = `License ${name}, dev ${device}, count ${count}, reslt 0, alt 0`;
      return platformEvent("INFRA_SL_EVLOG_LICENSE_REQUEST", message);
    });
}

export function platformEvent(eventName: string, message: string): PlatformEvent {
  return { name: "PLATFORM", details: { eventSource: "INFRA_SL", eventName, MSG: message } };
}

export type AccessPointChange = { readonly added: readonly Udi[]; readonly removed: readonly Udi[] };

/** What joining and leaving really changes: who is there cannot join again, who is not cannot leave. */
export function accessPointChange(
  present: readonly Udi[],
  wish: { readonly join: readonly Udi[]; readonly leave: readonly Udi[] },
): AccessPointChange & { readonly present: readonly Udi[] } {
  const byName = new Map(present.map((udi) => [formatUdi(udi), udi]));
  const removed = unique(wish.leave).filter((udi) => byName.delete(formatUdi(udi)));
  const added = unique(wish.join).filter((udi) => !byName.has(formatUdi(udi)));
  for (const udi of added) byName.set(formatUdi(udi), udi);
  return { added, removed, present: [...byName.values()] };
}

function unique(udis: readonly Udi[]): readonly Udi[] {
  return [...new Map(udis.map((udi) => [formatUdi(udi), udi])).values()];
}

/** What a controller shows of its last report: who was counted, and what came and went since the one before (REP-9). */
export function airReportOf(description: DeviceDescription, atMs: number): NonNullable<DeviceDescription["airReport"]> {
  const serials = description.accessPoints.map(formatUdi);
  const before = new Set(description.airReport?.serials ?? []);
  const now = new Set(serials);
  const addedSerials = serials.filter((serial) => !before.has(serial));
  const deletedSerials = [...before].filter((serial) => !now.has(serial));
  return {
    ...{ atMs, serials, addedSerials, deletedSerials },
    active: now.size,
    added: addedSerials.length,
    deleted: deletedSerials.length,
  };
}
