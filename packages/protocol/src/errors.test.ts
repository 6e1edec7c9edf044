// Every code of the closed list is produced by a test: most of them here, each by the smallest thing that is wrong.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { verifyAccountInfo } from "./account-info.ts";
import { reportRefusals, verifyAcknowledgement } from "./acknowledgement.ts";
import { decodeAnswer } from "./answer.ts";
import { verifyAuthorizationCode } from "./authorization-code.ts";
import { parseCertificate } from "./certificate.ts";
import { assert as assertPromise, ProtocolError, type ProtocolErrorCode, protocolErrors } from "./errors.ts";
import { decodeLicenseFile } from "./files/smart-license-file.ts";
import { parseIdToken } from "./id-token.ts";
import { parseTag, parseUdi, udiOf } from "./identity.ts";
import { decodeText, parseJson } from "./json.ts";
import { decodePolicy, verifyPolicy } from "./policy.ts";
import { decodeRequest, verifyRequest } from "./request.ts";
import { decodeRumReport } from "./rum-report.ts";
import { verifySignature } from "./signature.ts";
import { type ManagerObject, verifyManagerObject } from "./signed-object.ts";
import { testNow, yearMs } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import {
  anchors,
  answerBody,
  bytesOf,
  device,
  expectation,
  foreignAuthority,
  managerObject,
  requestBody,
} from "./test-support/parties.ts";
import { otherPiid, piid, sudi } from "./test-support/samples.ts";

const object = await managerObject("ack");
const verify = (change: Partial<ManagerObject["signature"]>, now = testNow, roots = anchors) =>
  verifyManagerObject({ ...object, signature: { ...object.signature, ...change } }, roots, now);
const file = (inner: string) => decodeLicenseFile(bytesOf(`<smartLicense>${inner}</smartLicense>`));
const answerTo = async (change: object) =>
  decodeAnswer(bytesOf(await answerBody("HELLO")), { ...expectation("HELLO"), ...change });
const unsignedOf = async (type: "HELLO", signature?: object) =>
  decodeRequest(bytesOf(JSON.stringify({ ...JSON.parse(await requestBody(type, null)), signature })));
const byDevice = { signer: device.keys.signer, certificate: device.certificate, chain: [] };

const produced: Partial<Record<ProtocolErrorCode, () => unknown>> = {
  message_too_large: () => decodeText(Buffer.alloc(2), 1),
  invalid_utf8: () => decodeText(Buffer.from([0xff]), 1),
  invalid_json: () => parseJson("{"),
  json_too_deep: () => parseJson("[".repeat(99)),
  duplicate_member: () => parseJson('{"a":1,"a":1}'),
  envelope_invalid: () => decodeRequest(bytesOf("{}")),
  request_type_unknown: async () =>
    decodeRequest(bytesOf((await requestBody("HELLO", null)).replace("HELLO", "HOWDY"))),
  payload_invalid: () => decodePolicy("{}"),
  payload_version_unknown: () => decodeRumReport("{}"),
  udi_malformed: () => parseUdi("?"),
  tag_malformed: () => parseTag("?"),
  token_malformed: () => parseIdToken("?"),
  signature_missing: async () => verifyRequest(await unsignedOf("HELLO"), device.keys.publicKey),
  signature_null: () => unsignedOf("HELLO", { type: null, key: null, value: null }),
  signature_algorithm_unknown: () => verify({ type: "none" }),
  signature_algorithm_mismatch: () => verify({ type: "SHA256" }),
  signature_malformed: () => verifySignature("ES256", device.keys.publicKey, bytesOf(""), "?"),
  signature_mismatch: () =>
    verifySignature("ES256", device.keys.publicKey, bytesOf(""), Buffer.alloc(64, 1).toString("base64")),
  certificate_malformed: () => parseCertificate("?"),
  certificate_expired: () => verify({}, testNow + 50 * yearMs),
  certificate_not_yet_valid: () => verify({}, testNow - 50 * yearMs),
  certificate_foreign: () => verify({}, testNow, [foreignAuthority.root.certificate]),
  certificate_wrong_purpose: async () => verifyManagerObject(await managerObject("ack", byDevice), anchors, testNow),
  certificate_unknown: () => verify({ cert_sn: "1" }),
  nonce_mismatch: () => answerTo({ nonce: "1" }),
  request_type_mismatch: () => answerTo({ requestType: "POLL_REQ" }),
  identity_mismatch: async () =>
    verifyAccountInfo({
      object: await managerObject("account"),
      anchors,
      now: testNow,
      productInstanceIdentifier: otherPiid,
    }),
  acknowledgement_replayed: () =>
    verifyAcknowledgement({
      object,
      anchors,
      now: testNow,
      productInstanceIdentifier: piid,
      udi: udiOf(sudi),
      newestSequence: 99,
    }),
  authorization_replayed: async () =>
    verifyAuthorizationCode({
      object: await managerObject("auth"),
      anchors,
      now: testNow,
      productInstanceIdentifier: piid,
      udi: udiOf(sudi),
      leastSequence: 8,
    }),
  policy_replayed: async () =>
    verifyPolicy({ object: await managerObject("policy"), anchors, now: testNow, installedVersion: 99 }),
  file_malformed: () => file("x"),
  file_element_unknown: () => file("<x/>"),
  file_entity_refused: () => file("&x;"),
  file_empty: () => file(""),
};

const projectRoot = join(import.meta.dirname, "..", "..", "..");
const testTexts = globSync(["packages/*/src/**/*.test.ts", "test/**/*.test.ts"], { cwd: projectRoot }).map((path) =>
  readFileSync(join(projectRoot, path), "utf8"),
);

describe("the codes of the protocol", () => {
  for (const code of Object.keys(protocolErrors) as ProtocolErrorCode[]) {
    const produce = produced[code];
    if (produce !== undefined) it(`${code} is produced by what is wrong`, () => assertRefused(code, produce));
    else {
      it(`${code} is produced by a test of the package that throws it`, () => {
        const named = testTexts.filter((text) => text.includes(`"${code}"`));
        assert.ok(named.length > 0, `no test expects "${code}"; write one where it is thrown, or take the code out`);
      });
    }
  }

  it("each have a meaning, a remedy and a retry class, and an error carries them", () => {
    for (const [code, { meaning, remedy }] of Object.entries(protocolErrors)) {
      assert.match(code, /^[a-z0-9]+(_[a-z0-9]+)*$/);
      assert.match(meaning, /^[A-Z].*\.$/);
      assert.match(remedy, /^[A-Z].*\.$/);
    }
    const error = new ProtocolError("nonce_mismatch", "Details.");
    assert.equal(error.message, `${protocolErrors.nonce_mismatch.meaning} Details.`);
    assert.equal(error.remedy, protocolErrors.nonce_mismatch.remedy);
    assert.equal(error.retry, "transient");
    assert.equal(new ProtocolError("signature_mismatch").retry, "permanent");
  });

  it("for refusing one report are each expected by a test", () => {
    for (const code of Object.keys(reportRefusals)) {
      assert.ok(
        testTexts.some((text) => text.includes(`"${code}"`) || text.includes("Object.keys(reportRefusals)")),
        code,
      );
    }
  });

  it("are not for bugs: a broken promise of our own is no ProtocolError", () => {
    assert.throws(
      () => assertPromise(false, "x"),
      (error) => !(error instanceof ProtocolError),
    );
    assertPromise(true, "x");
  });
});
