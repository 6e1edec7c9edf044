// What a file is, told by its content and never by its name, and what of it is proved. Everything that this system writes is
// recognised: proof files, licence files, single signed objects and reports, requests, answers, ID tokens.

import type { X509Certificate } from "node:crypto";
import * as v from "valibot";
import { decodeAnswer } from "./answer.ts";
import { serialNumberOf, type TrustAnchors } from "./certificate.ts";
import { type AnswerHeader, answerHeaderSchema } from "./envelope.ts";
import { ProtocolError, type ProtocolErrorCode } from "./errors.ts";
import { decodeActProofFile, verifyActProofFile } from "./files/act-proof-file.ts";
import { decodeProofFile, verifyProofFile } from "./files/proof-file.ts";
import { decodeLicenseFile } from "./files/smart-license-file.ts";
import type { TrustRequest } from "./files/trust-request.ts";
import { parseIdToken } from "./id-token.ts";
import { formatUdi, udiOf } from "./identity.ts";
import { factsOfActProof, factsOfProof, factsOfReport, timeNamedIn } from "./inspect-facts.ts";
import { decodeText, parseJson } from "./json.ts";
import { fileBytesMax } from "./limits.ts";
import type { AuthorizationWish } from "./messages/authorization.ts";
import { requestTypes } from "./messages/message-table.ts";
import { decodeRequest, verifyRequest } from "./request.ts";
import { check } from "./schema.ts";
import {
  decodeManagerObject,
  decodeSignedReport,
  type ManagerObject,
  type SignedReport,
  verifyManagerObject,
  verifyRepeatedObject,
  verifyReport,
} from "./signed-object.ts";

export type FactValue = string | number | boolean | null;

/**
 * `verified`: whose it is has been proved. `unverified`: it is whole, and nobody's identity is proved. `not_checked`: what is
 * needed for it is not at hand, `code` says what. `refused`: it does not hold, for the reason `code`.
 */
export type Verdict = "verified" | "unverified" | "not_checked" | "refused";

export type InspectedPart = {
  /** `proof`, `act-proof`, `rum`, `ack`, `policy`, `trust`, `auth`, `account`, `tree-head`, `request`, `trust-request`, `authorization-request`, `answer`, `id-token`. */
  readonly kind: string;
  readonly verdict: Verdict;
  readonly code: ProtocolErrorCode | "root_needed" | "device_certificate_needed" | null;
  readonly detail: string;
  readonly facts: Readonly<Record<string, FactValue>>;
};

export type Inspection = {
  readonly kind:
    | "proof"
    | "act-proof"
    | "license-file"
    | "signed-object"
    | "request"
    | "answer"
    | "id-token"
    | "unknown";
  readonly parts: readonly InspectedPart[];
};

export type InspectionHelp = {
  /** The licensing roots of whoever reads; null for none at hand. */
  readonly anchors: TrustAnchors | null;
  /** ID certificates of devices that may have signed. */
  readonly certificates: readonly X509Certificate[];
};

/** Throws nothing: what is wrong is in the verdicts, and what nobody can read is of kind `unknown`. */
export async function inspect(bytes: Uint8Array, help: InspectionHelp): Promise<Inspection> {
  let text: string;
  try {
    text = decodeText(bytes, fileBytesMax);
  } catch (error) {
    return { kind: "unknown", parts: [refusedPart("unknown", error)] };
  }
  if (/^\s*</.test(text)) return inspectLicenseFile(bytes, help);
  return /^\s*\{/.test(text) ? inspectJson(bytes, text, help) : inspectToken(text);
}

async function inspectLicenseFile(bytes: Uint8Array, help: InspectionHelp): Promise<Inspection> {
  try {
    const { reports, managerObjects, trustRequest, authorizationRequest = [] } = decodeLicenseFile(bytes);
    const parts = [
      ...reports.map((report) => inspectReport(report, help)),
      ...managerObjects.map((object) => inspectObject(object, help)),
      ...(trustRequest === undefined ? [] : [inspectTrustRequest(trustRequest)]),
      ...authorizationRequest.map(inspectAuthorizationRequest),
    ];
    return { kind: "license-file", parts: await Promise.all(parts) };
  } catch (error) {
    return { kind: "license-file", parts: [refusedPart("license-file", error)] };
  }
}

async function inspectJson(bytes: Uint8Array, text: string, help: InspectionHelp): Promise<Inspection> {
  const kind = kindOfJson(text);
  try {
    return { kind, parts: [await readers[kind](bytes, text, help)] };
  } catch (error) {
    return { kind, parts: [refusedPart(kind, error)] };
  }
}

type JsonKind = "proof" | "act-proof" | "signed-object" | "request" | "answer" | "unknown";
type Reader = (bytes: Uint8Array, text: string, help: InspectionHelp) => InspectedPart | Promise<InspectedPart>;

/** By the member that only this kind has. */
function kindOfJson(text: string): JsonKind {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return "unknown";
  }
  const names = new Set(Object.keys(value ?? {}));
  if (names.has("countersign_proof")) return "proof";
  if (names.has("countersign_act_proof")) return "act-proof";
  if (names.has("request")) return "request";
  if (names.has("response")) return "answer";
  return names.has("payload") ? "signed-object" : "unknown";
}

