// `show running-config` and `show startup-config`: the configuration as the commands that make it.

import type { RunningConfiguration } from "../device-configuration.ts";
import { oneLine } from "./show-text.ts";

export type ConfigurationFacts = { readonly softwareVersion: string };

/** The lines that would be typed, in their documented order; values at their default have none. */
export function configurationLines(configuration: RunningConfiguration): readonly string[] {
  const { hostname, sourceInterface, clientTrustpoint } = configuration;
  const client = [
    ...(sourceInterface === null ? [] : [`ip http client source-interface ${sourceInterface}`]),
    ...(clientTrustpoint === null ? [] : [`ip http client secure-trustpoint ${clientTrustpoint}`]),
  ];
  return [`hostname ${hostname}`, ...client, ...licensingLines(configuration)].map(oneLine);
}

function licensingLines({ privacy, proxy, transport, urls, usageIntervalDays, vrf }: RunningConfiguration) {
  const lines: string[] = [];
  if (privacy.hostname && privacy.version) lines.push("license smart privacy all");
  else if (privacy.hostname) lines.push("license smart privacy hostname");
  else if (privacy.version) lines.push("license smart privacy version");
  if (proxy.address !== null) lines.push(`license smart proxy address ${proxy.address}`);
  if (proxy.port !== null) lines.push(`license smart proxy port ${proxy.port}`);
  for (const kind of ["smart", "cslu", "utility"] as const) {
    if (urls[kind] !== null) lines.push(`license smart url ${kind} ${urls[kind]}`);
  }
  if (usageIntervalDays !== null) lines.push(`license smart usage interval ${usageIntervalDays}`);
  if (vrf !== null) lines.push(`license smart vrf ${vrf}`);
  lines.push(`license smart transport ${transport}`);
  return lines;
}

/** With the frame that tools look for: sections apart, and `end`. */
export function renderConfiguration(configuration: RunningConfiguration, facts: ConfigurationFacts): string {
  const groups = new Map<string, string[]>();
  for (const line of configurationLines(configuration)) {
    const group = line.split(" ", 1)[0] ?? "";
    groups.set(group, [...(groups.get(group) ?? []), line]);
  }
  const version = `version ${oneLine(facts.softwareVersion.split(".").slice(0, 2).map(Number).join("."))}`;
  return ["!", version, ...[...groups.values()].flatMap((lines) => ["!", ...lines]), "!", "end"].join("\n");
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
