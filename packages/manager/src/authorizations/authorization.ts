// Authorization codes as the manager keeps them, and which code a wish deserves. A product instance has one code in force at
// most; those before it stay as history (spec/protocol.md, section 14).

import {
  type AuthorizedLicense,
  authorizedLicensesMax,
  decodeAuthorizationCode,
  ProtocolError,
} from "@countersign/protocol";

/** `generated` and `confirmed` codes are in force; the others have ended. */
export const authorizationStates = ["generated", "confirmed", "replaced", "returned", "withdrawn"] as const;
export type AuthorizationState = (typeof authorizationStates)[number];

export type StoredAuthorization = {
  readonly smartAccountId: number;
  readonly authorizationId: number;
  readonly instanceId: number;
  /** Where it counts: that of its product instance. */
  readonly virtualAccountId: number;
  readonly sequence: number;
  readonly state: AuthorizationState;
  /** The exact text that is signed, whenever it is asked for. */
  readonly payload: string;
  readonly issuedAtMs: number;
  readonly changedAtMs: number;
};
export type NewAuthorization = Omit<StoredAuthorization, "authorizationId">;

export function isInForce({ state }: Pick<StoredAuthorization, "state">): boolean {
  return state === "generated" || state === "confirmed";
}

export function licensesOf({ payload }: Pick<StoredAuthorization, "payload">): readonly AuthorizedLicense[] {
  return decodeAuthorizationCode(payload).licenses;
}

export type Wanted = { readonly mode: "add" | "replace"; readonly keys: readonly AuthorizedLicense[] };

/**
 * What a device is to have, by tag. With `add` the larger count of a tag stands, so that a repetition asks for nothing more.
 * Throws `payload_invalid` past the limit of one code.
 */
export function wantedLicenses(
  { mode, keys }: Wanted,
  has: readonly AuthorizedLicense[],
): readonly AuthorizedLicense[] {
  const byTag = new Map(mode === "add" ? has.map((license) => [license.entitlement_tag, license]) : []);
  for (const key of keys) {
    const known = byTag.get(key.entitlement_tag);
    if (known === undefined || known.count < key.count || known.license_class !== key.license_class)
      byTag.set(key.entitlement_tag, { ...key, count: Math.max(key.count, known?.count ?? 0) });
  }
  if (byTag.size > authorizedLicensesMax)
    throw new ProtocolError("payload_invalid", `More than ${authorizedLicensesMax} entitlements on one device.`);
  return [...byTag.values()].sort((one, other) => (one.entitlement_tag < other.entitlement_tag ? -1 : 1));
}

export function isSameLicenses(one: readonly AuthorizedLicense[], other: readonly AuthorizedLicense[]): boolean {
  const text = (all: readonly AuthorizedLicense[]): string =>
    all
      .map(({ entitlement_tag, license_class, count }) => `${entitlement_tag} ${license_class} ${count}`)
      .sort()
      .join("\n");
  return text(one) === text(other);
}