const readers: Readonly<Record<JsonKind, Reader>> = {
  proof: inspectProof,
  "act-proof": inspectActProof,
  "signed-object": (_bytes, text, help) =>
    (parseJson(text) as { header?: { type?: unknown } }).header?.type === "rum"
      ? inspectReport(decodeSignedReport(text), help)
      : inspectObject(decodeManagerObject(text), help),
  request: inspectRequest,
  answer: inspectAnswer,
  unknown: (_bytes, text) => {
    parseJson(text);
    throw new ProtocolError("envelope_invalid", "It is JSON, and nothing that this system writes.");
  },
};

async function inspectProof(bytes: Uint8Array, _text: string, { anchors }: InspectionHelp): Promise<InspectedPart> {
  const proved = await verifyProofFile(decodeProofFile(bytes), anchors);
  return provedPart("proof", factsOfProof(proved), proved.isRootTrusted);
}

async function inspectActProof(bytes: Uint8Array, _text: string, { anchors }: InspectionHelp): Promise<InspectedPart> {
  const proved = await verifyActProofFile(decodeActProofFile(bytes), anchors);
  return provedPart("act-proof", factsOfActProof(proved), proved.isRootTrusted);
}

function provedPart(kind: "proof" | "act-proof", facts: InspectedPart["facts"], isRootTrusted: boolean): InspectedPart {
  if (isRootTrusted) return { kind, verdict: "verified", code: null, detail: "", facts };
  const detail =
    "It holds by the root that is in the file. Compare the root's fingerprint, or name the root you trust.";
  return { kind, verdict: "not_checked", code: "root_needed", detail, facts };
}

async function inspectReport(report: SignedReport, help: InspectionHelp): Promise<InspectedPart> {
  const facts = factsOfReport(report);
  const { signature } = report;
  const signer = help.certificates.find((one) => "type" in signature && serialNumberOf(one) === signature.key);
  if (signature.signing_type === "trust" && signer === undefined) {
    const detail = `The ID certificate ${signature.key} is needed to verify it.`;
    return { kind: "rum", verdict: "not_checked", code: "device_certificate_needed", detail, facts };
  }
  return judged("rum", facts, () => verifyReport(report, () => signer?.publicKey));
}

async function inspectObject(object: ManagerObject, { anchors }: InspectionHelp): Promise<InspectedPart> {
  const kind = object.header.type;
  const { atMs, facts } = timeNamedIn(object);
  if (anchors === null) {
    const detail = "The licensing root is needed to verify it.";
    return { kind, verdict: "not_checked", code: "root_needed", detail, facts };
  }
  return judged(kind, facts, async () => {
    // A tree head names the time of its signature; what else a manager gives again names that of the first time.
    await (kind === "tree-head" ? verifyManagerObject : verifyRepeatedObject)(object, anchors, atMs);
    return "verified";
  });
}

