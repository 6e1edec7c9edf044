// Every setting of licensing that the console has, as data: how it is called in the model, what it may be, where it stands and
// how it is changed. RESTCONF and the page read and write it; a setting is changed by the same means everywhere (BET-6).

import * as v from "valibot";
import {
  type CallHomeConfiguration,
  defaultProfileName,
  type EditedCallHome,
  editProfile,
  licensingProfile,
  withContact,
  withProfile,
} from "../call-home-configuration.ts";
import { type RunningConfiguration, transportTypes } from "../device-configuration.ts";
import type { LicensingChange } from "../device-control.ts";
import { findTrustpoint, licensingTrustpoint, revocationChecks } from "../network-settings.ts";

export type SettingValue = string | number | boolean;

export type LicenseSetting = {
  /** Node names below the container `configuration`. */
  readonly path: readonly string[];
  readonly schema: v.GenericSchema<unknown, SettingValue>;
  /** Null: at its default, which is nothing. */
  read(configuration: RunningConfiguration): SettingValue | null;
  /** Null sets it back. */
  change(value: SettingValue | null): LicensingChange;
  /** True for what can be set and never be read. */
  readonly isSecret?: boolean;
  /** True for what another setting may change with itself: it is set again even where it seems to stand already. */
  readonly followsOthers?: boolean;
};

const text = (charactersMax: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(charactersMax), v.regex(/^[^\p{Cc}\s]+$/u));
const wholeNumber = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const textOf = (value: SettingValue | null): string | null => (value === null ? null : String(value));
const numberOf = (value: SettingValue | null): number | null => (value === null ? null : Number(value));

/** `proxy.example:3128` */
const hostAndPort = v.pipe(
  text(261),
  v.regex(/^[^:]+:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])$/),
);

function proxyFrom(value: SettingValue | null): { readonly host: string; readonly port: number } | null {
  if (value === null) return null;
  const [host = "", port = ""] = String(value).split(":");
  return { host, port: Number(port) };
}

const proxyText = (proxy: { readonly host: string; readonly port: number } | null): string | null =>
  proxy && `${proxy.host}:${proxy.port}`;

function callHome(
  name: string,
  setting: Pick<LicenseSetting, "schema" | "followsOthers"> & {
    readonly read: (now: CallHomeConfiguration) => SettingValue | null;
    readonly edit: (now: CallHomeConfiguration, value: SettingValue | null) => EditedCallHome;
  },
): LicenseSetting {
  const { schema, read, edit, followsOthers = false } = setting;
  return {
    path: ["call-home", name],
    schema,
    read: (configuration) => read(configuration.callHome),
    change: (value) => ({ setting: "call home", edit: (now) => edit(now, value) }),
    followsOthers,
  };
}

/** Makes it the one that is active and carries licensing, whichever was before. */
function licensingBy(now: CallHomeConfiguration, name: string): EditedCallHome {
  const made = withProfile(now, name);
  if (typeof made === "string") return made;
  const before = licensingProfile({ ...made, isOn: true });
  const freed = before === null ? made : editProfile(made, before.name, { isActive: false, carriesLicensing: false });
  return typeof freed === "string" ? freed : editProfile(freed, name, { isActive: true, carriesLicensing: true });
}

const callHomeSettings: readonly LicenseSetting[] = [
  callHome("enabled", {
    schema: v.boolean(),
    read: ({ isOn }) => isOn,
    edit: (now, value) => ({ ...now, isOn: value !== false }),
  }),
  callHome("carries-licensing", {
    schema: v.boolean(),
    read: (now) => licensingProfile({ ...now, isOn: true }) !== null,
    edit: (now, value) => {
      const profile = licensingProfile({ ...now, isOn: true });
      if (value === false) return profile === null ? now : editProfile(now, profile.name, { carriesLicensing: false });
      return profile === null ? licensingBy(now, defaultProfileName) : now;
    },
  }),
  callHome("profile", {
    schema: text(31),
    read: (now) => licensingProfile({ ...now, isOn: true })?.name ?? null,
    edit: (now, value) => {
      if (value !== null) return licensingBy(now, String(value));
      return licensingProfile({ ...now, isOn: true }) === null ? now : licensingBy(now, defaultProfileName);
    },
    followsOthers: true,
  }),
  callHome("url", {
    schema: text(2048),
    read: (now) => licensingProfile({ ...now, isOn: true })?.url ?? null,
    edit: (now, value) => {
      const profile = licensingProfile({ ...now, isOn: true });
      if (profile !== null) return editProfile(now, profile.name, { url: textOf(value) });
      return value === null ? now : "No active profile carries licensing data: set profile, too.";
    },
    followsOthers: true,
  }),
  callHome("http-proxy", {
    schema: hostAndPort,
    read: ({ httpProxy }) => proxyText(httpProxy),
    edit: (now, value) => ({ ...now, httpProxy: proxyFrom(value) }),
  }),
  callHome("source-interface", {
    schema: text(64),
    read: ({ sourceInterface }) => sourceInterface,
    edit: (now, value) => ({ ...now, sourceInterface: textOf(value) }),
  }),
  callHome("vrf", {
    schema: text(32),
    read: ({ vrf }) => vrf,
    edit: (now, value) => ({ ...now, vrf: textOf(value) }),
  }),
  callHome("server-identity-check", {
    schema: v.boolean(),
    read: ({ checksServerIdentity }) => checksServerIdentity,
    edit: (now, value) => ({ ...now, checksServerIdentity: value !== false }),
  }),
  callHome("contact-email-address", {
    schema: text(200),
    read: ({ contactEmail }) => contactEmail,
    edit: (now, value) => withContact(now, textOf(value)),
  }),
];

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
    change: (value) => ({ setting: "hostname", value: textOf(value) }),
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
  {
    path: ["http-client-proxy"],
    schema: hostAndPort,
    read: ({ network }) => proxyText(network.clientProxy),
    change: (value) => ({ setting: "network", value: { change: "client proxy", proxy: proxyFrom(value) } }),
  },
  {
    path: ["revocation-check"],
    schema: v.picklist(revocationChecks),
    read: ({ network }) => findTrustpoint(network, licensingTrustpoint)?.revocationCheck ?? null,
    change: (value) => {
      const check = revocationChecks.find((one) => one === value) ?? null;
      return { setting: "network", value: { change: "trustpoint revocation", name: licensingTrustpoint, check } };
    },
  },
  {
    path: ["license-level", "name"],
    schema: text(64),
    read: ({ licenseLevel }) => licenseLevel?.name ?? null,
    change: (value) => ({
      setting: "license level",
      value: value === null ? null : { name: String(value), addon: null },
    }),
  },
  {
    path: ["license-level", "addon"],
    schema: text(64),
    read: ({ licenseLevel }) => licenseLevel?.addon ?? null,
    change: (value) => ({ setting: "license addon", value: textOf(value) }),
    followsOthers: true,
  },
  ...callHomeSettings,
];
