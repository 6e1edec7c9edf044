// What `show` commands say about the network, as plain values.

import type { NetworkSettings, RevocationCheck } from "./network-settings.ts";

export type InterfaceView = {
  readonly name: string;
  readonly vrf: string | null;
  /** Null where the interface has none. */
  readonly address: string | null;
  readonly mask: string | null;
  readonly method: "DHCP" | "manual" | "unset";
  readonly isShutdown: boolean;
  /** False while the machine does not have the address. */
  readonly isUp: boolean;
};

export type CertificateView = {
  readonly serialNumber: string;
  readonly issuer: string;
  readonly subject: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly fingerprintMd5: string;
  readonly fingerprintSha1: string;
  /** Where its list of revoked certificates is; empty where it names none. */
  readonly revocationLists: readonly string[];
};

export type TrustpointView = {
  readonly name: string;
  /** The certificate that the device shows of itself; null for a trustpoint of authorities. */
  readonly own: { readonly kind: "self-signed" | "manufacturer"; readonly certificate: CertificateView } | null;
  readonly revocationCheck: RevocationCheck;
  /** Those whose certificates are believed. */
  readonly authorities: readonly CertificateView[];
  /** Of its own, or of the licensing trustpoint, as many as there are devices with one. */
  readonly hasKeys: boolean;
};

/** A name that was looked up, and what came of it. */
export type LookedUpHost = { readonly name: string; readonly addresses: readonly string[]; readonly atMs: number };

export type NetworkView = {
  readonly settings: NetworkSettings;
  readonly interfaces: readonly InterfaceView[];
  readonly trustpoints: readonly TrustpointView[];
  readonly lookedUp: readonly LookedUpHost[];
};

/** Where a probe leaves from. */
export type ProbeSource = { readonly interface: string | null; readonly vrf: string | null };

/** One address that was tried. */
export type ProbedAddress = {
  readonly address: string;
  readonly outcome: "open" | "refused" | "timed out" | "unreachable";
};

/** `resolved`: addresses of the host; else why nothing was sent. */
export type ProbeAnswer<T> =
  | { readonly outcome: "probed"; readonly result: T }
  | { readonly outcome: "unresolved" | "no way"; readonly reason: string };

export type PingResult =
  | { readonly outcome: "unavailable"; readonly reason: string }
  | {
      readonly outcome: "sent";
      readonly address: string;
      readonly source: string | null;
      /** For each packet whether it came back. */
      readonly replies: readonly boolean[];
      readonly roundTripMs: { readonly min: number; readonly average: number; readonly max: number } | null;
    };

/** What a device can find out about the network; nothing of it changes the device. */
export interface NetworkProbe {
  ping(host: string, source: ProbeSource): Promise<ProbeAnswer<PingResult>>;
  /** Tries the addresses one after the other until one is open. */
  connect(host: string, port: number, source: ProbeSource): Promise<ProbeAnswer<readonly ProbedAddress[]>>;
  /** The address that a connection to this one would leave from, asked of the machine without sending anything; null for no way. */
  sourceTowards(address: string, source: ProbeSource): Promise<string | null>;
}
