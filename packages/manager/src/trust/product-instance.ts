// What the manager knows of devices: product instances, the installations they form, and their certificates.

import type { HaRole, Udi } from "@countersign/protocol";

/** What a device is in its installation; one that its reports no longer list is absent, and stays registered. */
export type MemberRole = HaRole | "Absent";

/** One UDI running one product tag, known under one identifier. */
export type ProductInstance = {
  readonly smartAccountId: number;
  readonly instanceId: number;
  readonly productInstanceIdentifier: string;
  readonly udi: Udi;
  readonly productTag: string;
  readonly installationId: number;
  /** Always that of its installation. */
  readonly virtualAccountId: number;
  readonly role: MemberRole;
  readonly trustId: number;
  readonly hostname: string;
  readonly softwareVersion: string;
  readonly exportControlAllowed: boolean;
  /** Serial number, decimal, of the certificate that was issued last. */
  readonly certificateSerial: string;
  readonly trustedSinceMs: number;
  /** Null while the instance is registered. */
  readonly removedAtMs: number | null;
  /** Of an absent one the last contact in which it was listed; null while it is listed. */
  readonly lastListedAtMs: number | null;
};

/** Product instances that act as one: usage, report ids and ACK sequence belong here (domain decision 1). */
export type Installation = {
  readonly smartAccountId: number;
  readonly installationId: number;
  /** Uuid; stands in trust codes. */
  readonly identifier: string;
  readonly virtualAccountId: number;
  /** Sequence that the next ACK will carry. */
  readonly nextSequence: number;
  /** Newest policy version that went along with an ACK or a trust code. */
  readonly policyVersionSent: number;
  /** After a transfer no lower version may follow (I10). */
  readonly policyVersionFloor: number;
  /** Changes with every change of members or certificates; caches compare it. */
  readonly trustEpoch: number;
  readonly reportIdMin: number | null;
  readonly reportIdMax: number | null;
  readonly firstTrustAtMs: number;
  readonly lastContactAtMs: number | null;
};

/** In which an installation is; its certificates live accordingly. */
export type LicensingModel = "policy" | "classic";
export type InstallationInModel = { readonly installation: Installation; readonly model: LicensingModel };

export function isSameInstallation(one: ProductInstance, other: ProductInstance): boolean {
  return one.smartAccountId === other.smartAccountId && one.installationId === other.installationId;
}

export type CertificateState = "valid" | "replaced" | "withdrawn";

export type DeviceCertificate = {
  readonly smartAccountId: number;
  /** Decimal. */
  readonly serialNumber: string;
  readonly instanceId: number;
  /** DER (SPKI) of the device's public key. */
  readonly publicKey: Uint8Array;
  /** Lower-case hex of its SHA-256, for look-ups. */
  readonly publicKeySha256: string;
  /** DER of the certificate. */
  readonly certificate: Uint8Array;
  readonly issuedAtMs: number;
  readonly validUntilMs: number;
  readonly state: CertificateState;
};

/** That this key of this UDI was let in by this token: what makes enrolment idempotent (I9). */
export type Enrolment = {
  readonly smartAccountId: number;
  readonly tokenId: number;
  readonly udi: Udi;
  readonly productTag: string;
  readonly publicKeySha256: string;
  readonly instanceId: number;
  readonly certificateSerial: string;
};
