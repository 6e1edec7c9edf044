// What a person sees on a device's console while trust, usage, report and acknowledgement go their way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startPair } from "./device-with-manager.test-support.ts";

const installed = /INSTALLED on (\w{3} \d\d \d\d:\d\d:\d\d \d{4} UTC)/g;

test("[TRU-3] [TRU-11] [TRU-15] [TRU-16] [TRU-17] all establishes trust for every device of a stack in one request", async (t) => {
  const { say, token, pass, requests } = await startPair(t);
  assert.equal(await say(`license smart trust idtoken ${await token()} all`), "[OK]");
  await pass(1);
  assert.deepEqual(requests, ["ID_TOKEN_TRUST"]);
  assert.equal([...(await say("show license status")).matchAll(installed)].length, 3);
  const rows = (await say("show license tech support | i TrustId")).split("\n");
  assert.match(
    rows[1] ?? "",
    /^P:C9300-48P,S:CSL2701A002: P:C9300-48P,S:CSL2701A002, state\[2\], Trust Data INSTALLED {2}TrustId:(\d+)$/,
  );
  const numbers = rows.map((row) => /TrustId:(\d+)$/.exec(row)?.[1]);
  const sent = [...(await say("show license history message")).matchAll(/trust_id[\\"]+:(\d+)/g)].map(
    (match) => match[1],
  );
  assert.equal(new Set(numbers).size, 3);
  assert.deepEqual(sent.slice(0, 3), numbers);
  assert.match(await say("show license tech support | i Overall Trust"), /^Overall Trust: INSTALLED \(2\)$/);
});

test("[TRU-3] local establishes trust for the active device only", async (t) => {
  const { say, token, pass } = await startPair(t);
  await say(`license smart trust idtoken ${await token()} local`);
  await pass(1);
  const status = await say("show license status");
  assert.match(status, /Active: PID:C9300-48P,SN:CSL2701A001\n {4}INSTALLED on /);
  assert.match(status, /Standby: PID:C9300-48P,SN:CSL2701A002\n {4}NOT INSTALLED/);
});

test("[TRU-12] [SHO-1] trust is logged with the device's identity, at the second that the status shows", async (t) => {
  const { say, token, pass, log } = await startPair(t, { platform: "c8000v" });
  await pass(17);
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(1);
  const line = log.find((one) => one.includes("TRUST_INSTALL_SUCCESS")) ?? "";
  assert.match(line, /: A new licensing trust code was successfully installed on P:C8000V,S:CSL2705E001\.$/);
  const second = /^\*(\w{3} \d+) (\d\d:\d\d:\d\d)/.exec(line);
  assert.equal(
    await say("show license status | i Trust"),
    `Trust Code Installed: ${second?.[1]} ${second?.[2]} 2031 UTC`,
  );
});

test("[TRU-4] trust that is installed is replaced with force only", async (t) => {
  const { say, token, pass, requests, device } = await startPair(t, { platform: "c8000v" });
  const serial = () => {
    const [trust] = Object.values(device.agent.state().trust.members);
    return trust?.status === "installed" ? trust.certificateSerial : null;
  };
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(1);
  const first = serial();
  assert.match(await say(`license smart trust idtoken ${await token()} all`), /^% /);
  assert.deepEqual([requests.length, serial()], [1, first]);
  assert.equal(await say(`license smart trust idtoken ${await token()} all force`), "[OK]");
  await pass(1);
  assert.notEqual(serial(), first);
  assert.match(await say("show license status | i Trust"), /^Trust Code Installed: \w/);
});

test("[TRU-18] [TRU-20] [REP-12] [REP-15] [REP-19] sync all synchronises trust and reports within a minute, each counted apart", async (t) => {
  const { say, token, pass } = await startPair(t, { platform: "c8000v" });
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(600);
  const total = async (kind: string) => {
    const section = await say(`show license tech support | section ^${kind}:`);
    return Number(/Total=(\d+)/.exec(section)?.[1]);
  };
  const before = {
    trust: await total("Trust Establishment"),
    sync: await total("Trust Sync"),
    usage: await total("Usage Reporting"),
  };
  const requestsBefore = (await say("show license history message | count REQUEST:")).replace(/\D/g, "");
  await say("license smart sync all");
  await pass(59);
  assert.equal(await total("Trust Sync"), before.sync + 1);
  assert.equal(await total("Usage Reporting"), before.usage + 1);
  assert.equal(await total("Trust Establishment"), before.trust);
  assert.equal(await total("Trust Acknowledgement"), 0);
  assert(
    Number((await say("show license history message | count REQUEST:")).replace(/\D/g, "")) > Number(requestsBefore),
  );
});

test("[REP-10] [REP-11] the three jobs follow the exchange: in minutes, after the push interval, about daily", async (t) => {
  const { say, token, pass, setPolicy } = await startPair(t, { platform: "c8000v" });
  await setPolicy({ name: "Quarterly", classes: { perpetual: { reporting_frequency_days: 60 } } });
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(600);
  const jobs = await say("show license tech support | i Utility");
  assert.match(jobs, /^Start Utility Measurements: .* \((\d|1[0-5]) minutes, \d+ seconds remaining\)$/m);
  assert.match(jobs, /^Send Utility RUM reports: .* \(29 days, 23 hours, \d+ minutes, \d+ seconds remaining\)$/m);
  assert.match(jobs, /^Process Utility RUM reports: .* \(2[34] hours, \d+ minutes, \d+ seconds remaining\)$/m);
  assert.match(await say("show license status"), /Next report push: Feb 23 /);
});

test("[POL-1] [TRU-14] [REP-15] policy, trust code, account and ACK are shown as imported, each with its date", async (t) => {
  const { say, token, pass, setPolicy } = await startPair(t, { platform: "c8000v" });
  for (const kind of ["POLICY", "TRUST CODE", "RUM ACK", "ACCOUNT INFO"]) {
    assert.match(await say("show license history message"), new RegExp(`Import ${kind}:\\n {2}No past Import history`));
  }
  await setPolicy({ name: "Quarterly", classes: { perpetual: { reporting_frequency_days: 60 } } });
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(600);
  const history = await say("show license history message");
  const receivedAt = (kind: string) => new RegExp(`Import ${kind}:\\n {2}Received on (.*)`).exec(history)?.[1];
  assert.equal(receivedAt("TRUST CODE"), receivedAt("ACCOUNT INFO"));
  for (const kind of ["POLICY", "TRUST CODE", "RUM ACK"]) assert.notEqual(receivedAt(kind), undefined, kind);
  assert.match(history, /Import AUTH:\n {2}No past Import history/);
  const status = await say("show license status");
  assert.match(status, /Policy in use: Installed On .*\n {2}Policy name: Quarterly/);
  assert.match(status, /Reporting frequency \(days\): 60 \(Customer Policy\)/);
  assert.match(status, /Smart Account: Example Corp As of .*\n {2}Virtual Account: Lab/);
  assert.match(status, /Last ACK received: Jan 24 /);
});

test("[REP-7] [REP-8] [REP-9] [SHO-26] a controller shows when it reports next, and what came and went with the last report", async (t) => {
  const { say, token, pass, device, time, manager } = await startPair(t, { platform: "c9800-cl" });
  const counted = async () => new Set((await manager.administration.listLicenses({})).map(({ inUse }) => inUse));
  const ap = (number: number) => ({ pid: "C9120AXI-B", serialNumber: `AP000${number}` });
  await device.changeAccessPoints({ join: [ap(1), ap(2), ap(3)] });
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(600);
  assert.match(await say("show license air entities summary"), /active at last report\.+: 3\n.*\.+: 3\n.*\.+: 0$/);
  await device.changeAccessPoints({ join: [ap(4)], leave: [ap(1), ap(2)] });
  const [, next = ""] =
    /^Upcoming license report time\.+: (.*)$/m.exec(await say("show license air entities summary")) ?? [];
  assert.match(next, /^0[67]:\d\d:\d\d\.\d{3} UTC Sat Jan 25 2031$/);
  // The manager knows of what came and went when that time has come, and not before.
  const nextAtMs = Date.parse(next.replace(/^(\S+) UTC \w+ (.*)$/, "$2 $1Z"));
  await pass(Math.floor((nextAtMs - time.now()) / 1000) - 1);
  assert.deepEqual(await counted(), new Set([3]));
  await pass(60);
  assert.deepEqual(await counted(), new Set([2]));
  await pass(8 * 3600 - 60);
  const after = await say("show license air entities summary");
  assert.match(after, /active at last report\.+: 2\n.*\.+: 1\n.*\.+: 2$/);
  assert.match(after, new RegExp(`^Last license report time\\.+: ${next.slice(0, 5)}`, "m"));
});

test("[HW-3] [HW-4] after a factory reset and a reload a new trust code is installed", async (t) => {
  const { say, token, pass, setPolicy } = await startPair(t, { platform: "c8000v" });
  await setPolicy({ name: "Quarterly", classes: { perpetual: { reporting_frequency_days: 60 } } });
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(600);
  await say("license smart factory reset");
  const reset = await say("show license status");
  assert.match(reset, /Trust Code Installed: <none>$/);
  assert.match(reset, /Policy in use: Merged from multiple sources\./);
  assert.match(reset, /Smart Account: <none>/);
  assert.match(reset, /Last ACK received: <none>/);
  await say("reload");
  assert.equal(await say(`license smart trust idtoken ${await token()} all force`), "[OK]");
  await pass(1);
  assert.match(await say("show license status | i Trust"), /^Trust Code Installed: \w{3} \d\d /);
});

test("[HW-5] a replaced member has no trust until it is established anew, and is then another device", async (t) => {
  const { say, token, pass, device } = await startPair(t, { platform: "c9500-svl" });
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(600);
  const identifiers = () =>
    Object.values(device.agent.state().trust.members).flatMap((one) =>
      one.status === "installed" ? [one.productInstanceIdentifier] : [],
    );
  const before = identifiers();
  await device.removeMember(2);
  await device.addMember({ pid: "C9500-32QC", serialNumber: "CSL2703C777" });
  assert.match(await say("show license status"), /Standby: PID:C9500-32QC,SN:CSL2703C777\n {4}NOT INSTALLED/);
  await pass(600);
  await say(`license smart trust idtoken ${await token()} all force`);
  await pass(1);
  assert.equal([...(await say("show license status")).matchAll(installed)].length, 2);
  const [, replaced] = identifiers();
  assert(replaced !== undefined && !before.includes(replaced));
});

test("[TRU-23] [REP-18] a device without an answer works on, and the log tells when communication is back", async (t) => {
  const pair = await startPair(t, { platform: "c8000v" });
  const { say, token, pass, log } = pair;
  pair.isReachable = false;
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(30);
  assert(log.some((line) => /%SMART_LIC-3-COMM_FAILED: .* : Connection timed out$/.test(line)));
  assert.match(await say("show license tech support | sec ^Trust Est"), /Total=1, Success=0, Fail=1/);
  assert.match(await say("show license summary"), /IN USE/);
  pair.isReachable = true;
  await pass(120);
  assert(log.some((line) => /COMM_RESTORED: .* restored$/.test(line)));
  assert.match(await say("show license status | i Trust"), /^Trust Code Installed: \w/);
});

test("[LOG-1] [TRU-10] replacing trust logs the old key's end, the new key, the saved keys and the trust code, in that order", async (t) => {
  const { say, token, pass, log } = await startPair(t, { platform: "c8000v" });
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(1);
  const before = log.length;
  await say(`license smart trust idtoken ${await token()} all force`);
  await pass(1);
  const mnemonics = log.slice(before).flatMap((line) => /%(\w+-\d-\w+): /.exec(line)?.[1] ?? []);
  assert.deepEqual(mnemonics.slice(0, 4), [
    "CRYPTO_ENGINE-5-KEY_DELETED",
    "CRYPTO_ENGINE-5-KEY_ADDITION",
    "PKI-6-CONFIGAUTOSAVE",
    "SMART_LIC-6-TRUST_INSTALL_SUCCESS",
  ]);
});

test("[BET-23] [REP-5] access points that joined are reported at once when it is asked for", async (t) => {
  const { say, token, pass, device } = await startPair(t, { platform: "c9800-cl" });
  const ap = (number: number) => ({ pid: "C9120AXI-B", serialNumber: `AP000${number}` });
  await device.changeAccessPoints({ join: [ap(1)] });
  await say(`license smart trust idtoken ${await token()} all`);
  await pass(600);
  await device.changeAccessPoints({ join: [ap(2)] });
  assert.match(await say("show license air entities summary"), /active at last report\.+: 1$/m);
  await say("license smart sync all");
  await pass(60);
  assert.match(await say("show license air entities summary"), /active at last report\.+: 2$/m);
});

test("[BET-9] members that a token had no use left for are named, the others are trusted", async (t) => {
  const { say, token, pass } = await startPair(t);
  await say(`license smart trust idtoken ${await token(2)} all`);
  await pass(1);
  const status = await say("show license status");
  assert.equal([...status.matchAll(installed)].length, 2);
  assert.match(status, /Member: PID:C9300-24P,SN:CSL2701A003\n {4}NOT INSTALLED/);
  const { trust } = JSON.parse(await say("show license status | json"));
  assert.deepEqual(trust.refusal.udis, ["PID:C9300-24P,SN:CSL2701A003"]);
  assert.match(
    await say("show license tech support | i Refusal"),
    /^Refusal of trust for PID:C9300-24P,SN:CSL2701A003: /,
  );
});
