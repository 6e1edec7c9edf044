// LICENSE_USAGE: signed RUM reports, answered with the ACK at once (OK) or with a poll id (OK_POLL).

import * as v from "valibot";
import { sudiSchema } from "../identity.ts";
import { devicesPerInstallationMax, reportsPerRelayMessageMax } from "../limits.ts";
import { haRoles } from "../rum-report.ts";
import { decimalId, tagText, text, uuidOrEmpty, wholeNumber } from "../schema.ts";
import { signedReportSchema } from "../signed-object.ts";
import {
  answerDataEntries,
  deviceAnswerListSchema,
  hostname,
  ledgerAnswerEntries,
  ledgerRequestEntries,
  requestDataEntries,
} from "./request-data.ts";

export const licenseUsageRequestSchema = v.strictObject({
  ...requestDataEntries,
  ...ledgerRequestEntries,
  hostname,
  software_tag_identifier: tagText,
  software_version: v.optional(text),
  device_list: v.pipe(
    v.array(v.strictObject({ sudi: sudiSchema, product_instance_identifier: uuidOrEmpty, role: v.picklist(haRoles) })),
    v.minLength(1),
    v.maxLength(devicesPerInstallationMax),
  ),
  rum_reports: v.pipe(v.array(signedReportSchema), v.maxLength(reportsPerRelayMessageMax)),
});

/** With status OK: the ACK (and a newer policy, if there is one) as a licence file per device. */
export const licenseUsageAnswerSchema = v.strictObject({
  ...answerDataEntries,
  ...ledgerAnswerEntries,
  device_list: deviceAnswerListSchema,
});

/** With status OK_POLL: ask again with POLL_REQ after `poll_interval` seconds. */
export const pollLaterAnswerSchema = v.strictObject({
  ...answerDataEntries,
  poll_id: decimalId,
  poll_interval: wholeNumber,
});
