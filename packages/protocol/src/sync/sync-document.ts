// What a manager on premises and the manager above it say to each other: one signed document up, one signed document down, the
// same over the network and in files (spec/protocol.md, section 13). Reports travel in it as the devices signed them.

import { createHash } from "node:crypto";
import * as v from "valibot";
import { encodeCertificate, parseCertificate, serialNumberOf, type TrustAnchors, verifyChain } from "../certificate.ts";
import { ProtocolError } from "../errors.ts";
import { sudiSchema } from "../identity.ts";
import { decodeText, parseJson } from "../json.ts";
import {
  certificatesPerDeviceMax,
  chainCertificatesMax,
  devicesPerInstallationMax,
  purchasesPerSyncMax,
  reportsPerRelayMessageMax,
  syncDocumentBytesMax,
  tokenCharactersMax,
  trustIdMax,
} from "../limits.ts";
import { haRoles } from "../rum-report.ts";
import {
  base64,
  check,
  decimalSerial,
  epochMs,
  nonEmptyText,
  sha256Hex,
  signatureText,
  tagText,
  text,
  uuid,
  wholeNumber,
} from "../schema.ts";
import { verifySignature } from "../signature.ts";
import { managerObjectSchema, type SigningIdentity, signedReportSchema } from "../signed-object.ts";

const version = v.literal("1.0");

export const syncDocumentTypes = ["sync-request", "sync-answer"] as const;
export type SyncDocumentType = (typeof syncDocumentTypes)[number];

const documentSchema = v.strictObject({
  payload: v.pipe(v.string(), v.nonEmpty()),
  header: v.strictObject({ type: v.picklist(syncDocumentTypes) }),
  signature: v.strictObject({
    type: v.string(),
    cert_sn: decimalSerial,
    value: signatureText,
    certificates: v.pipe(v.array(base64), v.minLength(2), v.maxLength(chainCertificatesMax)),
  }),
});
type SyncDocument = v.InferOutput<typeof documentSchema>;

/** A manager on premises asks to be known: the token that was made for it, and its key. */
const registrationSchema = v.strictObject({
  version,
  token: v.pipe(v.string(), v.nonEmpty(), v.maxLength(tokenCharactersMax)),
  csr: base64,
});
export type Registration = v.InferOutput<typeof registrationSchema>;

/** `issuing` is the certificate of its own issuing CA, below the licensing root. */
const registeredSchema = v.strictObject({
  version,
  manager_identifier: uuid,
  smart_account_name: nonEmptyText,
  virtual_account_name: nonEmptyText,
  issuing: base64,
});
export type Registered = v.InferOutput<typeof registeredSchema>;

const certificateStates = ["valid", "replaced", "withdrawn"] as const;
export const syncedMemberSchema = v.strictObject({
  sudi: sudiSchema,
  software_tag_identifier: tagText,
  product_instance_identifier: uuid,
  trust_id: v.pipe(wholeNumber, v.maxValue(trustIdMax)),
  role: v.picklist(haRoles),
  /** The certificate in use, which is one of `certificates`. */
  id_cert_sn: decimalSerial,
  certificates: v.pipe(
    v.array(v.strictObject({ certificate: base64, state: v.picklist(certificateStates) })),
    v.minLength(1),
    v.maxLength(certificatesPerDeviceMax),
  ),
});
export type SyncedMember = v.InferOutput<typeof syncedMemberSchema>;

const installationSchema = v.strictObject({
  hostname: text,
  software_version: text,
  members: v.pipe(v.array(syncedMemberSchema), v.minLength(1), v.maxLength(devicesPerInstallationMax)),
});
export type SyncedInstallation = v.InferOutput<typeof installationSchema>;

/** Licences that authorization codes in force hold, by tag. */
const authorizedSchema = v.pipe(
  v.array(v.strictObject({ tag: tagText, count: wholeNumber })),
  v.maxLength(purchasesPerSyncMax),
);

const requestSchema = v.strictObject({
  version,
  manager_identifier: uuid,
  created_at: epochMs,
  /** Leaves of the ledger on premises that this document covers; the second is not included. */
  from_leaf: wholeNumber,
  to_leaf: wholeNumber,
  /** Purchases up to this one are known. */
  known_purchase_id: wholeNumber,
  /** Asks for another certificate of the issuing CA, for the same key; "" for none. */
  issuing_request: v.union([v.literal(""), base64]),
  /** On premises, as of `created_at`. */
  authorized: authorizedSchema,
  installations: v.pipe(v.array(installationSchema), v.maxLength(reportsPerRelayMessageMax)),
  reports: v.pipe(v.array(signedReportSchema), v.maxLength(reportsPerRelayMessageMax)),
});
export type SyncRequest = v.InferOutput<typeof requestSchema>;

