import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeActProofFile } from "./files/act-proof-file.ts";
import { encodeProofFile } from "./files/proof-file.ts";
import { encodeLicenseFile } from "./files/smart-license-file.ts";
import { encodeIdToken } from "./id-token.ts";
import { type InspectionHelp, inspect } from "./inspect.ts";
import { managerObjectTypes, signReport } from "./signed-object.ts";
import { issueSigning, signingIdentity, testNow } from "./test-support/certificates.ts";
import {
  anchors,
  answerBody,
  authority,
  builtinSigner,
  bytesOf,
  device,
  foreignAuthority,
  manager,
  managerObject,
  reportPayload,
  requestBody,
  trustSigner,
} from "./test-support/parties.ts";
import { actEntry, makeActProofFile, makeProofFile } from "./test-support/proofs.ts";
import { authorizationWish, exportTag, trustRequest } from "./test-support/samples.ts";

const nothing: InspectionHelp = { anchors: null, certificates: [] };
const all: InspectionHelp = { anchors, certificates: [device.certificate] };
const foreign: InspectionHelp = { anchors: [foreignAuthority.root.certificate], certificates: [] };
const look = (text: string, help = all) => inspect(bytesOf(text), help);
const report = await signReport(reportPayload, trustSigner());

/** Kind of the file, then kind, verdict and code of each part. */
async function verdictOf(text: string, help = all) {
  const { kind, parts } = await look(text, help);
  return [kind, ...parts.map((part) => [part.kind, part.verdict, part.code])];
}

