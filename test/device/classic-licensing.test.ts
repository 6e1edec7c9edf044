// A device in the classic model with a real manager: what a person sees on the console from evaluation to deregistration.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startDevice } from "@countersign/device";
import { createRequestHandler } from "@countersign/manager";
import { type Pair, startPair } from "./device-with-manager.test-support.ts";

const smartAccount = "Example Corp";
const cause = { kind: "operator", name: "ada" } as const;

async function buy({ manager, device }: Pair, quantity: number): Promise<void> {
  for (const tag of Object.keys(device.agent.state().metering.usages))
    await manager.administration.addPurchase({
      smartAccount,
      purchase: { tag, quantity, virtualAccount: "Lab" },
      cause,
    });
}

async function listed({ manager }: Pair): Promise<number> {
  return (await manager.administration.listProductInstances({ smartAccount })).length;
}

test("[GEN-18] [CLS-10] [CLS-12] [CLS-16] [CLS-19] [CLS-20] [BET-34] [CLI-13] [CLI-14] [LOG-9] a switch evaluates, registers, is short, is authorized after a purchase, and leaves", async (t) => {
  const pair = await startPair(t, { platform: "c3850" });
  const { say, token, pass, requests, log } = pair;
  await pass(86_400);
  assert.deepEqual(requests, []);
  assert.match(await say("show license status"), /^ {2}Status: EVAL MODE\n {2}Evaluation Period Remaining: 89 days, /m);
  assert.equal(
    await say(`license smart register idtoken ${await token(10, true)}`),
    "Registration process is in progress. Use the 'show license status' command to check the progress and result",
  );
  await pass(2);
  assert.deepEqual(requests, ["REGISTER", "AUTHORIZE"]);
  const status = await say("show license status");
  assert.match(
    status,
    /^Registration:\n {2}Status: REGISTERED\n {2}Smart Account: Example Corp\n {2}Virtual Account: Lab\n {2}Export-Controlled Functionality: ALLOWED$/m,
  );
  assert.match(status, /^ {2}Initial Registration: SUCCEEDED on Jan 25 23:02:12 2031 UTC$/m);
  assert.match(
    status,
    /^ {2}Next Renewal Attempt: Jul 24 23:02:12 2031 UTC\n {2}Registration Expires: Jan 25 23:02:12 2032 UTC$/m,
  );
  assert.match(
    status,
    /^ {2}Status: OUT OF COMPLIANCE on Jan 25 23:02:12 2031 UTC\n {2}Shortage: 1 more of network-advantage needed in virtual account Lab$/m,
  );
  assert.match(status, /^ {2}Next Communication Attempt: Jan 26 11:02:12 2031 UTC$/m);
  assert.match(await say("show license usage"), /^ {2}Status: OUT OF COMPLIANCE$/m);
  assert.ok(
    log.some((line) => line.includes("%SMART_LIC-3-OUT_OF_COMPLIANCE: One or more entitlements are out of compliance")),
  );
  await buy(pair, 1);
  await pass(43_200);
  assert.match(
    await say("show license summary"),
    /^License Authorization:\n {2}Status: AUTHORIZED\n {2}Last Communication Attempt: SUCCEEDED\n {2}Next Communication Attempt: Feb 25 11:02:12 2031 UTC$/m,
  );
  assert.match(await say("show license summary"), /\(C3850 Network Advantage\) +1 AUTHORIZED$/m);
  assert.equal(await listed(pair), 1);
  await say("license smart deregister");
  await pass(2);
  assert.match(await say("show license status"), /^ {2}Status: UNREGISTERED$/m);
  assert.equal(await listed(pair), 0);
});

