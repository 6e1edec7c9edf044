// One line of configuration and what it makes of the network settings. A refusal says why and what to do; nothing changes then.

import { isIP, isIPv4 } from "node:net";
import {
  findInterface,
  findTrustpoint,
  type InterfaceAddress,
  type InterfaceSettings,
  interfaceName,
  isOwnTrustpoint,
  licensingTrustpoint,
  type NetworkSettings,
  prefixLength,
  type RevocationCheck,
  type TrustpointSettings,
  unsetNetwork,
  type VrfNames,
  virtualInterfacePattern,
} from "./network-settings.ts";

export type NetworkChange =
  | { readonly change: "domain lookup"; readonly isOn: boolean }
  | { readonly change: "lookup source"; readonly interface: string | null }
  | { readonly change: "domain name"; readonly name: string | null }
  | { readonly change: "vrf domain name"; readonly vrf: string; readonly name: string | null }
  | { readonly change: "vrf lookup source"; readonly vrf: string; readonly interface: string | null }
  | { readonly change: "add name servers" | "remove name servers"; readonly words: readonly string[] }
  | { readonly change: "add host" | "remove host"; readonly name: string; readonly addresses: readonly string[] }
  | { readonly change: "add vrf" | "remove vrf"; readonly name: string }
  | { readonly change: "add interface" | "remove interface"; readonly name: string }
  | { readonly change: "interface vrf"; readonly name: string; readonly vrf: string | null }
  | { readonly change: "interface address"; readonly name: string; readonly address: string; readonly mask: string }
  | { readonly change: "interface address of host" | "no interface address"; readonly name: string }
  | { readonly change: "interface shutdown"; readonly name: string; readonly isShutdown: boolean }
  | { readonly change: "client proxy"; readonly proxy: NetworkSettings["clientProxy"] }
  | { readonly change: "server identity check"; readonly isOn: boolean }
  | { readonly change: "add trustpoint"; readonly name: string }
  | { readonly change: "remove trustpoint"; readonly name: string }
  | { readonly change: "trustpoint enrollment"; readonly name: string; readonly enrollment: "terminal" | null }
  | { readonly change: "trustpoint revocation"; readonly name: string; readonly check: RevocationCheck | null }
  | { readonly change: "trustpoint certificate"; readonly name: string; readonly certificate: string | null };

export type ChangedNetwork =
  | { readonly outcome: "changed"; readonly network: NetworkSettings }
  | { readonly outcome: "refused"; readonly code: string; readonly message: string; readonly remedy: string };

/** As the field's devices have it. */
export const nameServersMax = 6;
const hostsMax = 256;
const nameCharactersMax = 64;
const vrfsMax = 64;
const interfacesMax = 128;
const trustpointsMax = 64;

export function changeNetwork(network: NetworkSettings, change: NetworkChange): ChangedNetwork {
  switch (change.change) {
    case "domain lookup":
      return changed({ ...network, domainLookup: change.isOn });
    case "lookup source":
      return changeLookupSource(network, change.interface);
    case "domain name":
      return changeDomainName(network, change.name);
    case "vrf domain name":
    case "vrf lookup source":
      return changeVrfNames(network, change);
    case "add name servers":
    case "remove name servers":
      return changeNameServers(network, change.words, change.change === "add name servers");
    case "add host":
    case "remove host":
      return changeHost(network, change);
    case "add vrf":
    case "remove vrf":
      return changeVrf(network, change);
    case "add interface":
    case "remove interface":
      return changeInterfaces(network, change);
    case "client proxy":
      return changed({ ...network, clientProxy: change.proxy });
    case "server identity check":
      return changed({ ...network, checksServerIdentity: change.isOn });
    case "add trustpoint":
    case "remove trustpoint":
    case "trustpoint enrollment":
    case "trustpoint revocation":
    case "trustpoint certificate":
      return changeTrustpoints(network, change);
    default:
      return changeOneInterface(network, change);
  }
}

export function changed(network: NetworkSettings): ChangedNetwork {
  return { outcome: "changed", network };
}

function refused(code: string, message: string, remedy: string): ChangedNetwork {
  return { outcome: "refused", code, message, remedy };
}

