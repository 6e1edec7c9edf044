// license boot level, and license air level on wireless controllers. Both take effect at the next boot, when they were saved.

import { levelsOffered } from "../../platform/license-level.ts";
import type { PlatformProfile } from "../../platform/platform-profile.ts";
import { type CommandHandler, type ConsoleNode, changing } from "../command-context.ts";
import { keyword, line } from "../command-node.ts";

const hint = "% use 'write' command to make license boot config take effect on next boot";

const commandHelp = { boot: "Licenses of the next boot", air: "Wireless licensing" } as const;

function setting(name: string, addon: string | null): CommandHandler {
  return changing((control) => control.change({ setting: "license level", value: { name, addon } }), hint);
}

/** Below `license`; only what the platform's software offers. */
export function licenseLevelConfig(profile: PlatformProfile, softwareVersion: string): readonly ConsoleNode[] {
  if (profile.licenseLevels === null) return [];
  const levels = levelsOffered(profile, softwareVersion).map(({ name, addons }) =>
    keyword(name, "Network license level", {
      action: setting(name, null),
      next: addons.length === 0 ? [] : [keyword("addon", "With a subscription", { next: addonNodes(name, addons) })],
    }),
  );
  return [branch(profile.licenseLevels.command, { next: levels })];
}

function addonNodes(name: string, addons: readonly string[]): readonly ConsoleNode[] {
  return addons.map((addon) => keyword(addon, "Subscription license level", { action: setting(name, addon) }));
}

/** Below `no license`: the lowest level, without an addon. */
export function noLicenseLevel({ licenseLevels }: PlatformProfile): readonly ConsoleNode[] {
  if (licenseLevels === null) return [];
  const action = changing((control) => control.change({ setting: "license level", value: null }), hint);
  return [branch(licenseLevels.command, { action, next: [line("level", "Whatever it was", { action })] })];
}

function branch(command: "boot" | "air", below: Pick<ConsoleNode, "action"> & { next?: readonly ConsoleNode[] }) {
  return keyword<CommandHandler>(command, commandHelp[command], {
    modes: ["config"],
    next: [keyword("level", "License level", below)],
  });
}