test("[GEN-19] [CLS-26] [BET-31] a router renews its certificate and its authorization when asked, tells why it cannot, and registers anew with force", async (t) => {
  const pair = await startPair(t, { platform: "isr4331" });
  const { say, token, pass, requests } = pair;
  await say(`license smart register idtoken ${await token()}`);
  await pass(2);
  await buy(pair, 1);
  await say("license smart renew id");
  await pass(2);
  assert.deepEqual(requests, ["REGISTER", "AUTHORIZE", "RENEW_ID", "AUTHORIZE"]);
  assert.match(await say("show license status"), /^ {2}Last Renewal Attempt: SUCCEEDED on /m);
  pair.isReachable = false;
  await say("license smart renew auth");
  await pass(1);
  const failing = await say("show license status");
  assert.match(failing, /^ {2}Status: AUTHORIZED on /m);
  assert.match(
    failing,
    /^ {2}Last Communication Attempt: FAILED on .*\n {4}Failure reason: Fail to send out Call Home HTTP message\. \(.*\)\n {2}Next Communication Attempt: Jan 24 23:02:46 2031 UTC$/m,
  );
  pair.isReachable = true;
  await pass(30);
  assert.match(await say("show license status"), /^ {2}Last Communication Attempt: SUCCEEDED on /m);
  assert.match(
    await say(`license smart register idtoken ${await token()}`),
    /^% The device is already registered; use force/,
  );
  await say(`license smart register idtoken ${await token()} force`);
  await pass(2);
  assert.match(await say("show license status"), /^ {2}Status: REGISTERED$/m);
  assert.equal(await listed(pair), 1);
});

/** The same device with other software, on the same manager. */
async function upgrade(t: TestContext, { device, manager, time }: Pair, stateDirectory: string, version: string) {
  await device.stop();
  const handle = createRequestHandler(manager);
  const upgraded = await startDevice({
    ...{ stateDirectory, softwareVersion: version, opensControlSocket: false, keyType: "p-256" },
    ...{ clock: time, timers: time, exchange: (_url, body) => handle(body) },
  });
  t.after(async () => {
    await upgraded.stop();
    rmSync(stateDirectory, { recursive: true, force: true });
  });
  await time.advanceTo(time.now() + 600_000, () => upgraded.agent.idle());
  return upgraded;
}

/** Removed when the device that was upgraded has stopped. */
function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "countersign-upgraded-"));
}

test("[BET-38] [HW-9] a registered switch whose tags change with 16.12.3 gives the old ones back and is authorized for the new, without a person", async (t) => {
  const stateDirectory = newFolder();
  const platform = "c9500-high-performance";
  const pair = await startPair(t, { stateDirectory, platform, softwareVersion: "16.12.2", opensControlSocket: false });
  await pair.say(`license smart register idtoken ${await pair.token()}`);
  await pair.pass(2);
  const used = async () => {
    const licenses = await pair.manager.administration.listLicenses({ smartAccount });
    return licenses.filter(({ inUse }) => inUse > 0).map(({ tag }) => /([^.]+),/.exec(tag)?.[1]);
  };
  const network = (names: readonly (string | undefined)[]) => names.filter((name) => !name?.includes("DNA"));
  const before = await used();
  assert.equal(network(before).length, 1);
  const upgraded = await upgrade(t, pair, stateDirectory, "16.12.3a");
  const after = await used();
  assert.deepEqual(network(after), ["advantagek9-Nyquist-C9500"]);
  assert.ok(!network(before).includes("advantagek9-Nyquist-C9500"));
  const { verdicts } = upgraded.agent.state().classic?.authorization ?? { verdicts: [] };
  assert.deepEqual(verdicts.map(({ tag }) => /([^.]+),/.exec(tag)?.[1]).sort(), [...after].sort());
});

test("[CNV-3] [GEN-20] [HW-9] a registered stack that is upgraded to 17.3.2 has the policy model, its trust without a token, and the same product instance", async (t) => {
  const stateDirectory = newFolder();
  const pair = await startPair(t, { stateDirectory, softwareVersion: "16.12.4", opensControlSocket: false });
  const { say, token, pass, device, requests } = pair;
  assert.match(await say("show version"), /Version 16\.12\.4[\s\S]*^Smart Licensing Status: UNREGISTERED\/EVAL MODE$/m);
  await say(`license smart register idtoken ${await token()}`);
  await pass(2);
  assert.match(await say("license smart conversion start"), /^% Conversion of licences is not part of this device\./);
  const before = device.agent.state().trust.members;
  const upgraded = await upgrade(t, pair, stateDirectory, "17.3.2");
  const { members } = upgraded.agent.state().trust;
  for (const [udi, member] of Object.entries(members)) {
    const old = before[udi];
    assert.ok(member.status === "installed" && old?.status === "installed" && member.isClassic === undefined);
    assert.equal(member.productInstanceIdentifier, old.productInstanceIdentifier);
  }
  const { output } = await upgraded.execute("show license status");
  assert.match(output, /^Smart Licensing Using Policy:\n {2}Status: ENABLED$/m);
  assert.match(output, /INSTALLED on /);
  assert.ok(!requests.includes("ID_TOKEN_TRUST"));
  assert.notEqual(upgraded.agent.state().reporting.lastAckAtMs, null);
});

