import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeAnswer, encodeAnswer } from "./answer.ts";
import { serialNumberOf } from "./certificate.ts";
import { decodeRequest } from "./request.ts";
import { issueIdCertificate, issueSigning, signingIdentity, testNow, yearMs } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import {
  acceptAnswer,
  answerBody,
  authority,
  bytesOf,
  expectation,
  foreignAuthority,
  manager,
  okContent,
  requestBody,
} from "./test-support/parties.ts";
import { agentConnectInfo, managerConnectInfo, nonce, piid, sudi } from "./test-support/samples.ts";

type Outer = { signature: Record<string, unknown>; response: string; sch_response: null };

/** A true answer to HELLO, of which the outer, unsigned part was changed afterwards. */
async function tampered(signature: Record<string, unknown>, outerChange: Partial<Outer> = {}): Promise<Buffer> {
  const outer: Outer = JSON.parse(await answerBody("HELLO"));
  return bytesOf(JSON.stringify({ ...outer, signature: { ...outer.signature, ...signature }, ...outerChange }));
}

/** An answer whose inner text was changed before it was signed: what a manager with a fault would send. */
async function resigned(change: (inner: Record<string, unknown>) => unknown): Promise<Buffer> {
  const outer: Outer = JSON.parse(await answerBody("HELLO"));
  const inner = JSON.parse(outer.response);
  const response = JSON.stringify(change(inner) ?? inner);
  const value = Buffer.from(await manager.signer.sign(bytesOf(response))).toString("base64");
  return bytesOf(JSON.stringify({ ...outer, signature: { ...outer.signature, value }, response }));
}

