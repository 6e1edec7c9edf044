import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  decodeSmartLicense,
  isAcknowledgedBy,
  messageBytesMax,
  sha256Hex,
  verifyAcknowledgement,
} from "@countersign/protocol";
import { TestDevice } from "../test-support/test-device.ts";
import { type HttpReply, withManager } from "../test-support/test-manager.ts";

/** The parts of an answer as they travel, without verifying. */
function partsOf({ text }: { readonly text: string }) {
  const outer = JSON.parse(text);
  const response = JSON.parse(outer.response);
  const data = response.response_data === "" ? null : JSON.parse(response.response_data);
  return { outer, response, data };
}

suite("device paths", () => {
  test("[TRN-25] [TRN-26] a message is served at every documented path in its own letters, whatever the tenant is called", async () => {
    await withManager({}, async (manager) => {
      for (const path of [
        "/licservice/license",
        "/SmartTransport",
        "/cslu/v1/pi",
        "/cslu/v1/pi/Example%20Corp-1",
        "/cslu/v1/pi/Lab",
        "/its/service/oddce/services/DDCEService",
        "/Transportgateway/services/DeviceRequestHandler",
      ]) {
        const device = manager.device();
        const data = device.hello();
        const { status, headers, text } = await manager.call("POST", path, {
          body: await device.encode("HELLO", data),
        });
        assert.deepEqual([path, status, headers["content-type"]], [path, 200, "application/json"]);
        assert.equal(partsOf({ text }).response.status_code, "OK");
      }
      assert.equal((await manager.call("GET", "/licservice/license")).status, 404);
      const otherLetters = "/transportgateway/services/devicerequesthandler";
      assert.equal((await manager.call("POST", otherLetters, { body: "{}" })).status, 404);
    });
  });

  test("[MSG-1] request and response, and the data inside them, are JSON strings; objects are taken too", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const asStrings = JSON.parse(await device.encode("HELLO", device.hello()));
      const inner = JSON.parse(asStrings.request);
      const asObjects = { request: { ...inner, request_data: JSON.parse(inner.request_data) } };
      for (const body of [asStrings, asObjects]) {
        const { outer, response, data } = partsOf(
          await manager.call("POST", "/licservice/license", { body: JSON.stringify(body) }),
        );
        assert.equal(typeof outer.response, "string");
        assert.equal(typeof response.response_data, "string");
        assert.equal(data.nonce, inner.header.nonce);
      }
    });
  });

  test("[MSG-3] [MSG-4] [TRU-14] one trust answer brings names, identifier, trust code and account information", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const request = device.trustRequest(await manager.token());
      const { outer, response, data } = partsOf(
        await manager.call("POST", "/licservice/license", { body: await device.encode("ID_TOKEN_TRUST", request) }),
      );
      assert.deepEqual(
        [response.status_code, response.status_message, response.retry_time_seconds, outer.sch_response],
        ["OK", "OK", 0, null],
      );
      assert.deepEqual([response.header.nonce, response.header.request_type], [request.nonce, "ID_TOKEN_TRUST"]);
      assert.deepEqual([data.smart_account_name, data.pool_name], ["Example Corp", "DEFAULT"]);
      const [given] = data.device_list;
      assert.match(given.product_instance_identifier, /^[0-9a-f-]{36}$/);
      const kinds = decodeSmartLicense(given.smart_license).map(({ header }) => header.type);
      assert.deepEqual(kinds.sort(), ["account", "policy", "trust"]);
    });
  });

  test("[BET-27] [TRU-22] the answer to the first, unsigned request is signed, and proved by the root alone", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const token = await manager.token();
      assert.equal("signature" in JSON.parse(await device.encode("ID_TOKEN_TRUST", device.trustRequest(token))), false);
      // `ask` verifies signature, chain and nonce with the licensing root and nothing else.
      const answer = await device.enrol(token);
      assert.equal(answer.statusCode, "OK");
      assert.ok(answer.signingCertificate.subject.includes("Manager Signing"));
      await withManager({}, async (other) => {
        const elsewhere = new TestDevice(
          "PID:C9300-48UN,SN:LABSN000009",
          other.init.rootCertificatePem,
          manager.exchange(),
        );
        await assert.rejects(elsewhere.ask("HELLO", elsewhere.hello()), { code: "certificate_foreign" });
      });
    });
  });

  test("[MSG-8] the answer's signature names the manager's certificate, and leaves the chain out for who has it", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const body = await device.encode("HELLO", device.hello());
      const first = partsOf(await manager.call("POST", "/licservice/license", { body }));
      assert.deepEqual([first.outer.signature.type, first.outer.signature.piid], ["ES256", null]);
      assert.match(first.outer.signature.cert_sn, /^\d{20,}$/);
      assert.equal(first.outer.signature.certificates.length, 2);
      const knowing = JSON.parse(JSON.parse(body).request);
      knowing.header.signing_cert_serial_number = first.outer.signature.cert_sn;
      const second = partsOf(
        await manager.call("POST", "/licservice/license", {
          body: JSON.stringify({ request: JSON.stringify(knowing) }),
        }),
      );
      assert.equal("certificates" in second.outer.signature, false);
    });
  });

  test("[MSG-9] [MSG-10] the manager names itself and its capabilities as the field's servers do", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const { response } = partsOf(
        await manager.call("POST", "/licservice/license", { body: await device.encode("HELLO", device.hello()) }),
      );
      const { version, locale, agent_actions, connect_info } = response.header;
      assert.deepEqual([version, locale, agent_actions], ["1.3", "en_US.UTF-8", null]);
      assert.deepEqual([connect_info.name, connect_info.version], ["SSM", "1.3"]);
      assert.deepEqual(connect_info.capabilities.sort(), [
        "AppHA",
        "DLC",
        "EXPORT_2",
        "LEDGER",
        "POLICY_USAGE",
        "UTILITY",
      ]);
    });
  });

  test("[MSG-5] the time in the header and the time in the data are both looked at, whatever the other says", async () => {
    const now = Date.now();
    await withManager({ clock: { now: () => now } }, async (manager) => {
      const device = manager.device();
      const answerTo = async (inHeader: number | undefined, inData: number) => {
        const sent = JSON.parse(await device.encode("HELLO", { ...device.hello(), timestamp: inData }));
        const inner = JSON.parse(sent.request);
        const request = JSON.stringify({ ...inner, header: { ...inner.header, timestamp: inHeader } });
        const { response } = partsOf(
          await manager.call("POST", "/licservice/license", { body: JSON.stringify({ ...sent, request }) }),
        );
        return [response.status_code, /'(\d+)' is offset/.exec(response.status_message)?.[1] ?? null];
      };
      const off = now - 3_600_001;
      assert.deepEqual(await answerTo(now, now), ["OK", null]);
      assert.deepEqual(await answerTo(undefined, now), ["OK", null]);
      assert.deepEqual(await answerTo(off, now), ["FAILED", String(off)]);
      assert.deepEqual(await answerTo(now, off), ["FAILED", String(off)]);
      assert.deepEqual(await answerTo(undefined, off), ["FAILED", String(off)]);
    });
  });

  test("[MSG-11] a header without nonce is answered with a null one; twenty digits come back unharmed", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const data = { ...device.hello(), nonce: "18446744073709551615" };
      const inner = JSON.parse(JSON.parse(await device.encode("HELLO", data)).request);
      const { nonce, timestamp, ...older } = inner.header;
      const body = JSON.stringify({ request: JSON.stringify({ ...inner, header: older }) });
      const answered = partsOf(await manager.call("POST", "/licservice/license", { body }));
      assert.equal(answered.response.header.nonce, null);
      assert.equal(answered.data.nonce, "18446744073709551615");
    });
  });

  test("[MSG-5] [MSG-12] a clock more than an hour off is refused with the documented text, 85 seconds are not", async () => {
    const now = Date.now();
    await withManager({ clock: { now: () => now } }, async (manager) => {
      const device = manager.device();
      const answerTo = async (timestamp: number) => device.ask("HELLO", { ...device.hello(), timestamp });
      assert.equal((await answerTo(now - 85_000)).statusCode, "OK");
      assert.equal((await answerTo(now + 3_600_000)).statusCode, "OK");
      const refused = await answerTo(now - 3_600_001);
      assert.equal(refused.statusCode, "FAILED");
      assert.equal(
        refused.statusMessage,
        `{"timestamp":["The device date '${now - 3_600_001}' is offset beyond the allowed tolerance limit."]}`,
      );
    });
  });

  test("reports are acknowledged with a signed object that names their content", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      await device.enrol(await manager.token());
      const payload = device.reportPayload(1, 4);
      const answer = await device.ask("LICENSE_USAGE", await device.usage([payload]));
      assert.ok(answer.statusCode === "OK");
      const objects = decodeSmartLicense(answer.data.device_list[0]?.smart_license ?? "");
      const object = objects.find(({ header }) => header.type === "ack");
      assert.ok(object !== undefined);
      const acknowledgement = await verifyAcknowledgement({
        object,
        anchors: device.anchors,
        now: Date.now(),
        productInstanceIdentifier: device.identifier,
        udi: device.udi,
        newestSequence: -1,
      });
      const [entry] = acknowledgement.reports;
      assert.ok(entry !== undefined && isAcknowledgedBy(entry, 1, sha256Hex(payload)));
      const licenses = await manager.running.manager.administration.listLicenses({});
      assert.deepEqual(
        licenses.map(({ inUse, balance }) => [inUse, balance]),
        [[4, -4]],
      );
    });
  });
});

