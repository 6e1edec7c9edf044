// From a file, the environment and flags to one frozen configuration; each later source wins over the ones before.
// A name that no setting has is an error with its path, so that a misspelt setting is never silently ignored.

import * as v from "valibot";
import {
  type Configuration,
  environmentNameOf,
  environmentPrefix,
  flagNameOf,
  type SettingName,
  settingNames,
  settings,
} from "./settings.ts";

export type SettingSource = "default" | "file" | "environment" | "flag";

export type ConfigurationSources = {
  /** Text of the JSON file, or null when none was named. */
  readonly fileText: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values of command line options by flag name, other options besides are not looked at. */
  readonly flags: Readonly<Record<string, unknown>>;
};

export type ResolvedConfiguration = {
  readonly values: Configuration;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
};

/** What is wrong with a configuration, each with where it stands. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code = "configuration_invalid";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Names the configuration file; everything else with our prefix must be a setting. */
export const configurationFileVariable = `${environmentPrefix}CONFIG`;

/** Throws `ConfigurationError` with every problem, not only the first. */
export function resolveConfiguration(given: ConfigurationSources): ResolvedConfiguration {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  const sources: Partial<Record<SettingName, SettingSource>> = {};
  const layers = [
    fromFile(given.fileText, problems),
    fromEnvironment(given.environment, problems),
    fromFlags(given.flags),
  ];
  for (const name of settingNames) {
    values[name] = settings[name].default;
    sources[name] = "default";
    for (const layer of layers) {
      if (!layer.values.has(name)) continue;
      values[name] = checked(name, layer.values.get(name), layer.pathOf(name), problems) ?? values[name];
      sources[name] = layer.source;
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze({
    values: Object.freeze(values) as Configuration,
    sources: Object.freeze(sources) as Record<SettingName, SettingSource>,
  });
}

type Layer = {
  readonly source: SettingSource;
  readonly values: ReadonlyMap<SettingName, unknown>;
  readonly pathOf: (name: SettingName) => string;
};

function fromFile(text: string | null, problems: string[]): Layer {
  const values = new Map<SettingName, unknown>();
  for (const [key, value] of Object.entries(parseFile(text, problems))) {
    if (isSettingName(key)) values.set(key, value);
    else problems.push(`file: ${key}: there is no such setting`);
  }
  return { source: "file", values, pathOf: (name) => `file: ${name}` };
}

function parseFile(text: string | null, problems: string[]): object {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    problems.push("file: is not a JSON object");
  } catch (error) {
    problems.push(`file: is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {};
}

function fromEnvironment(environment: ConfigurationSources["environment"], problems: string[]): Layer {
  const byVariable = new Map(settingNames.map((name) => [environmentNameOf(name), name]));
  const values = new Map<SettingName, unknown>();
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(environmentPrefix) || text === undefined || variable === configurationFileVariable)
      continue;
    const name = byVariable.get(variable);
    if (name === undefined) problems.push(`environment: ${variable}: there is no such setting`);
    else values.set(name, fromText(name, text));
  }
  return { source: "environment", values, pathOf: (name) => `environment: ${environmentNameOf(name)}` };
}

function fromFlags(flags: ConfigurationSources["flags"]): Layer {
  const values = new Map<SettingName, unknown>();
  for (const name of settingNames) {
    const value = flags[flagNameOf(name)];
    if (value !== undefined) values.set(name, typeof value === "string" ? fromText(name, value) : value);
  }
  return { source: "flag", values, pathOf: (name) => `--${flagNameOf(name)}` };
}

/** Environment and flags carry text; the default tells what it stands for. */
function fromText(name: SettingName, text: string): unknown {
  const example: unknown = settings[name].default;
  if (Array.isArray(example))
    return text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  if (typeof example !== "number") return text;
  return /^\d+$/.test(text) ? Number(text) : text;
}

function checked(name: SettingName, value: unknown, path: string, problems: string[]): unknown {
  const result = v.safeParse(settings[name].schema as v.GenericSchema, value);
  if (result.success) return result.output;
  for (const issue of result.issues) problems.push(`${path}: ${issue.message}`);
  return undefined;
}

function isSettingName(key: string): key is SettingName {
  return Object.hasOwn(settings, key);
}
