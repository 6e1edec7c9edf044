// AUTHORIZATION_REQUEST, _CONFIRM and _RETURN: a code is asked for, said to be installed, given back. Each may be repeated:
// the same wish has the same code, a confirmation and a return that were heard are heard again (spec/protocol.md, section 14).

import * as v from "valibot";
import {
  type AuthorizationRefusal,
  authorizationRefusals,
  authorizedLicensesSchema,
  confirmationCodeText,
  returnCodeText,
} from "../authorization-code.ts";
import { sudiSchema } from "../identity.ts";
import { devicesPerInstallationMax } from "../limits.ts";
import { base64, tagText, text, uuid, uuidOrEmpty, wholeNumber } from "../schema.ts";
import { answerDataEntries, hostname, requestDataEntries } from "./request-data.ts";

/** What one device asks for, with what it did last; a file has the same entries. */
const authorizationWishSchema = v.pipe(
  v.strictObject({
    sudi: sudiSchema,
    product_instance_identifier: uuid,
    /** Beside what the device has, or in its place. */
    mode: v.picklist(["add", "replace"]),
    keys: authorizedLicensesSchema,
    /** Of the installed code; "" for none. */
    confirm_code: v.union([v.literal(""), confirmationCodeText]),
    /** Of the newest code that was given back; "" for none. */
    remove_code: v.union([v.literal(""), returnCodeText]),
  }),
  v.check(
    (wish) => wish.keys.length > 0 || wish.confirm_code !== "" || wish.remove_code !== "",
    "asks for nothing and tells nothing",
  ),
);
export type AuthorizationWish = v.InferOutput<typeof authorizationWishSchema>;

export const authorizationWishListSchema = v.pipe(
  v.array(authorizationWishSchema),
  v.minLength(1),
  v.maxLength(devicesPerInstallationMax),
);

export const authorizationRequestSchema = v.strictObject({
  ...requestDataEntries,
  hostname,
  software_tag_identifier: tagText,
  software_version: v.optional(text),
  device_list: authorizationWishListSchema,
});

const told = { sudi: sudiSchema, product_instance_identifier: uuid, sequence: wholeNumber };
const listOf = <T extends v.GenericSchema>(entry: T) =>
  v.pipe(v.array(entry), v.minLength(1), v.maxLength(devicesPerInstallationMax));

export const authorizationConfirmSchema = v.strictObject({
  ...requestDataEntries,
  device_list: listOf(v.strictObject({ ...told, confirm_code: confirmationCodeText })),
});
export const authorizationReturnSchema = v.strictObject({
  ...requestDataEntries,
  device_list: listOf(v.strictObject({ ...told, return_code: returnCodeText })),
});

const refusals = Object.keys(authorizationRefusals) as [AuthorizationRefusal, ...AuthorizationRefusal[]];
/** `smart_license` is "" but for a code that was asked for and given; `code` says why a device was refused. */
const authorizationAnswerEntrySchema = v.strictObject({
  sudi: sudiSchema,
  product_instance_identifier: uuidOrEmpty,
  smart_license: base64,
  status_code: v.picklist(["OK", "FAILED"]),
  status_message: v.string(),
  code: v.union([v.literal(""), v.picklist(refusals)]),
});
export type AuthorizationAnswerEntry = v.InferOutput<typeof authorizationAnswerEntrySchema>;

export const authorizationAnswerSchema = v.strictObject({
  ...answerDataEntries,
  device_list: v.pipe(v.array(authorizationAnswerEntrySchema), v.maxLength(devicesPerInstallationMax)),
});
