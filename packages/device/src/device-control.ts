// What people and programs can have done to a device, whichever way they come: console, HTTP, the lab. One mechanism for all,
// so that all cover the same settings (BET-6).

import type { PulledReport } from "@countersign/agent";
import type { Udi } from "@countersign/protocol";
import type { CallHomeConfiguration } from "./call-home-configuration.ts";
import type { CaptureChange } from "./capture/capture-view.ts";
import type { ClockConfiguration } from "./clock-configuration.ts";
import type { DebugWords } from "./debug/debug-topics.ts";
import type { TransportType } from "./device-configuration.ts";
import type { DeviceFiles } from "./file-view.ts";
import type { HttpServerSettings } from "./http-configuration.ts";
import type { ImportedObject, LevelView, LicenseReader } from "./license-view.ts";
import type { LoggingConfiguration } from "./logging-configuration.ts";
import type { NetworkChange } from "./network-change.ts";
import type { NetworkProbe } from "./network-view.ts";
import type { SnmpConfiguration, SnmpUser } from "./snmp-configuration.ts";
import type { LogLine } from "./syslog-line.ts";

/** A refusal names what is wrong and what to do; nothing was changed then. */
export type ControlOutcome =
  | { readonly outcome: "done" }
  | { readonly outcome: "refused"; readonly code: string; readonly message: string; readonly remedy: string };

export type ImportOutcome =
  | { readonly outcome: "done"; readonly objects: readonly ImportedObject[] }
  | Extract<ControlOutcome, { readonly outcome: "refused" }>;

export type AuthorizationWish = {
  readonly mode: "add" | "replace";
  readonly feature: string;
  readonly scope: "local" | "all";
};
export type AuthorizationReturn = {
  readonly scope: "local" | "all";
  readonly way: "online" | "offline";
  readonly path: string | null;
};
export type ReturnOutcome =
  | {
      readonly outcome: "done";
      readonly returned: readonly { readonly udi: string; readonly returnCode: string }[];
    }
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
  /** Null: that of the platform. */
  | { readonly setting: "hostname"; readonly value: string | null }
  | { readonly setting: "source interface"; readonly value: string | null }
  | { readonly setting: "client trustpoint"; readonly value: string | null }
  | { readonly setting: "network"; readonly value: NetworkChange }
  /** In force from the next boot on. */
  | { readonly setting: "license level"; readonly value: LevelView | null }
  /** Of the level that is configured. */
  | { readonly setting: "license addon"; readonly value: string | null }
  | { readonly setting: "http server"; readonly value: Partial<HttpServerSettings> }
  /** A whole part of the configuration, made from what is configured; a text says why not. */
  | { readonly setting: "logging"; readonly edit: (now: LoggingConfiguration) => LoggingConfiguration | string }
  | { readonly setting: "clock"; readonly edit: (now: ClockConfiguration) => ClockConfiguration | string }
  | { readonly setting: "snmp"; readonly edit: (now: SnmpConfiguration) => SnmpConfiguration | string }
  | { readonly setting: "call home"; readonly edit: (now: CallHomeConfiguration) => CallHomeConfiguration | string }
  | { readonly setting: "service internal"; readonly value: boolean }
  /** Null takes the user away. */
  | { readonly setting: "snmp user"; readonly name: string; readonly value: SnmpUser | null };

/** A setting of licensing, which can be set back to what it was. */
export type LicensingChange =
  | Exclude<
      SettingChange,
      {
        readonly setting: "network" | "http server" | "logging" | "clock" | "snmp" | "snmp user" | "service internal";
      }
    >
  | {
      readonly setting: "network";
      readonly value: Extract<
        NetworkChange,
        { readonly change: "server identity check" | "client proxy" | "trustpoint revocation" }
      >;
    };

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
  /** Classic model. */
  register(token: string, force: boolean): Promise<ControlOutcome>;
  deregister(): Promise<ControlOutcome>;
  renew(what: "id" | "authorization"): Promise<ControlOutcome>;
  /** Of the licences that the devices had before Smart Licensing. */
  convert(act: "start" | "stop"): Promise<ControlOutcome>;
  change(change: SettingChange): Promise<ControlOutcome>;
  /** All of them or, when one is refused, none. */
  changeAll(changes: readonly LicensingChange[]): Promise<ControlOutcome>;
  /** `all` asks for a reload; trust or policy alone do not (BET-10). */
  factoryReset(what: "all" | "trust" | "policy"): Promise<ControlOutcome>;
  reload(): Promise<ControlOutcome>;
  changeInstallation(change: InstallationChange): Promise<ControlOutcome>;
  moveAccessPoints(wish: AccessPointWish): Promise<ControlOutcome>;
  saveUsage(selection: UsageSelection, path: string): Promise<ControlOutcome>;
  saveTrustRequest(path: string): Promise<ControlOutcome>;
  /** `feature` is the name of a licence of the platform that needs a code. */
  requestAuthorization(wish: AuthorizationWish): Promise<ControlOutcome>;
  saveAuthorizationRequest(path: string): Promise<ControlOutcome>;
  /** With a path the return codes are written into a file too. */
  returnAuthorization(wish: AuthorizationReturn): Promise<ReturnOutcome>;
  /** Installs what a manager gave by file, from the flash of the device. */
  importFile(path: string): Promise<ImportOutcome>;
  /** The same for what came by another way than a file. */
  importBytes(bytes: Uint8Array): Promise<ImportOutcome>;
  /** Ends every open report. */
  closeReports(): Promise<ControlOutcome>;
  /** Closed reports for somebody who asks for them, a few at a time; they wait for their acknowledgement from then on. */
  pullReports(selection: UsageSelection): AsyncIterable<readonly PulledReport[]>;
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
  /** What can be read of the device now, for a command that has changed it and goes on. */
  readerNow(): Promise<LicenseReader>;
  writeFile(path: string, text: string): Promise<ControlOutcome>;
  /** Makes the file where there is none. */
  appendToFile(path: string, text: string): Promise<ControlOutcome>;
  /** A log line of the device itself. */
  log(line: LogLine): void;
  readonly probe: NetworkProbe;
  readonly files: DeviceFiles;
}

export const done: ControlOutcome = { outcome: "done" };

export type Refused = Extract<ControlOutcome, { readonly outcome: "refused" }>;

export function refusal(code: string, message: string, remedy: string): Refused {
  return { outcome: "refused", code, message, remedy };
}
