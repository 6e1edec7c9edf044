// One setting of `license smart` changed: checked, stored, and handed to the agent.

import type { AgentConfiguration } from "@countersign/agent";
import type { ClockConfiguration } from "../clock-configuration.ts";
import type { TransportType } from "../device-configuration.ts";
import { type ControlOutcome, done, type LicensingChange, refusal, type SettingChange } from "../device-control.ts";
import type { DeviceDescription } from "../device-description.ts";
import type { LevelView } from "../license-view.ts";
import { unknownInterface, unknownTrustpoint, unknownVrf } from "../network-change.ts";
import { findInterface, findTrustpoint, interfaceName } from "../network-settings.ts";
import { identityOf } from "../pki/own-identities.ts";
import { defaultLevel, levelsOffered } from "../platform/license-level.ts";
import { changeCallHome } from "./change-call-home.ts";
import { applyNetworkChange } from "./change-network.ts";
import { changeLogging, changeSnmp, changeSnmpUser } from "./change-outward.ts";
import type { DeviceCore } from "./device-core.ts";
import { notePlainHttp } from "./plain-http.ts";
import { proxyOf } from "./saved-configuration.ts";

const urlCharactersMax = 2048;

/** The platform's default transport. */
const defaultTransport = "smart";

export async function changeSetting(core: DeviceCore, change: SettingChange): Promise<ControlOutcome> {
  switch (change.setting) {
    case "transport":
      return changeTransport(core, change.value ?? defaultTransport);
    case "url":
      return changeUrl(core, change.of, change.value);
    case "proxy address":
      return changeProxy(core, { ...core.description.proxy, address: change.value });
    case "proxy port":
      return changeProxy(core, { ...core.description.proxy, port: change.value });
    case "proxy username":
      return changeProxy(core, { ...core.description.proxy, username: change.value });
    case "proxy password":
      return changeProxy(core, { ...core.description.proxy, password: change.value });
    case "privacy": {
      const { privacy } = core.agent.state().configuration;
      return configured(core, {
        privacy: { ...privacy, ...Object.fromEntries(change.of.map((of) => [of, change.value])) },
      });
    }
    case "usage interval":
      return changeInterval(core, change.value);
    case "custom id":
      return configured(core, { customId: change.value });
    case "vrf":
      return changeVrf(core, change.value);
    case "license level":
      return changeLevel(core, change.value);
    case "license addon": {
      const level = core.description.licenseLevel ?? defaultLevel(core.profile);
      return changeLevel(core, level && { ...level, addon: change.value }, change.value);
    }
    case "hostname":
      return changeHostname(core, change.value ?? core.profile.hostname);
    case "source interface":
      return changeSource(core, change.value);
    case "client trustpoint":
      if (change.value !== null && !hasTrustpoint(core, change.value)) return unknownTrustpoint(change.value);
      await core.describe({ clientTrustpoint: change.value });
      return done;
    case "http server":
      return core.changeHttpServer(change.value);
    case "network":
      return applyNetworkChange(core, change.value);
    case "logging":
      return changeLogging(core, change.edit(core.description.logging));
    case "clock":
      return changeClock(core, change.edit({ ...core.description.clock, zone: core.description.zone }));
    case "call home":
      return changeCallHome(core, change.edit(core.description.callHome));
    case "service internal":
      await core.describe({ serviceInternal: change.value });
      return done;
    case "snmp":
      return changeSnmp(core, change.edit(core.description.snmp));
    case "snmp user":
      return changeSnmpUser(core, change.name, change.value);
    default:
      return change satisfies never;
  }
}

/** As much as DNS and the syslog formats take; the prompt, log lines and every message to the manager carry it. */
const hostnamePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i;

async function changeHostname(core: DeviceCore, value: string): Promise<ControlOutcome> {
  if (!hostnamePattern.test(value)) {
    const remedy =
      "It has 1 to 63 letters, digits, hyphens, dots and underscores, and begins and ends with a letter or a digit.";
    return refusal("hostname_invalid", "This is no host name.", remedy);
  }
  await core.describe({ hostname: value });
  await core.agent.changeHostname(value);
  return done;
}

/**
 * All of the changes or, when one is refused, none: what was changed before it is set back. Each is stored by itself, so that
 * a crash may leave some of them; whoever got no answer sends the same again.
 */
export async function changeSettings(core: DeviceCore, changes: readonly LicensingChange[]): Promise<ControlOutcome> {
  const before = { description: core.description, configuration: core.agent.state().configuration };
  for (const [at, change] of changes.entries()) {
    const outcome = await changeSetting(core, change);
    if (outcome.outcome === "done") continue;
    if (at > 0) await setBack(core, before);
    return outcome;
  }
  return done;
}

type SettingsBefore = { readonly description: DeviceDescription; readonly configuration: AgentConfiguration };

/** Everything that a change of licensing reaches, unchecked: what was given at a start need not pass what is asked of a change. */
async function setBack(core: DeviceCore, { description, configuration }: SettingsBefore): Promise<void> {
  const { hostname, proxy, sourceInterface, clientTrustpoint, network, licenseLevel, callHome } = description;
  await core.describe({ hostname, proxy, sourceInterface, clientTrustpoint, network, licenseLevel, callHome });
  await core.agent.configure(configuration);
  await core.agent.changeHostname(hostname);
}

