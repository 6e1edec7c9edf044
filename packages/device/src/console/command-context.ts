// What a command of the console may use: values to show, and, on a running device only, the means to change something.

import type { Udi } from "@countersign/protocol";
import type { CaptureChange } from "../capture/capture-view.ts";
import type { ClockConfiguration } from "../clock-configuration.ts";
import type { DebugWords } from "../debug/debug-topics.ts";
import type { TransportType } from "../device-configuration.ts";
import type { ImportedObject, LevelView, LicenseReader } from "../license-view.ts";
import type { LoggingConfiguration } from "../logging-configuration.ts";
import type { NetworkChange } from "../network-change.ts";
import type { NetworkProbe } from "../network-view.ts";
import type { ShowOptions } from "../render/show-text.ts";
import type { SnmpConfiguration, SnmpUser } from "../snmp-configuration.ts";
import type { LogLine } from "../syslog-line.ts";
import type { CommandNode, ConsoleMode } from "./command-node.ts";
import type { Arguments } from "./parse-command.ts";

/** What a command says. `json` is the same answer for programs. */
export type CommandResult = {
  /** `mistake`: the line is no command. `refused`: it is, and the device says no. `failed`: it could not be carried out. */
  readonly outcome: "done" | "mistake" | "refused" | "failed";
  readonly text: string;
  readonly json: unknown;
  /** What the answer asks of the session that it was typed in; nothing where there is none. */
  readonly session?: SessionRequest;
};

/** Where a session stands; `name` is that of the trustpoint. */
export type ConsoleLocation = { readonly mode: ConsoleMode; readonly name: string | null };

export type SessionRequest =
  | { readonly type: "go to"; readonly location: ConsoleLocation }
  | { readonly type: "exit" | "end" | "enable" | "disable" | "history" }
  | { readonly type: "close" }
  | { readonly type: "set length" | "set width"; readonly value: number }
  | { readonly type: "monitor"; readonly isOn: boolean }
  /** One key: enter or y agree. Where nobody can be asked, agreement is taken for granted. */
  | { readonly type: "confirm"; readonly question: string; readonly proceed: () => Promise<CommandResult> }
  /** A word and enter; `fallback` is what is answered where nobody can be asked. */
  | {
      readonly type: "ask";
      readonly question: string;
      readonly fallback: string;
      readonly answer: (text: string) => Promise<CommandResult>;
    }
  /** Lines up to a blank one or the word quit. */
  | {
      readonly type: "paste";
      readonly invitation: string;
      readonly finish: (text: string) => Promise<CommandResult>;
    };

export type CommandContext = {
  readonly reader: LicenseReader;
  readonly location: ConsoleLocation;
  /** Who typed it, for the log. */
  readonly user: string;
  /** Null where only a stored state is looked at. */
  readonly control: DeviceControl | null;
  readonly options: ShowOptions;
};

export type CommandHandler = (context: CommandContext, given: Arguments) => Promise<CommandResult>;
export type ConsoleNode = CommandNode<CommandHandler>;

/** A refusal names what is wrong and what to do; nothing was changed then. */
export type ControlOutcome =
  | { readonly outcome: "done" }
  | { readonly outcome: "refused"; readonly code: string; readonly message: string; readonly remedy: string };

export type ImportOutcome =
  | { readonly outcome: "done"; readonly objects: readonly ImportedObject[] }
  | Extract<ControlOutcome, { readonly outcome: "refused" }>;

export type UsageSelection =
  | { readonly select: "all" | "unreported" }
  | { readonly select: "days"; readonly days: number }
  | { readonly select: "report"; readonly reportId: number };

/** One setting of the configuration; null sets it back to its default. */
export type SettingChange =
  | { readonly setting: "transport"; readonly value: TransportType | null }
  | {
      readonly setting: "url";
      readonly of: "transport in force" | "smart" | "cslu" | "utility";
      readonly value: string | null;
    }
  | { readonly setting: "proxy address"; readonly value: string | null }
  | { readonly setting: "proxy port"; readonly value: number | null }
  | { readonly setting: "proxy username" | "proxy password"; readonly value: string | null }
  | { readonly setting: "privacy"; readonly of: readonly ("hostname" | "version")[]; readonly value: boolean }
  | { readonly setting: "usage interval"; readonly value: number | null }
  | { readonly setting: "vrf" | "custom id"; readonly value: string | null }
  | { readonly setting: "hostname"; readonly value: string }
  | { readonly setting: "source interface"; readonly value: string | null }
  | { readonly setting: "client trustpoint"; readonly value: string | null }
  | { readonly setting: "network"; readonly value: NetworkChange }
  /** A whole part of the configuration, made from what is configured; a text says why not. */
  | { readonly setting: "logging"; readonly edit: (now: LoggingConfiguration) => LoggingConfiguration | string }
  | { readonly setting: "clock"; readonly edit: (now: ClockConfiguration) => ClockConfiguration | string }
  | { readonly setting: "snmp"; readonly edit: (now: SnmpConfiguration) => SnmpConfiguration | string }
  /** Null takes the user away. */
  | { readonly setting: "snmp user"; readonly name: string; readonly value: SnmpUser | null }
  /** In force from the next boot on. */
  | { readonly setting: "license level"; readonly value: LevelView | null };

