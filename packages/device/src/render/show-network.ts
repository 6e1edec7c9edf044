// `show ip interface brief`, `show hosts`, `show ip http client all`, `show ip route|cef|arp`, `ping` and `telnet`: captions and
// order of the field; what a simulated platform cannot know is said.

import type { RunningConfiguration } from "../device-configuration.ts";
import { prefixLength } from "../network-settings.ts";
import type { InterfaceView, NetworkView, PingResult, ProbedAddress } from "../network-view.ts";
import { oneLine } from "./show-text.ts";

/** `Interface IP-Address OK? Method Status Protocol` (SHO-30). */
export function renderInterfaceBrief({ interfaces }: NetworkView): string {
  const head = "Interface              IP-Address      OK? Method Status                Protocol";
  const rows = interfaces.map(({ name, address, method, isShutdown, isUp }) => {
    const status = isShutdown ? "administratively down" : isUp ? "up" : "down";
    const cells = [name.padEnd(22), (address ?? "unassigned").padEnd(15), "YES", method.padEnd(6), status.padEnd(21)];
    return `${cells.join(" ")} ${isUp ? "up" : "down"}`;
  });
  return [head, ...rows].join("\n");
}

export function renderHosts({ settings, lookedUp }: NetworkView, nowMs: number): string {
  const { domainName, domainLookup, nameServers, hosts, vrfNames } = settings;
  const ofVrfs = vrfNames.flatMap((one) => (one.domainName === null ? [] : [`${one.domainName} (VRF ${one.vrf})`]));
  const servers = nameServers.map(({ vrf, address }) => (vrf === null ? address : `${address} (VRF ${vrf})`));
  const style = !domainLookup
    ? "Name lookup disabled"
    : servers.length > 0
      ? "Name/address lookup uses domain service"
      : "Name/address lookup uses the resolver of the machine that this device runs on";
  const named = hosts.map(({ name, addresses }) => row(name, "(perm, OK)  0", addresses));
  const found = lookedUp.map(({ name, addresses, atMs }) =>
    row(name, `(temp, OK)  ${Math.max(0, Math.floor((nowMs - atMs) / 3_600_000))}`, addresses),
  );
  return [
    `Default domain is ${[domainName ?? "not set", ...ofVrfs].join(", ")}`,
    style,
    `Name servers are ${servers.join(", ") || "not set"}`,
    "",
    "Codes: UN - unknown, EX - Expired, OK - OK, ?? - revalidate",
    "       temp - temporary, perm - permanent",
    "",
    "Host                      Flags       Age Type   Address(es)",
    ...named,
    ...found,
  ].join("\n");
}

function row(name: string, flags: string, addresses: readonly string[]): string {
  return `${oneLine(name).padEnd(25)} ${flags.padEnd(15)} IP     ${addresses.join("  ")}`;
}

/** What licensing connects with; nothing else of a simulated platform is an HTTP client. */
export function renderHttpClient(configuration: RunningConfiguration): string {
  const { sourceInterface, clientTrustpoint, network, proxy } = configuration;
  const { clientProxy } = network;
  const licensing = proxy.address === null || proxy.port === null ? null : `${proxy.address}:${proxy.port}`;
  const shown = (caption: string, value: string | null): string => `${caption} : ${value ?? "<not configured>"}`;
  return [
    "HTTP client status: Enabled",
    shown("HTTP client source interface", sourceInterface),
    shown("HTTP client secure trustpoint", clientTrustpoint),
    shown("HTTP client proxy server", clientProxy && `${clientProxy.host}:${clientProxy.port}`),
    shown("Smart licensing proxy", licensing),
    `HTTP secure server-identity check : ${network.checksServerIdentity ? "enabled" : "disabled"}`,
  ]
    .map(oneLine)
    .join("\n");
}

/** The networks of interfaces that are up; everything behind them is the machine's to know. */
export function renderRoutes({ interfaces }: NetworkView, vrf: string | null): string {
  const up = interfaces.filter((one) => one.isUp && one.vrf === vrf);
  const rows = up.flatMap((one) => [
    `C        ${networkOf(one)} is directly connected, ${one.name}`,
    `L        ${one.address}/32 is directly connected, ${one.name}`,
  ]);
  return [
    ...(vrf === null ? [] : [`Routing Table: ${vrf}`]),
    "Codes: L - local, C - connected",
    "",
    "Gateway of last resort is whatever the machine that this device runs on uses",
    "",
    ...rows,
  ].join("\n");
}