test("[CNV-2] [CNV-3] [CNV-6] [CNV-16] [MGR-10] a switch converts its right to use once: allowed by an administrator, deposited, and told again after a lost answer", async (t) => {
  const pair = await startPair(t, { platform: "c3850" });
  const { say, token, pass, requests, log, manager, device } = pair;
  const { administration } = manager;
  const asked = () => requests.filter((type) => type === "CONVERSION").length;
  const conversion = async () =>
    (await say("show license status")).match(/^License Conversion:\n(?: .*\n?)+/m)?.[0] ?? "";
  const deposited = async () =>
    (await administration.listPurchases({ smartAccount })).map(({ tag, quantity, kind }) => [tag, quantity, kind]);
  assert.equal(await say("license smart conversion start"), "% The device is not registered");
  await say(`license smart register idtoken ${await token()}`);
  await pass(2);
  assert.match(
    await conversion(),
    /^ {2}Automatic Conversion Enabled: False\n {2}Status: Not started\n {2}Last Data Push: <none>$/m,
  );
  assert.equal(await say("license smart conversion start"), "");
  await pass(1);
  assert.equal(asked(), 1);
  assert.match(
    await conversion(),
    /^ {2}Status: Waiting for permission\n {4}Failure reason: The smart account does not/m,
  );
  const [waiting] = await administration.listConversions({ smartAccount });
  const udi = Object.keys(device.agent.state().trust.members)[0] ?? "";
  assert.deepEqual(
    [waiting?.udi, waiting?.state, waiting?.licenses.map(({ kind, name, count }) => [kind, name, count])],
    [udi, "waiting", [["right_to_use", "ipservices", 1]]],
  );
  assert.deepEqual(await deposited(), []);
  await administration.allowConversion({ smartAccount, device: udi, cause });
  pair.losesAnswers = true;
  await pass(3_600);
  assert.equal(asked(), 2);
  const once = [[waiting?.licenses[0]?.tag, 1, "perpetual"]];
  assert.deepEqual(await deposited(), once);
  assert.doesNotMatch(await conversion(), /Complete/);
  pair.losesAnswers = false;
  await pass(60);
  assert.equal(asked(), 3);
  assert.match(await conversion(), /^ {2}Status: Complete\n {2}Last Data Push: Jan 25 00:03:1\d 2031 UTC$/m);
  assert.ok(
    log.some((line) => line.includes("%SMART_LIC-6-CONVERSION_SUCCESS: License conversion with the Cisco Smart")),
  );
  assert.match(
    await say("show license history message"),
    /^Import CONVERSION ACK:\n {2}Received on Jan 25 00:03:1\d 2031 UTC\n {4}\{"version":"1\.0","sudi":\{.*"virtual_account_name":"Lab"/m,
  );
  assert.equal(await say("license smart conversion start"), "% The licences of this device are converted");
  assert.equal(await say("license smart conversion stop"), "");
  await pass(2 * 86_400);
  assert.equal(asked(), 3);
  assert.deepEqual(await deposited(), once);
  assert.equal((await administration.listConversions({ smartAccount }))[0]?.state, "converted");
  // What the switch had was worth the one and not the other.
  assert.match(
    await say("show license summary"),
    /^ {2}network-advantage .* 1 AUTHORIZED\n {2}dna-advantage .* 1 OUT OF COMPLIANCE$/m,
  );
});
