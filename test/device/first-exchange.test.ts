// The first exchanges of a device, as an engineer enters them and as they travel.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type RequestData, udiOf } from "@countersign/protocol";
import { type Pair, startPair } from "./device-with-manager.test-support.ts";

type Entry = { readonly kind: string; readonly request: string };

/** What was sent, of one kind, taken from the history: requests as they left, without their secrets. */
async function sent({ device }: Pair, kind: "trust_establishment" | "usage_reporting"): Promise<readonly Entry[]> {
  const history = await device.agent.history();
  return history[kind].map(({ request }) => ({ kind, request }));
}

function dataOf<T extends "ID_TOKEN_TRUST" | "LICENSE_USAGE">(entry: Entry | undefined): RequestData<T> {
  const { request } = JSON.parse(entry?.request ?? "{}") as { request: string };
  return JSON.parse((JSON.parse(request) as { request_data: string }).request_data) as RequestData<T>;
}

test("[MSG-15] a first trust request has no identifiers yet, lists the device itself again, and names the host", async (t) => {
  const pair = await startPair(t, { hostname: "access-1" });
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(1);
  const data = dataOf<"ID_TOKEN_TRUST">((await sent(pair, "trust_establishment"))[0]);
  assert.deepEqual([data.product_instance_identifier, data.hostname], ["", "access-1"]);
  assert.equal(data.device_list.length, 3);
  for (const device of data.device_list) {
    assert.deepEqual([device.product_instance_identifier, device.id_cert_sn], ["", ""]);
  }
  assert.ok(data.device_list.some(({ sudi }) => JSON.stringify(sudi) === JSON.stringify(data.sudi)));
});

test("[MSG-15] with hostname privacy the host is not named", async (t) => {
  const pair = await startPair(t, { hostname: "access-1" });
  await pair.say("license smart privacy hostname");
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(1);
  assert.equal(dataOf<"ID_TOKEN_TRUST">((await sent(pair, "trust_establishment"))[0]).hostname, "");
  assert.doesNotMatch(JSON.stringify(await pair.device.agent.history()), /access-1/);
});

test("[BET-15] trust and usage never stand under each other's name, and what was reported is named by its report ids", async (t) => {
  const pair = await startPair(t);
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(1);
  const open = pair.device.agent.reports({ status: "open" }).map(({ reportId }) => String(reportId));
  await pair.say("license smart sync all");
  await pair.pass(60);
  assert.deepEqual((await sent(pair, "trust_establishment")).map(typeOf), ["ID_TOKEN_TRUST"]);
  const usage = await sent(pair, "usage_reporting");
  assert.deepEqual(usage.map(typeOf), ["LICENSE_USAGE"]);
  const reports = dataOf<"LICENSE_USAGE">(usage[0]).rum_reports.map(({ payload }) => JSON.parse(payload));
  const ids = reports.map((report) => String(report.asset_identification.report_id));
  assert.deepEqual(ids, open);
  const shown = await pair.say("show license history message");
  const [beforeUsage = "", afterUsage = ""] = shown.split("Usage Reporting:");
  assert.match(beforeUsage, /ID_TOKEN_TRUST/);
  assert.doesNotMatch(beforeUsage, /LICENSE_USAGE/);
  for (const id of ids) assert.ok(afterUsage.includes(id), `report ${id} is not named`);
});

function typeOf({ request }: Entry): string {
  const inner = JSON.parse((JSON.parse(request) as { request: string }).request) as {
    header: { request_type: string };
  };
  return inner.header.request_type;
}

test("[CLI-26] what a wireless controller shows for support has its log, its configuration, and what was sent and received", async (t) => {
  const pair = await startPair(t, { platform: "c9800-cl", hostname: "wlc-1" });
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(1);
  await pair.say("test platform access-point join count 3");
  await pair.say("license smart sync all");
  await pair.pass(60);
  const support = await pair.say("show tech wireless");
  const under = (command: string) => support.split(`------------------ show ${command} ------------------`)[1] ?? "";
  assert.match(under("logging"), /%SMART_LIC-5-COMM_RESTORED|%SMART_LIC-6-TRUST_INSTALL_SUCCESS/);
  assert.match(under("running-config"), /^hostname wlc-1$/m);
  const [trust = "", usage = ""] = under("license history message").split("Usage Reporting:");
  assert.match(trust, /REQUEST: .*ID_TOKEN_TRUST.*RESPONSE: .*smart_license/s);
  assert.match(usage, /REQUEST: .*rum_reports.*RESPONSE: .*smart_license/s);
});

test("[TOK-5] transport, address, token, trust; then the log, the status and the virtual account's events show it", async (t) => {
  const pair = await startPair(t, { platform: "c8000v", defaultSmartUrl: "https://manager.test/licservice/license" });
  for (const line of ["license smart transport smart", "license smart url default"]) {
    assert.equal(await pair.say(line), "", line);
  }
  assert.equal(await pair.say(`license smart trust idtoken ${await pair.token(1)} all force`), "[OK]");
  await pair.pass(1);
  assert.ok(pair.log.some((line) => line.includes("%SMART_LIC-6-TRUST_INSTALL_SUCCESS")));
  assert.match(await pair.say("show license status | include Trust Code Installed"), /Installed: \w{3} \d\d/);
  const udi = udiOf({ udi_pid: "C8000V", udi_serial_number: pair.device.slots[0]?.udi.serialNumber ?? "" });
  const events = await pair.manager.administration.listEvents({ virtualAccount: "Lab" });
  assert.ok(
    events.some(({ message }) => message.includes("added") && message.includes(udi.serialNumber)),
    "the virtual account's events do not show the device",
  );
});

test("[GEN-4] [TRN-2] the default address of the policy mode is the field's own, until the vendor names another", async (t) => {
  const { say } = await startPair(t, { platform: "c8000v" });
  await say("license smart transport smart");
  await say("license smart url default");
  assert.match(
    await say("show license status | include URL"),
    /^\s*URL: https:\/\/smartreceiver\.cisco\.com\/licservice\/license$/,
  );
});
