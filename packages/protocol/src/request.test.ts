import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serialNumberOf } from "./certificate.ts";
import { agentCapabilities, managerCapabilities } from "./envelope.ts";
import { requestTypes } from "./messages/message-table.ts";
import { decodeRequest, decodeRequestData, encodeRequest, verifyRequest } from "./request.ts";
import { testNow } from "./test-support/certificates.ts";
import { assertRefused, codeOf } from "./test-support/expectations.ts";
import { bytesOf, device, deviceOf, otherDevice, requestBody, requestIdentity } from "./test-support/parties.ts";
import { nonce, piid, requestDataSamples, sudi } from "./test-support/samples.ts";

type Json = Record<string, unknown>;
const header = {
  request_type: "HELLO",
  sudi,
  version: "1.3",
  locale: "en_US.UTF-8",
  product_instance_identifier: piid,
  connect_info: requestIdentity().connectInfo,
};

/** The envelope by hand, so that a test can leave out or bend any part of it. */
function envelope(headerChange: Json = {}, data: unknown = requestDataSamples.HELLO, outer: Json = {}): Buffer {
  const request = JSON.stringify({ header: { ...header, ...headerChange }, request_data: JSON.stringify(data) });
  return bytesOf(JSON.stringify({ request, ...outer }));
}

const decodeAll = (body: Buffer) => decodeRequestData(decodeRequest(body));