function networkOf({ address, mask }: InterfaceView): string {
  const bits = prefixLength(mask ?? "") ?? 32;
  const number = (text: string): number => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(number(address ?? "0.0.0.0") / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${bits}`;
}

export type ForwardingPrefix = {
  readonly prefix: string;
  readonly nextHop: "attached" | "receive";
  readonly interface: string;
};

/** Of interfaces that are up and in no VRF. */
export function forwardingPrefixes({ interfaces }: NetworkView): readonly ForwardingPrefix[] {
  const up = interfaces.filter((one) => one.isUp && one.vrf === null);
  return up.flatMap((one) => [
    { prefix: networkOf(one), nextHop: "attached", interface: one.name } as const,
    { prefix: `${one.address}/32`, nextHop: "receive", interface: one.name } as const,
  ]);
}

export function renderCefTable(prefixes: readonly ForwardingPrefix[]): string {
  const rows = prefixes.map((row) => `${row.prefix.padEnd(20)} ${row.nextHop.padEnd(20)} ${row.interface}`);
  return [
    "Prefix               Next Hop             Interface",
    ...rows,
    "Every other next hop is chosen by the machine that this device runs on: `show ip cef <address>` asks it.",
  ].join("\n");
}

/** There is no server without TLS on any device. */
export function renderHttpServer({ httpServer: { isOn, port, authentication } }: RunningConfiguration): string {
  return [
    "HTTP server status: Disabled",
    `HTTP server authentication method: ${authentication ?? "<not configured>, nobody is let in"}`,
    "HTTP secure server capability: Present",
    `HTTP secure server status: ${isOn ? "Enabled" : "Disabled"}`,
    `HTTP secure server port: ${port}`,
    "HTTP secure server client authentication: Disabled",
  ].join("\n");
}

export function renderCef(address: string, source: string | null, interfaces: readonly InterfaceView[]): string {
  if (source === null) return `%Prefix not found: the machine that this device runs on has no way to ${address}`;
  const own = interfaces.find((one) => one.address === source);
  return [
    `${address}/32`,
    `  attached to ${own === undefined ? "an address of the machine" : own.name}, leaves from ${source}`,
    "  the next hop is chosen by the machine that this device runs on",
  ].join("\n");
}

/** Tables of a forwarding plane, which there is none of. */
export function renderNoForwarding(table: string): string {
  return `% This platform is simulated: it forwards no packets and has no ${table}. Those of the machine it runs on are not its own.`;
}

/** In the field's words (SHO-31): `!` came back, `.` did not. */
export function renderPing(result: Extract<PingResult, { readonly outcome: "sent" }>): string {
  const { address, source, replies, roundTripMs } = result;
  const back = replies.filter((reply) => reply).length;
  const percent = Math.round((back / replies.length) * 100);
  const times = roundTripMs && [roundTripMs.min, roundTripMs.average, roundTripMs.max].map((ms) => Math.round(ms) || 1);
  return [
    "Type escape sequence to abort.",
    `Sending ${replies.length}, 100-byte ICMP Echos to ${address}, timeout is 2 seconds:`,
    ...(source === null ? [] : [`Packet sent with a source address of ${source} `]),
    replies.map((reply) => (reply ? "!" : ".")).join(""),
    `Success rate is ${percent} percent (${back}/${replies.length})${times === null ? "" : `, round-trip min/avg/max = ${times.join("/")} ms`}`,
  ].join("\n");
}

const refusals = {
  refused: "% Connection refused by remote host",
  "timed out": "% Connection timed out; remote host not responding",
  unreachable: "% Destination unreachable; gateway or host down",
} as const;

/** `Open` is the word that people look for (SHO-32). */
export function renderTelnet(host: string, port: number, tried: readonly ProbedAddress[]): string {
  return tried
    .flatMap(({ address, outcome }) => {
      const trying = address === host ? `Trying ${address}, ${port} ...` : `Trying ${host} (${address}, ${port})...`;
      if (outcome !== "open") return [trying, refusals[outcome]];
      return [`${trying} Open`, `[Connection to ${address} closed: a probe sends nothing]`];
    })
    .map(oneLine)
    .join("\n");
}