/** Nothing but its certificate requests is signed, and those prove a key and no identity. */
function inspectTrustRequest(request: TrustRequest): InspectedPart {
  const facts = {
    udi: formatUdi(udiOf(request.sudi)),
    hostname: request.hostname,
    devices: request.device_list.length,
    asks_for: request.device_list.filter(({ csr }) => csr !== "").length,
    timestamp: new Date(request.timestamp).toISOString(),
  };
  const detail = "Whoever lets its devices in vouches for them.";
  return { kind: "trust-request", verdict: "unverified", code: null, detail, facts };
}

/** Nothing in it is signed; what it confirms or gives back shows that its sender has that code. */
function inspectAuthorizationRequest(wish: AuthorizationWish): InspectedPart {
  const facts = {
    device: formatUdi(udiOf(wish.sudi)),
    productInstance: wish.product_instance_identifier,
    mode: wish.mode,
    asksFor: wish.keys.map(({ entitlement_tag, count }) => `${count} ${entitlement_tag}`).join(", ") || null,
    confirmationCode: wish.confirm_code || null,
    returnCode: wish.remove_code || null,
  };
  const detail = "Whoever gives it to a manager vouches for it.";
  return { kind: "authorization-request", verdict: "unverified", code: null, detail, facts };
}

async function inspectRequest(bytes: Uint8Array, _text: string, help: InspectionHelp): Promise<InspectedPart> {
  const request = decodeRequest(bytes);
  const { header, signature } = request;
  const facts = {
    requestType: request.requestType,
    device: formatUdi(udiOf(header.sudi)),
    sentAtMs: header.timestamp ?? null,
    productInstance: header.product_instance_identifier,
    signedWithCertificate: signature?.key ?? null,
  };
  if (signature === null)
    return { kind: "request", verdict: "unverified", code: null, detail: "It is not signed.", facts };
  const signer = help.certificates.find((one) => serialNumberOf(one) === signature.key);
  if (signer === undefined) {
    const detail = `The ID certificate ${signature.key} is needed to verify it.`;
    return { kind: "request", verdict: "not_checked", code: "device_certificate_needed", detail, facts };
  }
  return judged("request", facts, async () => {
    await verifyRequest(request, signer.publicKey);
    return "verified";
  });
}

/** Nobody remembers the question here, so the answer is taken for the one to its own nonce. */
async function inspectAnswer(bytes: Uint8Array, text: string, { anchors }: InspectionHelp): Promise<InspectedPart> {
  const { request_type: requestType, nonce, timestamp } = answerHeaderOf(text);
  const facts = { requestType, answeredAtMs: timestamp };
  const known = requestTypes.find((type) => type === requestType);
  if (anchors === null || known === undefined || nonce === null) {
    const detail = "The licensing root is needed to verify it.";
    return { kind: "answer", verdict: "not_checked", code: "root_needed", detail, facts };
  }
  return judged("answer", facts, async () => {
    await decodeAnswer(bytes, { requestType: known, nonce, anchors, knownCertificate: null, now: timestamp });
    return "verified";
  });
}

const answerTextSchema = v.looseObject({ response: v.string() });
const answerInsideSchema = v.looseObject({ header: answerHeaderSchema });

function answerHeaderOf(text: string): AnswerHeader {
  const { response } = check(answerTextSchema, parseJson(text), "envelope_invalid");
  return check(answerInsideSchema, parseJson(response), "envelope_invalid").header;
}

/** Never shows the token's secret. */
function inspectToken(text: string): Inspection {
  try {
    const { uuid, expiresAtMs } = parseIdToken(text);
    const detail = "Only the manager that made it can say whether it is valid.";
    const facts = { uuid, expiresAtMs };
    return { kind: "id-token", parts: [{ kind: "id-token", verdict: "unverified", code: null, detail, facts }] };
  } catch (error) {
    return { kind: "unknown", parts: [refusedPart("unknown", error)] };
  }
}

async function judged(
  kind: string,
  facts: InspectedPart["facts"],
  verify: () => Promise<"verified" | "unverified">,
): Promise<InspectedPart> {
  try {
    return { kind, verdict: await verify(), code: null, detail: "", facts };
  } catch (error) {
    return { ...refusedPart(kind, error), facts };
  }
}

function refusedPart(kind: string, error: unknown): InspectedPart {
  if (!(error instanceof ProtocolError)) throw error;
  return { kind, verdict: "refused", code: error.code, detail: error.message, facts: {} };
}