describe("the answer envelope", () => {
  it("[MSG-3] [MSG-4] echoes nonce, request type and device, and carries every documented member", async () => {
    const outer = JSON.parse(await answerBody("ID_TOKEN_TRUST"));
    assert.deepEqual(Object.keys(outer), ["signature", "response", "sch_response"]);
    assert.equal(outer.sch_response, null);
    const inner = JSON.parse(outer.response);
    assert.equal(inner.header.nonce, nonce);
    assert.equal(inner.header.request_type, "ID_TOKEN_TRUST");
    assert.deepEqual(inner.header.sudi, sudi);
    assert.equal(inner.header.agent_actions, null);
    assert.equal(inner.retry_time_seconds, 0);
    assert.deepEqual(inner.header.connect_info, managerConnectInfo);
    const data = JSON.parse(inner.response_data);
    assert.equal(data.pool_name, "Lab Virtual Account");
    assert.deepEqual(Object.keys(data.device_list[0]).slice(0, 3), [
      "sudi",
      "product_instance_identifier",
      "smart_license",
    ]);
  });

  it("[MSG-7] [MSG-12] carries a refusal as a signed value: status, documented text, our code and remedy", async () => {
    const statusMessage = `Invalid ProductInstanceIdentifier: ${piid} provided in the polling request 1000000001`;
    const data = { code: "unknown_instance", remedy: "Establish trust again.", incident_id: "inc-1" };
    const content = { statusCode: "FAILED" as const, statusMessage, retryTimeSeconds: 0, data };
    const answer = await acceptAnswer(await answerBody("POLL_REQ", content), "POLL_REQ");
    assert.equal(answer.statusCode, "FAILED");
    assert.equal(answer.statusMessage, statusMessage);
    assert.deepEqual(answer.data, data);
    const bare = await acceptAnswer(await answerBody("POLL_REQ", { ...content, data: null }), "POLL_REQ");
    assert.equal(bare.data, null);
  });

  it("tells how long to wait, with a poll id beyond 2^53 for a result that comes later", async () => {
    const later = { nonce, sudi, poll_id: "18446744073709551615", poll_interval: 300 };
    const poll = { statusCode: "OK_POLL" as const, statusMessage: "", retryTimeSeconds: 0, data: later };
    const polled = await acceptAnswer(await answerBody("LICENSE_USAGE", poll), "LICENSE_USAGE");
    assert.deepEqual(polled.data, later);
    const busy = { statusCode: "OK_TRY_AGAIN" as const, statusMessage: "", retryTimeSeconds: 90, data: null };
    const answer = await acceptAnswer(await answerBody("LICENSE_USAGE", busy), "LICENSE_USAGE");
    assert.equal(answer.statusCode, "OK_TRY_AGAIN");
    assert.equal(answer.retryTimeSeconds, 90);
  });

  it("leaves the certificates out for a device that named the current one, and only then", async () => {
    const known = serialNumberOf(manager.certificate);
    const { header } = decodeRequest(bytesOf(await requestBody("HELLO")));
    const context = { productInstanceIdentifier: "", connectInfo: managerConnectInfo, now: testNow };
    const answerTo = (serial: string) =>
      encodeAnswer(
        okContent("HELLO"),
        { ...context, header: { ...header, signing_cert_serial_number: serial } },
        manager,
      );
    const withKnown = { ...expectation("HELLO"), knownCertificate: manager.certificate };
    const short = await answerTo(known);
    assert.equal(JSON.parse(short).signature.certificates, undefined);
    await decodeAnswer(bytesOf(short), withKnown);
    await assertRefused("certificate_unknown", () => acceptAnswer(short, "HELLO"));
    const other = { ...withKnown, knownCertificate: issueSigning(authority.issuing).certificate };
    await assertRefused("certificate_unknown", () => decodeAnswer(bytesOf(short), other));
    await assertRefused("certificate_expired", () =>
      decodeAnswer(bytesOf(short), { ...withKnown, now: testNow + 9 * yearMs }),
    );
    await assertRefused("certificate_not_yet_valid", () =>
      decodeAnswer(bytesOf(short), { ...withKnown, now: testNow - 2 * yearMs }),
    );
    assert.equal(JSON.parse(await answerTo("1")).signature.certificates.length, 2);
  });

  it("can be given to a request of which nothing could be read, but is then no answer to any request", async () => {
    const content = { statusCode: "FAILED" as const, statusMessage: "", retryTimeSeconds: 0, data: null };
    const context = { header: null, productInstanceIdentifier: "", connectInfo: agentConnectInfo, now: testNow };
    const body = await encodeAnswer(content, context, manager);
    assert.equal(JSON.parse(JSON.parse(body).response).header.nonce, null);
    await assertRefused("nonce_mismatch", () => acceptAnswer(body, "HELLO"));
  });
});

