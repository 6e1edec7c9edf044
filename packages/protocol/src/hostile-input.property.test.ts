// Whatever arrives, each reader either takes it or refuses it with a ProtocolError: no other error, no crash, no hang.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeAccountInfo } from "./account-info.ts";
import { decodeAcknowledgement } from "./acknowledgement.ts";
import { parseCertificate } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { decodeLicenseFile, decodeSmartLicense, encodeLicenseFile } from "./files/smart-license-file.ts";
import { parseIdToken } from "./id-token.ts";
import { parseTag, parseUdi } from "./identity.ts";
import { decodePolicy } from "./policy.ts";
import { decodeRequest, decodeRequestData } from "./request.ts";
import { decodeRumReport, parseIdRanges } from "./rum-report.ts";
import {
  decodeManagerObject,
  decodeSignedReport,
  signReport,
  verifyManagerObject,
  verifyReport,
} from "./signed-object.ts";
import { testNow } from "./test-support/certificates.ts";
import {
  acceptAnswer,
  acceptRequest,
  anchors,
  answerBody,
  authority,
  builtinSigner,
  bytesOf,
  managerObject,
  payloads,
  publicKeyOf,
  reportPayload,
  requestBody,
} from "./test-support/parties.ts";

const file = encodeLicenseFile({
  reports: [await signReport(reportPayload, builtinSigner)],
  managerObjects: [],
  systemInfo: null,
});
const object = JSON.stringify(await managerObject("trust"));
const report = JSON.stringify(await signReport(reportPayload, builtinSigner));

const helloText = JSON.parse(JSON.parse(await requestBody("HELLO", null)).request);
const readRequestText = (bytes: Buffer) =>
  decodeRequestData(decodeRequest(bytesOf(JSON.stringify({ request: bytes.toString() }))));

/** Every reader of foreign input, with something that it takes. */
const readers: Readonly<Record<string, readonly [read: (bytes: Buffer) => unknown, valid: string | Buffer]>> = {
  request: [acceptRequest, await requestBody("TRUST_SYNC")],
  "text of a request": [readRequestText, JSON.parse(await requestBody("TRUST_SYNC", null)).request],
  "data of a request": [
    (bytes) => readRequestText(bytesOf(JSON.stringify({ ...helloText, request_data: bytes.toString() }))),
    helloText.request_data,
  ],
  answer: [(bytes) => acceptAnswer(bytes, "ID_TOKEN_TRUST"), await answerBody("ID_TOKEN_TRUST")],
  "manager object": [(bytes) => verifyManagerObject(decodeManagerObject(bytes.toString()), anchors, testNow), object],
  "signed report": [(bytes) => verifyReport(decodeSignedReport(bytes.toString()), publicKeyOf), report],
  "RUM report": [(bytes) => decodeRumReport(bytes.toString()), reportPayload],
  acknowledgement: [(bytes) => decodeAcknowledgement(bytes.toString()), payloads.ack],
  policy: [(bytes) => decodePolicy(bytes.toString()), payloads.policy],
  "account information": [(bytes) => decodeAccountInfo(bytes.toString()), payloads.account],
  "licence file": [(bytes) => decodeLicenseFile(bytes), file],
  smart_license: [
    (bytes) => decodeSmartLicense(bytes.toString("base64")),
    file.replace(/<RUMReport>.*<\/RUMReport>/, ""),
  ],
  certificate: [(bytes) => parseCertificate(bytes.toString("base64")), authority.signing.certificate.raw],
  token: [(bytes) => parseIdToken(bytes.toString()), "dG9rZW4="],
  UDI: [(bytes) => parseUdi(bytes.toString()), "PID:A,SN:B"],
  tag: [(bytes) => parseTag(bytes.toString()), "regid.2031-01.org.A,1_00000000-0000-4000-8000-000000000000"],
  "id ranges": [(bytes) => parseIdRanges(bytes.toString()), "1-3,7"],
};

async function takeOrRefuse(read: (bytes: Buffer) => unknown, bytes: Buffer): Promise<void> {
  try {
    await read(bytes);
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${error}`);
  }
}

/** Cuts, doubles, moves and overwrites pieces of something valid. */
function mangled(valid: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.nat({ max: valid.length });
  const cut = fc.tuple(place, place).map(([from, to]) => Buffer.concat([valid.subarray(0, from), valid.subarray(to)]));
  const written = fc
    .tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 }))
    .map(([at, bytes]) => Buffer.concat([valid.subarray(0, at), bytes, valid.subarray(at + bytes.length)]));
  return fc.oneof(cut, written);
}

/** The same JSON with one value, anywhere, replaced by any other. */
function regrafted(valid: string): fc.Arbitrary<Buffer> {
  const places = placesIn(JSON.parse(valid));
  return fc
    .tuple(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 3 }))
    .map(([path, value]) => bytesOf(JSON.stringify(replaceAt(JSON.parse(valid), path, value))));
}

type Path = readonly string[];

function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))];
}

function replaceAt(value: unknown, [name, ...rest]: Path, replacement: unknown): unknown {
  if (name === undefined) return replacement;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = replaceAt(copy[name], rest, replacement);
  return copy;
}

describe("hostile input is taken or refused, never anything else", () => {
  for (const [name, [read, valid]] of Object.entries(readers)) {
    const bytes = Buffer.from(valid);
    it(`as ${name}`, async () => {
      const isJson = bytes[0] === 0x7b;
      const input = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((random) => Buffer.from(random)),
        mangled(bytes),
        ...(isJson ? [regrafted(bytes.toString())] : []),
      );
      await fc.assert(
        fc.asyncProperty(input, (each) => takeOrRefuse(read, each)),
        { numRuns: 300 },
      );
    });
  }
});
