// A trust request that travels by hand: what a device without a connection asks for, one certificate request for each of
// its devices. Each request proves that its sender has the key; nothing else in it is signed, because there is no trust yet.
// Shape: spec/files.md, section 5.

import * as v from "valibot";
import { sudiSchema } from "../identity.ts";
import { parseJson } from "../json.ts";
import { enrollingDeviceListSchema, hostname } from "../messages/request-data.ts";
import { check, epochMs, tagText, text } from "../schema.ts";

const trustRequestSchema = v.strictObject({
  version: v.literal("1.0"),
  /** The active device, in whose name the others are named too. */
  sudi: sudiSchema,
  timestamp: epochMs,
  hostname,
  software_tag_identifier: tagText,
  software_version: v.optional(text),
  device_list: enrollingDeviceListSchema,
});
export type TrustRequest = v.InferOutput<typeof trustRequestSchema>;

export function encodeTrustRequest(request: TrustRequest): string {
  return JSON.stringify(request);
}

/** Throws what `parseJson` throws, or `payload_invalid` with every wrong path. */
export function decodeTrustRequest(json: string): TrustRequest {
  return check(trustRequestSchema, parseJson(json), "payload_invalid");
}
