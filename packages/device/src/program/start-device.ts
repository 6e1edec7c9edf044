// Starts a device: reads or makes its description, starts its agent, and opens its console to the local machine.

import { join } from "node:path";
import { MemoryDisk } from "@countersign/agent";
import { defaultCallHome } from "../call-home-configuration.ts";
import { ownClock } from "../clock-configuration.ts";
import type { DescriptionStore, DeviceDescription } from "../device-description.ts";
import { DeviceError } from "../device-error.ts";
import { defaultHttpServer } from "../http-configuration.ts";
import { defaultLogging } from "../logging-configuration.ts";
import { interfacesOfMachine } from "../network/host-addresses.ts";
import { interfacesOfPlatform, type NetworkSettings, networkOf } from "../network-settings.ts";
import { openIdentities } from "../pki/own-identities.ts";
import { levelOfFeatures } from "../platform/license-level.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";
import { findPlatform } from "../platform/platform-table.ts";
import { licensingModelOf } from "../platform/software-version.ts";
import { utc } from "../render/show-text.ts";
import { defaultSnmp } from "../snmp-configuration.ts";
import { fileDescriptionStore, memoryDescriptionStore } from "../storage/description-store.ts";
import { DeviceCore } from "./device-core.ts";
import { type Device, type DeviceOptions, documentedSmartUrl } from "./device-options.ts";
import { RunningDevice } from "./running-device.ts";
import { applyStartupConfiguration } from "./saved-configuration.ts";

/**
 * Throws `DeviceError` (`platform_unknown`, `platform_differs`, `no_device_here`, `device_state_unreadable`,
 * `software_without_policy_mode`, `control_path_too_long`) and `AgentError` (`directory_in_use` when the device runs already).
 */
export async function startDevice(options: DeviceOptions): Promise<Device> {
  const { stateDirectory } = options;
  const store = stateDirectory === null ? memoryDescriptionStore() : fileDescriptionStore(stateDirectory);
  const { profile, description } = await describeDevice(options, store);
  const agentState = stateDirectory === null ? new MemoryDisk() : join(stateDirectory, agentFolder);
  const names = [description.hostname, "localhost", options.https?.host ?? loopback];
  const identities = await openIdentities(stateDirectory, { ...identityWishOf(description, profile), names });
  const core = new DeviceCore({ options, profile, store, agentState, identities }, description);
  await core.start("restart");
  // Only now is it certain that no other process owns the folder.
  await core.describe({});
  const httpsIsGiven = options.https?.port !== undefined;
  await applyStartupConfiguration(core, {
    transport: options.transport !== undefined,
    zone: options.zone !== undefined,
    httpServer: httpsIsGiven,
  });
  await core.outward.open();
  void core.clock.apply();
  const flash = stateDirectory === null ? null : join(stateDirectory, flashFolder);
  const device = new RunningDevice(core, stateDirectory, flash);
  try {
    if (stateDirectory !== null && options.opensControlSocket !== false) await device.openControl(stateDirectory);
    if (options.ssh !== undefined) {
      if (stateDirectory === null) throw new DeviceError("ssh_needs_state");
      await device.openSsh(stateDirectory, options.ssh);
    }
    if (httpsIsGiven) await requireHttpServer(core);
    else await core.applyHttpServer();
  } catch (error) {
    await device.stop();
    throw error;
  }
  return device;
}

/** A server that was asked for at the start and cannot be had is no detail. Its port becomes part of the saved configuration. */
async function requireHttpServer(core: DeviceCore): Promise<void> {
  const outcome = await core.changeHttpServer({});
  if (outcome.outcome === "refused") throw new DeviceError("https_unavailable", outcome.message);
  const { startupConfiguration: startup, httpServer } = core.description;
  if (startup !== null) await core.describe({ startupConfiguration: { ...startup, httpServer } });
}

export const agentFolder = "agent";
const flashFolder = "flash";
const loopback = "127.0.0.1";

/** A chassis and its standby show one identity: that of the first device. */
export function identityWishOf({ slots }: DeviceDescription, profile: PlatformProfile) {
  const udi = slots[0]?.udi ?? { pid: profile.name, serialNumber: "" };
  return { udi, hasManufacturerCertificate: profile.hasManufacturerCertificate };
}

type Described = { readonly profile: PlatformProfile; readonly description: DeviceDescription };