/** Only what the platform's software offers; in force from the next boot on. */
async function changeLevel(core: DeviceCore, wanted: LevelView | null, addon?: string | null): Promise<ControlOutcome> {
  const { profile, description } = core;
  const offered = levelsOffered(profile, description.softwareVersion);
  const level = offered.find(({ name }) => name === wanted?.name);
  const isOffered = level !== undefined && (wanted?.addon == null || level.addons.includes(wanted.addon));
  if ((wanted !== null && !isOffered) || (wanted === null && addon != null)) {
    return {
      outcome: "refused",
      code: "license_level_not_offered",
      message: "This software does not offer that license level or addon.",
      remedy: "See `license boot level ?`, on wireless controllers `license air level ?`.",
    };
  }
  await core.describe({ licenseLevel: wanted ?? defaultLevel(profile) });
  return done;
}

/** The way through a proxy belongs to the transport. */
async function changeTransport(core: DeviceCore, transport: TransportType): Promise<ControlOutcome> {
  return configured(core, { transport, proxy: proxyOf(core.description, transport) });
}

async function changeSource(core: DeviceCore, value: string | null): Promise<ControlOutcome> {
  const found = value === null ? null : findInterface(core.description.network, interfaceName(value));
  if (found === undefined) return unknownInterface(interfaceName(value ?? ""));
  await core.describe({ sourceInterface: found?.name ?? null });
  return done;
}

/** One that is not defined, or has no interface that could reach anything, is refused at once (TRN-13). */
async function changeVrf(core: DeviceCore, vrf: string | null): Promise<ControlOutcome> {
  const { network } = core.description;
  if (vrf === null) return configured(core, { vrf });
  if (!network.vrfs.includes(vrf)) return unknownVrf(vrf);
  const isReachable = network.interfaces.some(
    (one) => one.vrf === vrf && !one.isShutdown && one.address.type !== "none",
  );
  if (isReachable) return configured(core, { vrf });
  return {
    outcome: "refused",
    code: "vrf_unreachable",
    message: `VRF ${vrf} has no interface that is up and has an address.`,
    remedy: `Enter \`vrf forwarding ${vrf}\` and \`ip address\` at an interface first.`,
  };
}

async function configured(core: DeviceCore, change: Partial<AgentConfiguration>): Promise<ControlOutcome> {
  await core.agent.configure(change);
  return done;
}

/** `wanted` as a text is the reason why the clock stays as it is. */
async function changeClock(core: DeviceCore, wanted: ClockConfiguration | string): Promise<ControlOutcome> {
  if (typeof wanted === "string") return { outcome: "refused", code: "setting_refused", message: wanted, remedy: "" };
  const { zone, ...clock } = wanted;
  await core.describe({ clock, zone });
  return done;
}

type UrlOf = Extract<SettingChange, { setting: "url" }>["of"];

function urlKind(of: UrlOf, transport: TransportType): Exclude<UrlOf, "transport in force"> {
  if (of !== "transport in force") return of;
  return transport === "cslu" ? "cslu" : "smart";
}

/** An address without a kind is that of the transport in force, so that the documented pairs of both work (TRN-6). */
async function changeUrl(core: DeviceCore, of: UrlOf, value: string | null): Promise<ControlOutcome> {
  const { transport, urls } = core.agent.state().configuration;
  const kind = urlKind(of, transport);
  if (value !== null && !isUsableUrl(value)) {
    return {
      outcome: "refused",
      code: "url_invalid",
      message: "This is no address that licensing can use.",
      remedy: "Enter a URL that begins with https:// or http://.",
    };
  }
  const url = value ?? (kind === "smart" ? core.description.defaultSmartUrl : null);
  const outcome = await configured(core, { urls: { ...urls, [kind]: url } });
  if (kind === "smart") notePlainHttp(core, url);
  return outcome;
}

/** Credentials do not belong into an address: it is shown and logged. */
function isUsableUrl(text: string): boolean {
  if (text.length > urlCharactersMax || !URL.canParse(text)) return false;
  const url = new URL(text);
  return ["https:", "http:"].includes(url.protocol) && url.username === "" && url.password === "";
}

/** The agent gets the proxy when both halves are there, and loses it when one is taken away. */
async function changeProxy(core: DeviceCore, proxy: DeviceDescription["proxy"]): Promise<ControlOutcome> {
  await core.describe({ proxy });
  return configured(core, { proxy: proxyOf(core.description, core.agent.state().configuration.transport) });
}

/** A setting without effect is refused with the reason, not taken and ignored (BET-2). */
async function changeInterval(core: DeviceCore, days: number | null): Promise<ControlOutcome> {
  const seconds = core.profile.reportEverySeconds;
  if (days !== null && seconds !== null) {
    return {
      outcome: "refused",
      code: "interval_of_platform",
      message: `Usage interval not changed: this platform reports every ${seconds / 3600} hours, whatever is configured.`,
      remedy: "Use `license smart sync all` to report now.",
    };
  }
  return configured(core, { usageIntervalDays: days });
}

function hasTrustpoint({ description, identities }: DeviceCore, name: string): boolean {
  return findTrustpoint(description.network, name) !== undefined || identityOf(identities, name) !== null;
}
