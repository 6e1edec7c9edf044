// `show running-config` and `show startup-config`: the configuration as the commands that make it, in the field's order.

import { callHomeLines } from "../call-home-configuration.ts";
import { clockLines, ntpLines } from "../clock-configuration.ts";
import type { RunningConfiguration } from "../device-configuration.ts";
import { httpsPortDefault } from "../http-configuration.ts";
import { bufferLines, loggingLines } from "../logging-configuration.ts";
import {
  type InterfaceSettings,
  isDefaultTrustpoint,
  type NetworkSettings,
  type TrustpointSettings,
  type VrfNames,
} from "../network-settings.ts";
import { snmpLines } from "../snmp-configuration.ts";
import { indentedLine, oneLine } from "./show-text.ts";

export type ConfigurationFacts = {
  readonly softwareVersion: string;
  /** Which command sets the license level; null where there is none. */
  readonly levelCommand: "boot" | "air" | null;
  /** Also what is at its default: `show running-config all`. */
  readonly withDefaults?: boolean;
};

/** The lines that would be typed, section by section; values at their default have none. */
function configurationSections(
  configuration: RunningConfiguration,
  { levelCommand, withDefaults = false }: Pick<ConfigurationFacts, "levelCommand" | "withDefaults">,
): readonly (readonly string[])[] {
  const { hostname, network, logging, snmp, clock } = configuration;
  const sections = [
    serviceLines(configuration, withDefaults),
    [`hostname ${hostname}`],
    ...network.vrfs.map((vrf) => [`vrf definition ${vrf}`, " !", " address-family ipv4", " exit-address-family"]),
    bufferLines(logging),
    clockLines(clock),
    callHomeLines(configuration.callHome, withDefaults),
    nameLines(network, withDefaults),
    ...network.trustpoints.filter((one) => !isDefaultTrustpoint(one)).map(trustpointLines),
    ...network.trustpoints.flatMap(certificateLines),
    [...levelLines(configuration, levelCommand), ...licensingLines(configuration, withDefaults)],
    ...network.interfaces.map(interfaceLines),
    httpServerLines(configuration, withDefaults),
    httpClientLines(configuration),
    loggingLines(logging),
    snmpLines(snmp),
    ntpLines(clock),
  ];
  return sections.filter((lines) => lines.length > 0).map((lines) => lines.map(indentedLine));
}

function serviceLines({ callHome, serviceInternal }: RunningConfiguration, withDefaults: boolean): readonly string[] {
  return [
    ...(serviceInternal ? ["service internal"] : withDefaults ? ["no service internal"] : []),
    callHome.isOn ? "service call-home" : "no service call-home",
  ];
}

function levelLines({ licenseLevel }: RunningConfiguration, command: ConfigurationFacts["levelCommand"]) {
  if (licenseLevel === null || command === null) return [];
  const addon = licenseLevel.addon === null ? "" : ` addon ${licenseLevel.addon}`;
  return [`license ${command} level ${licenseLevel.name}${addon}`];
}

function nameLines(
  { hosts, nameServers, domainLookup, lookupSourceInterface, domainName, vrfNames }: NetworkSettings,
  withDefaults: boolean,
) {
  const global = nameServers.filter(({ vrf }) => vrf === null).map(({ address }) => address);
  const ofVrfs = nameServers.filter(({ vrf }) => vrf !== null);
  return [
    ...hosts.map(({ name, addresses }) => `ip host ${name} ${addresses.join(" ")}`),
    ...(global.length === 0 ? [] : [`ip name-server ${global.join(" ")}`]),
    ...ofVrfs.map(({ vrf, address }) => `ip name-server vrf ${vrf} ${address}`),
    ...(domainLookup ? (withDefaults ? ["ip domain lookup"] : []) : ["no ip domain lookup"]),
    ...(lookupSourceInterface === null ? [] : [`ip domain lookup source-interface ${lookupSourceInterface}`]),
    ...(domainName === null ? [] : [`ip domain name ${domainName}`]),
    ...vrfNames.flatMap(vrfNameLines),
  ];
}

function vrfNameLines({ vrf, domainName, lookupSourceInterface }: VrfNames): readonly string[] {
  return [
    ...(lookupSourceInterface === null
      ? []
      : [`ip domain lookup vrf ${vrf} source-interface ${lookupSourceInterface}`]),
    ...(domainName === null ? [] : [`ip domain name vrf ${vrf} ${domainName}`]),
  ];
}

function trustpointLines({ name, enrollment, revocationCheck }: TrustpointSettings): readonly string[] {
  return [
    `crypto pki trustpoint ${name}`,
    ...(enrollment === null ? [] : [` enrollment ${enrollment}`]),
    ` revocation-check ${revocationCheck}`,
  ];
}