/** The stored description, with what this start says anew. */
async function describeDevice(options: DeviceOptions, store: DescriptionStore): Promise<Described> {
  const stored = await store.read();
  const profile = requirePlatform(options, stored);
  const known =
    stored === null ? newDescription(profile, options) : withLevels(withInterfaces(stored, profile, options), profile);
  const description = withOptions(known, options);
  requireSmartLicensing(profile, description.softwareVersion);
  return { profile, description };
}

/** What came before smart licensing is not pretended: the start is refused. */
function requireSmartLicensing(profile: PlatformProfile, softwareVersion: string): void {
  const model = licensingModelOf(profile, softwareVersion);
  if (model === "policy" || model === "classic") return;
  const first = profile.licensing.find((one) => one.model !== "right-to-use")?.since ?? "";
  const has = model === null ? "does not exist for it" : `licenses it in ${model} mode`;
  const detail = `${profile.title}: ${softwareVersion} ${has}; smart licensing begins with ${first}.`;
  throw new DeviceError("software_without_policy_mode", detail);
}

/** Descriptions of older programs have features only, from which the level follows. */
function withLevels(stored: DeviceDescription, profile: PlatformProfile): DeviceDescription {
  const licenseLevel = stored.licenseLevel ?? levelOfFeatures(profile, stored.features);
  const { startupConfiguration: startup } = stored;
  const startupConfiguration = startup && { ...startup, licenseLevel: startup.licenseLevel ?? licenseLevel };
  return { ...stored, licenseLevel, startupConfiguration };
}

function requirePlatform({ platform }: DeviceOptions, stored: DeviceDescription | null): PlatformProfile {
  const name = platform ?? stored?.platform;
  if (name === undefined) throw new DeviceError("no_device_here");
  if (stored !== null && stored.platform !== name) throw new DeviceError("platform_differs", stored.platform);
  const profile = findPlatform(name);
  if (profile === undefined) throw new DeviceError("platform_unknown", name);
  return profile;
}

const noProxy = { address: null, port: null, username: null, password: null };

/** What a running device may change for itself is taken from the options only when the device is new. */
function newDescription(profile: PlatformProfile, options: DeviceOptions): DeviceDescription {
  const { hostname = profile.hostname, slots = profile.defaultSlots, features = profile.defaultFeatures } = options;
  return {
    formatVersion: 1,
    platform: profile.name,
    hostname,
    softwareVersion: profile.softwareVersion,
    slots: slots.map((slot) => ({ ...slot, udi: { ...slot.udi } })),
    failedSlots: [],
    switchovers: { count: 0, lastReason: null, lastAtMs: null },
    features: [...features],
    licenseLevel: levelOfFeatures(profile, features),
    accessPoints: [],
    airReport: null,
    proxy: noProxy,
    sourceInterface: null,
    clientTrustpoint: null,
    network: newNetwork(profile, options),
    logging: defaultLogging,
    snmp: defaultSnmp,
    snmpUsers: [],
    snmpEngine: null,
    clock: { calendarValid: false, ntpServers: [] },
    clockOffset: ownClock,
    httpServer: defaultHttpServer,
    callHome: defaultCallHome,
    serviceInternal: false,
    defaultSmartUrl: documentedSmartUrl,
    startupConfiguration: null,
    trustAnchors: [],
    zone: { ...utc },
  };
}

function newNetwork({ name }: PlatformProfile, { interfaces }: DeviceOptions): NetworkSettings {
  return networkOf(interfaces ?? interfacesOfPlatform(name) ?? interfacesOfMachine());
}

/** A description of before there were interfaces gets those of a new device, in force and saved. */
function withInterfaces(
  stored: DeviceDescription,
  profile: PlatformProfile,
  options: DeviceOptions,
): DeviceDescription {
  if (stored.network.interfaces.length > 0) return stored;
  const network = newNetwork(profile, options);
  const startup = stored.startupConfiguration;
  return { ...stored, network, startupConfiguration: startup && { ...startup, network } };
}

function withOptions(description: DeviceDescription, options: DeviceOptions): DeviceDescription {
  const { softwareVersion, zone, trustAnchors, defaultSmartUrl, transport, https } = options;
  return {
    ...description,
    ...(softwareVersion === undefined ? {} : { softwareVersion }),
    ...(zone === undefined ? {} : { zone }),
    ...(trustAnchors === undefined ? {} : { trustAnchors: [trustAnchors].flat() }),
    ...(defaultSmartUrl === undefined ? {} : { defaultSmartUrl }),
    ...(https?.port === undefined ? {} : { httpServer: { isOn: true, port: https.port, authentication: "local" } }),
    ...(transport?.proxy === undefined ? {} : { proxy: transport.proxy ?? noProxy }),
  };
}
