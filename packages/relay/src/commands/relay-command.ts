// What the relay's commands share: the state directory, settings as flags, output, failures as exit codes.

import { TransportFailure } from "@countersign/agent";
import { ProtocolError } from "@countersign/protocol";
import { type Command, type CommandInput, type OptionDescription, systemRemedy } from "@countersign/terminal";
import { RelayError } from "../relay-error.ts";
import { relaySettings, type SettingName } from "../state-directory/settings.ts";

/** The words of a command do not fit together. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const directoryOption: Readonly<Record<string, OptionDescription>> = {
  "state-directory": { type: "string", description: "Folder of the relay; countersign-relay when left out." },
};

export function directoryOf({ values }: CommandInput): string {
  const given = values["state-directory"];
  return typeof given === "string" && given !== "" ? given : "countersign-relay";
}

export function textOf({ values }: CommandInput, name: string): string | undefined {
  const given = values[name];
  return typeof given === "string" ? given : undefined;
}

export function requireWords(input: CommandInput, ...names: readonly string[]): readonly string[] {
  if (input.positionals.length !== names.length)
    throw new UsageError(names.length === 0 ? "no further words are needed" : `needed: ${names.join(", ")}`);
  return input.positionals;
}

const flagOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A flag for each setting, `--poll-interval-seconds`. */
export const settingOptions: Readonly<Record<string, OptionDescription>> = Object.fromEntries(
  Object.entries(relaySettings).map(([name, { sentence, unit, default: preset }]) => {
    const shown = preset === undefined || preset === "" ? "" : ` Default: ${preset}.`;
    const counted = unit === "" ? "" : ` (${unit})`;
    return [flagOf(name), { type: "string" as const, description: `${sentence}${shown}${counted}` }];
  }),
);

/** The settings that were given, each of the kind of its default. */
export function givenSettings(input: CommandInput): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(relaySettings) as SettingName[]) {
    const text = textOf(input, flagOf(name));
    if (text !== undefined) given[name] = valueOfKind(typeof relaySettings[name].default, text);
  }
  return given;
}

function valueOfKind(kind: string, text: string): unknown {
  if (kind === "number" && /^\d{1,9}$/.test(text)) return Number(text);
  if (kind === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

export type RelayCommand = Omit<Command, "run" | "subcommands" | "load"> & {
  readonly run: (input: CommandInput) => Promise<number>;
};

export function relayCommand({ run, ...command }: RelayCommand): Command {
  return {
    ...command,
    options: { ...command.options, ...directoryOption },
    run: async (input) => {
      try {
        return await run(input);
      } catch (error) {
        return fail(error, input);
      }
    },
  };
}

export function show<T>({ stdout, json }: CommandInput, result: T, render: (result: T) => string): void {
  stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : render(result));
}

export function facts(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join("");
}

export function instant(atMs: number | null): string {
  return atMs === null ? "never" : `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

const unreachable: ReadonlySet<string> = new Set(["device_unreachable", "manager_away"]);

function fail(error: unknown, { stderr, json }: CommandInput): number {
  const told = describe(error);
  if (told === null) throw error;
  const { exitCode, ...failure } = told;
  const text = `error: ${failure.message}\n${failure.remedy === "" ? "" : `${failure.remedy}\n`}(${failure.code})\n`;
  stderr.write(json ? `${JSON.stringify({ error: failure })}\n` : text);
  return exitCode;
}

function describe(error: unknown) {
  if (error instanceof UsageError) return { exitCode: 2, code: "usage", message: error.message, remedy: "See --help." };
  if (error instanceof RelayError) {
    const { code, message, remedy } = error;
    const exitCode = unreachable.has(code) ? 4 : code === "relay_setting_invalid" ? 2 : 3;
    return { exitCode, code, message, remedy };
  }
  if (error instanceof TransportFailure)
    return {
      exitCode: 4,
      code: error.code,
      message: error.message,
      remedy: "See that the manager and the proxy can be reached.",
    };
  if (error instanceof ProtocolError)
    return { exitCode: 3, code: error.code, message: error.message, remedy: error.remedy };
  if (error instanceof Error && "code" in error && typeof error.code === "string")
    return { exitCode: 1, code: error.code, message: error.message, remedy: systemRemedy(error.code) };
  return null;
}
