// Gives a vector to the function of the protocol that takes such a thing, and says what it found, in the vector's words.

import { createPublicKey, type X509Certificate } from "node:crypto";
import {
  ackDeadline,
  appendLeaves,
  type CertificatePurpose,
  compareHeads,
  type DeadlineFacts,
  decodeActProofFile,
  decodeAnswer,
  decodeLicenseFile,
  decodeManagerObject,
  decodeProofFile,
  decodeRequest,
  decodeRequestData,
  decodeRumReport,
  decodeSignedReport,
  decodeText,
  emptyTree,
  governingDays,
  hashIdToken,
  hashOfHex,
  hexOfHash,
  isConsistent,
  isSameUdi,
  latestMeasurement,
  leafHash,
  type ManagerObject,
  type ManagerObjectType,
  mergePolicy,
  messageBytesMax,
  nodeHash,
  type PolicyDemand,
  type PolicyIssue,
  type PolicyLayer,
  ProtocolError,
  type PushIntervalFacts,
  parseCertificate,
  parseIdRanges,
  parseIdToken,
  parseJson,
  parseTag,
  parseUdi,
  pushInterval,
  type RequestType,
  type RumReport,
  reportLeaf,
  rootOf,
  type Sudi,
  sampleCount,
  serialNumberOf,
  sha256Hex,
  type TreeHead,
  udiOf,
  verifyAccountInfo,
  verifyAcknowledgement,
  verifyActProofFile,
  verifyAuthorizationCode,
  verifyChain,
  verifyConversion,
  verifyInclusion,
  verifyPolicy,
  verifyProofFile,
  verifyReport,
  verifyRequest,
  verifySyncAnswer,
  verifySyncRequest,
  verifyTreeHead,
  verifyTrustCode,
} from "@countersign/protocol";

type Known = readonly { readonly certificate: string; readonly sudi: Sudi }[];

/** Who receives a signed object; each type asks for some of this. */
type Question = {
  readonly productInstanceIdentifier: string;
  readonly sudi: Sudi;
  readonly newestSequence: number;
  readonly installedVersion: number;
  readonly leastSequence: number;
  readonly publicKey: string;
};

/** Inputs of all kinds of vectors together; each kind has some of them. */
type Inputs = Omit<DeadlineFacts, "classesInUse"> &
  PushIntervalFacts &
  PolicyIssue & {
    readonly bytes: string;
    readonly text: string;
    readonly body: string;
    readonly padWithBlanksTo?: number;
    readonly known: Known;
    readonly leaf: string;
    readonly intermediates: readonly string[];
    readonly anchors: readonly string[];
    readonly purpose: CertificatePurpose;
    readonly now: number;
    readonly requestType: RequestType;
    readonly nonce: string;
    readonly knownCertificate: string | null;
    readonly takesRelay?: boolean;
    readonly as: ManagerObjectType;
    readonly question: Question;
    readonly layers: readonly PolicyLayer[];
    readonly demand: PolicyDemand;
    readonly intervalSeconds: number;
    readonly clockChangeDeltaSeconds: number;
    readonly report: RumReport;
    readonly entry: string;
    readonly payload: string;
    readonly left: string;
    readonly right: string;
    readonly leafHashes: readonly string[];
    readonly leafHash: string;
    readonly leafIndex: number;
    readonly size: number;
    readonly rootSha256: string;
    readonly hashes: readonly string[];
    readonly firstSize: number;
    readonly secondSize: number;
    readonly firstRootSha256: string;
    readonly secondRootSha256: string;
    readonly kept: TreeHead;
    readonly offered: TreeHead;
    readonly proof: readonly string[] | null;
    readonly alterations: readonly number[];
  };

export type Vector = Inputs & { readonly name: string; readonly kind: string; readonly expected: unknown };

type Facts = Readonly<Record<string, unknown>>;
const bytesOf = (base64: string): Buffer => Buffer.from(base64, "base64");
const certificatesOf = (texts: readonly string[]): X509Certificate[] => texts.map(parseCertificate);

