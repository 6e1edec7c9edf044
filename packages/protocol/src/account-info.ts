// Account information: where a product instance stands. It arrives with trust and with trust sync (TRU-14).

import * as v from "valibot";
import type { TrustAnchors } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { check, epochMs, nonEmptyText, uuid } from "./schema.ts";
import { type ManagerObject, verifyManagerObject } from "./signed-object.ts";

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

export type AccountInfoQuestion = {
  readonly object: ManagerObject;
  readonly anchors: TrustAnchors;
  readonly now: number;
  readonly productInstanceIdentifier: string;
};

/** Verifies account information for one device. Throws `certificate_…`, `signature_…`, `payload_invalid` or `identity_mismatch`. */
export async function verifyAccountInfo(question: AccountInfoQuestion): Promise<AccountInfo> {
  const { object } = question;
  if (object.header.type !== "account") throw new ProtocolError("envelope_invalid", "It is not account information.");
  await verifyManagerObject(object, question.anchors, question.now);
  const info = decodeAccountInfo(object.payload);
  if (info.product_instance_identifier !== question.productInstanceIdentifier)
    throw new ProtocolError("identity_mismatch");
  return info;
}
