// The configurations as files: nvram:startup-config is that of the next start, system:running-config the one in force. They are
// rendered whenever they are read; what is written to them goes the way of the commands that change the configuration.

import type { LicenseReader } from "../../license-view.ts";
import { type ConfigurationFacts, renderConfiguration } from "../../render/show-configuration.ts";

/** The file systems that hold one configuration each, and no other file. */
export const configurationFiles = { nvram: "startup-config", system: "running-config" } as const;
export type ConfigurationSystem = keyof typeof configurationFiles;
export type ConfigurationName = (typeof configurationFiles)[ConfigurationSystem];

/** A path of such a file system: `name` is empty for the file system itself, and whatever was typed for anything else. */
export type ConfigurationPath = { readonly system: ConfigurationSystem; readonly name: string };

/** Null for a path of any other file system. */
export function configurationPath(path: string): ConfigurationPath | null {
  const [, system = "", name = ""] = /^(nvram|system):\/*(.*)$/i.exec(path) ?? [];
  if (system === "") return null;
  return { system: system.toLowerCase() as ConfigurationSystem, name };
}

/** Which configuration a path means; null for a file system alone, and for files that are none. */
export function configurationNamed({ system, name }: ConfigurationPath): ConfigurationName | null {
  return name.toLowerCase() === configurationFiles[system] ? configurationFiles[system] : null;
}

/** As it stands in the file, without what `show` prints above it; null where nothing was saved. */
export function configurationText(name: ConfigurationName, reader: LicenseReader): string | null {
  const configuration = name === "running-config" ? reader.runningConfiguration() : reader.startupConfiguration();
  return configuration && renderConfiguration(configuration, configurationFacts(reader));
}

export function configurationFacts(reader: LicenseReader): ConfigurationFacts {
  const { device, installation } = reader.view();
  return { softwareVersion: device.softwareVersion, levelCommand: installation.licenseLevel?.command ?? null };
}
