// What stands in the messages themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { agentVersion } from "../agent-version.ts";
import {
  advancedTag,
  baseTag,
  exampleUrl,
  product,
  productTag,
  standbyUdi,
  udi,
} from "../test-support/example-state.ts";
import { startScene, token } from "../test-support/start-agent.ts";

const minuteMs = 60_000;
const members = [
  { udi, role: "Active" },
  { udi: standbyUdi, role: "Standby" },
] as const;

test("[TRU-15] [TRU-21] [TRU-22] a trust request names every device, its mode and its force, and is not signed", async (t) => {
  const { agent, manager, pass } = await startScene(t, { change: { product: { ...product, members } } });
  await agent.trust(token, { force: true });
  await pass(1000);
  const request = manager.requests[0];
  const data = JSON.parse(request?.data as string);
  assert.deepEqual([data.mode, data.force, data.token, data.hostname], ["PERMANENT", true, token, "edge-1"]);
  assert.equal(request?.signature, null);
  assert.deepEqual(
    data.device_list.map((device: { trust_id: number; role: string; software_tag_identifier: string }) => [
      device.role,
      device.software_tag_identifier,
      Number.isInteger(device.trust_id) && device.trust_id < 1000,
    ]),
    [
      ["Active", productTag, true],
      ["Standby", productTag, true],
    ],
  );
  assert.equal(new Set(data.device_list.map((device: { csr: string }) => device.csr)).size, 2);
});

test("[MSG-9] [MSG-10] [BET-20] the agent names itself, its version and each of its capabilities once", async (t) => {
  const { agent, manager, pass } = await startScene(t);
  await agent.trust(token);
  await pass(1000);
  const { header } = manager.requests[0] ?? assert.fail("nothing was sent");
  assert.deepEqual([header.version, header.locale], ["1.3", "en_US.UTF-8"]);
  const { name, version, capabilities } = header.connect_info;
  assert.deepEqual([name, version], ["C_agent", agentVersion]);
  assert.match(version, /^\d+\.\d+\.\d+_rel\/\d+$/);
  const expected = ["UTILITY", "DLC", "AppHA", "MULTITIER", "EXPORT_2", "OK_TRY_AGAIN", "POLICY_USAGE"];
  assert.deepEqual(capabilities, expected);
});

test("[MSG-8] [TRU-22] after trust every message is signed under the serial number of the device's certificate", async (t) => {
  const { agent, manager, pass } = await startScene(t);
  await agent.trust(token);
  await agent.request(baseTag, 1);
  await pass(10 * minuteMs);
  const [trust] = Object.values(agent.state().trust.members);
  const later = manager.requests.slice(1);
  assert.ok(later.length >= 2);
  for (const { signature, header } of later) {
    assert.equal(trust?.status === "installed" && trust.certificateSerial, signature?.key);
    assert.equal(header.id_cert_serial_number, signature?.key);
    assert.doesNotMatch(signature?.value ?? "\n", /\s/);
  }
});

test("[REP-13] [MSG-6] a poll names the request it asks about, the instance that made it, and an id past 2^53", async (t) => {
  const { agent, manager, pass } = await startScene(t);
  manager.mode = "poll";
  await agent.trust(token);
  await agent.request(baseTag, 1);
  await pass(20 * minuteMs);
  const poll = manager.requests.find((request) => request.requestType === "POLL_REQ");
  const data = JSON.parse(poll?.data as string);
  assert.equal(data.original_request_type, "LICENSE_USAGE");
  assert.equal(data.original_piid, manager.enrolledIdentifiers[0]);
  assert.equal(data.poll_id, "9000000000000000000");
});

test("only the active device reports, for all, and names them", async (t) => {
  const { agent, manager, pass } = await startScene(t, { change: { product: { ...product, members } } });
  await agent.trust(token);
  await agent.request(baseTag, 2);
  await agent.request(advancedTag, 1, { licenseClass: "subscription" });
  await pass(10 * minuteMs);
  const usage = manager.requests.filter((request) => request.requestType === "LICENSE_USAGE");
  assert.equal(usage.length, 1);
  const data = JSON.parse(usage[0]?.data as string);
  assert.equal(usage[0]?.header.sudi.udi_serial_number, udi.serialNumber);
  assert.deepEqual(
    data.device_list.map((device: { role: string }) => device.role),
    ["Active", "Standby"],
  );
  const payload = JSON.parse(data.rum_reports[0].payload);
  assert.deepEqual(
    payload.meta.ha_udi.map((member: { role: string }) => member.role),
    ["Active", "Standby"],
  );
  assert.equal(
    payload.asset_identification.instance.product_instance_identifier,
    usage[0]?.header.product_instance_identifier,
  );
});

test("without an address nothing is sent, and the failure says why", async (t) => {
  const { agent, pass, manager } = await startScene(t, { change: { transport: { type: "smart" } } });
  await agent.trust(token);
  await pass(1000);
  assert.equal(manager.requests.length, 0);
  const { lastFailure } = agent.state().communication.statistics.trust_establishment;
  assert.deepEqual([lastFailure?.stage, lastFailure?.code], ["name", "address_not_configured"]);
  await agent.configure({ urls: { smart: exampleUrl, cslu: null, utility: null } });
  await pass(10 * minuteMs);
  assert.equal(agent.state().trust.attempt, null);
});
