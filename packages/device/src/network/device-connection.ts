// How the connections of licensing are made, from what is configured: source interface, routing table, resolver, trustpoints.

import { X509Certificate } from "node:crypto";
import { type ConnectionObserver, type ConnectionSettings, TransportFailure } from "@countersign/agent";
import type { RevocationEvent } from "../debug/debug-lines.ts";
import type { TransportType } from "../device-configuration.ts";
import type { DeviceDescription } from "../device-description.ts";
import {
  findInterface,
  type InterfaceSettings,
  interfaceName,
  isOwnTrustpoint,
  licensingTrustpoint,
  type NetworkSettings,
} from "../network-settings.ts";
import type { LookedUpHost, ProbeSource } from "../network-view.ts";
import { identityOf, type OwnIdentity } from "../pki/own-identities.ts";
import type { LogLine } from "../syslog-line.ts";
import { addressNow } from "./host-addresses.ts";
import { resolveName } from "./resolver.ts";
import { RevocationChecker, type RevocationPolicy } from "./revocation-check.ts";

export type ConnectionFacts = Pick<
  DeviceDescription,
  "network" | "sourceInterface" | "clientTrustpoint" | "trustAnchors"
>;

export type ConnectionPorts = {
  readonly facts: () => ConnectionFacts;
  /** What the device can show of itself; the first where none is chosen. */
  readonly identities: readonly OwnIdentity[];
  readonly nameServerPort: number;
  readonly now: () => number;
  readonly log: (line: LogLine) => void;
  readonly told: (event: RevocationEvent) => void;
  /** The same one while it wants to see the same. */
  readonly observer: () => ConnectionObserver;
};

/** Where a connection leaves from; `vrf` is the routing table that it thereby belongs to. */
export type Source = { readonly localAddress: string | null; readonly vrf: string | null };

const lookedUpMax = 100;

/** What a transport says about its connections. */
export type LicensingWay = {
  readonly vrf: string | null;
  readonly sourceInterface: string | null;
  readonly checksServerIdentity: boolean;
};

/** Call Home has settings of its own (TRN-19, CLI-17); the interface of the HTTP client counts where it names none. */
export function licensingWay(
  { callHome, network, sourceInterface }: Pick<DeviceDescription, "callHome" | "network" | "sourceInterface">,
  vrf: string | null,
  transport: TransportType,
): LicensingWay {
  const { checksServerIdentity } = network;
  if (transport !== "callhome") return { vrf, sourceInterface, checksServerIdentity };
  return {
    vrf: callHome.vrf,
    sourceInterface: callHome.sourceInterface ?? sourceInterface,
    checksServerIdentity: callHome.checksServerIdentity,
  };
}

