// TRUST_SYNC: trust for members that joined later, renewal near expiry, and the newest policy and account names.

import * as v from "valibot";
import { nonEmptyText, tagText, text } from "../schema.ts";
import {
  answerDataEntries,
  deviceAnswerListSchema,
  enrollingDeviceListSchema,
  hostname,
  requestDataEntries,
} from "./request-data.ts";

export const trustSyncRequestSchema = v.strictObject({
  ...requestDataEntries,
  hostname,
  software_tag_identifier: tagText,
  software_version: v.optional(text),
  device_list: enrollingDeviceListSchema,
});

export const trustSyncAnswerSchema = v.strictObject({
  ...answerDataEntries,
  smart_account_name: nonEmptyText,
  pool_name: nonEmptyText,
  device_list: deviceAnswerListSchema,
});
