// REGISTER, RENEW_ID, AUTHORIZE and DEREGISTER: classic Smart Licensing, the model before Smart Licensing Using Policy. Each
// may be repeated: the same keys have the same registration, an authorization replaces the one before (spec/protocol.md,
// sections 11.9 to 11.12 and 15).

import * as v from "valibot";
import { sudiSchema } from "../identity.ts";
import {
  authorizedLicensesMax,
  chainCertificatesMax,
  countMax,
  devicesPerInstallationMax,
  renewAfterSecondsMax,
  tokenCharactersMax,
} from "../limits.ts";
import { haRoles } from "../rum-report.ts";
import {
  base64,
  decimalSerial,
  epochMs,
  nonEmptyText,
  tagText,
  text,
  uuid,
  uuidOrEmpty,
  wholeNumber,
} from "../schema.ts";
import { answerDataEntries, enrollingDeviceListSchema, hostname, requestDataEntries } from "./request-data.ts";

const listOfDevices = <T extends v.GenericSchema>(entry: T) =>
  v.pipe(v.array(entry), v.minLength(1), v.maxLength(devicesPerInstallationMax));
const software = { hostname, software_tag_identifier: tagText, software_version: v.optional(text) };
/** Only registered devices send these: without an identity there is nothing to renew, authorize or end. */
const registeredEntries = { ...requestDataEntries, product_instance_identifier: uuid };
const registeredDevice = { sudi: sudiSchema, product_instance_identifier: uuid, role: v.picklist(haRoles) };

export const registerRequestSchema = v.strictObject({
  ...requestDataEntries,
  ...software,
  token: v.pipe(v.string(), v.nonEmpty(), v.maxLength(tokenCharactersMax)),
  /** Replaces a registration that the manager still lists under another key. */
  force: v.boolean(),
  device_list: enrollingDeviceListSchema,
});

const registeredAnswerSchema = v.strictObject({
  sudi: sudiSchema,
  product_instance_identifier: uuidOrEmpty,
  /** Base64 of DER for the key of the `csr`, or "" where none was asked for or given. */
  id_certificate: base64,
  chain: v.pipe(v.array(base64), v.maxLength(chainCertificatesMax)),
  status_code: v.picklist(["OK", "FAILED"]),
  status_message: v.string(),
});
export type RegisteredAnswer = v.InferOutput<typeof registeredAnswerSchema>;

const registrationEntries = {
  smart_account_name: nonEmptyText,
  /** The virtual account. */
  pool_name: nonEmptyText,
  export_control_allowed: v.boolean(),
};

export const registerAnswerSchema = v.strictObject({
  ...answerDataEntries,
  ...registrationEntries,
  device_list: v.pipe(v.array(registeredAnswerSchema), v.maxLength(devicesPerInstallationMax)),
});

export const renewIdRequestSchema = v.strictObject({
  ...registeredEntries,
  ...software,
  device_list: listOfDevices(
    v.strictObject({
      ...registeredDevice,
      /** By the key that is certified, or by a new one that takes its place. */
      csr: v.pipe(base64, v.nonEmpty()),
      id_cert_sn: decimalSerial,
    }),
  ),
});
export const renewIdAnswerSchema = registerAnswerSchema;

const classicEntitlementSchema = v.strictObject({
  entitlement_tag: tagText,
  count: v.pipe(wholeNumber, v.minValue(1), v.maxValue(countMax)),
});
export type ClassicEntitlement = v.InferOutput<typeof classicEntitlementSchema>;

const noTagTwice = <T extends { readonly entitlement_tag: string }>(all: readonly T[]): boolean =>
  new Set(all.map((one) => one.entitlement_tag)).size === all.length;

export const authorizeRequestSchema = v.strictObject({
  ...registeredEntries,
  ...software,
  device_list: listOfDevices(v.strictObject(registeredDevice)),
  /** All that the installation uses; none gives everything back. */
  entitlements: v.pipe(
    v.array(classicEntitlementSchema),
    v.maxLength(authorizedLicensesMax),
    v.check(noTagTwice, "names a tag twice"),
  ),
});

export const classicStatuses = ["AUTHORIZED", "OUT_OF_COMPLIANCE"] as const;
export type ClassicStatus = (typeof classicStatuses)[number];

/** `shortfall`: how many the virtual account lacks for all of its devices together; 0 with AUTHORIZED, more otherwise. */
const authorizedEntitlementSchema = v.pipe(
  v.strictObject({
    entitlement_tag: tagText,
    count: v.pipe(wholeNumber, v.minValue(1), v.maxValue(countMax)),
    status: v.picklist(classicStatuses),
    shortfall: wholeNumber,
  }),
  v.check(({ status, shortfall }) => (status === "AUTHORIZED") === (shortfall === 0), "status and shortfall disagree"),
);
export type AuthorizedEntitlement = v.InferOutput<typeof authorizedEntitlementSchema>;

export const authorizeAnswerSchema = v.strictObject({
  ...answerDataEntries,
  ...registrationEntries,
  entitlements: v.pipe(
    v.array(authorizedEntitlementSchema),
    v.maxLength(authorizedLicensesMax),
    v.check(noTagTwice, "names a tag twice"),
  ),
  /** When the device asks again, from when it has the answer. */
  renew_after_seconds: v.pipe(wholeNumber, v.minValue(1), v.maxValue(renewAfterSecondsMax)),
  /** The end of the authorization, by the manager's clock. */
  expires_at: epochMs,
});

export const deregisterRequestSchema = v.strictObject({
  ...registeredEntries,
  device_list: listOfDevices(v.strictObject(registeredDevice)),
});
export const deregisterAnswerSchema = v.strictObject(answerDataEntries);