const checks: Readonly<Record<string, (vector: Vector) => Facts | Promise<Facts>>> = {
  json: ({ bytes }) => ({ value: parseJson(decodeText(bytesOf(bytes), messageBytesMax)) }),
  udi: ({ text }) => parseUdi(text),
  tag: ({ text }) => parseTag(text),
  "id-ranges": ({ text }) => ({ ranges: parseIdRanges(text) }),
  token: ({ text }) => {
    const token = parseIdToken(text);
    return { ...token, secret: Buffer.from(token.secret).toString("base64"), hash: hashIdToken(token) };
  },
  chain: ({ leaf, intermediates, anchors, purpose, now }) => {
    verifyChain({
      leaf: parseCertificate(leaf),
      intermediates: certificatesOf(intermediates),
      anchors: certificatesOf(anchors),
      purpose,
      now,
    });
    return {};
  },
  request: checkRequest,
  answer: async ({ body, anchors, knownCertificate, ...question }) => {
    const { requestType, nonce, now, takesRelay = false } = question;
    const known = knownCertificate === null ? null : parseCertificate(knownCertificate);
    const expectation = {
      requestType,
      nonce,
      now,
      takesRelay,
      anchors: certificatesOf(anchors),
      knownCertificate: known,
    };
    const { statusCode, data } = await decodeAnswer(bytesOf(body), expectation);
    return { statusCode, data };
  },
  "manager-object": async (vector) => ({ payload: await verifyObject(decodeManagerObject(vector.text), vector) }),
  "sync-document": ({ body, as, anchors, now }) => {
    const question = { bytes: bytesOf(body), anchors: anchors.map(parseCertificate), now };
    return (as as string) === "sync-request" ? verifySyncRequest(question) : verifySyncAnswer(question);
  },
  report: async ({ text, known }) => {
    const report = decodeSignedReport(text);
    const authenticity = await verifyReport(report, (serial, sudi) => publicKeyOf(known, serial, sudi));
    return { authenticity, payload: decodeRumReport(report.payload) };
  },
  file: ({ body }) => {
    const file = decodeLicenseFile(bytesOf(body));
    return {
      reports: file.reports.map((report) => sha256Hex(report.payload)),
      managerObjects: file.managerObjects.map(({ header, payload }) => ({
        type: header.type,
        payloadSha256: sha256Hex(payload),
      })),
      systemInfo: file.systemInfo,
      authorizationRequest: file.authorizationRequest?.map(({ sudi }) => sudi.udi_serial_number) ?? null,
      trustRequest: file.trustRequest?.device_list.map(({ sudi }) => sudi.udi_serial_number) ?? null,
    };
  },
  "policy-merge": ({ layers, policyVersion, issuedAtMs }) => ({
    policy: mergePolicy(layers, { policyVersion, issuedAtMs }),
  }),
  governing: ({ policy, classesInUse, demand }) => governingDays(policy, classesInUse, demand),
  deadline: ({ policy, classesInUse, firstUseAtMs, lastAckAtMs, changedAtMs, classesChanged }) => ({
    deadline: ackDeadline({ policy, classesInUse, firstUseAtMs, lastAckAtMs, changedAtMs, classesChanged }),
  }),
  "push-interval": ({ policy, classesInUse, hasAck, configuredDays }) =>
    pushInterval({ policy, classesInUse, hasAck, configuredDays }),
  "sample-count": ({ intervalSeconds, clockChangeDeltaSeconds }) => ({
    samples: sampleCount(intervalSeconds, clockChangeDeltaSeconds),
  }),
  "latest-measurement": ({ report }) => latestMeasurement(report),
  leaf: ({ entry }) => ({ leafHash: hexOfHash(leafHash(bytesOf(entry))) }),
  "report-leaf": ({ payload }) => ({ leafHash: hexOfHash(reportLeaf(hashOfHex(sha256Hex(payload)))) }),
  node: ({ left, right }) => ({ nodeHash: hexOfHash(nodeHash(hashOfHex(left), hashOfHex(right))) }),
  "tree-root": ({ leafHashes }) => ({
    rootSha256: hexOfHash(rootOf(appendLeaves(emptyTree, leafHashes.map(hashOfHex)))),
  }),
  inclusion: ({ leafHash: leaf, leafIndex, size, rootSha256, hashes }) =>
    proved(
      verifyInclusion({
        ...{ leaf: hashOfHex(leaf), leafIndex, size, root: hashOfHex(rootSha256) },
        proof: hashes.map(hashOfHex),
      }),
    ),
  consistency: ({ firstSize, secondSize, firstRootSha256, secondRootSha256, hashes }) =>
    proved(
      isConsistent(
        { size: firstSize, root_sha256: firstRootSha256 },
        { size: secondSize, root_sha256: secondRootSha256 },
        hashes,
      ),
    ),
  "head-comparison": ({ kept, offered, proof }) => ({ comparison: compareHeads(kept, offered, proof) }),
  proof: ({ body, anchors }) => proofFacts(bytesOf(body), anchors),
  "act-proof": async ({ body, anchors }) => ({
    ...(await verifyActProofFile(decodeActProofFile(bytesOf(body)), anchors === null ? null : certificatesOf(anchors))),
  }),
  "altered-proof": async ({ body, alterations, anchors }) => {
    const outcomes = await Promise.all(alterations.map((at) => isRefused(bytesOf(body), at, anchors)));
    return { refused: outcomes.filter(Boolean).length };
  },
};

