// The running configuration of a device, and how it becomes and comes from that of the next start.

import type { AgentConfiguration, AgentState } from "@countersign/agent";
import { callHomeUrl } from "../call-home-configuration.ts";
import { isSameConfiguration, type RunningConfiguration, type TransportType } from "../device-configuration.ts";
import { type ControlOutcome, done } from "../device-control.ts";
import type { DeviceDescription } from "../device-description.ts";
import type { DeviceCore } from "./device-core.ts";

export function runningConfigurationOf(state: AgentState, description: DeviceDescription): RunningConfiguration {
  const { privacy, transport, urls, usageIntervalDays, vrf, customId } = state.configuration;
  const { sourceInterface, clientTrustpoint, proxy, logging, snmp, clock, zone, httpServer } = description;
  const { callHome, serviceInternal } = description;
  return {
    hostname: description.hostname,
    customId,
    privacy: { hostname: privacy.hostname, version: privacy.version },
    proxy: { address: proxy.address, port: proxy.port, username: proxy.username },
    sourceInterface,
    clientTrustpoint,
    transport,
    urls: { smart: urls.smart, cslu: urls.cslu, utility: urls.utility },
    usageIntervalDays,
    vrf,
    network: description.network,
    logging,
    snmp,
    licenseLevel: description.licenseLevel,
    clock: { ...clock, zone },
    httpServer,
    callHome,
    serviceInternal,
  };
}

/** What `write memory` does. */
export async function saveConfiguration(core: DeviceCore): Promise<ControlOutcome> {
  await core.describe({ startupConfiguration: runningConfigurationOf(core.agent.state(), core.description) });
  return done;
}

/** True when a reload now would lose what was configured. */
export function hasUnsavedConfiguration(core: DeviceCore): boolean {
  const startup = core.description.startupConfiguration;
  return (
    startup !== null && !isSameConfiguration(startup, runningConfigurationOf(core.agent.state(), core.description))
  );
}

/** What the options of this start say. */
export type GivenAtStart = { readonly transport: boolean; readonly zone: boolean; readonly httpServer: boolean };
export const nothingGiven: GivenAtStart = { transport: false, zone: false, httpServer: false };

/**
 * Puts the configuration of the start in force: after a reload, and when a device is started anew. What a start says by its
 * options is not undone, but becomes part of the saved configuration. A device that never saved keeps what it has.
 */
export async function applyStartupConfiguration(core: DeviceCore, given: GivenAtStart): Promise<void> {
  const { startupConfiguration: startup } = core.description;
  const running = runningConfigurationOf(core.agent.state(), core.description);
  if (startup === null) {
    await core.describe({ startupConfiguration: running });
    return alignCallHome(core);
  }
  const { transport, urls, proxy, httpServer } = running;
  const wanted = {
    ...startup,
    ...(given.transport ? { transport, urls, proxy } : {}),
    ...(given.zone ? { clock: { ...startup.clock, zone: running.clock.zone } } : {}),
    ...(given.httpServer ? { httpServer } : {}),
  };
  if (!isSameConfiguration(wanted, startup)) await core.describe({ startupConfiguration: wanted });
  if (!isSameConfiguration(wanted, running)) await putInForce(core, wanted);
  await alignCallHome(core);
}

/** Agents of before there were profiles, and those that were told another transport at this start. */
async function alignCallHome(core: DeviceCore): Promise<void> {
  const { configuration } = core.agent.state();
  const { urls, transport } = configuration;
  const callHome = callHomeUrl(core.description.callHome);
  if ((urls.callHome ?? null) === callHome && transport !== "callhome") return;
  await core.agent.configure({ urls: { ...urls, callHome }, proxy: proxyFor(core, transport) });
}

/** What was said at the start stands where no configuration names a proxy. */
function proxyFor(core: DeviceCore, transport: TransportType): AgentConfiguration["proxy"] {
  return transport === "callhome" ? proxyOf(core.description, transport) : core.agent.state().configuration.proxy;
}

async function putInForce(core: DeviceCore, wanted: RunningConfiguration): Promise<void> {
  const { hostname, sourceInterface, clientTrustpoint, network, logging, snmp, licenseLevel, httpServer } = wanted;
  const { callHome, serviceInternal } = wanted;
  const { zone, ...clock } = wanted.clock;
  const proxy = { ...core.description.proxy, ...wanted.proxy };
  const settings = {
    sourceInterface,
    clientTrustpoint,
    proxy,
    network,
    logging,
    snmp,
    licenseLevel,
    clock,
    zone,
    httpServer,
    callHome,
    serviceInternal,
  };
  await core.describe({ hostname, ...settings });
  const { transport, urls, privacy, vrf, usageIntervalDays, customId } = wanted;
  await core.agent.configure({
    transport,
    urls: { ...urls, callHome: callHomeUrl(callHome) },
    privacy,
    vrf,
    usageIntervalDays,
    customId,
    proxy: proxyOf(core.description, transport),
  });
  await core.agent.changeHostname(hostname);
}

/** That of licensing when both of its halves are there, with Call Home that of Call Home, else that of the HTTP client. */
export function proxyOf(
  { proxy, network, callHome }: DeviceDescription,
  transport: TransportType,
): AgentConfiguration["proxy"] {
  const { address, port, username, password } = proxy;
  if (transport !== "callhome" && address !== null && port !== null) return { address, port, username, password };
  const other = (transport === "callhome" ? callHome.httpProxy : null) ?? network.clientProxy;
  return other && { address: other.host, port: other.port, username: null, password: null };
}
