// Which certificates a manager has, how long each lives, and when it is renewed (spec/protocol.md, section 4).

import { extendedKeyUsageOf } from "@countersign/protocol";
import { type CertificateProfile, encodeName, type NameAttributes } from "./certificate-encoding.ts";
import type { Der } from "./der.ts";

const dayMs = 86_400_000;
export const yearMs = 365 * dayMs;

/** Devices with a slow clock must be able to use a certificate at once. */
export const notBeforeMarginMs = dayMs;

/** Bytes of a serial number. 127 random bits: no two certificates share one, and none can be guessed. */
export const serialBytes = 16;

const serverAuth = "1.3.6.1.5.5.7.3.1";

export const lifetimeMs = {
  root: 30 * yearMs,
  issuing: 15 * yearMs,
  signing: 5 * yearMs,
  /** The longest that public browsers accept is 398 days; ours are renewed by the program itself. */
  tls: 397 * dayMs,
  /** ID certificates outlive every expected silence of a device (the field's eight years). */
  productInstance: 8 * yearMs,
} as const;

/** Renewed when less than this is left. An issuing CA must always outlive what it issues. */
export const renewBeforeMs = {
  issuing: lifetimeMs.productInstance,
  signing: yearMs,
  tls: 60 * dayMs,
} as const;

export const profiles = {
  root: { kind: "authority", pathLength: 1 },
  issuing: { kind: "authority", pathLength: 0 },
  signing: { kind: "leaf", extendedKeyUsage: extendedKeyUsageOf["manager-signing"] },
  "product-instance": { kind: "leaf", extendedKeyUsage: extendedKeyUsageOf["product-instance"] },
  relay: { kind: "leaf", extendedKeyUsage: extendedKeyUsageOf.relay },
} as const satisfies Record<string, CertificateProfile>;

/** What stands in the certificate of the HTTPS server. */
export type ServerIdentity = {
  /** Host names and addresses that it covers. */
  readonly names: readonly string[];
  /** Where devices find the list of revoked certificates; null names none. */
  readonly revocationListUrl: string | null;
};

export function tlsProfile({ names, revocationListUrl }: ServerIdentity): CertificateProfile {
  const list = revocationListUrl === null ? {} : { revocationListUrl };
  return { kind: "leaf", extendedKeyUsage: serverAuth, names, ...list };
}

/** Names under which one installation's certificates stand. `installation` tells two managers' roots apart. */
export function authorityName(
  role: "Licensing Root" | "Licensing CA" | "Manager Signing" | "Manager",
  installation: string,
): Der {
  return encodeName(authorityAttributes(role, installation));
}

function authorityAttributes(role: string, installation: string): NameAttributes {
  return { organization: "Countersign", serialNumber: installation, commonName: `Countersign ${role}` };
}
