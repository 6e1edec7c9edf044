import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";
import { decodeSmartLicense } from "@countersign/protocol";
import type { TestDevice } from "../test-support/test-device.ts";
import { type TestManager, withManager } from "../test-support/test-manager.ts";

async function trusted(manager: TestManager): Promise<TestDevice> {
  const device = manager.device();
  await device.enrol(await manager.token());
  return device;
}

function pollOf(device: TestDevice, pollId: string) {
  return {
    ...device.common(),
    original_request_type: "LICENSE_USAGE" as const,
    original_piid: device.identifier,
    poll_id: pollId,
  };
}

/** The same request as an older agent sends it: nonce and time in the data only, the poll id as a number. */
async function asOlderAgent(device: TestDevice, data: ReturnType<typeof pollOf>): Promise<string> {
  const inner = JSON.parse(JSON.parse(await device.encode("POLL_REQ", data)).request);
  const { nonce, timestamp, ...header } = inner.header;
  const text = inner.request_data.replace(/"poll_id":"(\d+)"/, '"poll_id":$1');
  assert.notEqual(text, inner.request_data);
  const request = JSON.stringify({ header, request_data: text });
  const value = Buffer.from(await device.signer.sign(Buffer.from(request))).toString("base64");
  return JSON.stringify({
    request,
    signature: { type: device.signer.algorithm, key: device.trust?.certificateSerial, value },
  });
}

suite("polling", () => {
  test("[MSG-6] [REP-13] the poll id survives as text and as number, and every poll brings the same acknowledgement", async () => {
    await withManager({ acknowledgeMode: "poll", pollIntervalSeconds: 7 }, async (manager) => {
      const device = await trusted(manager);
      const usage = await device.usage([device.reportPayload(1, 4)]);
      const later = await device.ask("LICENSE_USAGE", usage);
      assert.ok(later.statusCode === "OK_POLL");
      assert.equal(later.data.poll_interval, 7);
      assert.ok(BigInt(later.data.poll_id) > 2n ** 53n);
      const first = await device.ask("POLL_REQ", pollOf(device, later.data.poll_id));
      assert.ok(first.statusCode === "OK");
      const older = await manager.call("POST", "/licservice/license", {
        body: await asOlderAgent(device, pollOf(device, later.data.poll_id)),
      });
      const response = JSON.parse(JSON.parse(older.text).response);
      assert.deepEqual([response.status_code, response.header.nonce], ["OK", null]);
      const payloads = [first.data, JSON.parse(response.response_data)].map((data) => {
        const objects = decodeSmartLicense(data.device_list[0].smart_license);
        return objects.find(({ header }) => header.type === "ack")?.payload;
      });
      assert.ok(payloads[0] !== undefined);
      assert.equal(payloads[1], payloads[0]);
    });
  });

  test("[MSG-7] a poll for an unknown instance is refused inside a well-formed, signed answer, in the documented words", async () => {
    await withManager({}, async (manager) => {
      const device = await trusted(manager);
      const stranger = randomUUID();
      const answer = await device.ask("POLL_REQ", { ...pollOf(device, "1000000001"), original_piid: stranger });
      assert.ok(answer.statusCode === "FAILED");
      assert.equal(
        answer.statusMessage,
        `Invalid ProductInstanceIdentifier: ${stranger} provided in the polling request 1000000001`,
      );
      assert.equal(answer.retryTimeSeconds, 0);
    });
  });
});

suite("usage", () => {
  test("[GEN-9] [GEN-12] usage of what nobody bought is acknowledged and shown as a shortage, never refused", async () => {
    await withManager({}, async (manager) => {
      const device = await trusted(manager);
      const answer = await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 1000)]));
      assert.equal(answer.statusCode, "OK");
      const [license] = await manager.running.manager.administration.listLicenses({});
      assert.deepEqual([license?.purchased, license?.inUse, license?.balance], [0, 1000, -1000]);
    });
  });

  test("[GEN-5] [TOK-3] [TOK-5] a token of a virtual account establishes trust; afterwards reports need no token any more", async () => {
    await withManager({}, async (manager) => {
      const { administration } = manager.running.manager;
      const cause = { kind: "operator", name: "test" } as const;
      const token = await administration.createToken({ virtualAccount: "Lab", cause });
      const device = manager.device();
      const answer = await device.enrol(token.text);
      assert.ok(answer.statusCode === "OK");
      assert.equal(answer.data.pool_name, "Lab");
      await administration.revokeToken({ tokenId: token.tokenId, cause });
      const reported = await device.ask("LICENSE_USAGE", await device.usage([device.reportPayload(1, 4)]));
      assert.equal(reported.statusCode, "OK");
    });
  });

  test("what survives a restart of the manager is everything: trust, usage and the acknowledgement of a repeated report", async () => {
    await withManager({}, async (manager) => {
      const device = await trusted(manager);
      const payload = device.reportPayload(1, 4);
      const ackOf = async () => {
        const answer = await device.ask("LICENSE_USAGE", await device.usage([payload]));
        assert.ok(answer.statusCode === "OK");
        const objects = decodeSmartLicense(answer.data.device_list[0]?.smart_license ?? "");
        return objects.find(({ header }) => header.type === "ack")?.payload;
      };
      const before = await ackOf();
      await manager.restart();
      assert.equal(await ackOf(), before);
    });
  });

  test("metrics tell accepted from known reports, and how many messages shared a transaction", async () => {
    await withManager({}, async (manager) => {
      const device = await trusted(manager);
      const payloads = [device.reportPayload(1, 4), device.reportPayload(2, 5)];
      await device.ask("LICENSE_USAGE", await device.usage(payloads));
      await device.ask("LICENSE_USAGE", await device.usage(payloads));
      const { text } = await manager.call("GET", "/metrics");
      assert.match(text, /countersign_reports_total\{outcome="accepted"\} 2/);
      assert.match(text, /countersign_reports_total\{outcome="known"\} 2/);
      assert.match(text, /countersign_group_commit_messages_count 2/);
      assert.match(text, /countersign_reports_waiting 0/);
    });
  });
});
