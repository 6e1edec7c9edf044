import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeAcknowledgement } from "./acknowledgement.ts";
import { decodeAnswer, encodeAnswer } from "./answer.ts";
import { encodeSmartLicense } from "./files/smart-license-file.ts";
import { carriedContent, readForCarrying } from "./relay.ts";
import { type SigningIdentity, signManagerObject } from "./signed-object.ts";
import { issueRelayCertificate, signingIdentity, testNow } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import { anchors, authority, manager, managerObject } from "./test-support/parties.ts";
import * as sample from "./test-support/samples.ts";

const relay = signingIdentity(issueRelayCertificate(authority.issuing), authority.issuing);
const { nonce, sudi } = sample;
const device = { sudi, product_instance_identifier: sample.piid, status_code: "OK" as const, status_message: "" };
const header = { request_type: "LICENSE_USAGE", sudi, nonce };

function answerBy(identity: SigningIdentity, smartLicense: string): Promise<string> {
  const data = { nonce, sudi, device_list: [{ ...device, smart_license: smartLicense }] };
  const content = { statusCode: "OK", statusMessage: "OK", retryTimeSeconds: 0, data } as const;
  const context = {
    header,
    productInstanceIdentifier: sample.piid,
    connectInfo: sample.managerConnectInfo,
    now: testNow,
  };
  return encodeAnswer(content, context, identity);
}
const read = async (answer: Promise<string>) =>
  readForCarrying(Buffer.from(await answer), { nonce, anchors, now: testNow, knownCertificate: null });

suite("what a relay carries", () => {
  test("is a manager's answer with a manager's acknowledgement, and nothing less", async () => {
    const acknowledged = encodeSmartLicense([await managerObject("ack")]);
    assert.equal((await read(answerBy(manager, acknowledged))).outcome, "acknowledged");
    const payload = encodeAcknowledgement(sample.acknowledgement);
    const forged = encodeSmartLicense([await signManagerObject("ack", payload, relay)]);
    await assertRefused("certificate_wrong_purpose", () => read(answerBy(manager, forged)));
    await assertRefused("certificate_wrong_purpose", () => read(answerBy(relay, acknowledged)));
    const none = encodeSmartLicense([await managerObject("policy")]);
    await assertRefused("payload_invalid", () => read(answerBy(manager, none)));
  });

  test("is believed by a device that speaks to a relay, and keeps saying who signed what", async () => {
    const expected = { requestType: "LICENSE_USAGE", nonce, anchors, knownCertificate: null, now: testNow } as const;
    const body = Buffer.from(await answerBy(relay, encodeSmartLicense([await managerObject("ack")])));
    assert.equal((await decodeAnswer(body, { ...expected, takesRelay: true })).signedBy, "relay");
    await assertRefused("certificate_wrong_purpose", () => decodeAnswer(body, expected));
    const own = Buffer.from(await answerBy(manager, encodeSmartLicense([await managerObject("ack")])));
    assert.equal((await decodeAnswer(own, { ...expected, takesRelay: true })).signedBy, "manager");
  });

  test("has its proof only for a device that still names the head that it leads from", () => {
    const answer = { device_list: [], consistency_proof: ["a".repeat(64)] };
    const asked = { nonce: "2", sudi, known_tree_head: sample.treeHead };
    const proofFor = (sent: object) => {
      const { data } = carriedContent(asked, { nonce: "1", sudi, ...sent }, answer);
      return "consistency_proof" in (data ?? {});
    };
    assert.equal(proofFor({ known_tree_head: sample.treeHead }), true);
    assert.equal(proofFor({ known_tree_head: { ...sample.treeHead, size: 1 } }), false);
    assert.equal(proofFor({}), false);
  });
});
