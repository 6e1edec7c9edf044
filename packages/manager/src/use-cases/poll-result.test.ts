import assert from "node:assert/strict";
import { test } from "node:test";
import { acknowledgementOf, createTrustedDevice, type TestDevice } from "../test-support/core-device.ts";
import { createTestManager } from "../test-support/core-manager.ts";

const pollMode = { options: { acknowledgeMode: "poll", pollIntervalSeconds: 300 } } as const;

async function reportLater(device: TestDevice, reportId: number) {
  const { answer, reply } = await device.sendReports([await device.report({ reportId, count: 1 })]);
  assert.ok(answer.statusCode === "OK_POLL");
  return { pollId: answer.data.poll_id, interval: answer.data.poll_interval, reply };
}

function pollData(device: TestDevice, pollId: string, original = device.identifier) {
  return {
    ...device.base(),
    original_request_type: "LICENSE_USAGE" as const,
    original_piid: original,
    poll_id: pollId,
  };
}

test("[REP-13] [MSG-6] a report is answered later: the poll that names it gets its ACK, and gets it again", async () => {
  const manager = await createTestManager(pollMode);
  const device = await createTrustedDevice(manager);
  const { pollId, interval } = await reportLater(device, 1);
  assert.equal(interval, 300);
  assert.ok(BigInt(pollId) > 2n ** 53n);
  const poll = async () => acknowledgementOf((await device.send("POLL_REQ", pollData(device, pollId))).answer);
  const first = await poll();
  assert.equal(first.acknowledgement.reports[0]?.report_id, 1);
  await reportLater(device, 2);
  manager.clock.advance(400 * 86_400_000);
  assert.equal((await poll()).payload, first.payload);
});

test("[I2] a report sent again while its poll is open gets the same poll id", async () => {
  const manager = await createTestManager(pollMode);
  const device = await createTrustedDevice(manager);
  assert.equal((await reportLater(device, 1)).pollId, (await reportLater(device, 1)).pollId);
});

test("[MSG-7] a poll that names an unknown instance is refused in the documented words", async () => {
  const manager = await createTestManager(pollMode);
  const device = await createTrustedDevice(manager);
  const { pollId } = await reportLater(device, 1);
  const unknown = "6c1f4d0a-2f7e-4f4e-9a5b-0d9f6c2b1a77";
  const { answer, reply } = await device.send("POLL_REQ", pollData(device, pollId, unknown));
  assert.equal(answer.statusCode, "FAILED");
  assert.equal(answer.retryTimeSeconds, 0);
  assert.equal(
    answer.statusMessage,
    `Invalid ProductInstanceIdentifier: ${unknown} provided in the polling request ${pollId}`,
  );
  assert.equal(reply.refusal, "poll_instance_unknown");
});

test("nobody can poll for another device's ACK, nor for one that does not exist", async () => {
  const manager = await createTestManager(pollMode);
  const device = await createTrustedDevice(manager);
  const other = await createTrustedDevice(manager);
  const { pollId } = await reportLater(device, 1);
  assert.equal((await other.send("POLL_REQ", pollData(other, pollId))).reply.refusal, "poll_unknown");
  assert.equal(
    (await other.send("POLL_REQ", pollData(other, pollId, device.identifier))).reply.refusal,
    "poll_instance_unknown",
  );
  for (const id of ["0", "7", `${BigInt(pollId) + 1n}`]) {
    assert.equal((await device.send("POLL_REQ", pollData(device, id))).reply.refusal, "poll_unknown");
  }
});