const purchaseSchema = v.strictObject({
  purchase_id: wholeNumber,
  tag: tagText,
  quantity: wholeNumber,
  kind: v.picklist(["perpetual", "term", "subscription", "demo"]),
  starts_at: epochMs,
  ends_at: v.nullable(epochMs),
  order_reference: text,
});
export const syncedPurchasesSchema = v.pipe(v.array(purchaseSchema), v.maxLength(purchasesPerSyncMax));
const answerSchema = v.strictObject({
  version,
  manager_identifier: uuid,
  /** Of the whole document that this answers. */
  request_sha256: sha256Hex,
  answered_at: epochMs,
  /** Of the answer before to the same manager on premises; null for the first one. Who was restored from a backup has forgotten some. */
  previous_answered_at: v.nullable(epochMs),
  smart_account_name: nonEmptyText,
  virtual_account_name: nonEmptyText,
  /** One for each installation and thousand reports, as a device would have got it. */
  acknowledgements: v.pipe(v.array(managerObjectSchema), v.maxLength(reportsPerRelayMessageMax)),
  /** Reports that no acknowledgement names, because their device could not be let in. */
  refused: v.pipe(
    v.array(v.strictObject({ payload_sha256: sha256Hex, code: nonEmptyText })),
    v.maxLength(reportsPerRelayMessageMax),
  ),
  policy: managerObjectSchema,
  purchases: syncedPurchasesSchema,
  /** In the virtual account above, without those of the manager on premises that is answered. */
  authorized: authorizedSchema,
  issuing: v.union([v.literal(""), base64]),
});
export type SyncAnswer = v.InferOutput<typeof answerSchema>;
export type SyncedPurchase = SyncAnswer["purchases"][number];

export const encodeRegistration = (registration: Registration): string => JSON.stringify(registration);
export const encodeRegistered = (registered: Registered): string => JSON.stringify(registered);

/** Throws `message_too_large`, `invalid_utf8`, `invalid_json`, …, `payload_invalid`. */
export function decodeRegistration(bytes: Uint8Array): Registration {
  return check(registrationSchema, parseJson(decodeText(bytes, syncDocumentBytesMax)), "payload_invalid");
}

export function decodeRegistered(bytes: Uint8Array): Registered {
  return check(registeredSchema, parseJson(decodeText(bytes, syncDocumentBytesMax)), "payload_invalid");
}

export async function signSyncRequest(request: SyncRequest, identity: SigningIdentity): Promise<string> {
  return signDocument("sync-request", JSON.stringify(request), identity);
}

export async function signSyncAnswer(answer: SyncAnswer, identity: SigningIdentity): Promise<string> {
  return signDocument("sync-answer", JSON.stringify(answer), identity);
}

async function signDocument(type: SyncDocumentType, payload: string, identity: SigningIdentity): Promise<string> {
  const { signer, certificate, chain } = identity;
  const value = Buffer.from(await signer.sign(signedBytes(type, payload))).toString("base64");
  const document: SyncDocument = {
    payload,
    header: { type },
    signature: {
      type: signer.algorithm,
      cert_sn: serialNumberOf(certificate),
      value,
      certificates: [certificate, ...chain].map(encodeCertificate),
    },
  };
  return JSON.stringify(document);
}

/** The type is signed with the payload: neither document can pass for the other, nor for what devices are given. */
function signedBytes(type: SyncDocumentType, payload: string): Uint8Array {
  return Buffer.from(`${type}\n${payload}`);
}

export type SyncQuestion = {
  readonly bytes: Uint8Array;
  readonly anchors: TrustAnchors;
  readonly now: number;
};
/** `issuing` is the base64 of the issuing CA below the anchor, of whoever signed. */
export type Verified<T> = { readonly content: T; readonly issuing: string };

/** In the fixed order: size, text, JSON, document, chain and signature, payload. Throws the code of the first that fails. */
export function verifySyncRequest(question: SyncQuestion): Promise<Verified<SyncRequest>> {
  return verifyDocument("sync-request", requestSchema, question);
}

export function verifySyncAnswer(question: SyncQuestion): Promise<Verified<SyncAnswer>> {
  return verifyDocument("sync-answer", answerSchema, question);
}

async function verifyDocument<S extends v.GenericSchema>(
  type: SyncDocumentType,
  schema: S,
  { bytes, anchors, now }: SyncQuestion,
): Promise<Verified<v.InferOutput<S>>> {
  const document = check(documentSchema, parseJson(decodeText(bytes, syncDocumentBytesMax)), "envelope_invalid");
  if (document.header.type !== type) throw new ProtocolError("envelope_invalid", `It is no ${type}.`);
  const { certificates, cert_sn, type: algorithm, value } = document.signature;
  const [leaf, ...intermediates] = certificates.map(parseCertificate);
  if (leaf === undefined || serialNumberOf(leaf) !== cert_sn)
    throw new ProtocolError("certificate_unknown", "The serial number is another.");
  verifyChain({ leaf, intermediates, anchors, purpose: "manager-signing", now });
  await verifySignature(algorithm, leaf.publicKey, signedBytes(type, document.payload), value);
  const content = check(schema, parseJson(document.payload), "payload_invalid");
  const issuer = intermediates.find((one) => leaf.checkIssued(one) && leaf.verify(one.publicKey));
  return { content, issuing: issuer === undefined ? "" : encodeCertificate(issuer) };
}

/** What an answer names its request by. */
export function syncDocumentHash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