/** Also for settings that name an interface elsewhere. */
export function unknownInterface(name: string): Extract<ChangedNetwork, { outcome: "refused" }> {
  return {
    outcome: "refused",
    code: "interface_unknown",
    message: `Interface ${name} does not exist.`,
    remedy: "See `show ip interface brief`; `interface Vlan10` or `interface Loopback0` makes one.",
  };
}

export function unknownTrustpoint(name: string): Extract<ChangedNetwork, { outcome: "refused" }> {
  return {
    outcome: "refused",
    code: "trustpoint_unknown",
    message: `Trustpoint ${name} does not exist.`,
    remedy: "See `show crypto pki trustpoints`; `crypto pki trustpoint <name>` makes one.",
  };
}

export function unknownVrf(name: string): Extract<ChangedNetwork, { outcome: "refused" }> {
  return {
    outcome: "refused",
    code: "vrf_unknown",
    message: `VRF ${name} does not exist.`,
    remedy: `Enter \`vrf definition ${name}\` first.`,
  };
}

/** Where something of it is taken away: defining it first would be no help. */
function noSuchVrf(name: string): ChangedNetwork {
  return { ...unknownVrf(name), remedy: "See `show vrf` for those that do." };
}

function changeLookupSource(network: NetworkSettings, name: string | null): ChangedNetwork {
  if (name === null) return changed({ ...network, lookupSourceInterface: null });
  const found = findInterface(network, interfaceName(name));
  if (found === undefined) return unknownInterface(name);
  return changed({ ...network, domainLookup: true, lookupSourceInterface: found.name });
}

const domainPattern =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

function changeDomainName(network: NetworkSettings, name: string | null): ChangedNetwork {
  if (name !== null && !domainPattern.test(name)) return noDomainName(name);
  return changed({ ...network, domainName: name });
}

function noDomainName(name: string): ChangedNetwork {
  return refused("name_invalid", `${name} is no domain name.`, "Enter a name such as example.com.");
}

/** A routing table's own settings for names; the last one that is taken back leaves nothing of it. */
function changeVrfNames(
  network: NetworkSettings,
  change: Extract<NetworkChange, { change: "vrf domain name" | "vrf lookup source" }>,
): ChangedNetwork {
  const { vrf } = change;
  const isRemoving = (change.change === "vrf domain name" ? change.name : change.interface) === null;
  if (!network.vrfs.includes(vrf)) return isRemoving ? noSuchVrf(vrf) : unknownVrf(vrf);
  const others = network.vrfNames.filter((one) => one.vrf !== vrf);
  const own = network.vrfNames.find((one) => one.vrf === vrf) ?? unsetVrfNames(vrf);
  const kept = ({ domainName, lookupSourceInterface }: VrfNames): ChangedNetwork => {
    const isSet = domainName !== null || lookupSourceInterface !== null;
    const names = isSet ? [...others, { vrf, domainName, lookupSourceInterface }] : others;
    return changed({ ...network, vrfNames: names });
  };
  if (change.change === "vrf domain name") {
    if (change.name !== null && !domainPattern.test(change.name)) return noDomainName(change.name);
    return kept({ ...own, domainName: change.name });
  }
  if (change.interface === null) return kept({ ...own, lookupSourceInterface: null });
  const found = findInterface(network, interfaceName(change.interface));
  if (found === undefined) return unknownInterface(change.interface);
  if (found.vrf !== vrf)
    return refused(
      "interface_not_in_vrf",
      `${found.name} is not in VRF ${vrf}.`,
      `Name an interface that is, or enter \`vrf forwarding ${vrf}\` at this one.`,
    );
  return kept({ ...own, lookupSourceInterface: found.name });
}

function unsetVrfNames(vrf: string): VrfNames {
  return { vrf, domainName: null, lookupSourceInterface: null };
}

