// Every setting of licensing that the console has, as data: how it is called in the model, what it may be, where it stands and
// how it is changed. RESTCONF and the page read and write it; a setting is changed by the same means everywhere (BET-6).

import * as v from "valibot";
import { type RunningConfiguration, transportTypes } from "../device-configuration.ts";
import type { LicensingChange } from "../device-control.ts";

export type SettingValue = string | number | boolean;

export type LicenseSetting = {
  /** Node names below the container `configuration`. */
  readonly path: readonly string[];
  readonly schema: v.GenericSchema<unknown, SettingValue>;
  /** Null: at its default, which is nothing. */
  read(configuration: RunningConfiguration): SettingValue | null;
  /** Null sets it back; null in return where that cannot be. */
  change(value: SettingValue | null): LicensingChange | null;
  /** True for what can be set and never be read. */
  readonly isSecret?: boolean;
};

const text = (charactersMax: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(charactersMax), v.regex(/^[^\p{Cc}\s]+$/u));
const wholeNumber = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const textOf = (value: SettingValue | null): string | null => (value === null ? null : String(value));
const numberOf = (value: SettingValue | null): number | null => (value === null ? null : Number(value));

function url(of: "smart" | "cslu" | "utility"): LicenseSetting {
  return {
    path: ["url", of],
    schema: text(2048),
    read: ({ urls }) => urls[of],
    change: (value) => ({ setting: "url", of, value: textOf(value) }),
  };
}

function privacy(of: "hostname" | "version"): LicenseSetting {
  return {
    path: ["privacy", of],
    schema: v.boolean(),
    read: (configuration) => configuration.privacy[of],
    change: (value) => ({ setting: "privacy", of: [of], value: value === true }),
  };
}

export const licenseSettings: readonly LicenseSetting[] = [
  {
    path: ["hostname"],
    schema: v.pipe(text(63), v.regex(/^[A-Za-z0-9][\w.-]*$/)),
    read: ({ hostname }) => hostname,
    change: (value) => (value === null ? null : { setting: "hostname", value: String(value) }),
  },
  {
    path: ["transport"],
    schema: v.picklist(transportTypes),
    read: ({ transport }) => transport,
    change: (value) => ({ setting: "transport", value: transportTypes.find((type) => type === value) ?? null }),
  },
  url("smart"),
  url("cslu"),
  url("utility"),
  {
    path: ["proxy", "address"],
    schema: text(255),
    read: ({ proxy }) => proxy.address,
    change: (value) => ({ setting: "proxy address", value: textOf(value) }),
  },
  {
    path: ["proxy", "port"],
    schema: wholeNumber(1, 65_535),
    read: ({ proxy }) => proxy.port,
    change: (value) => ({ setting: "proxy port", value: numberOf(value) }),
  },
  {
    path: ["proxy", "username"],
    schema: text(255),
    read: ({ proxy }) => proxy.username ?? null,
    change: (value) => ({ setting: "proxy username", value: textOf(value) }),
  },
  {
    path: ["proxy", "password"],
    schema: text(255),
    read: () => null,
    change: (value) => ({ setting: "proxy password", value: textOf(value) }),
    isSecret: true,
  },
  privacy("hostname"),
  privacy("version"),
  {
    path: ["usage-interval"],
    schema: wholeNumber(1, 3650),
    read: ({ usageIntervalDays }) => usageIntervalDays,
    change: (value) => ({ setting: "usage interval", value: numberOf(value) }),
  },
  {
    path: ["vrf"],
    schema: text(32),
    read: ({ vrf }) => vrf,
    change: (value) => ({ setting: "vrf", value: textOf(value) }),
  },
  {
    path: ["custom-id"],
    schema: text(64),
    read: ({ customId }) => customId,
    change: (value) => ({ setting: "custom id", value: textOf(value) }),
  },
  {
    path: ["source-interface"],
    schema: text(64),
    read: ({ sourceInterface }) => sourceInterface,
    change: (value) => ({ setting: "source interface", value: textOf(value) }),
  },
  {
    path: ["client-trustpoint"],
    schema: text(64),
    read: ({ clientTrustpoint }) => clientTrustpoint,
    change: (value) => ({ setting: "client trustpoint", value: textOf(value) }),
  },
  {
    path: ["server-identity-check"],
    schema: v.boolean(),
    read: ({ network }) => network.checksServerIdentity,
    change: (value) => ({ setting: "network", value: { change: "server identity check", isOn: value !== false } }),
  },
];
