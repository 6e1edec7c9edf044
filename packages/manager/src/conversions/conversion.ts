// Conversion of the licences that a device had before Smart Licensing: what it told, whether it may, and the word that it is done.

import type { LegacyLicense, Udi } from "@countersign/protocol";
import type { NewPurchase } from "../accounts/purchase.ts";

/** `waiting` for an administrator, `allowed` by one, `converted` once and for all. */
export const conversionStates = ["waiting", "allowed", "converted"] as const;
export type ConversionState = (typeof conversionStates)[number];

export type StoredConversion = {
  readonly smartAccountId: number;
  readonly conversionId: number;
  readonly udi: Udi;
  /** Where the device was when it asked last; where its licences were deposited. */
  readonly virtualAccountId: number;
  readonly state: ConversionState;
  readonly licenses: readonly LegacyLicense[];
  readonly askedAtMs: number;
  readonly changedAtMs: number;
  /** The text that the manager signs whenever the device asks; null before it is converted. */
  readonly payload: string | null;
};
export type NewConversion = Omit<StoredConversion, "conversionId">;

/** Each licence as a purchase of its own, so that it is seen where it came from. */
export function depositsOf(
  { licenses, virtualAccountId }: Pick<StoredConversion, "licenses" | "virtualAccountId">,
  udi: string,
  now: number,
): readonly NewPurchase[] {
  return licenses.map(({ kind, name, entitlement_tag: tag, count: quantity }) => ({
    ...{ virtualAccountId, tag, quantity },
    kind: "perpetual",
    startsAtMs: now,
    endsAtMs: null,
    orderReference: `Conversion of ${udi}: ${kind} ${name}`,
  }));
}

export function isSameClaim(one: readonly LegacyLicense[], other: readonly LegacyLicense[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