/** `[vrf NAME] <ip> [<ip> ...]` */
function changeNameServers(network: NetworkSettings, words: readonly string[], isAdding: boolean): ChangedNetwork {
  const hasVrf = words[0]?.toLowerCase() === "vrf";
  const vrf = hasVrf ? (words[1] ?? "") : null;
  const addresses = hasVrf ? words.slice(2) : words;
  const bad = addresses.find((address) => isIP(address) === 0);
  if (bad !== undefined || (addresses.length === 0 && (isAdding || hasVrf)))
    return refused("address_invalid", `${bad ?? "Nothing"} is no IP address.`, "Enter the addresses of name servers.");
  if (vrf !== null && !network.vrfs.includes(vrf)) return isAdding ? unknownVrf(vrf) : noSuchVrf(vrf);
  const isNamed = (server: { vrf: string | null; address: string }) =>
    server.vrf === vrf && (addresses.length === 0 || addresses.includes(server.address));
  const kept = network.nameServers.filter((server) => !isNamed(server));
  if (!isAdding) return changed({ ...network, nameServers: kept });
  const known = network.nameServers.filter((server) => server.vrf === vrf).map(({ address }) => address);
  const added = [...new Set(addresses)].filter((address) => !known.includes(address));
  if (known.length + added.length > nameServersMax)
    return refused(
      "too_many_name_servers",
      `A routing table has at most ${nameServersMax} name servers.`,
      "Remove one with `no ip name-server`.",
    );
  const nameServers = [...network.nameServers, ...added.map((address) => ({ vrf, address }))];
  return changed({ ...network, nameServers });
}

function changeHost(
  network: NetworkSettings,
  { change, name, addresses }: Extract<NetworkChange, { addresses: readonly string[] }>,
): ChangedNetwork {
  const others = network.hosts.filter((host) => host.name.toLowerCase() !== name.toLowerCase());
  if (change === "remove host") return changed({ ...network, hosts: others });
  const bad = addresses.find((address) => isIP(address) === 0);
  if (bad !== undefined) return refused("address_invalid", `${bad} is no IP address.`, "Enter the host's addresses.");
  if (!domainPattern.test(name)) return refused("name_invalid", `${name} is no host name.`, "Enter a name.");
  if (others.length >= hostsMax)
    return refused("too_many_hosts", `At most ${hostsMax} hosts can be named.`, "Remove one with `no ip host`.");
  return changed({ ...network, hosts: [...others, { name, addresses: [...new Set(addresses)] }] });
}

function changeVrf(network: NetworkSettings, { change, name }: { change: string; name: string }): ChangedNetwork {
  if (change === "remove vrf") {
    if (!network.vrfs.includes(name)) return noSuchVrf(name);
    return changed({
      ...network,
      vrfs: network.vrfs.filter((one) => one !== name),
      vrfNames: network.vrfNames.filter(({ vrf }) => vrf !== name),
      nameServers: network.nameServers.filter(({ vrf }) => vrf !== name),
      interfaces: network.interfaces.map((one) => (one.vrf === name ? movedTo(one, null) : one)),
    });
  }
  if (network.vrfs.includes(name)) return changed(network);
  if (!/^[\w.:-]+$/.test(name) || name.length > 32)
    return refused(
      "name_invalid",
      `${name.slice(0, 40)} is no name of a VRF.`,
      "Use up to 32 letters, digits, - and _.",
    );
  if (network.vrfs.length >= vrfsMax)
    return refused("too_many_vrfs", `At most ${vrfsMax} VRFs can be defined.`, "Remove one with `no vrf definition`.");
  return changed({ ...network, vrfs: [...network.vrfs, name] });
}

function changeInterfaces(network: NetworkSettings, { change, name }: { change: string; name: string }) {
  const wanted = interfaceName(name);
  const found = findInterface(network, wanted);
  if (change === "remove interface") {
    if (found === undefined) return unknownInterface(wanted);
    if (!virtualInterfacePattern.test(found.name))
      return refused("interface_physical", `${found.name} is part of the device.`, "Use `shutdown` to take it down.");
    return changed({ ...network, interfaces: network.interfaces.filter((one) => one !== found) });
  }
  if (found !== undefined) return changed(network);
  if (!virtualInterfacePattern.test(wanted)) return unknownInterface(wanted);
  if (network.interfaces.length >= interfacesMax)
    return refused("too_many_interfaces", `At most ${interfacesMax} interfaces.`, "Remove one with `no interface`.");
  const made: InterfaceSettings = { name: wanted, vrf: null, address: { type: "none" }, isShutdown: false };
  return changed({ ...network, interfaces: [...network.interfaces, made] });
}

type OneInterface = Extract<
  NetworkChange,
  {
    readonly change:
      | "interface vrf"
      | "interface address"
      | "interface address of host"
      | "no interface address"
      | "interface shutdown";
  }
>;

