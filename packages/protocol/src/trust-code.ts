// The trust code: what makes one device trusted. It carries the ID certificate for the key the device made itself.
// Shape: spec/protocol.md, section 4.

import type { X509Certificate } from "node:crypto";
import * as v from "valibot";
import { parseCertificate, serialNumberOf, type TrustAnchors, verifyChain } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { isSameUdi, sudiSchema, type Udi, udiOf } from "./identity.ts";
import { parseJson } from "./json.ts";
import { chainCertificatesMax } from "./limits.ts";
import { base64, check, epochMs, nonEmptyText, uuid, wholeNumber } from "./schema.ts";
import { type ManagerObject, verifyManagerObject } from "./signed-object.ts";

const trustCodeSchema = v.strictObject({
  version: v.literal("1.0"),
  product_instance_identifier: uuid,
  installation_identifier: uuid,
  sudi: sudiSchema,
  trust_id: wholeNumber,
  smart_account_name: nonEmptyText,
  virtual_account_name: nonEmptyText,
  issued_at: epochMs,
  id_certificate: base64,
  chain: v.pipe(v.array(base64), v.maxLength(chainCertificatesMax)),
  export_control_allowed: v.boolean(),
});
export type TrustCode = v.InferOutput<typeof trustCodeSchema>;

export function encodeTrustCode(code: TrustCode): string {
  return JSON.stringify(code);
}

/** Parses a payload whose signature has been verified. */
export function decodeTrustCode(payload: string): TrustCode {
  return check(trustCodeSchema, parseJson(payload), "payload_invalid");
}

export type TrustCodeQuestion = {
  readonly object: ManagerObject;
  readonly anchors: TrustAnchors;
  readonly now: number;
  readonly udi: Udi;
  /** DER (SPKI) of the device's own public key; a code for another key is refused. */
  readonly publicKey: Uint8Array;
  /** A relay's own code has a certificate of a relay's purpose. */
  readonly purpose?: "product-instance" | "relay";
};

export type VerifiedTrustCode = {
  readonly code: TrustCode;
  readonly certificate: X509Certificate;
  readonly certificateSerial: string;
};

/** Throws what `verifyManagerObject` throws, `payload_invalid`, `identity_mismatch`, or what is wrong with the ID certificate. */
export async function verifyTrustCode(question: TrustCodeQuestion): Promise<VerifiedTrustCode> {
  const { object, anchors, now, purpose = "product-instance" } = question;
  if (object.header.type !== "trust") throw new ProtocolError("envelope_invalid", "It is not a trust code.");
  await verifyManagerObject(object, anchors, now);
  const code = decodeTrustCode(object.payload);
  const certificate = parseCertificate(code.id_certificate);
  const intermediates = code.chain.map(parseCertificate);
  verifyChain({ leaf: certificate, intermediates, anchors, purpose, now });
  const key = certificate.publicKey.export({ type: "spki", format: "der" });
  if (!isSameUdi(udiOf(code.sudi), question.udi) || !key.equals(question.publicKey))
    throw new ProtocolError("identity_mismatch");
  return { code, certificate, certificateSerial: serialNumberOf(certificate) };
}
