// CONVERSION: a registered device of the classic model tells once which licences of the time before it has. It may be repeated: who was
// converted is told so again (spec/protocol.md, sections 11.14 and 18).

import * as v from "valibot";
import { type ConversionRefusal, conversionRefusals, legacyLicensesSchema } from "../conversion.ts";
import { sudiSchema } from "../identity.ts";
import { devicesPerInstallationMax } from "../limits.ts";
import { base64, tagText, text, uuid, uuidOrEmpty } from "../schema.ts";
import { answerDataEntries, hostname, requestDataEntries } from "./request-data.ts";

const convertingDeviceSchema = v.strictObject({
  sudi: sudiSchema,
  product_instance_identifier: uuid,
  licenses: legacyLicensesSchema,
});
export type ConvertingDevice = v.InferOutput<typeof convertingDeviceSchema>;

export const conversionRequestSchema = v.strictObject({
  ...requestDataEntries,
  product_instance_identifier: uuid,
  hostname,
  software_tag_identifier: tagText,
  software_version: v.optional(text),
  device_list: v.pipe(v.array(convertingDeviceSchema), v.minLength(1), v.maxLength(devicesPerInstallationMax)),
});

const refusals = Object.keys(conversionRefusals) as [ConversionRefusal, ...ConversionRefusal[]];
/** `smart_license` is "" but for a device that is converted; `code` says why one is not. */
const convertedAnswerSchema = v.strictObject({
  sudi: sudiSchema,
  product_instance_identifier: uuidOrEmpty,
  smart_license: base64,
  status_code: v.picklist(["OK", "FAILED"]),
  status_message: v.string(),
  code: v.union([v.literal(""), v.picklist(refusals)]),
});
export type ConvertedAnswer = v.InferOutput<typeof convertedAnswerSchema>;

export const conversionAnswerSchema = v.strictObject({
  ...answerDataEntries,
  device_list: v.pipe(v.array(convertedAnswerSchema), v.maxLength(devicesPerInstallationMax)),
});
