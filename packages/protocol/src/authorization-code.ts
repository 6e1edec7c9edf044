// The authorization code (SLAC): what one device may use of enforced and export-controlled licences. One code stands for all
// that the device was given; a newer one takes its place. Shape: spec/protocol.md, section 14.

import { createHash } from "node:crypto";
import * as v from "valibot";
import type { TrustAnchors } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { isSameUdi, sudiSchema, type Udi, udiOf } from "./identity.ts";
import { parseJson } from "./json.ts";
import { authorizedLicensesMax, countMax } from "./limits.ts";
import { check, epochMs, tagText, uuid, wholeNumber } from "./schema.ts";
import { type ManagerObject, verifyManagerObject } from "./signed-object.ts";

/** Classes of licence that need a code; the others never do. */
export const authorizedClasses = ["enforced", "export"] as const;
export type AuthorizedClass = (typeof authorizedClasses)[number];

/** How many of one entitlement. */
export const authorizedLicenseSchema = v.strictObject({
  entitlement_tag: tagText,
  license_class: v.picklist(authorizedClasses),
  count: v.pipe(wholeNumber, v.minValue(1), v.maxValue(countMax)),
});
export type AuthorizedLicense = v.InferOutput<typeof authorizedLicenseSchema>;

export const authorizedLicensesSchema = v.pipe(
  v.array(authorizedLicenseSchema),
  v.maxLength(authorizedLicensesMax),
  v.check((all) => new Set(all.map((one) => one.entitlement_tag)).size === all.length, "names a tag twice"),
);

const authorizationCodeSchema = v.strictObject({
  version: v.literal("1.0"),
  product_instance_identifier: uuid,
  sudi: sudiSchema,
  /** Grows with each code for this product instance. */
  sequence: wholeNumber,
  issued_at: epochMs,
  licenses: v.pipe(authorizedLicensesSchema, v.minLength(1)),
});
export type AuthorizationCode = v.InferOutput<typeof authorizationCodeSchema>;

export function encodeAuthorizationCode(code: AuthorizationCode): string {
  return JSON.stringify(code);
}

/** Parses a payload whose signature has been verified. */
export function decodeAuthorizationCode(payload: string): AuthorizationCode {
  return check(authorizationCodeSchema, parseJson(payload), "payload_invalid");
}

export type AuthorizationCodeQuestion = {
  readonly object: ManagerObject;
  readonly anchors: TrustAnchors;
  readonly now: number;
  readonly productInstanceIdentifier: string;
  readonly udi: Udi;
  /** The least sequence that is taken: that of the installed code, or the one after the newest that was given back. */
  readonly leastSequence: number;
};

/**
 * Verifies a code for one device. Throws `certificate_…`, `signature_…`, `payload_invalid`, `identity_mismatch` or
 * `authorization_replayed`.
 */
export async function verifyAuthorizationCode(question: AuthorizationCodeQuestion): Promise<AuthorizationCode> {
  const { object } = question;
  if (object.header.type !== "auth") throw new ProtocolError("envelope_invalid", "It is not an authorization code.");
  await verifyManagerObject(object, question.anchors, question.now);
  const code = decodeAuthorizationCode(object.payload);
  const isOwn = code.product_instance_identifier === question.productInstanceIdentifier;
  if (!isOwn || !isSameUdi(udiOf(code.sudi), question.udi)) throw new ProtocolError("identity_mismatch");
  if (code.sequence < question.leastSequence) throw new ProtocolError("authorization_replayed");
  return code;
}

const returnAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const returnCharacters = 57;

/** Eight hexadecimal digits that only who has the code can name: it arrived. */
export function confirmationCodeOf(payload: string): string {
  return createHash("sha256").update(`confirm\n${payload}`).digest("hex").slice(0, 8);
}

/** Nine groups of six characters and one of three, as the field prints them: the code is given back. */
export function returnCodeOf(payload: string): string {
  const digest = createHash("sha512").update(`return\n${payload}`).digest();
  const text = [...digest.subarray(0, returnCharacters)].map((byte) => returnAlphabet[byte % returnAlphabet.length]);
  return (text.join("").match(/.{1,6}/g) ?? []).join("-");
}

export const confirmationCodeText = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/, "is not a confirmation code"));
export const returnCodeText = v.pipe(
  v.string(),
  v.regex(new RegExp(`^(?:[${returnAlphabet}]{6}-){9}[${returnAlphabet}]{3}$`), "is not a return code"),
);

/** Why one device of a request was given, or took, nothing while the others did. */
export const authorizationRefusals = {
  authorization_not_purchased: {
    meaning: "The virtual account has not bought as many of an enforced licence as are asked for.",
    remedy: "Add the purchase, or let another device return its authorization code; then ask again.",
  },
  authorization_export_not_allowed: {
    meaning: "The device may not use export-controlled functions.",
    remedy: "Establish trust with a token that allows export-controlled functionality, then ask again.",
  },
  authorization_unknown: {
    meaning: "No authorization code with this number and these digits was made for the device.",
    remedy: "Ask for a code again.",
  },
  authorization_withdrawn: {
    meaning:
      "The authorization code is no longer in force: it was given back, or the manager's administrator withdrew it.",
    remedy: "Ask the administrator, then ask for a code again.",
  },
  authorization_of_other_installation: {
    meaning: "The device does not belong to the sender's installation.",
    remedy: "Ask from its own installation, or run a trust sync for new members.",
  },
} as const;
export type AuthorizationRefusal = keyof typeof authorizationRefusals;
