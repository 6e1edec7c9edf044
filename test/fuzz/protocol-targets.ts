// Parsers of the protocol: pure functions, fed directly, with pieces of a real exchange to begin with.

import { gunzipSync, gzipSync } from "node:zlib";
import {
  decodeAccountInfo,
  decodeAcknowledgement,
  decodeActProofFile,
  decodeAnswer,
  decodeAuthorizationCode,
  decodeLicenseFile,
  decodeManagerObject,
  decodePolicy,
  decodeProofFile,
  decodeRequest,
  decodeRequestData,
  decodeRumReport,
  decodeSignedReport,
  decodeSmartLicense,
  encodeAuthorizationCode,
  encodeBundle,
  encodeLicenseFile,
  encodeTarEntry,
  inspect,
  type LicenseFile,
  type ManagerObject,
  ProtocolError,
  parseCertificate,
  parseIdRanges,
  parseIdToken,
  parseTag,
  parseUdi,
  readBundle,
  tarEnd,
  type UnverifiedRequest,
  verifyActProofFile,
  verifyManagerObject,
  verifyProofFile,
  verifyTrustCode,
} from "@countersign/protocol";
import {
  authorizationCode,
  authorizationWish,
  requestDataSamples,
  sudi,
} from "@countersign/protocol/test-support/samples";
import { gunzip } from "@countersign/terminal";
import { type FuzzTarget, takesOrRefuses } from "./fuzz-target.ts";
import type { LiveExchange } from "./live-exchange.ts";

const isRefusal = (error: unknown) => error instanceof ProtocolError;
const authorizationMessages = ["AUTHORIZATION_REQUEST", "AUTHORIZATION_CONFIRM", "AUTHORIZATION_RETURN"] as const;
const authorizationFile: LicenseFile = {
  ...{ reports: [], managerObjects: [], systemInfo: null },
  authorizationRequest: [authorizationWish, { ...authorizationWish, keys: [], confirm_code: "0a1b2c3d" }],
};
const textOf = (input: Buffer) => input.toString("utf8");

function target(
  name: string,
  grammar: FuzzTarget["grammar"],
  seeds: readonly (string | Uint8Array)[],
  read: (input: Buffer) => unknown,
): FuzzTarget {
  return { name, grammar, seeds: seeds.map((seed) => Buffer.from(seed)), feed: takesOrRefuses(read, isRefusal) };
}

export function protocolTargets(live: LiveExchange): readonly FuzzTarget[] {
  const { anchors, objects, reports, now } = live;
  const payloadsOf = (type: string) =>
    objects.filter(({ header }) => header.type === type).map(({ payload }) => payload);
  const triples = objects.map((object) => JSON.stringify(object));
  const file = encodeLicenseFile({ reports, managerObjects: objects, systemInfo: '{"a":"b"}' });
  const grantedFile = encodeLicenseFile({ reports: [], managerObjects: objects, systemInfo: null });
  const certificates = live.certificates.map((each) => each.raw);
  const bundle = encodeBundle({
    manifest: { createdBy: "", smartAccount: "Fuzz", smartAccountId: "1" },
    archive: { name: "UD_VA_1.tar.gz", virtualAccount: "DEFAULT", virtualAccountId: "1" },
    files: [{ name: "dev_1.txt", bytes: Buffer.from(file) }],
    writtenAtMs: now,
  });
  return [
    target("request", "json", live.requests, (input) => decodeRequestData(decodeRequest(input))),
    target("answer", "json", [live.trustAnswer], (input) => decodeAnswer(input, live.trustExpectation)),
    target("answer signed by the manager", "json", [live.trustAnswerText], async (input) =>
      decodeAnswer(await live.signAnswer(textOf(input)), live.trustExpectation),
    ),
    target("manager object", "json", triples, (input) =>
      verifyManagerObject(decodeManagerObject(textOf(input)), anchors, now),
    ),
    target("trust code signed by the manager", "json", payloadsOf("trust"), async (input) =>
      verifyTrustCode(live.trustQuestion(await live.signObject("trust", textOf(input)))),
    ),
    target("acknowledgement", "json", payloadsOf("ack"), (input) => decodeAcknowledgement(textOf(input))),
    target("authorization code", "json", [encodeAuthorizationCode(authorizationCode)], (input) =>
      decodeAuthorizationCode(textOf(input)),
    ),
    target("request for authorization codes", "xml", [encodeLicenseFile(authorizationFile)], (input) =>
      decodeLicenseFile(input),
    ),
    ...authorizationMessages.map((type) =>
      target(`data of ${type}`, "json", [JSON.stringify(requestDataSamples[type])], (input) =>
        decodeRequestData({ header: { sudi }, requestType: type, data: textOf(input) } as UnverifiedRequest),
      ),
    ),
    target("policy", "json", payloadsOf("policy"), (input) => decodePolicy(textOf(input))),
    target("account information", "json", payloadsOf("account"), (input) => decodeAccountInfo(textOf(input))),
    target(
      "signed report",
      "json",
      reports.map((report) => JSON.stringify(report)),
      (input) => decodeSignedReport(textOf(input)),
    ),
    target(
      "RUM report",
      "json",
      reports.map(({ payload }) => payload),
      (input) => decodeRumReport(textOf(input)),
    ),
    target("licence file", "xml", [file], (input) => decodeLicenseFile(input)),
    target("smart_license", "xml", [grantedFile], (input) => readGranted(input)),
    target("ID token", "words", [live.token], (input) => parseIdToken(textOf(input))),
    target("entitlement tag", "words", live.tags, (input) => parseTag(textOf(input))),
    target("UDI", "words", ["PID:C9300-48UXM,SN:FOC2031X0A1"], (input) => parseUdi(textOf(input))),
    target("report id ranges", "words", ["1-3,7,9-12"], (input) => parseIdRanges(textOf(input))),
    target("proof file", "json", [live.proof], (input) => verifyProofFile(decodeProofFile(input), anchors)),
    target("act proof file", "json", [live.actProof], (input) =>
      verifyActProofFile(decodeActProofFile(input), anchors),
    ),
    target("anything that is inspected", "json", [...triples, live.proof, live.actProof, file, live.token], (input) =>
      inspect(input, { anchors, certificates: live.certificates }),
    ),
    target("first floor of a bundle", "der", [gunzipSync(bundle)], (input) => readWholeBundle(gzipSync(input))),
    target("second floor of a bundle", "der", [encodeTarEntry("dev_1.txt", Buffer.from(file), now)], (input) =>
      readWholeBundle(bundleAround(gzipSync(Buffer.concat([input, tarEnd])))),
    ),
    target("certificate", "der", certificates, (input) => parseCertificate(input.toString("base64"))),
  ];
}

function bundleAround(archive: Uint8Array): Buffer {
  return gzipSync(Buffer.concat([encodeTarEntry("UD_VA_1.tar.gz", archive, 0), tarEnd]));
}

async function readWholeBundle(bytes: Uint8Array): Promise<void> {
  for await (const { bytes: file } of readBundle([bytes], gunzip)) decodeLicenseFile(file);
}

function readGranted(input: Buffer): readonly ManagerObject[] {
  return decodeSmartLicense(input.toString("base64"));
}
