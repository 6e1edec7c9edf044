// Device-led conversion: what a device has of the licences before Smart Licensing, and the manager's word that they are now in its
// virtual account. A device converts once; the word outlives registrations. Shape: spec/protocol.md, section 18.

import * as v from "valibot";
import type { TrustAnchors } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { isSameUdi, sudiSchema, type Udi, udiOf } from "./identity.ts";
import { parseJson } from "./json.ts";
import { convertedLicensesMax, countMax } from "./limits.ts";
import { check, epochMs, nonEmptyText, tagText, wholeNumber } from "./schema.ts";
import { type ManagerObject, verifyManagerObject } from "./signed-object.ts";

/** A right that came with the device or was taken by its owner's word, and a product activation key. */
export const legacyLicenseKinds = ["right_to_use", "pak"] as const;
export type LegacyLicenseKind = (typeof legacyLicenseKinds)[number];

export const legacyLicenseSchema = v.strictObject({
  kind: v.picklist(legacyLicenseKinds),
  /** As the device's old licensing calls it. */
  name: nonEmptyText,
  /** What it becomes. */
  entitlement_tag: tagText,
  count: v.pipe(wholeNumber, v.minValue(1), v.maxValue(countMax)),
});
export type LegacyLicense = v.InferOutput<typeof legacyLicenseSchema>;

export const legacyLicensesSchema = v.pipe(
  v.array(legacyLicenseSchema),
  v.minLength(1),
  v.maxLength(convertedLicensesMax),
  v.check(
    (all) => new Set(all.map(({ kind, name }) => `${kind} ${name}`)).size === all.length,
    "names a licence twice",
  ),
);

const conversionSchema = v.strictObject({
  version: v.literal("1.0"),
  sudi: sudiSchema,
  smart_account_name: nonEmptyText,
  virtual_account_name: nonEmptyText,
  converted_at: epochMs,
  licenses: legacyLicensesSchema,
});
export type Conversion = v.InferOutput<typeof conversionSchema>;

export function encodeConversion(conversion: Conversion): string {
  return JSON.stringify(conversion);
}

/** Parses a payload whose signature has been verified. */
export function decodeConversion(payload: string): Conversion {
  return check(conversionSchema, parseJson(payload), "payload_invalid");
}

export type ConversionQuestion = {
  readonly object: ManagerObject;
  readonly anchors: TrustAnchors;
  readonly now: number;
  readonly udi: Udi;
};

/** Throws `certificate_…`, `signature_…`, `payload_invalid` or `identity_mismatch`. */
export async function verifyConversion({ object, anchors, now, udi }: ConversionQuestion): Promise<Conversion> {
  if (object.header.type !== "conversion") throw new ProtocolError("envelope_invalid", "It is no conversion.");
  await verifyManagerObject(object, anchors, now);
  const conversion = decodeConversion(object.payload);
  if (!isSameUdi(udiOf(conversion.sudi), udi)) throw new ProtocolError("identity_mismatch");
  return conversion;
}

/** Why the licences of one device were not converted while those of others were. */
export const conversionRefusals = {
  conversion_not_allowed: {
    meaning: "The smart account does not convert by itself, and nobody has allowed the conversion of this device.",
    remedy: "Let an administrator allow it; the device asks again by itself.",
  },
  conversion_done_elsewhere: {
    meaning: "The device's licences were converted in another smart account of the same manager.",
    remedy: "Ask the administrator of that account; a device converts once.",
  },
  conversion_of_other_installation: {
    meaning: "The device does not belong to the sender's installation.",
    remedy: "Register all devices of the installation, then convert again.",
  },
} as const;
export type ConversionRefusal = keyof typeof conversionRefusals;
