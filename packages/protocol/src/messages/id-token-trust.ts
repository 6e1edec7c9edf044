// ID_TOKEN_TRUST: an ID token and one certificate request per device, answered with trust codes, account and policy.
// Idempotent: the same token and the same keys give the same answer and use the token once (I9). Towards a manager on premises
// the token may be left out (TRU-8); whether it lets such a device in is that manager's to say.

import * as v from "valibot";
import { tokenCharactersMax } from "../limits.ts";
import { nonEmptyText, tagText, text } from "../schema.ts";
import {
  answerDataEntries,
  deviceAnswerListSchema,
  enrollingDeviceListSchema,
  hostname,
  requestDataEntries,
} from "./request-data.ts";

export const idTokenTrustRequestSchema = v.strictObject({
  ...requestDataEntries,
  hostname,
  token: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(tokenCharactersMax))),
  mode: v.literal("PERMANENT"),
  force: v.boolean(),
  software_tag_identifier: tagText,
  software_version: v.optional(text),
  device_list: enrollingDeviceListSchema,
});

export const idTokenTrustAnswerSchema = v.strictObject({
  ...answerDataEntries,
  smart_account_name: nonEmptyText,
  pool_name: nonEmptyText,
  device_list: deviceAnswerListSchema,
});