describe("an answer is refused", () => {
  it("when it repeats an earlier one: another nonce", async () => {
    const earlier = bytesOf(await answerBody("HELLO"));
    await assertRefused("nonce_mismatch", () => decodeAnswer(earlier, { ...expectation("HELLO"), nonce: "2" }));
  });

  it("when it answers another request type", async () => {
    await assertRefused("request_type_mismatch", () =>
      answerBody("POLL_REQ").then((body) => acceptAnswer(body, "LICENSE_USAGE")),
    );
    const trustToSync = { ...okContent("TRUST_SYNC") };
    await assertRefused("request_type_mismatch", async () =>
      acceptAnswer(await answerBody("ID_TOKEN_TRUST", trustToSync), "TRUST_SYNC"),
    );
  });

  it("[BET-27] when its signature is null, as the field's answer to a trust request is", async () => {
    const { response } = JSON.parse(await answerBody("ID_TOKEN_TRUST"));
    const signature = { type: null, value: null, piid: null, cert_sn: null };
    const unsigned = bytesOf(JSON.stringify({ signature, response, sch_response: null }));
    await assertRefused("signature_null", () => acceptAnswer(unsigned, "ID_TOKEN_TRUST"));
    for (const member of ["type", "value", "cert_sn"]) {
      const body = await tampered({ [member]: null });
      await assertRefused("signature_null", () => acceptAnswer(body, "HELLO"), member);
    }
    const missing = bytesOf(JSON.stringify({ response, sch_response: null }));
    await assertRefused("envelope_invalid", () => acceptAnswer(missing, "ID_TOKEN_TRUST"));
  });

  it("when another manager, a device, a TLS server or somebody with a copied certificate signed it", async () => {
    const { issuing, signing, tls, root } = authority;
    const foreign = signingIdentity(foreignAuthority.signing, foreignAuthority.issuing);
    const copied = { ...manager, signer: foreign.signer };
    const expired = signingIdentity(issueSigning(issuing, { notAfter: testNow - 1000 }), issuing);
    const future = signingIdentity(issueSigning(issuing, { notBefore: testNow + 1000 }), issuing);
    const cases = [
      ["certificate_foreign", foreign],
      ["certificate_foreign", signingIdentity(signing)],
      ["certificate_wrong_purpose", signingIdentity(issueIdCertificate(issuing, sudi), issuing)],
      ["certificate_wrong_purpose", signingIdentity(tls, issuing)],
      ["certificate_wrong_purpose", signingIdentity(issuing, root)],
      ["certificate_expired", expired],
      ["certificate_not_yet_valid", future],
      ["signature_mismatch", copied],
    ] as const;
    for (const [code, by] of cases) {
      await assertRefused(
        code,
        async () => acceptAnswer(await answerBody("HELLO", okContent("HELLO"), by), "HELLO"),
        code,
      );
    }
  });

  it("when the named certificate is not the one that travels along", async () => {
    const body = await tampered({ cert_sn: "1" });
    await assertRefused("certificate_unknown", () => acceptAnswer(body, "HELLO"));
    const noCertificates = await tampered({ certificates: [] });
    await assertRefused("certificate_unknown", () => acceptAnswer(noCertificates, "HELLO"));
    const garbage = await tampered({ certificates: ["AAAA"] });
    await assertRefused("certificate_malformed", () => acceptAnswer(garbage, "HELLO"));
  });

  it("when the algorithm is unknown, not the key's, or the value no signature", async () => {
    const withMember = (name: string, value: string) => tampered({ [name]: value });
    await assertRefused("signature_algorithm_unknown", async () =>
      acceptAnswer(await withMember("type", "none"), "HELLO"),
    );
    await assertRefused("signature_algorithm_mismatch", async () =>
      acceptAnswer(await withMember("type", "SHA256"), "HELLO"),
    );
    await assertRefused("signature_malformed", async () => acceptAnswer(await withMember("value", "AAAA"), "HELLO"));
  });

  it("when its shape is wrong, though truly signed", async () => {
    const code = "envelope_invalid";
    const wrong = [
      (inner: Record<string, unknown>) => ({ ...inner, extra: 1 }),
      (inner: Record<string, unknown>) => ({ ...inner, status_code: "ok" }),
      (inner: Record<string, unknown>) => ({ ...inner, retry_time_seconds: -1 }),
      (inner: Record<string, unknown>) => ({ ...inner, response_data: {} }),
    ];
    for (const change of wrong) await assertRefused(code, async () => acceptAnswer(await resigned(change), "HELLO"));
    const badData = (inner: Record<string, unknown>) => ({ ...inner, response_data: '{"nonce":"1"}' });
    await assertRefused("payload_invalid", async () => acceptAnswer(await resigned(badData), "HELLO"));
    const noData = (inner: Record<string, unknown>) => ({ ...inner, response_data: "" });
    await assertRefused("payload_invalid", async () => acceptAnswer(await resigned(noData), "HELLO"));
    const anchorless = { ...expectation("HELLO"), anchors: [] };
    await assertRefused("certificate_foreign", async () =>
      decodeAnswer(bytesOf(await answerBody("HELLO")), anchorless),
    );
  });

  it("on its signature before its content is looked at", async () => {
    const body = await tampered({}, { response: "not even JSON" });
    await assertRefused("signature_mismatch", () => acceptAnswer(body, "HELLO"));
  });
});
