// What a platform is, as data: which devices form an installation of it, which licences it can use and how they are
// counted. There is no code per platform; whatever differs between two platforms is a value of this type.

import type { HaRole, LicenseClass, Udi } from "@countersign/protocol";

/** One place in the installation where a control plane runs. Two supervisors of one chassis are two slots of one UDI. */
export type Slot = { readonly number: number; readonly udi: Udi; readonly role: HaRole };

/**
 * What one unit of a licence is counted by (CNT-3 to CNT-5, REP-9):
 * `slot` each switch or supervisor, `device` each distinct UDI, `access_point` each joined access point,
 * `installation` one for the whole.
 */
export type CountedBy = "slot" | "device" | "access_point" | "installation";

/** A licence that a platform can use. It counts only while its feature is configured (CNT-1). */
export type PlatformLicense = {
  readonly tag: string;
  /** What `show license` prints first, for instance `network-advantage`. */
  readonly name: string;
  readonly description: string;
  readonly licenseClass: LicenseClass;
  readonly feature: string;
  readonly countedBy: CountedBy;
  /** Only slots and devices whose PID starts with this are counted: a family asks under its own tag (CNT-15). */
  readonly pidPrefix?: string;
};

export type PlatformProfile = {
  readonly name: string;
  readonly title: string;
  readonly hostname: string;
  readonly productTag: string;
  /** Of a new device. */
  readonly softwareVersion: string;
  /** First release with policy mode (GEN-2); null where there was never another mode. */
  readonly policyModeSince: string | null;
  readonly licenses: readonly PlatformLicense[];
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
  /** True where access points join and `show license air entities summary` exists. */
  readonly hasAccessPoints: boolean;
  /** `Total licenses found` of the platform's mapping table. */
  readonly mappedLicenses: number;
};