function changeOneInterface(network: NetworkSettings, change: OneInterface): ChangedNetwork {
  const found = findInterface(network, change.name);
  if (found === undefined) return unknownInterface(change.name);
  const replace = (one: InterfaceSettings): ChangedNetwork =>
    changed({ ...network, interfaces: network.interfaces.map((each) => (each === found ? one : each)) });
  switch (change.change) {
    case "interface shutdown":
      return replace({ ...found, isShutdown: change.isShutdown });
    case "no interface address":
      return replace({ ...found, address: { type: "none" } });
    case "interface address of host":
      return replace({ ...found, address: { type: "host", of: hostInterfaceOf(found.address) } });
    case "interface vrf":
      if (change.vrf !== null && !network.vrfs.includes(change.vrf)) return unknownVrf(change.vrf);
      return replace(movedTo(found, change.vrf));
    case "interface address": {
      const { address, mask } = change;
      if (isIPv4(address) && prefixLength(mask) !== null)
        return replace({ ...found, address: { type: "static", address, mask } });
      return refused("address_invalid", `Bad mask or address: ${address} ${mask}.`, "Enter `ip address <ip> <mask>`.");
    }
    default:
      return change satisfies never;
  }
}

function hostInterfaceOf(address: InterfaceAddress): string | null {
  return address.type === "host" ? address.of : null;
}

/** Another routing table, another address: a static one goes, as on the field's devices. */
function movedTo(one: InterfaceSettings, vrf: string | null): InterfaceSettings {
  if (one.vrf === vrf) return one;
  return { ...one, vrf, address: one.address.type === "static" ? { type: "none" } : one.address };
}

type TrustpointDetail = Extract<
  NetworkChange,
  { readonly change: "trustpoint enrollment" | "trustpoint revocation" | "trustpoint certificate" }
>;
type TrustpointChange =
  | { readonly change: "add trustpoint"; readonly name: string }
  | { readonly change: "remove trustpoint"; readonly name: string }
  | TrustpointDetail;

function changeTrustpoints(network: NetworkSettings, change: TrustpointChange): ChangedNetwork {
  const found = findTrustpoint(network, change.name);
  if (change.change === "add trustpoint")
    return found === undefined ? addTrustpoint(network, change.name) : changed(network);
  if (found === undefined) return unknownTrustpoint(change.name);
  if (change.change === "remove trustpoint") return removeTrustpoint(network, found);
  const replaced = withChange(found, change);
  return changed({ ...network, trustpoints: network.trustpoints.map((one) => (one === found ? replaced : one)) });
}

function withChange(trustpoint: TrustpointSettings, change: TrustpointDetail): TrustpointSettings {
  switch (change.change) {
    case "trustpoint enrollment":
      return { ...trustpoint, enrollment: change.enrollment };
    case "trustpoint revocation": {
      const standard = trustpoint.name === licensingTrustpoint ? "crl none" : "crl";
      return { ...trustpoint, revocationCheck: change.check ?? standard };
    }
    case "trustpoint certificate":
      return { ...trustpoint, certificate: change.certificate };
    default:
      return change satisfies never;
  }
}

function addTrustpoint(network: NetworkSettings, name: string): ChangedNetwork {
  if (!/^[\w.:-]+$/.test(name) || name.length > nameCharactersMax)
    return refused("name_invalid", `${name.slice(0, 80)} is no name of a trustpoint.`, "Use letters, digits, - and _.");
  if (isOwnTrustpoint(name))
    return refused("name_invalid", `${name} is a trustpoint of the device itself.`, "Choose another name.");
  if (network.trustpoints.length >= trustpointsMax)
    return refused("too_many_trustpoints", `At most ${trustpointsMax} trustpoints.`, "Remove one first.");
  const made = { name, enrollment: null, revocationCheck: "crl", certificate: null } as const;
  return changed({ ...network, trustpoints: [...network.trustpoints, made] });
}

/** That of licensing only goes back to its default: the roots belong to the device. */
function removeTrustpoint(network: NetworkSettings, found: TrustpointSettings): ChangedNetwork {
  const others = network.trustpoints.filter((one) => one !== found);
  if (found.name !== licensingTrustpoint) return changed({ ...network, trustpoints: others });
  return changed({ ...network, trustpoints: [...unsetNetwork.trustpoints, ...others] });
}
