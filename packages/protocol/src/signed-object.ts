// The triple {payload, header, signature}: everything that outlives a connection, in messages and files alike.
// The payload is a string and the signature covers its exact bytes (spec/protocol.md, section 3).

import type { KeyObject, X509Certificate } from "node:crypto";
import * as v from "valibot";
import { encodeCertificate, parseCertificate, serialNumberOf, type TrustAnchors, verifyChain } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { formatUdi, type Sudi, sudiSchema, udiOf } from "./identity.ts";
import { parseJson } from "./json.ts";
import { chainCertificatesMax } from "./limits.ts";
import { base64, check, decimalSerial, signatureText, tagText } from "./schema.ts";
import { decodeBase64, type Signer, sha256, verifySignature, verifySignatureNow } from "./signature.ts";

/** Objects that the manager signs, and the one that a device signs. */
export const managerObjectTypes = ["ack", "policy", "trust", "auth", "account", "tree-head", "conversion"] as const;
export type ManagerObjectType = (typeof managerObjectTypes)[number];
export const signedObjectTypes = ["rum", ...managerObjectTypes] as const;
export type SignedObjectType = (typeof signedObjectTypes)[number];

/** `builtin` is a bare hash: it shows that nothing was altered by accident, not who wrote it. */
const builtinSignatureSchema = v.strictObject({
  sudi: sudiSchema,
  signing_type: v.literal("builtin"),
  key: tagText,
  value: signatureText,
});
const trustSignatureSchema = v.strictObject({
  sudi: sudiSchema,
  signing_type: v.literal("trust"),
  type: v.string(),
  key: decimalSerial,
  value: signatureText,
});
const managerSignatureSchema = v.strictObject({
  type: v.string(),
  cert_sn: decimalSerial,
  value: signatureText,
  certificates: v.pipe(v.array(base64), v.minLength(1), v.maxLength(chainCertificatesMax)),
});

const payloadText = v.pipe(v.string(), v.nonEmpty());
export const signedReportSchema = v.strictObject({
  payload: payloadText,
  header: v.strictObject({ type: v.literal("rum") }),
  signature: v.variant("signing_type", [builtinSignatureSchema, trustSignatureSchema]),
});
export const managerObjectSchema = v.strictObject({
  payload: payloadText,
  header: v.strictObject({ type: v.picklist(managerObjectTypes) }),
  signature: managerSignatureSchema,
});

export type SignedReport = v.InferOutput<typeof signedReportSchema>;
export type ManagerObject = v.InferOutput<typeof managerObjectSchema>;

/** The manager's key with the chain that proves it: signing certificate first, then the issuing CA. */
export type SigningIdentity = {
  readonly signer: Signer;
  readonly certificate: X509Certificate;
  readonly chain: readonly X509Certificate[];
};

export async function signManagerObject(
  type: ManagerObjectType,
  payload: string,
  identity: SigningIdentity,
): Promise<ManagerObject> {
  const value = await identity.signer.sign(Buffer.from(payload));
  return {
    payload,
    header: { type },
    signature: {
      type: identity.signer.algorithm,
      cert_sn: serialNumberOf(identity.certificate),
      value: Buffer.from(value).toString("base64"),
      certificates: [identity.certificate, ...identity.chain].map(encodeCertificate),
    },
  };
}

/** Checks chain, purpose and signature. The payload may be parsed only after this returned. */
export async function verifyManagerObject(object: ManagerObject, anchors: TrustAnchors, now: number): Promise<void> {
  const [leaf, ...intermediates] = object.signature.certificates.map(parseCertificate);
  if (leaf === undefined) throw new ProtocolError("certificate_unknown");
  if (serialNumberOf(leaf) !== object.signature.cert_sn)
    throw new ProtocolError("certificate_unknown", "The serial number is another.");
  verifyChain({ leaf, intermediates, anchors, purpose: "manager-signing", now });
  await verifySignature(object.signature.type, leaf.publicKey, Buffer.from(object.payload), object.signature.value);
}