suite("inspect", () => {
  for (const type of managerObjectTypes) {
    test(`knows a signed ${type} object`, async () => {
      const text = JSON.stringify(await managerObject(type));
      assert.deepEqual(await verdictOf(text), ["signed-object", [type, "verified", null]]);
      assert.deepEqual(await verdictOf(text, nothing), ["signed-object", [type, "not_checked", "root_needed"]]);
      assert.deepEqual(await verdictOf(text, foreign), ["signed-object", [type, "refused", "certificate_foreign"]]);
    });
  }

  test("an object that was given again, signed with a younger certificate, is no less verified; a tree head is", async () => {
    const signing = issueSigning(authority.issuing, { notBefore: testNow + 1000 });
    const again = signingIdentity(signing, authority.issuing);
    for (const type of ["ack", "policy"] as const)
      assert.deepEqual(await verdictOf(JSON.stringify(await managerObject(type, again))), [
        "signed-object",
        [type, "verified", null],
      ]);
    const head = JSON.stringify(await managerObject("tree-head", again));
    assert.deepEqual(await verdictOf(head), ["signed-object", ["tree-head", "refused", "certificate_not_yet_valid"]]);
  });

  test("knows a report, signed and unsigned, and says what it lacks", async () => {
    const text = JSON.stringify(report);
    assert.deepEqual(await verdictOf(text), ["signed-object", ["rum", "verified", null]]);
    const lacking = ["signed-object", ["rum", "not_checked", "device_certificate_needed"]];
    assert.deepEqual(await verdictOf(text, nothing), lacking);
    const builtin = JSON.stringify(await signReport(reportPayload, builtinSigner));
    assert.deepEqual(await verdictOf(builtin, nothing), ["signed-object", ["rum", "unverified", null]]);
    const altered = JSON.stringify({ ...report, payload: reportPayload.replace('"2"', '"3"') });
    assert.deepEqual(await verdictOf(altered), ["signed-object", ["rum", "refused", "signature_mismatch"]]);
    const { facts } = (await look(text)).parts[0] ?? assert.fail();
    assert.deepEqual([facts.count, facts.device, facts.signedBy], [2, "PID:EDGE-24,SN:EXA00000001", facts.device]);
  });

  test("knows a licence file and each thing in it", async () => {
    const managerObjects = [await managerObject("ack"), await managerObject("policy")];
    const text = encodeLicenseFile({ reports: [report], managerObjects, systemInfo: null });
    const expected = ["rum", "ack", "policy"].map((kind) => [kind, "verified", null]);
    assert.deepEqual(await verdictOf(text), ["license-file", ...expected]);
    const broken = ["license-file", ["license-file", "refused", "file_malformed"]];
    assert.deepEqual(await verdictOf(text.slice(0, -3)), broken);
  });

  test("knows a request for trust that travels by hand, and that nobody has proved who asks", async () => {
    const text = encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null, trustRequest });
    assert.deepEqual(await verdictOf(text), ["license-file", ["trust-request", "unverified", null]]);
    const { facts } = (await look(text)).parts[0] ?? assert.fail();
    assert.deepEqual([facts.devices, facts.asks_for, facts.udi], [1, 1, "PID:EDGE-24,SN:EXA00000001"]);
  });

  test("knows an authorization code and the request for one, which nobody has proved", async () => {
    const authorizationRequest = [{ ...authorizationWish, confirm_code: "0a1b2c3d" }];
    const asked = encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null, authorizationRequest });
    assert.deepEqual(await verdictOf(asked), ["license-file", ["authorization-request", "unverified", null]]);
    const { facts } = (await look(asked)).parts[0] ?? assert.fail();
    assert.deepEqual([facts.asksFor, facts.confirmationCode], [`1 ${exportTag}`, "0a1b2c3d"]);
    const given = encodeLicenseFile({ reports: [], managerObjects: [await managerObject("auth")], systemInfo: null });
    assert.deepEqual(await verdictOf(given), ["license-file", ["auth", "verified", null]]);
    assert.deepEqual((await look(given)).parts[0]?.facts.sequence, 7);
  });

  test("knows the proof of an act, with the reader's root and with its own", async () => {
    const entry = JSON.stringify(actEntry);
    const file = await makeActProofFile({ entry, manager, root: authority.root, leafIndex: 5, size: 9 });
    const text = encodeActProofFile(file);
    assert.deepEqual(await verdictOf(text), ["act-proof", ["act-proof", "verified", null]]);
    assert.deepEqual(await verdictOf(text, nothing), ["act-proof", ["act-proof", "not_checked", "root_needed"]]);
    assert.deepEqual(await verdictOf(text, foreign), ["act-proof", ["act-proof", "refused", "certificate_foreign"]]);
    const altered = encodeActProofFile({ ...file, entry: entry.replace("ada", "eve") });
    assert.deepEqual(await verdictOf(altered), ["act-proof", ["act-proof", "refused", "proof_invalid"]]);
    const { facts } = (await look(text)).parts[0] ?? assert.fail();
    assert.deepEqual(
      [facts.act, facts.by, facts.reason, facts.changes],
      ["set_policy", "operator ada", "contract 4711", 1],
    );
    for (const [by, name] of [
      [{ kind: "local" }, "local administration socket"],
      [{ kind: "message", product_instance_identifier: "x" }, "product instance x"],
      [{ kind: "system", name: "restore" }, "manager: restore"],
    ] as const) {
      const wish = { entry: JSON.stringify({ ...actEntry, by }), manager, root: authority.root, leafIndex: 0, size: 1 };
      const [part] = (await look(encodeActProofFile(await makeActProofFile(wish)))).parts;
      assert.deepEqual([part?.verdict, part?.facts.by], ["verified", name]);
    }
  });

  test("knows a proof file, with the reader's root and with its own", async () => {
    const places = { leafIndex: 11, acknowledgedSize: 12, size: 20 };
    const deviceCertificates = [device, authority.issuing];
    const file = await makeProofFile({ report, manager, root: authority.root, deviceCertificates, ...places });
    const text = encodeProofFile(file);
    assert.deepEqual(await verdictOf(text), ["proof", ["proof", "verified", null]]);
    assert.deepEqual(await verdictOf(text, nothing), ["proof", ["proof", "not_checked", "root_needed"]]);
    assert.deepEqual(await verdictOf(text, foreign), ["proof", ["proof", "refused", "certificate_foreign"]]);
    const { facts } = (await look(text)).parts[0] ?? assert.fail();
    assert.deepEqual([facts.leafIndex, facts.ledgerSize, facts.isLedgerContinued], [11, 20, false]);
  });

  test("knows a request and an answer", async () => {
    const request = await requestBody("POLL_REQ");
    assert.deepEqual(await verdictOf(request), ["request", ["request", "verified", null]]);
    assert.deepEqual(await verdictOf(request, nothing), [
      "request",
      ["request", "not_checked", "device_certificate_needed"],
    ]);
    assert.deepEqual(await verdictOf(await requestBody("HELLO", null)), ["request", ["request", "unverified", null]]);
    const answer = await answerBody("LICENSE_USAGE");
    assert.deepEqual(await verdictOf(answer), ["answer", ["answer", "verified", null]]);
    assert.deepEqual(await verdictOf(answer, foreign), ["answer", ["answer", "refused", "certificate_foreign"]]);
    assert.deepEqual(await verdictOf(answer, nothing), ["answer", ["answer", "not_checked", "root_needed"]]);
  });

  test("knows an ID token and shows nothing of its secret", async () => {
    const uuid = "00000000-0000-4000-8000-000000000007";
    const secret = Buffer.alloc(32, 7);
    const shown = await look(encodeIdToken({ uuid, expiresAtMs: testNow, secret }));
    assert.equal(shown.kind, "id-token");
    assert.deepEqual(shown.parts[0]?.facts, { uuid, expiresAtMs: testNow });
  });

  test("says of everything else that nobody here wrote it", async () => {
    for (const text of ["", "hello", "[]", "{}", '{"a":1}', "{", "\u0000"]) {
      const { kind, parts } = await look(text);
      assert.deepEqual([kind, parts[0]?.verdict], ["unknown", "refused"], text);
    }
    assert.deepEqual((await inspect(Buffer.from([0x7b, 0xff]), all)).parts[0]?.code, "invalid_utf8");
  });
});
