// `show redundancy`, `show switch` and `show module`: the devices of an installation, with the captions that the field's
// tools look for. Hardware that a simulation does not have is said so, or left blank.

import { formatUdi } from "@countersign/protocol";
import type { InstallationView } from "../license-view.ts";
import { isoOrNull, oneLine, type ShowOptions, showDuration } from "./show-text.ts";

type SlotRow = InstallationView["slots"][number];

const captionWidth = 30;

export function renderRedundancy(
  { slots, switchovers }: InstallationView,
  startedAtMs: number,
  options: ShowOptions,
): string {
  const up = slots.filter(({ isUp }) => isUp);
  const active = up.find(({ role }) => role === "Active");
  const standby = up.find(({ role }) => role === "Standby");
  const uptime = showDuration(options.nowMs - startedAtMs);
  const sinceMs = switchovers.lastAtMs ?? startedAtMs;
  return [
    "Redundant System Information :",
    "------------------------------",
    row("Available system uptime", uptime),
    row("Switchovers system experienced", `${switchovers.count}`),
    row("Last switchover reason", switchovers.lastReason ?? "none"),
    "",
    row("Hardware Mode", standby === undefined ? "Simplex" : "Duplex"),
    row("Configured Redundancy Mode", "sso"),
    row("Operating Redundancy Mode", standby === undefined ? "Non-redundant" : "sso"),
    row("Communications", standby === undefined ? "Down" : "Up"),
    "",
    "Current Processor Information :",
    "-------------------------------",
    row("Active Location", location(active)),
    row("Current Software state", "ACTIVE"),
    row("Uptime in current state", showDuration(options.nowMs - sinceMs)),
    "",
    ...peerLines(standby, showDuration(options.nowMs - sinceMs)),
  ].join("\n");
}

function peerLines(standby: SlotRow | undefined, uptime: string): readonly string[] {
  if (standby === undefined) return ["Peer (slot: 0) information is not available because it is in 'DISABLED' state"];
  return [
    "Peer Processor Information :",
    "----------------------------",
    row("Standby Location", location(standby)),
    row("Current Software state", "STANDBY HOT"),
    row("Uptime in current state", uptime),
  ];
}

function location(slot: SlotRow | undefined): string {
  return slot === undefined ? "none" : `slot ${slot.number}`;
}

function row(caption: string, value: string): string {
  return `${caption.padStart(captionWidth)} = ${value}`;
}

/** No hardware, no addresses of its own: they are made from the identity, in the range for locally administered ones. */
function macAddress({ udi }: SlotRow): string {
  let hash = 0;
  for (const character of formatUdi(udi)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  const digits = `0200${hash.toString(16).padStart(8, "0")}`;
  return [0, 4, 8].map((at) => digits.slice(at, at + 4)).join(".");
}

export function renderSwitches({ slots }: InstallationView): string {
  const [first] = slots;
  const head = first === undefined ? "0000.0000.0000" : macAddress(first);
  return [
    `Switch/Stack Mac Address : ${head} - Local Mac Address`,
    "Mac persistency wait time: Indefinite",
    "                                             H/W   Current",
    "Switch#   Role    Mac Address     Priority Version  State ",
    "-------------------------------------------------------------------------------------",
    ...slots.map((slot) => {
      const mark = slot.role === "Active" && slot.isUp ? "*" : " ";
      const state = slot.isUp ? "Ready" : "Removed";
      return `${mark}${`${slot.number}`.padEnd(9)}${slot.role.padEnd(8)} ${macAddress(slot)}     1      V00     ${state}`;
    }),
  ].join("\n");
}

export function renderModules({ slots }: InstallationView): string {
  const [chassis] = slots;
  return [
    `Chassis Type: ${oneLine(chassis?.udi.pid ?? "")}`,
    "",
    "Mod Ports Card Type                                   Model          Serial No.",
    "---+-----+--------------------------------------+--------------+--------------",
    // A supervisor has no identity of its own here: licensing knows the chassis only.
    ...slots.map(
      ({ number }) => `${`${number}`.padEnd(4)}0     ${"Supervisor (simulated)".padEnd(38)} -              -`,
    ),
    "",
    "Mod Redundancy Role     Operating Redundancy Mode Configured Redundancy Mode",
    "---+-------------------+-------------------------+---------------------------",
    ...slots.map(({ number, role, isUp }) => {
      const state = isUp ? role : "Failed";
      return `${`${number}`.padEnd(4)}${state.padEnd(20)}${(isUp ? "sso" : "none").padEnd(26)}sso`;
    }),
  ].join("\n");
}

export function installationJson({ redundancy, slots, switchovers }: InstallationView) {
  const { count, lastReason, lastAtMs } = switchovers;
  return {
    redundancy,
    slots: slots.map(({ number, role, udi, isUp }) => ({ slot: number, role: isUp ? role : null, isUp, ...udi })),
    switchovers: { count, lastReason, lastAt: isoOrNull(lastAtMs) },
  };
}