/**
 * The same for an object that the manager signs again whenever it gives it again: as of the time that the object names, or of the
 * signing certificate's first moment where that is later.
 */
export async function verifyRepeatedObject(
  object: ManagerObject,
  anchors: TrustAnchors,
  namedMs: number,
): Promise<void> {
  const [leaf] = object.signature.certificates;
  const firstMs = leaf === undefined ? namedMs : Date.parse(parseCertificate(leaf).validFrom);
  await verifyManagerObject(object, anchors, Math.max(namedMs, firstMs));
}

/** The device's key as the manager named it; `builtin` before trust. */
export type ReportSigner =
  | { readonly kind: "builtin"; readonly sudi: Sudi; readonly productTag: string }
  | { readonly kind: "trust"; readonly sudi: Sudi; readonly certificateSerial: string; readonly signer: Signer };

export async function signReport(payload: string, by: ReportSigner): Promise<SignedReport> {
  if (by.kind === "builtin") {
    const value = builtinHash(by.sudi, by.productTag, payload).toString("base64");
    const signature = { sudi: by.sudi, signing_type: "builtin", key: by.productTag, value } as const;
    return { payload, header: { type: "rum" }, signature };
  }
  const value = Buffer.from(await by.signer.sign(Buffer.from(payload))).toString("base64");
  const signature = {
    sudi: by.sudi,
    signing_type: "trust",
    type: by.signer.algorithm,
    key: by.certificateSerial,
    value,
  } as const;
  return { payload, header: { type: "rum" }, signature };
}

/** What a report's signature proves: who signed, or only that the bytes are whole. */
export type ReportAuthenticity = "verified" | "unverified";

/** Answers undefined for a certificate that is unknown, revoked or of another device. */
export type PublicKeyOf = (certificateSerial: string, sudi: Sudi) => KeyObject | undefined;

/** Verifies a report with the public key that belongs to `signature.key`; a device's signature on the thread pool. */
export async function verifyReport(report: SignedReport, publicKeyOf: PublicKeyOf): Promise<ReportAuthenticity> {
  const { signature, payload } = report;
  if (signature.signing_type === "builtin") return verifyBuiltin(signature, payload);
  await verifySignature(signature.type, requireKey(signature, publicKeyOf), Buffer.from(payload), signature.value);
  return "verified";
}

/** The same on the calling thread. */
export function verifyReportNow({ signature, payload }: SignedReport, publicKeyOf: PublicKeyOf): ReportAuthenticity {
  if (signature.signing_type === "builtin") return verifyBuiltin(signature, payload);
  verifySignatureNow(signature.type, requireKey(signature, publicKeyOf), Buffer.from(payload), signature.value);
  return "verified";
}

type BuiltinSignature = v.InferOutput<typeof builtinSignatureSchema>;
type TrustSignature = v.InferOutput<typeof trustSignatureSchema>;

function verifyBuiltin({ sudi, key, value }: BuiltinSignature, payload: string): "unverified" {
  if (!decodeBase64(value).equals(builtinHash(sudi, key, payload))) throw new ProtocolError("signature_mismatch");
  return "unverified";
}

function requireKey({ key: serial, sudi }: TrustSignature, publicKeyOf: PublicKeyOf): KeyObject {
  const key = publicKeyOf(serial, sudi);
  if (key === undefined) throw new ProtocolError("certificate_unknown", `Serial number ${serial}.`);
  return key;
}

/** Covers the signer's name beside the payload: nothing else would notice a device's name altered on its way. */
function builtinHash(sudi: Sudi, productTag: string, payload: string): Buffer {
  return sha256(`${formatUdi(udiOf(sudi))}\n${productTag}\n${payload}`);
}

/** Reads one triple from its JSON text, as it stands in files. */
export function decodeSignedReport(text: string): SignedReport {
  return check(signedReportSchema, parseJson(text), "envelope_invalid");
}

export function decodeManagerObject(text: string): ManagerObject {
  return check(managerObjectSchema, parseJson(text), "envelope_invalid");
}
