// How a device reaches the network, as plain values: interfaces, routing tables, names, certificates. Part of its configuration.

import { isIPv4 } from "node:net";
import * as v from "valibot";

const text = v.nullable(v.string());

/** Where an interface's address comes from. `host`: that of the machine, or of its interface of this name (`ip address dhcp`). */
const addressSchema = v.variant("type", [
  v.strictObject({ type: v.literal("none") }),
  v.strictObject({ type: v.literal("host"), of: text }),
  v.strictObject({ type: v.literal("static"), address: v.string(), mask: v.string() }),
]);

const interfaceSchema = v.strictObject({
  name: v.string(),
  vrf: text,
  address: addressSchema,
  isShutdown: v.boolean(),
});

export const revocationChecks = ["crl", "crl none", "none"] as const;
/** `crl`: no use without a list; `crl none`: a list that cannot be had is passed over; `none`: nobody looks. */
export type RevocationCheck = (typeof revocationChecks)[number];

const trustpointSchema = v.strictObject({
  name: v.string(),
  enrollment: v.nullable(v.literal("terminal")),
  revocationCheck: v.picklist(revocationChecks),
  /** PEM of the CA that was authenticated. */
  certificate: text,
});

/** What a routing table has of its own for names; what it has not is that of the global one. */
const vrfNamesSchema = v.strictObject({ vrf: v.string(), domainName: text, lookupSourceInterface: text });

export const networkSchema = v.strictObject({
  vrfs: v.array(v.string()),
  interfaces: v.array(interfaceSchema),
  domainLookup: v.boolean(),
  lookupSourceInterface: text,
  domainName: text,
  vrfNames: v.optional(v.array(vrfNamesSchema), []),
  nameServers: v.array(v.strictObject({ vrf: text, address: v.string() })),
  hosts: v.array(v.strictObject({ name: v.string(), addresses: v.array(v.string()) })),
  /** `ip http client proxy-server`, for connections that no proxy of licensing is configured for. */
  clientProxy: v.nullable(v.strictObject({ host: v.string(), port: v.number() })),
  checksServerIdentity: v.boolean(),
  trustpoints: v.array(trustpointSchema),
});

export type NetworkSettings = v.InferOutput<typeof networkSchema>;
export type VrfNames = v.InferOutput<typeof vrfNamesSchema>;
export type InterfaceSettings = v.InferOutput<typeof interfaceSchema>;
export type InterfaceAddress = v.InferOutput<typeof addressSchema>;
export type TrustpointSettings = v.InferOutput<typeof trustpointSchema>;

/** The trustpoint of licensing: the roots that the device was given. It is always there. */
export const licensingTrustpoint = "SLA-TrustPoint";

/** Trustpoints of the device itself, which nobody configures: what it issues to itself, and what its manufacturer issued (SEC-3). */
export const selfSignedPrefix = "TP-self-signed-";
export const manufacturerTrustpoint = "CISCO_IDEVID_SUDI";

export function isOwnTrustpoint(name: string): boolean {
  return name === manufacturerTrustpoint || name.startsWith(selfSignedPrefix);
}

/** A certificate is looked up where its list can be had; a list that cannot be had stops nobody (BET-25). */
const licensingDefault: TrustpointSettings = {
  name: licensingTrustpoint,
  enrollment: null,
  revocationCheck: "crl none",
  certificate: null,
};

export const unsetNetwork: NetworkSettings = {
  vrfs: [],
  interfaces: [],
  domainLookup: true,
  lookupSourceInterface: null,
  domainName: null,
  vrfNames: [],
  nameServers: [],
  hosts: [],
  clientProxy: null,
  checksServerIdentity: true,
  trustpoints: [licensingDefault],
};

export function isDefaultTrustpoint(trustpoint: TrustpointSettings): boolean {
  return JSON.stringify(trustpoint) === JSON.stringify(licensingDefault);
}