/** The certificate itself in hexadecimal, as the field prints it. */
function certificateLines({ name, certificate }: TrustpointSettings): readonly (readonly string[])[] {
  if (certificate === null) return [];
  const digits = Buffer.from(certificate.replace(/-----[^-]+-----|\s/g, ""), "base64")
    .toString("hex")
    .toUpperCase();
  const words = digits.match(/.{1,8}/g) ?? [];
  const rows = Array.from({ length: Math.ceil(words.length / 8) }, (_, row) =>
    words.slice(row * 8, row * 8 + 8).join(" "),
  );
  return [
    [`crypto pki certificate chain ${name}`, " certificate ca", ...rows.map((row) => `  ${row}`), "        quit"],
  ];
}

function licensingLines(configuration: RunningConfiguration, withDefaults: boolean): readonly string[] {
  const { privacy, proxy, transport, urls, usageIntervalDays, vrf, network, customId } = configuration;
  const lines: string[] = [];
  if (privacy.hostname && privacy.version) lines.push("license smart privacy all");
  else if (privacy.hostname) lines.push("license smart privacy hostname");
  else if (privacy.version) lines.push("license smart privacy version");
  else if (withDefaults) lines.push("no license smart privacy all");
  if (proxy.address !== null) lines.push(`license smart proxy address ${proxy.address}`);
  if (proxy.port !== null) lines.push(`license smart proxy port ${proxy.port}`);
  if (proxy.username !== null) lines.push(`license smart proxy username ${proxy.username}`);
  if (network.checksServerIdentity && withDefaults) lines.push("license smart server-identity-check");
  if (!network.checksServerIdentity) lines.push("no license smart server-identity-check");
  for (const kind of ["smart", "cslu", "utility"] as const) {
    if (urls[kind] !== null) lines.push(`license smart url ${kind} ${urls[kind]}`);
  }
  if (customId !== null) lines.push(`license smart custom_id ${oneLine(customId)}`);
  if (usageIntervalDays === null && withDefaults) lines.push("no license smart usage interval");
  if (usageIntervalDays !== null) lines.push(`license smart usage interval ${usageIntervalDays}`);
  if (vrf !== null) lines.push(`license smart vrf ${vrf}`);
  lines.push(`license smart transport ${transport}`);
  return lines;
}

function interfaceLines({ name, vrf, address, isShutdown }: InterfaceSettings): readonly string[] {
  const lines = {
    none: " no ip address",
    host: " ip address dhcp",
    static: address.type === "static" ? ` ip address ${address.address} ${address.mask}` : "",
  } as const;
  return [
    `interface ${name}`,
    ...(vrf === null ? [] : [` vrf forwarding ${vrf}`]),
    lines[address.type],
    ...(isShutdown ? [" shutdown"] : []),
  ];
}

function httpServerLines(
  { httpServer: { isOn, port, authentication } }: RunningConfiguration,
  withDefaults: boolean,
): readonly string[] {
  return [
    ...(authentication === null ? [] : [`ip http authentication ${authentication}`]),
    ...(isOn ? ["ip http secure-server"] : withDefaults ? ["no ip http secure-server"] : []),
    ...(port === httpsPortDefault && !withDefaults ? [] : [`ip http secure-port ${port}`]),
  ];
}

function httpClientLines({ sourceInterface, clientTrustpoint, network: { clientProxy } }: RunningConfiguration) {
  return [
    ...(clientProxy === null ? [] : [`ip http client proxy-server ${clientProxy.host} proxy-port ${clientProxy.port}`]),
    ...(sourceInterface === null ? [] : [`ip http client source-interface ${sourceInterface}`]),
    ...(clientTrustpoint === null ? [] : [`ip http client secure-trustpoint ${clientTrustpoint}`]),
  ];
}

/** With the frame that tools look for: sections apart, and `end`. */
export function renderConfiguration(configuration: RunningConfiguration, facts: ConfigurationFacts): string {
  const version = `version ${oneLine(facts.softwareVersion.split(".").slice(0, 2).map(Number).join("."))}`;
  const sections = configurationSections(configuration, facts);
  return ["!", version, ...sections.flatMap((lines) => ["!", ...lines]), "!", "end"].join("\n");
}

export function renderRunningConfig(configuration: RunningConfiguration, facts: ConfigurationFacts): string {
  const text = renderConfiguration(configuration, facts);
  return `Building configuration...\n\nCurrent configuration : ${Buffer.byteLength(text)} bytes\n${text}`;
}

export function renderStartupConfig(configuration: RunningConfiguration | null, facts: ConfigurationFacts): string {
  if (configuration === null) return "startup-config is not present";
  const text = renderConfiguration(configuration, facts);
  return `Using ${Buffer.byteLength(text)} bytes\n${text}`;
}