suite("refusals", () => {
  test("what cannot be read is answered 400 with a signed answer whose header is empty and whose code says why", async () => {
    const bodies: readonly (readonly [string, string | Uint8Array])[] = [
      ["invalid_json", ""],
      ["invalid_json", "{"],
      ["invalid_json", "\u0000"],
      ["invalid_utf8", Buffer.from([0x7b, 0xff, 0x7d])],
      ["json_too_deep", "[".repeat(40) + "]".repeat(40)],
      ["duplicate_member", '{"request":"{}","request":"{}"}'],
      ["envelope_invalid", "[]"],
      ["envelope_invalid", '{"request":"{}"}'],
      ["envelope_invalid", '{"request":7}'],
      ["invalid_json", '{"request":"{"}'],
    ];
    await withManager({}, async (manager) => {
      for (const [code, body] of bodies) {
        const reply = await manager.call("POST", "/licservice/license", { body });
        const { response, data } = partsOf(reply);
        assert.deepEqual([reply.status, data.code, response.status_code], [400, code, "FAILED"], String(body));
        assert.deepEqual(
          [response.header.nonce, response.header.request_type, response.header.sudi],
          [null, null, null],
        );
        assert.ok(data.remedy.length > 0);
      }
    });
  });

  test("an unknown request type and a null signature have a readable header, so they are answered 200 FAILED", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const outer = JSON.parse(await device.encode("HELLO", device.hello()));
      const unknown = { request: outer.request.replaceAll("HELLO", "HALLO") };
      const unsigned = { ...outer, signature: { type: null, key: null, value: null } };
      for (const [code, body] of [
        ["request_type_unknown", unknown],
        ["signature_null", unsigned],
      ] as const) {
        const reply = await manager.call("POST", "/licservice/license", { body: JSON.stringify(body) });
        const { response, data } = partsOf(reply);
        assert.deepEqual([reply.status, response.status_code, data.code], [200, "FAILED", code]);
        assert.equal(response.header.sudi.udi_serial_number, device.udi.serialNumber);
      }
    });
  });

  test("a body of the largest size is read, one byte more is answered 413 in the same signed shape", async () => {
    await withManager({}, async (manager) => {
      const atLimit = await manager.call("POST", "/licservice/license", { body: Buffer.alloc(messageBytesMax, 0x20) });
      assert.deepEqual([atLimit.status, partsOf(atLimit).data.code], [400, "invalid_json"]);
      const beyond: HttpReply = await manager.call("POST", "/licservice/license", {
        body: Buffer.alloc(messageBytesMax + 1, 0x20),
      });
      assert.deepEqual([beyond.status, partsOf(beyond).data.code], [413, "message_too_large"]);
      assert.equal(typeof partsOf(beyond).outer.signature.value, "string");
    });
  });

  test("a wrong place is named by its path; what stood there is not repeated", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const request = { ...device.trustRequest("canary-token"), mode: "canary-mode" };
      const answer = await device.ask("ID_TOKEN_TRUST", request as never);
      assert.ok(answer.statusCode === "FAILED");
      assert.equal(answer.data?.code, "payload_invalid");
      assert.match(answer.statusMessage, /Wrong: mode\./);
      assert.doesNotMatch(JSON.stringify(answer), /canary/);
    });
  });

  test("more requests than may be in flight are asked to come again, before any work is done for them", async () => {
    await withManager({ requestsInFlightMax: 1, retryWhenBusySeconds: 40 }, async (manager) => {
      const device = manager.device();
      const body = Buffer.from(await device.encode("HELLO", device.hello()));
      const { endpoint } = manager.running.manager;
      const answers = await Promise.all([1, 2, 3].map(() => endpoint.answer(body, { reportsMax: 1 })));
      const responses = answers.map(({ body: text }) => partsOf({ text }).response);
      assert.deepEqual(
        responses.map(({ status_code }) => status_code),
        ["OK", "OK_TRY_AGAIN", "OK_TRY_AGAIN"],
      );
      for (const { retry_time_seconds } of responses.slice(1))
        assert.ok(retry_time_seconds >= 40 && retry_time_seconds < 80);
      assert.equal(manager.running.manager.admission.requests, 0);
    });
  });

  test("messages of more bytes than may be in flight are asked to come again; those that still fit are not", async () => {
    await withManager({ requestMebibytesInFlightMax: 1 }, async (manager) => {
      const bytesMax = 1024 * 1024;
      const device = manager.device();
      const hello = Buffer.from(await device.encode("HELLO", device.hello()));
      const ofSize = (bytes: number) => Buffer.concat([hello, Buffer.alloc(bytes - hello.length, 0x20)]);
      const { endpoint, admission } = manager.running.manager;
      const large = ofSize(bytesMax - 2 * hello.length);
      const codesOf = async (...bodies: readonly Buffer[]) => {
        const answers = await Promise.all(bodies.map((body) => endpoint.answer(body, { reportsMax: 1 })));
        assert.deepEqual([admission.requests, admission.bytes], [0, 0]);
        return answers.map(({ body: text }) => partsOf({ text }).response.status_code);
      };
      assert.deepEqual(await codesOf(large, ofSize(2 * hello.length)), ["OK", "OK"]);
      assert.deepEqual(await codesOf(large, ofSize(2 * hello.length + 1)), ["OK", "OK_TRY_AGAIN"]);
      assert.deepEqual(await codesOf(large, large, hello), ["OK", "OK_TRY_AGAIN", "OK"]);
      assert.deepEqual(await codesOf(ofSize(bytesMax + 1), hello), ["OK", "OK_TRY_AGAIN"]);
      assert.match((await manager.call("GET", "/metrics")).text, /countersign_request_bytes_in_flight 0/);
    });
  });

  test("what is turned away without a header to answer to is refused as what it is", async () => {
    await withManager({ requestsInFlightMax: 1 }, async (manager) => {
      const device = manager.device();
      const hello = Buffer.from(await device.encode("HELLO", device.hello()));
      const { endpoint } = manager.running.manager;
      const [, unreadable] = await Promise.all(
        [hello, Buffer.from('{"request":null}')].map((body) => endpoint.answer(body, { reportsMax: 1 })),
      );
      assert.equal(unreadable?.httpStatus, 400);
      assert.equal(partsOf({ text: unreadable?.body ?? "" }).data.code, "envelope_invalid");
    });
  });

  test("JSON that is no message is refused as such, never as a failure of the manager", async () => {
    await withManager({}, async (manager) => {
      const { endpoint } = manager.running.manager;
      for (const body of [
        "null",
        "0",
        '"x"',
        "[[]]",
        '{"request":null}',
        '{"request":{"header":null}}',
        '{"request":"null"}',
      ]) {
        const { httpStatus } = await endpoint.answer(Buffer.from(body), { reportsMax: 1 });
        assert.equal(httpStatus, 400, body);
      }
      assert.doesNotMatch(manager.logText(), /incidentId/);
    });
  });
});