export class DeviceConnection {
  readonly #ports: ConnectionPorts;
  readonly #checker: RevocationChecker;
  readonly #lookedUp = new Map<string, LookedUpHost>();
  #made: { readonly key: string; readonly observer: ConnectionObserver; readonly settings: ConnectionSettings } | null =
    null;

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
    this.#checker = new RevocationChecker(ports);
  }

  /** The same object while nothing changed. Throws `TransportFailure` `host_unreachable` where there is no way out. */
  settings({ vrf, sourceInterface, checksServerIdentity }: LicensingWay): ConnectionSettings {
    const now = this.#ports.facts();
    const facts = { ...now, sourceInterface, network: { ...now.network, checksServerIdentity } };
    const source = sourceOf(facts, vrf);
    const { network, clientTrustpoint, trustAnchors } = facts;
    const key = JSON.stringify([source, network, clientTrustpoint, trustAnchors]);
    const observer = this.#ports.observer();
    if (this.#made?.key !== key || this.#made.observer !== observer) {
      this.#made = { key, observer, settings: { ...this.#make(facts, source), observer } };
    }
    return this.#made.settings;
  }

  /** A named interface; else whichever of this table is up. Throws `TransportFailure` `host_unreachable`. */
  sourceFor({ interface: name, vrf }: ProbeSource): Source {
    const { network } = this.#ports.facts();
    if (name !== null) return sourceOn(network, interfaceName(name), vrf);
    return sourceOf({ network, sourceInterface: null }, vrf);
  }

  /** For what is no message of licensing: from there, believing this trustpoint alone, with null any. */
  settingsFrom(source: Source, trustpoint: string | null): ConnectionSettings {
    return { ...this.#make({ ...this.#ports.facts(), clientTrustpoint: trustpoint }, source), observer: null };
  }

  /** All addresses of a name, for whoever speaks from there. Throws `TransportFailure` `name_not_found`. */
  async resolve(name: string, source: Source): Promise<readonly string[]> {
    const addresses = await resolveName(name, nameSettings(this.#ports, source));
    if (this.#lookedUp.size >= lookedUpMax) this.#lookedUp.clear();
    this.#lookedUp.set(name, { name, addresses, atMs: this.#ports.now() });
    return addresses;
  }

  /** Names that were looked up since the start. */
  lookedUp(): readonly LookedUpHost[] {
    return [...this.#lookedUp.values()];
  }

  #make(facts: ConnectionFacts, source: Source): Omit<ConnectionSettings, "observer"> {
    const resolve = (name: string) => this.resolve(name, source);
    const { localAddress } = source;
    const certificateAuthorities = authoritiesOf(facts).map(({ pem }) => pem);
    const way = { localAddress, resolve, certificateAuthorities };
    const shown = identityOf(this.#ports.identities, facts.clientTrustpoint);
    const checks = authoritiesOf(facts).some(({ policy }) => policy.check !== "none");
    return {
      ...way,
      clientCertificate: shown === null ? null : { privateKey: shown.pem, chain: shown.pem },
      checksServerIdentity: facts.network.checksServerIdentity,
      checkServer: checks ? (chain) => this.#checker.check(chain, policyFor(chain, facts), way) : null,
    };
  }
}

/** Throws `TransportFailure` `host_unreachable`, whose detail says which interface or VRF is no way. */
export function sourceOf(
  { network, sourceInterface }: Pick<ConnectionFacts, "network" | "sourceInterface">,
  vrf: string | null,
): Source {
  if (sourceInterface !== null) return sourceOn(network, sourceInterface, vrf);
  const candidates = network.interfaces.filter((one) => one.vrf === vrf && isUsable(one));
  const [first] = candidates;
  if (first === undefined)
    throw unreachable(vrf === null ? "no interface is up" : `VRF ${vrf} has no interface that is up`);
  // Among the machine's own addresses the machine chooses best.
  const isChosenByMachine = vrf === null && candidates.some(({ address }) => address.type === "host");
  return { localAddress: isChosenByMachine ? null : localAddressOf(first), vrf };
}

/** A named interface: its table is the one that the connection belongs to (TRN-18). */
export function sourceOn(network: NetworkSettings, name: string, vrf: string | null): Source {
  const found = findInterface(network, name);
  if (found === undefined) throw unreachable(`interface ${name} does not exist`);
  if (found.isShutdown) throw unreachable(`${found.name} is administratively down`);
  if (!isUsable(found)) throw unreachable(`${found.name} has no IP address`);
  if (vrf !== null && found.vrf !== vrf) throw unreachable(`${found.name} is not in VRF ${vrf}`);
  return { localAddress: localAddressOf(found), vrf: found.vrf };
}

function isUsable(one: InterfaceSettings): boolean {
  return !one.isShutdown && addressNow(one.address) !== null;
}

/** Null where the interface stands for whichever address the machine takes. */
function localAddressOf({ address }: InterfaceSettings): string | null {
  if (address.type === "host" && address.of === null) return null;
  return addressNow(address)?.address ?? null;
}

function unreachable(detail: string): TransportFailure {
  return new TransportFailure("host_unreachable", detail);
}

/**
 * Name servers belong to a routing table; the interface that lookups leave from says to which (TRN-16). A table's own interface
 * and domain come before those of all.
 */
function nameSettings({ facts, nameServerPort: port }: ConnectionPorts, source: Source) {
  const { network } = facts();
  const { domainLookup: isOn, lookupSourceInterface, hosts, nameServers } = network;
  const own = network.vrfNames.find(({ vrf }) => vrf === source.vrf);
  const domainName = own?.domainName ?? network.domainName;
  const from = lookupFrom(network, source, own?.lookupSourceInterface ?? null, lookupSourceInterface);
  const servers = nameServers.filter(({ vrf }) => vrf === from.vrf).map(({ address }) => address);
  return { isOn, hosts, domainName, servers, port, localAddress: from.localAddress };
}

function lookupFrom(network: NetworkSettings, source: Source, ofVrf: string | null, ofAll: string | null): Source {
  if (ofVrf !== null) return sourceOn(network, ofVrf, source.vrf);
  return ofAll === null ? source : sourceOn(network, ofAll, null);
}

type Authority = { readonly pem: string; readonly policy: RevocationPolicy };

/** Of the trustpoint that is configured for the HTTP client; of all without one, and with one that only says what the device shows. */
export function authoritiesOf({ network, clientTrustpoint, trustAnchors }: ConnectionFacts): readonly Authority[] {
  const isOfAll = clientTrustpoint === null || isOwnTrustpoint(clientTrustpoint);
  const wanted = network.trustpoints.filter(({ name }) => isOfAll || name === clientTrustpoint);
  return wanted.flatMap(({ name, certificate, revocationCheck: check }) => {
    const own = certificate === null ? [] : [certificate];
    const pems = name === licensingTrustpoint ? [...trustAnchors, ...own] : own;
    return pems.map((pem) => ({ pem, policy: { trustpoint: name, check } }));
  });
}

/** The trustpoint whose authority the chain ends in. */
function policyFor(chain: readonly Uint8Array[], facts: ConnectionFacts): RevocationPolicy {
  const prints = new Set(chain.map((der) => new X509Certificate(der).fingerprint256));
  const authorities = authoritiesOf(facts);
  const found = authorities.find(({ pem }) => prints.has(new X509Certificate(pem).fingerprint256));
  return (found ?? authorities[0])?.policy ?? { trustpoint: licensingTrustpoint, check: "crl none" };
}