function proved(isProved: boolean): Facts {
  if (!isProved) throw new ProtocolError("proof_invalid");
  return {};
}

async function proofFacts(bytes: Uint8Array, anchors: readonly string[] | null): Promise<Facts> {
  const { report, ...facts } = await verifyProofFile(
    decodeProofFile(bytes),
    anchors === null ? null : certificatesOf(anchors),
  );
  return { ...facts, reportId: report?.asset_identification.report_id ?? null };
}

/** With the byte changed in its lowest bit. */
async function isRefused(bytes: Buffer, at: number, anchors: readonly string[]): Promise<boolean> {
  bytes[at] = (bytes[at] as number) ^ 1;
  try {
    await proofFacts(bytes, anchors);
    return false;
  } catch (error) {
    if (error instanceof ProtocolError) return true;
    throw error;
  }
}

/** What the protocol makes of a vector's input. Throws ProtocolError for a refusal. */
export async function checkVector(vector: Vector): Promise<Facts> {
  const check = checks[vector.kind];
  if (check === undefined) throw new Error(`no check for vectors of kind ${vector.kind}`);
  return check(vector);
}

async function checkRequest({ body, known, padWithBlanksTo }: Vector): Promise<Facts> {
  const bytes = bytesOf(body);
  const padded = Buffer.concat([bytes, Buffer.alloc(Math.max(0, (padWithBlanksTo ?? 0) - bytes.length), " ")]);
  const request = decodeRequest(padded);
  if (request.signature !== null) {
    const key = publicKeyOf(known, request.signature.key, request.header.sudi);
    if (key === undefined) throw new ProtocolError("certificate_unknown");
    await verifyRequest(request, key);
  }
  return { requestType: request.requestType, data: decodeRequestData(request), isSigned: request.signature !== null };
}

function publicKeyOf(known: Known, serial: string, sudi: Sudi) {
  const found = known.find(
    (each) => isSameUdi(udiOf(each.sudi), udiOf(sudi)) && serialNumberOf(parseCertificate(each.certificate)) === serial,
  );
  return found && parseCertificate(found.certificate).publicKey;
}

function verifyObject(object: ManagerObject, { as, anchors, now, question }: Vector): Promise<unknown> {
  const common = { object, anchors: certificatesOf(anchors), now };
  switch (as) {
    case "ack": {
      const { productInstanceIdentifier, newestSequence, sudi } = question;
      return verifyAcknowledgement({ ...common, productInstanceIdentifier, newestSequence, udi: udiOf(sudi) });
    }
    case "policy":
      return verifyPolicy({ ...common, installedVersion: question.installedVersion });
    case "trust": {
      const publicKey = createPublicKey({ key: bytesOf(question.publicKey), format: "der", type: "spki" });
      const udi = udiOf(question.sudi);
      const der = publicKey.export({ format: "der", type: "spki" });
      return verifyTrustCode({ ...common, udi, publicKey: der }).then(({ code }) => code);
    }
    case "auth": {
      const { productInstanceIdentifier, leastSequence, sudi } = question;
      return verifyAuthorizationCode({ ...common, productInstanceIdentifier, leastSequence, udi: udiOf(sudi) });
    }
    case "conversion":
      return verifyConversion({ ...common, udi: udiOf(question.sudi) });
    case "tree-head":
      return verifyTreeHead(common);
    default:
      return verifyAccountInfo({ ...common, productInstanceIdentifier: question.productInstanceIdentifier });
  }
}