/** What happens to the devices of an installation. */
export type InstallationChange =
  | { readonly change: "add member"; readonly udi: Udi }
  | { readonly change: "remove slot" | "fail slot" | "reload slot"; readonly slot: number }
  | { readonly change: "switchover" };

/** Access points that join or leave: named ones, or a number of them. */
export type AccessPointWish = {
  readonly act: "join" | "leave";
  readonly which: { readonly udi: Udi } | { readonly count: number };
};

/** What the console can have done to the device. Everything is stored before it is answered. */
export interface DeviceControl {
  trust(token: string, scope: "local" | "all", force: boolean): Promise<ControlOutcome>;
  sync(scope: "local" | "all"): Promise<ControlOutcome>;
  change(change: SettingChange): Promise<ControlOutcome>;
  /** `all` asks for a reload; trust or policy alone do not (BET-10). */
  factoryReset(what: "all" | "trust" | "policy"): Promise<ControlOutcome>;
  reload(): Promise<ControlOutcome>;
  changeInstallation(change: InstallationChange): Promise<ControlOutcome>;
  moveAccessPoints(wish: AccessPointWish): Promise<ControlOutcome>;
  saveUsage(selection: UsageSelection, path: string): Promise<ControlOutcome>;
  saveTrustRequest(path: string): Promise<ControlOutcome>;
  /** Installs what a manager gave by file, from the flash of the device. */
  importFile(path: string): Promise<ImportOutcome>;
  clearEventLog(): Promise<ControlOutcome>;
  /** Forgets the log lines that `show logging` prints. */
  clearLogging(): Promise<ControlOutcome>;
  /** Makes the running configuration that of the next start. */
  saveConfiguration(): Promise<ControlOutcome>;
  setClock(atMs: number, user: string): Promise<ControlOutcome>;
  debug(topics: readonly DebugWords[], isOn: boolean): Promise<ControlOutcome>;
  capture(change: CaptureChange): Promise<ControlOutcome>;
  /** Writes what was captured into a file of the flash. */
  exportCapture(name: string, path: string): Promise<ControlOutcome>;
  /** Writes what a command printed into a file of the flash. */
  writeFile(path: string, text: string): Promise<ControlOutcome>;
  /** A log line of the device itself. */
  log(line: LogLine): void;
  readonly probe: NetworkProbe;
}

export const done: ControlOutcome = { outcome: "done" };

export type Refused = Extract<ControlOutcome, { readonly outcome: "refused" }>;

export function refusal(code: string, message: string, remedy: string): Refused {
  return { outcome: "refused", code, message, remedy };
}

export function shown(text: string, json: unknown): CommandResult {
  return { outcome: "done", text, json };
}

/** What a change prints: the given text when it was done, the reason when it was refused. */
export function answerOf(outcome: ControlOutcome, textWhenDone: string): CommandResult {
  if (outcome.outcome === "done") return { outcome: "done", text: textWhenDone, json: outcome };
  return { outcome: "refused", text: `% ${outcome.message} ${outcome.remedy}`.trimEnd(), json: outcome };
}

/** Runs a change on a running device; where none runs, says so. */
export function changing(
  run: (control: DeviceControl, given: Arguments) => Promise<ControlOutcome>,
  textWhenDone = "",
): CommandHandler {
  return async ({ control }, given) =>
    answerOf(control === null ? notRunning : await run(control, given), textWhenDone);
}

export const notRunning: ControlOutcome = {
  outcome: "refused",
  code: "device_not_running",
  message: "The device is not running: its stored state can be shown, not changed.",
  remedy: "Start it with `countersign device run`, then enter the command again.",
};
