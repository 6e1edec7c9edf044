// Decides, from facts alone, what becomes of each device of a trust request: let in, known, replaced or refused.
// The same facts give the same plan, so a repeated request ends where the first one did (I9, BET-31).

import { classicIdCertificateMs, type HaRole, type Udi } from "@countersign/protocol";
import type { TokenState } from "../accounts/token.ts";
import type { DeviceRefusalCode } from "../errors.ts";
import { type DeviceAdmission, isAdmitted } from "../premises/premises.ts";
import { mayBeCertified } from "./certificate-rate.ts";
import type { DeviceCertificate, LicensingModel, ProductInstance } from "./product-instance.ts";

/** One device of the list; entries that share a UDI are one device. */
export type WantedDevice = {
  /** Of the certificate that a manager on premises gave it; absent where this manager is to issue one. */
  readonly givenSerial?: string;
  readonly udi: Udi;
  readonly productTag: string;
  readonly trustId: number;
  readonly role: HaRole;
  /** Null when the device asked for no new certificate. */
  readonly publicKeySha256: string | null;
};

export type DeviceFacts = {
  readonly device: WantedDevice;
  /** What this token gave this key before; null outside token enrolment. */
  readonly enrolled: { readonly instance: ProductInstance; readonly certificate: DeviceCertificate } | null;
  /** Registered now under this UDI and product tag. */
  readonly registered: ProductInstance | null;
  /** All certificates of `registered`. */
  readonly certificates: readonly DeviceCertificate[];
  readonly isUsingLicenses: boolean;
};

export type Admission =
  | {
      readonly by: "token";
      readonly state: TokenState;
      readonly usesLeft: number;
      readonly virtualAccountId: number;
      readonly force: boolean;
      readonly now: number;
      /** A certificate of the same key with less than this left is renewed; null for never, whatever is left. */
      readonly renewBeforeMs: number | null;
    }
  /** A person vouches, for a request that came by file. */
  | {
      readonly by: "operator";
      readonly virtualAccountId: number;
      readonly force: boolean;
      /** Whether the person may take a device away from a virtual account. */
      readonly takesFrom: (virtualAccountId: number) => boolean;
    }
  /** Nobody vouches: an account on premises lets devices in (TRU-8), or those behind a relay of the account (TRU-9). */
  | { readonly by: "premises"; readonly virtualAccountId: number; readonly admission: DeviceAdmission }
  /** A manager on premises vouches for what it let in; `hasIssued` says which certificates are its own. */
  | {
      readonly by: "lower manager";
      readonly virtualAccountId: number;
      readonly hasIssued: (certificate: DeviceCertificate) => boolean;
    }
  /** A trusted member vouches for the others of its installation (trust sync). */
  | { readonly by: "member"; readonly virtualAccountId: number; readonly now: number; readonly renewBeforeMs: number };

export type DevicePlan =
  | {
      readonly outcome: "repeat" | "known";
      readonly instanceId: number;
      readonly certificateSerial: string;
      readonly usesToken: boolean;
    }
  | { readonly outcome: "replace" | "renew"; readonly instanceId: number; readonly usesToken: boolean }
  | { readonly outcome: "new"; readonly usesToken: boolean }
  | { readonly outcome: "refused"; readonly code: DeviceRefusalCode };

/** Plans in the order of the list; token uses go to the active device first, then standby, then members (BET-9). */
export function planEnrolment(
  facts: readonly DeviceFacts[],
  admission: Admission,
  model: LicensingModel,
): readonly DevicePlan[] {
  const plans = new Map<DeviceFacts, DevicePlan>();
  let usesLeft = admission.by === "token" ? admission.usesLeft : Number.POSITIVE_INFINITY;
  for (const fact of [...facts].sort((one, other) => rank[one.device.role] - rank[other.device.role])) {
    let plan = planDevice(fact, { admission, model });
    if (plan.outcome !== "refused" && plan.usesToken) {
      const refusal = tokenRefusal(admission, usesLeft);
      if (refusal === null) usesLeft -= 1;
      else plan = { outcome: "refused", code: refusal };
    }
    plans.set(fact, plan);
  }
  return facts.map((fact) => plans.get(fact) as DevicePlan);
}

const rank: Readonly<Record<HaRole, number>> = { Active: 0, Standby: 1, Member: 2 };

function tokenRefusal(admission: Admission, usesLeft: number): DeviceRefusalCode | null {
  if (admission.by !== "token") return null;
  if (admission.state === "revoked") return "token_revoked";
  if (admission.state === "expired") return "token_expired";
  return usesLeft < 1 ? "token_used_up" : null;
}

type Terms = { readonly admission: Admission; readonly model: LicensingModel };

