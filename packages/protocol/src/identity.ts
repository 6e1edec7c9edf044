// Who a device is (UDI) and what it runs and uses (product and entitlement tags).
// Wire names are mapped to ours here, once.

import * as v from "valibot";
import { ProtocolError } from "./errors.ts";
import { tagPattern, tagText } from "./schema.ts";

const identityText = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x2b\x2d-\x7e]{1,64}$/, "is not a product id or serial number"),
);

/** The pair as it stands in messages. A device claims it; only a certificate proves it. */
export const sudiSchema = v.strictObject({ udi_pid: identityText, udi_serial_number: identityText });
export type Sudi = v.InferOutput<typeof sudiSchema>;

/** One physical or virtual device. */
export type Udi = { readonly pid: string; readonly serialNumber: string };

export function udiOf(sudi: Sudi): Udi {
  return { pid: sudi.udi_pid, serialNumber: sudi.udi_serial_number };
}

export function sudiOf(udi: Udi): Sudi {
  return { udi_pid: udi.pid, udi_serial_number: udi.serialNumber };
}

/** `PID:<pid>,SN:<serial number>`, also the key under which a UDI is stored. */
export function formatUdi(udi: Udi): string {
  return `PID:${udi.pid},SN:${udi.serialNumber}`;
}

export function isSameUdi(one: Udi, other: Udi): boolean {
  return one.pid === other.pid && one.serialNumber === other.serialNumber;
}

const udiPattern = /^[ \t\r\n]*(?:PID|P):([\x21-\x2b\x2d-\x7e]{1,64}),(?:SN|S):([\x21-\x2b\x2d-\x7e]{1,64})[ \t\r\n]*$/;

/** Reads `PID:x,SN:y` and the short form `P:x,S:y`; throws `udi_malformed`. */
export function parseUdi(text: string): Udi {
  const match = udiPattern.exec(text);
  if (match === null) throw new ProtocolError("udi_malformed", JSON.stringify(text.slice(0, 80)));
  return { pid: match[1] as string, serialNumber: match[2] as string };
}

/** `regid.<yyyy-mm>.<reversed domain>.<Name>,<version>_<uuid>` (MSG-14). */
export type Tag = { readonly regid: string; readonly name: string; readonly version: string; readonly uuid: string };

/** Throws `tag_malformed`. Serves product tags (`v1_…`) and entitlement tags (`1.0_…`) alike. */
export function parseTag(text: string): Tag {
  const parsed = v.safeParse(tagText, text);
  const match = parsed.success ? tagPattern.exec(text) : null;
  if (match === null) throw new ProtocolError("tag_malformed", JSON.stringify(text.slice(0, 80)));
  const [, regid = "", name = "", version = "", uuid = ""] = match;
  return { regid, name, version, uuid };
}

export function formatTag(tag: Tag): string {
  return `${tag.regid}.${tag.name},${tag.version}_${tag.uuid}`;
}