describe("the request envelope", () => {
  it("[MSG-1] carries the request as a string, and the data inside it as a string again", async () => {
    const outer = JSON.parse(await requestBody("HELLO"));
    assert.equal(typeof outer.request, "string");
    const inner = JSON.parse(outer.request);
    assert.equal(typeof inner.request_data, "string");
    assert.deepEqual(JSON.parse(inner.request_data), requestDataSamples.HELLO);
  });

  it("[MSG-1] is read also where an older peer wrote objects instead of strings, but then nothing is signed", async () => {
    const body = bytesOf(JSON.stringify({ request: { header, request_data: requestDataSamples.HELLO } }));
    assert.deepEqual(decodeAll(body), requestDataSamples.HELLO);
    const signature = { type: "ES256", key: "1", value: "AAAA" };
    const signed = bytesOf(JSON.stringify({ request: { header, request_data: requestDataSamples.HELLO }, signature }));
    await assertRefused("signature_missing", () => verifyRequest(decodeRequest(signed), device.keys.publicKey));
  });

  it("[MSG-2] carries a trust request with every documented member, in the documented words", async () => {
    const body = await encodeRequest("ID_TOKEN_TRUST", requestDataSamples.ID_TOKEN_TRUST, requestIdentity(null));
    const outer = JSON.parse(body);
    assert.deepEqual(Object.keys(outer), ["request"]);
    const inner = JSON.parse(outer.request);
    const data = JSON.parse(inner.request_data);
    for (const name of [
      "request_type",
      "sudi",
      "version",
      "locale",
      "product_instance_identifier",
      "nonce",
      "timestamp",
    ]) {
      assert.ok(name in inner.header, name);
    }
    for (const name of [
      "sudi",
      "timestamp",
      "nonce",
      "product_instance_identifier",
      "hostname",
      "token",
      "mode",
      "force",
    ]) {
      assert.ok(name in data, name);
    }
    for (const name of [
      "sudi",
      "trust_id",
      "software_tag_identifier",
      "product_instance_identifier",
      "csr",
      "id_cert_sn",
    ]) {
      assert.ok(name in data.device_list[0], name);
    }
    assert.equal(data.mode, "PERMANENT");
    assert.deepEqual(data.device_list[0].sudi, data.sudi);
  });

  it("[MSG-6] carries a poll that names what it polls for, its id beyond 2^53 unharmed", async () => {
    const data = decodeAll(bytesOf(await requestBody("POLL_REQ")));
    assert.deepEqual(data, requestDataSamples.POLL_REQ);
    const asNumber = JSON.stringify(requestDataSamples.POLL_REQ).replace(
      '"9223372036854775809"',
      "9223372036854775809",
    );
    const body = envelope({ request_type: "POLL_REQ" }, {});
    const withNumber = bytesOf(body.toString().replace("{}", JSON.stringify(JSON.stringify(asNumber)).slice(3, -3)));
    assert.deepEqual(decodeAll(withNumber), requestDataSamples.POLL_REQ);
  });

  it("[MSG-8] is signed with the algorithm's name and the serial number of the ID certificate, in base64 without line feeds", async () => {
    for (const [kind, type] of [
      ["rsa-2048", "SHA256"],
      ["p-256", "ES256"],
    ] as const) {
      const { signature } = JSON.parse(await requestBody("HELLO", deviceOf(kind)));
      assert.deepEqual(Object.keys(signature), ["type", "key", "value"]);
      assert.equal(signature.type, type);
      assert.equal(signature.key, serialNumberOf(deviceOf(kind).certificate));
      assert.doesNotMatch(signature.value, /\s/);
    }
  });

  it("[MSG-9] [POL-4] [BET-20] announces each documented capability once, and takes one announced twice", async () => {
    assert.deepEqual(agentCapabilities, [
      "UTILITY",
      "DLC",
      "AppHA",
      "MULTITIER",
      "EXPORT_2",
      "OK_TRY_AGAIN",
      "POLICY_USAGE",
    ]);
    assert.deepEqual(managerCapabilities, ["DLC", "AppHA", "EXPORT_2", "POLICY_USAGE", "UTILITY", "LEDGER"]);
    const twice = { ...header.connect_info, capabilities: [...agentCapabilities, "POLICY_USAGE"] };
    assert.deepEqual(decodeRequest(envelope({ connect_info: twice })).header.connect_info.capabilities.length, 8);
  });

  it("names message version and locale as documented", async () => {
    const inner = JSON.parse(JSON.parse(await requestBody("HELLO")).request);
    assert.equal(inner.header.version, "1.3");
    assert.equal(inner.header.locale, "en_US.UTF-8");
    await assertRefused("envelope_invalid", () => decodeRequest(envelope({ version: "1.4" })));
  });

  it("[MSG-11] repeats nonce and time in header and data, and is read from peers that leave them out of the header", async () => {
    const sent = decodeRequest(bytesOf(await requestBody("HELLO")));
    assert.equal(sent.header.nonce, nonce);
    assert.equal(sent.header.timestamp, testNow);
    const older = decodeRequest(envelope());
    assert.equal(older.header.nonce, undefined);
    assert.deepEqual(decodeRequestData(older), requestDataSamples.HELLO);
  });

  it("[MSG-11] keeps nonces as text of up to twenty digits, whether a peer sent text or number", async () => {
    const largest = "99999999999999999999";
    const numeric = (text: string) =>
      bytesOf(
        envelope({}, { ...requestDataSamples.HELLO, nonce: "@" })
          .toString()
          .replace('\\\\\\"@\\\\\\"', text),
      );
    assert.equal((decodeAll(numeric(largest)) as { nonce: string }).nonce, largest);
    assert.equal((decodeAll(numeric("7")) as { nonce: string }).nonce, "7");
    for (const wrong of [`"${largest}0"`, '""', '"-1"', '"1e3"', "1.5", "-1", "null", '"0x10"']) {
      const data = JSON.parse(`{"nonce":${wrong}}`);
      await assertRefused(
        "payload_invalid",
        () => decodeAll(envelope({}, { ...requestDataSamples.HELLO, ...data })),
        wrong,
      );
    }
  });
});

