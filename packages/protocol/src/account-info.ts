// Account information: where a product instance stands. It arrives with trust and with trust sync (TRU-14).

import * as v from "valibot";
import { parseJson } from "./json.ts";
import { check, epochMs, nonEmptyText, uuid } from "./schema.ts";

const accountInfoSchema = v.strictObject({
  version: v.literal("1.0"),
  product_instance_identifier: uuid,
  smart_account_name: nonEmptyText,
  virtual_account_name: nonEmptyText,
  as_of: epochMs,
});
export type AccountInfo = v.InferOutput<typeof accountInfoSchema>;

export function encodeAccountInfo(info: AccountInfo): string {
  return JSON.stringify(info);
}

/** Parses a payload whose signature has been verified. */
export function decodeAccountInfo(payload: string): AccountInfo {
  return check(accountInfoSchema, parseJson(payload), "payload_invalid");
}
