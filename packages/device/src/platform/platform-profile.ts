// What a platform is, as data: which devices form an installation of it, which licences it can use and how they are
// counted. There is no code per platform; whatever differs between two platforms is a value of this type.

import type { HaRole, LegacyLicenseKind, LicenseClass, Udi } from "@countersign/protocol";

/** One place in the installation where a control plane runs. Two supervisors of one chassis are two slots of one UDI. */
export type Slot = { readonly number: number; readonly udi: Udi; readonly role: HaRole };

/**
 * What one unit of a licence is counted by (CNT-3 to CNT-5, REP-9):
 * `slot` each switch or supervisor, `device` each distinct UDI, `access_point` each joined access point,
 * `installation` one for the whole.
 */
export type CountedBy = "slot" | "device" | "access_point" | "installation";

/** From `since` on, up to but not with `before`; versions as in `17.9.4`. */
export type VersionRange = { readonly since?: string; readonly before?: string };

/** `documented`: the tag stands in a public source. `invented`: no public source has it, the uuid is ours. */
export type TagOrigin = "documented" | "invented";

/** A licence that a platform can use. It counts only while its feature is configured (CNT-1). */
export type PlatformLicense = {
  readonly tag: string;
  readonly tagOrigin: TagOrigin;
  /** What `show license` prints first, for instance `network-advantage`. */
  readonly name: string;
  readonly description: string;
  /** What stands in brackets behind the name where that is not the description. */
  readonly heading?: string;
  readonly licenseClass: LicenseClass;
  readonly feature: string;
  readonly countedBy: CountedBy;
  /** Only slots and devices whose PID starts with this are counted: a family asks under its own tag (CNT-15). */
  readonly pidPrefix?: string;
  /** Software that asks for it; every one when left out (CNT-8, CNT-9). */
  readonly versions?: VersionRange;
};

/** The level that is configured, and its addon; each names a feature. */
export type LicenseLevel = { readonly name: string; readonly addon: string | null };

/** Levels that `license boot level` or, on wireless controllers, `license air level` offers; the lowest first. */
export type LicenseLevels = {
  readonly command: "boot" | "air";
  readonly levels: readonly {
    readonly name: string;
    readonly addons: readonly string[];
    readonly versions?: VersionRange;
  }[];
};

export type LegacyPlatformLicense = {
  readonly kind: LegacyLicenseKind;
  readonly name: string;
  readonly feature: string;
};

/** `right-to-use` came before any smart licensing. */
export type LicensingModel = "policy" | "classic" | "right-to-use";

export type PlatformProfile = {
  readonly name: string;
  readonly title: string;
  readonly hostname: string;
  readonly productTag: string;
  /** Of a new device. */
  readonly softwareVersion: string;
  /** Which licensing model began with which release, oldest first (GEN-2, GEN-18 to GEN-20). */
  readonly licensing: readonly { readonly since: string; readonly model: LicensingModel }[];
  /** First release whose usage must be acknowledged (POL-3, GEN-10); null where an ACK is the policy's matter alone. */
  readonly mandatoryAckSince: string | null;
  readonly licenses: readonly PlatformLicense[];
  /** Licences of the time before Smart Licensing, each with the feature that it was for; none where they cannot be converted (CNV-3). */
  readonly legacyLicenses?: readonly LegacyPlatformLicense[];
  /** Null where the product itself says what it uses. */
  readonly licenseLevels: LicenseLevels | null;
  /** Features configured when the device is new. */
  readonly defaultFeatures: readonly string[];
  readonly defaultSlots: readonly Slot[];
  /** PIDs that can join, by prefix. */
  readonly pidPrefixes: readonly string[];
  readonly slotsMax: number;
  /** `stack` shows members; `chassis` and `pair` have at most an active and a standby; `single` has one device. */
  readonly redundancy: "stack" | "chassis" | "pair" | "single";
  /** The platform's own reporting rhythm in seconds, whatever interval is configured (REP-6); null for none. */
  readonly reportEverySeconds: number | null;
  /** True where the hardware has a certificate of its manufacturer (SEC-4); a virtual one has none. */
  readonly hasManufacturerCertificate: boolean;
  /** True where access points join and `show license air entities summary` exists. */
  readonly hasAccessPoints: boolean;
};