function planDevice(facts: DeviceFacts, terms: Terms): DevicePlan {
  const { device, enrolled, registered } = facts;
  const { admission } = terms;
  const usesToken = admission.by === "token";
  if (enrolled?.certificate.state === "replaced") return { outcome: "refused", code: "key_revoked" };
  if (enrolled?.certificate.state === "valid" && enrolled.instance.removedAtMs === null) {
    const { instance } = enrolled;
    // The enrolment names the certificate of that moment; what was renewed since has another.
    const isOutdated = isDueForRenewal(enrolled.certificate, terms);
    const certificate = (isOutdated ? newestOfKey(facts) : undefined) ?? enrolled.certificate;
    if (isDueForRenewal(certificate, terms)) return planRenewal(facts, instance, false, terms);
    return {
      outcome: "repeat",
      instanceId: instance.instanceId,
      certificateSerial: certificate.serialNumber,
      usesToken: false,
    };
  }
  if (registered !== null) return planRegistered(facts, registered, terms);
  if (device.publicKeySha256 === null) return { outcome: "refused", code: "certificate_request_missing" };
  if (admission.by === "premises" && !isAdmitted(admission.admission, device.udi))
    return { outcome: "refused", code: "token_required" };
  return { outcome: "new", usesToken };
}

function planRegistered(facts: DeviceFacts, registered: ProductInstance, terms: Terms): DevicePlan {
  const { admission } = terms;
  const { device, certificates } = facts;
  const usesToken = admission.by === "token";
  const force = mayForce(admission);
  if (
    registered.virtualAccountId !== admission.virtualAccountId &&
    !mayStay(admission) &&
    !mayTake(registered, admission)
  )
    return { outcome: "refused", code: "registered_in_other_account" };
  const { instanceId } = registered;
  if (device.publicKeySha256 === null) {
    if (usesToken) return { outcome: "refused", code: "certificate_request_missing" };
    return { outcome: "known", instanceId, certificateSerial: registered.certificateSerial, usesToken };
  }
  const ofSameKey = certificates.filter((certificate) => certificate.publicKeySha256 === device.publicKeySha256);
  if (ofSameKey.some((certificate) => certificate.state !== "valid")) {
    // A document that was overtaken by a newer one: what it carries is still taken, the key is not.
    if (admission.by === "lower manager")
      return { outcome: "known", instanceId, certificateSerial: registered.certificateSerial, usesToken };
    return { outcome: "refused", code: "key_revoked" };
  }
  const newest = ofSameKey.at(-1);
  if (newest !== undefined) {
    if (isDueForRenewal(newest, terms) || isGivenAnother(device, ofSameKey))
      return planRenewal(facts, registered, usesToken, terms);
    return { outcome: "known", instanceId, certificateSerial: device.givenSerial ?? newest.serialNumber, usesToken };
  }
  if (force || isOwnDevice(certificates, admission)) return { outcome: "replace", instanceId, usesToken };
  return { outcome: "refused", code: facts.isUsingLicenses ? "consumption_without_force" : "already_registered" };
}

/** One who goes back and forth between the models gets a certificate each time, and no token pays for it. */
function planRenewal(
  { certificates }: DeviceFacts,
  { instanceId }: ProductInstance,
  usesToken: boolean,
  { admission }: Terms,
): DevicePlan {
  if ("now" in admission && !mayBeCertified(certificates, admission.now))
    return { outcome: "refused", code: "certified_too_often" };
  return { outcome: "renew", instanceId, usesToken };
}

/** Nobody replaces a key, or takes a device away, without somebody who vouches. */
function mayForce(admission: Admission): boolean {
  return (admission.by === "token" || admission.by === "operator") && admission.force;
}

/** Where an administrator has put it, whatever its address says. */
function mayStay(admission: Admission): boolean {
  return admission.by === "premises" || admission.by === "lower manager";
}

function isGivenAnother({ givenSerial }: WantedDevice, known: readonly DeviceCertificate[]): boolean {
  return givenSerial !== undefined && !known.some(({ serialNumber }) => serialNumber === givenSerial);
}

/** Every certificate that holds is the lower manager's own, so that a new key is its to vouch for. */
function isOwnDevice(certificates: readonly DeviceCertificate[], admission: Admission): boolean {
  if (admission.by !== "lower manager") return false;
  return certificates.filter(({ state }) => state === "valid").every(admission.hasIssued);
}

function mayTake({ virtualAccountId }: ProductInstance, admission: Admission): boolean {
  if (!mayForce(admission)) return false;
  if (admission.by !== "operator") return admission.by === "token";
  return admission.takesFrom(virtualAccountId);
}

/** Before its time, or because it lives as long as the other licensing model wants; never what a manager below has to renew. */
function isDueForRenewal(certificate: DeviceCertificate, { admission, model }: Terms): boolean {
  if (admission.by === "lower manager") return false;
  const lifetimeMs = certificate.validUntilMs - certificate.issuedAtMs;
  if (lifetimeMs <= classicIdCertificateMs !== (model === "classic")) return true;
  if (!("renewBeforeMs" in admission) || admission.renewBeforeMs === null) return false;
  return certificate.validUntilMs - admission.now < admission.renewBeforeMs;
}

function newestOfKey({ device, certificates }: DeviceFacts): DeviceCertificate | undefined {
  return certificates
    .filter(({ publicKeySha256, state }) => publicKeySha256 === device.publicKeySha256 && state === "valid")
    .at(-1);
}

/** True if both plans end in the same rows; a plan made before a transaction is compared inside it. */
export function isSamePlan(one: readonly DevicePlan[], other: readonly DevicePlan[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