/** An interface that a device is started with. Without an address it has that of the machine. */
export type InterfaceWish = {
  readonly name: string;
  readonly address?: string;
  readonly mask?: string;
  readonly vrf?: string;
  /** The machine's interface whose address it takes. */
  readonly hostInterface?: string;
};

export function networkOf(wishes: readonly InterfaceWish[]): NetworkSettings {
  const vrfs = [...new Set(wishes.flatMap(({ vrf }) => vrf ?? []))];
  return { ...unsetNetwork, vrfs, interfaces: wishes.map(interfaceOf) };
}

function interfaceOf({ name, address, mask = "255.0.0.0", vrf, hostInterface }: InterfaceWish): InterfaceSettings {
  const own: InterfaceAddress =
    address === undefined ? { type: "host", of: hostInterface ?? null } : { type: "static", address, mask };
  return { name, vrf: vrf ?? null, address: own, isShutdown: false };
}

/** The interfaces of simulated platforms, by the beginning of the profile's name; other products have those of their machine. */
const interfacesOfPlatforms: readonly (readonly [prefix: string, interfaces: readonly InterfaceWish[]])[] = [
  ["c9800", [{ name: "GigabitEthernet0", vrf: "Mgmt-intf" }, { name: "Vlan10" }]],
  ["c8", [{ name: "GigabitEthernet1" }, { name: "Loopback0" }]],
  ["c9", [{ name: "GigabitEthernet0/0", vrf: "Mgmt-vrf" }, { name: "Vlan10" }]],
  ["c3", [{ name: "GigabitEthernet0/0", vrf: "Mgmt-vrf" }, { name: "Vlan10" }]],
  ["asr", [{ name: "GigabitEthernet0", vrf: "Mgmt-intf" }, { name: "GigabitEthernet0/0/0" }]],
  ["c1111", [{ name: "GigabitEthernet0/0/0" }, { name: "Loopback0" }]],
  ["isr4", [{ name: "GigabitEthernet0", vrf: "Mgmt-intf" }, { name: "GigabitEthernet0/0/0" }]],
  ["csr", [{ name: "GigabitEthernet1" }, { name: "Loopback0" }]],
  ["isrv", [{ name: "GigabitEthernet1" }, { name: "Loopback0" }]],
];

/** Null for a product that is no simulated platform. */
export function interfacesOfPlatform(profileName: string): readonly InterfaceWish[] | null {
  return interfacesOfPlatforms.find(([prefix]) => profileName.startsWith(prefix))?.[1] ?? null;
}

export function findInterface(network: NetworkSettings, name: string): InterfaceSettings | undefined {
  return network.interfaces.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

export function findTrustpoint(network: NetworkSettings, name: string): TrustpointSettings | undefined {
  return network.trustpoints.find((one) => one.name === name);
}

const interfaceTypes = [
  "FastEthernet",
  "FortyGigabitEthernet",
  "GigabitEthernet",
  "HundredGigE",
  "Loopback",
  "Management",
  "Port-channel",
  "TenGigabitEthernet",
  "Tunnel",
  "TwentyFiveGigE",
  "Vlan",
] as const;

/** Interfaces that exist because they are configured; the others come with the device. */
export const virtualInterfacePattern = /^(Loopback|Vlan)\d{1,4}$/;

/** `vl 10`, `gi0/0`, `Vlan10`: the whole name; a name of no known type stays as it is. */
export function interfaceName(typed: string): string {
  const match = /^([a-z-]+)\s*(\d[\d/.]*)$/i.exec(typed.trim());
  if (match === null) return typed.trim();
  const [, type = "", number = ""] = match;
  const found = interfaceTypes.filter((one) => one.toLowerCase().startsWith(type.toLowerCase()));
  return found.length === 1 ? `${found[0]}${number}` : typed.trim();
}

/** 255.255.255.0 is 24; null for what is no mask. */
export function prefixLength(mask: string): number | null {
  if (!isIPv4(mask)) return null;
  const bits = mask
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : null;
}
