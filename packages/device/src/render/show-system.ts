// `show version` and `show inventory`: who the device is. The words are ours; identity stands where the field's tools look.

import type { ClassicView, LevelView, LicenseView } from "../license-view.ts";
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
    `Technology: ${view.classic === null ? policyTechnology : "classic Smart Licensing"}`,
    ...levelLines(view),
  ];
  const members = distinct(slots).flatMap(({ udi }) => [
    "",
    `Model Number                       : ${oneLine(udi.pid)}`,
    `System Serial Number               : ${oneLine(udi.serialNumber)}`,
  ]);
  return [...head, ...members].join("\n");
}

/** The model that the software has (GEN-1). */
const policyTechnology = "Smart Licensing Using Policy";

/** As the field prints it: `UNREGISTERED/EVAL MODE`. */
function classicWords({ registration, authorization }: ClassicView): string {
  return `${registration.status}/${authorization.status}`;
}

const levelRule = "-".repeat(78);
const columns = [24, 33] as const;

/** The level in force and that of the next boot, as the field prints each kind. */
function levelLines({ installation, classic }: LicenseView): readonly string[] {
  const { licenseLevel } = installation;
  const status = `Smart Licensing Status: ${classic === null ? policyTechnology : classicWords(classic)}`;
  if (licenseLevel === null) return [];
  const { command, current, next } = licenseLevel;
  if (command === "air") {
    return [
      "",
      `AIR License Level: ${airWords(current)}`,
      `Next reload AIR license Level: ${airWords(next)}`,
      "",
      status,
    ];
  }
  const row = (now: string | null | undefined, type: string, then: string | null | undefined): string =>
    `${(now ?? "None").padEnd(columns[0])}${type.padEnd(columns[1])}${then ?? "None"}`;
  return [
    "",
    "Technology Package License Information:",
    "",
    levelRule,
    "Technology-package                                     Technology-package",
    "Current                        Type                       Next reboot",
    levelRule,
    row(current?.name, "Smart License", next?.name),
    row(current?.addon, "Subscription Smart License", next?.addon),
    "",
    status,
  ];
}

/** `AIR DNA Advantage` for air-dna-advantage. */
function airWords(level: LevelView | null): string {
  const words = (level?.addon ?? level?.name ?? "none").split("-");
  return words
    .map((word) => (["air", "dna"].includes(word) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(" ");
}

export function versionJson(view: LicenseView, startedAtMs: number) {
  const { hostname, platform, softwareVersion, agentVersion } = view.device;
  const startedAt = new Date(startedAtMs).toISOString();
  const { licenseLevel } = view.installation;
  const devices = distinct(view.slots);
  const licensingModel = view.classic === null ? "policy" : "classic";
  return { hostname, platform, softwareVersion, licensingModel, agentVersion, startedAt, licenseLevel, devices };
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