describe("a request is refused", () => {
  it("when a member is missing, unknown or of the wrong kind, with every wrong path", async () => {
    const wrong: readonly Buffer[] = [
      bytesOf("[]"),
      bytesOf("null"),
      bytesOf("{}"),
      bytesOf('{"request":5}'),
      bytesOf('{"request":[]}'),
      bytesOf('{"request":"[]"}'),
      envelope({}, {}, { extra: 1 }),
      envelope({ extra: 1 }),
      envelope({ sudi: { udi_pid: "A,B", udi_serial_number: "1" } }),
      envelope({ connect_info: { ...header.connect_info, production: "true" } }),
      envelope({}, {}, { signature: { type: "ES256" } }),
    ];
    for (const body of wrong) await assertRefused("envelope_invalid", () => decodeRequest(body), body.toString());
    try {
      decodeRequest(envelope({ locale: 1, version: "2" }));
      assert.fail("was not refused");
    } catch (error) {
      const paths = (error as { issues: readonly { path: string }[] }).issues.map((issue) => issue.path);
      assert.deepEqual(paths, ["header.version", "header.locale"]);
    }
  });

  it("when a member has the name of something every object inherits", async () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const member = `"${name}":{"request_type":"HELLO"},`;
      const outer = bytesOf(envelope().toString().replace("{", `{${member}`));
      const inner = bytesOf(
        envelope()
          .toString()
          .replace('"{', `"{${member.replaceAll('"', '\\"')}`),
      );
      const object = bytesOf(`{"request":{${member}"header":${JSON.stringify(header)},"request_data":{}}}`);
      for (const body of [outer, inner, object])
        await assertRefused("envelope_invalid", () => decodeRequest(body), body.toString());
    }
  });

  it("when its type is not one that is served", async () => {
    for (const name of ["", "hello", "Register", "__proto__", "toString"]) {
      await assertRefused("request_type_unknown", () => decodeRequest(envelope({ request_type: name })), name);
    }
  });

  it("when its data fits another type, for every pair of types", async () => {
    for (const type of requestTypes) {
      for (const other of requestTypes) {
        const body = envelope({ request_type: type }, requestDataSamples[other]);
        if (type === other) decodeAll(body);
        else await assertRefused("payload_invalid", () => decodeAll(body), `${type} with the data of ${other}`);
      }
    }
  });

  it("when data and header name different devices or nonces", async () => {
    const otherSerial = { ...sudi, udi_serial_number: "ELSE" };
    const otherPid = { ...sudi, udi_pid: "ELSE" };
    for (const change of [{ sudi: otherSerial }, { sudi: otherPid }, { nonce: "1" }]) {
      await assertRefused("payload_invalid", () => decodeAll(envelope(change)));
    }
  });

  it("when its signature is null, wholly or in part, which is not the same as none", async () => {
    assert.equal(decodeRequest(envelope({}, {}, { signature: null })).signature, null);
    const whole = { type: "ES256", key: "1", value: "AAAA" };
    for (const signature of [
      { type: null, key: null, value: null },
      { ...whole, type: null },
      { ...whole, key: null },
      { ...whole, value: null },
    ]) {
      await assertRefused("signature_null", () => decodeRequest(envelope({}, {}, { signature })));
    }
  });

  it("when it must be signed and is not", async () => {
    const unsigned = decodeRequest(bytesOf(await requestBody("LICENSE_USAGE", null)));
    await assertRefused("signature_missing", () => verifyRequest(unsigned, device.keys.publicKey));
  });

  it("when another device signed it, or the same signature stands under another request", async () => {
    const request = decodeRequest(bytesOf(await requestBody("LICENSE_USAGE")));
    await verifyRequest(request, device.keys.publicKey);
    await assertRefused("signature_mismatch", () => verifyRequest(request, otherDevice.keys.publicKey));
    const { signature } = JSON.parse(await requestBody("HELLO"));
    const { request: text } = JSON.parse(await requestBody("POLL_REQ"));
    const moved = decodeRequest(bytesOf(JSON.stringify({ request: text, signature })));
    await assertRefused("signature_mismatch", () => verifyRequest(moved, device.keys.publicKey));
  });

  it("when the algorithm is unknown or not that of the key", async () => {
    const { request, signature } = JSON.parse(await requestBody("HELLO"));
    const withType = (type: string) =>
      decodeRequest(bytesOf(JSON.stringify({ request, signature: { ...signature, type } })));
    const verify = (type: string) => () => verifyRequest(withType(type), device.keys.publicKey);
    await assertRefused("signature_algorithm_unknown", verify("none"));
    await assertRefused("signature_algorithm_mismatch", verify("SHA256"));
  });

  it("in the order of acceptance: each earlier step speaks first", async () => {
    const tooLarge = Buffer.concat([Buffer.from([0xff]), Buffer.alloc(100)]);
    assert.equal(await codeOf(() => decodeRequest(tooLarge, 100)), "message_too_large");
    assert.equal(await codeOf(() => decodeRequest(tooLarge, 101)), "invalid_utf8");
    assert.equal(await codeOf(() => decodeRequest(bytesOf("["))), "invalid_json");
    assert.equal(
      await codeOf(() => decodeRequest(envelope({ request_type: "X" }, {}, { extra: 1 }))),
      "envelope_invalid",
    );
    const badData = {
      ...JSON.parse(await requestBody("HELLO")),
      request: JSON.stringify({ header, request_data: "{" }),
    };
    await assertRefused("signature_mismatch", () =>
      verifyRequest(decodeRequest(bytesOf(JSON.stringify(badData))), device.keys.publicKey),
    );
    await assertRefused("invalid_json", () => decodeAll(bytesOf(JSON.stringify(badData))));
  });
});
