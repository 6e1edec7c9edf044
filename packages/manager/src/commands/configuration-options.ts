// How every manager command finds its configuration: file < environment < flags, resolved once.

import { existsSync, readFileSync } from "node:fs";
import type { CommandInput, OptionDescription } from "@countersign/terminal";
import {
  ConfigurationError,
  configurationFileVariable,
  type ResolvedConfiguration,
  resolveConfiguration,
} from "../configuration/resolve-configuration.ts";
import { flagNameOf, type SettingName, settingNames, settings } from "../configuration/settings.ts";

/** Options of every command that works on a data directory. */
export const dataDirectoryOptions: Readonly<Record<string, OptionDescription>> = {
  config: { type: "string", description: `Configuration file (JSON); ${configurationFileVariable} names one too.` },
  ...Object.fromEntries(
    (["dataDirectory", "database", "databaseUrlFile"] as const).map((name) => [flagNameOf(name), settingOption(name)]),
  ),
};

/** Options of a command that takes every setting. */
export const allSettingOptions: Readonly<Record<string, OptionDescription>> = {
  ...dataDirectoryOptions,
  ...Object.fromEntries(settingNames.map((name) => [flagNameOf(name), settingOption(name)])),
};

function settingOption(name: SettingName): OptionDescription {
  const { sentence, unit } = settings[name];
  return { type: "string", description: unit === "" ? sentence : `${sentence} (${unit})` };
}

/** Reads file, environment and flags of this command; throws `ConfigurationError`. */
export function configurationOf(input: Pick<CommandInput, "values">, environment = process.env): ResolvedConfiguration {
  const named = input.values.config ?? environment[configurationFileVariable];
  const fileText = typeof named === "string" ? readConfigurationFile(named) : null;
  return resolveConfiguration({ fileText, environment, flags: input.values });
}

function readConfigurationFile(path: string): string {
  if (!existsSync(path)) throw new ConfigurationError([`file: ${path}: does not exist`]);
  return readFileSync(path, "utf8");
}
