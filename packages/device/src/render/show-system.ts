// `show version` and `show inventory`: who the device is. The words are ours; identity stands where the field's tools look.

import type { LicenseView } from "../license-view.ts";
import { oneLine, type ShowOptions, showDate, showDuration } from "./show-text.ts";

export function renderVersion(view: LicenseView, startedAtMs: number, options: ShowOptions): string {
  const { device, slots } = view;
  const name = oneLine(device.hostname);
  const head = [
    `Countersign product instance, ${device.platform}, Version ${oneLine(device.softwareVersion)}`,
    `Smart Agent for Licensing: ${device.agentVersion}`,
    "This is a simulated platform: it licenses, reports and is configured, but forwards no traffic.",
    "",
    `${name} uptime is ${showDuration(options.nowMs - startedAtMs)}`,
    `System restarted at ${showDate(startedAtMs, options.zone)}`,
    "",
    "Technology: Smart Licensing Using Policy",
  ];
  const members = distinct(slots).flatMap(({ udi }) => [
    "",
    `Model Number                       : ${oneLine(udi.pid)}`,
    `System Serial Number               : ${oneLine(udi.serialNumber)}`,
  ]);
  return [...head, ...members].join("\n");
}

export function versionJson(view: LicenseView, startedAtMs: number) {
  const { hostname, platform, softwareVersion, agentVersion } = view.device;
  const startedAt = new Date(startedAtMs).toISOString();
  return { hostname, platform, softwareVersion, agentVersion, startedAt, devices: distinct(view.slots) };
}

export function renderInventory(view: LicenseView): string {
  const entries = distinct(view.slots).map(({ role, udi }, index) => {
    const pid = oneLine(udi.pid);
    return `NAME: "Device ${index + 1}", DESCR: "${pid} ${role}"\nPID: ${pid.padEnd(18)}, VID:      , SN: ${oneLine(udi.serialNumber)}`;
  });
  return entries.join("\n\n");
}

export function inventoryJson(view: LicenseView) {
  return { devices: distinct(view.slots) };
}

/** Two supervisors of one chassis are one identity. */
function distinct(slots: LicenseView["slots"]) {
  const seen = new Map(
    slots.map(({ role, udi }) => [`${udi.pid} ${udi.serialNumber}`, { role, udi }] as const).reverse(),
  );
  return [...seen.values()].reverse();
}
