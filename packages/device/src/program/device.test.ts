import assert from "node:assert/strict";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Exchange, TransportFailure, type TransportFailureCode } from "@countersign/agent";
import { decodeLicenseFile, decodeRumReport } from "@countersign/protocol";
import { readEventLog, readStatus, readSummary, readTechSupport } from "../parity/strict-reader.ts";
import { noAnswer, startAtMs, startTestDevice, type TestDevice, temporaryFolder } from "../test-support/test-device.ts";
import { openTestSession } from "../test-support/test-session.ts";
import { executeOnDevice } from "./execute-on-device.ts";
import { startDevice } from "./start-device.ts";

/** Counts of the summary by entitlement. */
function counts(summary: string): Record<string, number> {
  const rows = readSummary(summary).license_usage as Record<string, { count: string }>;
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, Number(row.count)]));
}

test("[CNT-3] [REP-17] a new stack uses its licences at once, and the event log says so", async (t) => {
  const { say } = await startTestDevice(t);
  assert.deepEqual(counts(await say("show license summary")), {
    "C9300-24 Network Advan...": 1,
    "C9300-24 DNA Advantage": 1,
    "C9300-48 Network Advan...": 2,
    "C9300-48 DNA Advantage": 2,
  });
  const events = await say("show license eventlog 1");
  assert.match(events, /SAEVT_LICENSE_USAGE count="2" entitlementTag="regid\.[^"]*C9300_48P_NW_Advantagek9/);
  assert.match(events, /SAEVT_UTILITY_REPORT_START/);
});

test("[LOG-23] the platform's request for each licence is an event, at each start and when more is used", async (t) => {
  const { device, say } = await startTestDevice(t);
  const asked = async () =>
    (await say("show license eventlog"))
      .split("\n")
      .flatMap(
        (line) =>
          /SAEVT_PLATFORM eventSource="INFRA_SL" eventName="INFRA_SL_EVLOG_LICENSE_REQUEST" (.*)$/.exec(line)?.[1] ??
          [],
      );
  const request = (name: string, pid: string, count: number) =>
    `MSG="License ${name}, dev ${pid}, count ${count}, reslt 0, alt 0"`;
  const atStart = [
    request("network-advantage", "C9300_24P", 1),
    request("dna-advantage", "C9300_24P", 1),
    request("network-advantage", "C9300_48P", 2),
    request("dna-advantage", "C9300_48P", 2),
  ];
  assert.deepEqual(await asked(), atStart);
  await device.configureFeatures(["network-advantage"]);
  assert.deepEqual(await asked(), atStart, "what is no longer used is not asked for");
  await say("test platform member add C9300-48P CSL2701A009");
  const more = request("network-advantage", "C9300_48P", 3);
  assert.deepEqual(await asked(), [...atStart, more]);
});

test("[TRN-11] the default is HTTPS, and a device that is told to use plain HTTP says what is wrong with it", async (t) => {
  const { say, log } = await startTestDevice(t);
  assert.match(await say("show license all"), /URL: https:\/\/[^:/]+\//);
  const warnings = () => log.filter((line) => line.includes("%HTTPC-4-PLAIN_HTTP"));
  assert.equal(await say("license smart url https://manager.test/licservice/license"), "");
  assert.equal(await say("license smart url cslu http://relay.test:8182/cslu/v1/pi"), "");
  assert.deepEqual(warnings(), []);
  assert.equal(await say("license smart url http://manager.test/licservice/license"), "");
  assert.match(warnings().join(), /over plain HTTP to manager\.test: .* HTTPS on TCP 443 is recommended/);
  await say("license smart url default");
  assert.equal(warnings().length, 1);
});

test("[LOG-22] the event log has the role of each device at the start", async (t) => {
  const { say } = await startTestDevice(t);
  const lines = (await say("show license eventlog | include SAEVT_HA_")).split("\n").map((line) => line.slice(28));
  assert.ok(lines.includes('SAEVT_HA_EVENT eventType="SmartAgentEvtHArmfRegister"'), lines.join("\n"));
  assert.ok(lines.includes('SAEVT_HA_CHASSIS_ROLE udi="PID:C9300-48P,SN:CSL2701A001"'));
  assert.ok(lines.includes('SAEVT_HA_CHASSIS_ROLE udi="PID:C9300-48P,SN:CSL2701A001" haRole="Active"'));
  assert.ok(lines.includes('SAEVT_HA_ROLE udi="PID:C9300-48P,SN:CSL2701A002" haRole="Standby"'));
});

test("[CNT-1] [REP-17] a licence whose feature is no longer configured is released, and its measuring ends", async (t) => {
  const { device, say } = await startTestDevice(t);
  await device.configureFeatures(["network-advantage"]);
  assert.deepEqual(Object.keys(counts(await say("show license summary"))), [
    "C9300-24 Network Advan...",
    "C9300-48 Network Advan...",
  ]);
  assert.match(await say("show license eventlog"), /SAEVT_LICENSE_USAGE count="0" .*type="destroy"/);
});

test("[CNT-2] [HW-7] members join, leave and take over: roles follow, and counts only where members changed", async (t) => {
  const { device, say } = await startTestDevice(t);
  const before = counts(await say("show license summary"));
  assert.deepEqual(await device.switchover(), { outcome: "done" });
  assert.match(
    await say("show license udi"),
    /^UDI: PID:C9300-48P,SN:CSL2701A002\n[\s\S]*Standby:PID:C9300-48P,SN:CSL2701A001/,
  );
  assert.deepEqual(counts(await say("show license summary")), before);
  assert.equal((await device.addMember({ pid: "C9300-48P", serialNumber: "CSL2701A009" })).outcome, "done");
  assert.equal(counts(await say("show license summary"))["C9300-48 Network Advan..."], 3);
  const again = await device.addMember({ pid: "C9300-48P", serialNumber: "CSL2701A009" });
  assert(again.outcome === "refused" && again.code === "udi_already_present");
  assert.equal((await device.removeMember(4)).outcome, "done");
  assert.deepEqual(counts(await say("show license summary")), before);
});

test("[REP-9] joined access points are counted at once, one that is there joins once", async (t) => {
  const { device, say } = await startTestDevice(t, { platform: "c9800-cl" });
  assert.match(await say("show license summary"), /No licenses in use/);
  const [one, two] = ["AP0001", "AP0002"].map((serialNumber) => ({ pid: "C9120AXI-B", serialNumber }));
  assert(one !== undefined && two !== undefined);
  await device.changeAccessPoints({ join: [one, two, one] });
  await device.changeAccessPoints({ join: [two] });
  assert.deepEqual(counts(await say("show license summary")), { "air-network-advantage": 2, "air-dna-advantage": 2 });
  await device.changeAccessPoints({ leave: [one] });
  assert.deepEqual(counts(await say("show license summary")), { "air-network-advantage": 1, "air-dna-advantage": 1 });
});

test("[BET-2] an interval that would have no effect is refused with the reason", async (t) => {
  const wireless = await startTestDevice(t, { platform: "c9800-cl" });
  const { outcome, output } = await wireless.device.execute("license smart usage interval 7");
  assert.equal(outcome, "refused");
  assert.match(output, /every 8 hours/);
  const stack = await startTestDevice(t);
  assert.equal(await stack.say("license smart usage interval 7"), "");
  assert.match(await stack.say("show license status"), /Reporting push interval: 7 {2}days/);
});

test("[TRU-16] [TRU-17] [TRU-23] [BET-18] failing trust is logged and counted with its reason, and usage goes on", async (t) => {
  const { device, say, log } = await startTestDevice(t, { platform: "c8000v" });
  const before = counts(await say("show license summary"));
  assert.equal(await say("license smart trust idtoken abc all"), "[OK]");
  await device.agent.idle();
  const failed = "Communications failure with the Cisco Smart Software Manager (CSSM) : Connection timed out";
  assert(log.some((line) => line.endsWith(`%SMART_LIC-3-COMM_FAILED: ${failed}`)));
  const tech = await say("show license tech support | sec Trust");
  assert.match(tech, /Attempts: Total=1, Success=0, Fail=1 {2}Ongoing Failure: Overall=1 Communication=1/);
  assert.match(tech, /Last Response: NO REPLY on /);
  assert.match(tech, /Failure Reason: Connection timed out \(stage tcp, code connection_timed_out\)/);
  assert.match(
    tech,
    /Local Device: P:C8000V,S:CSL2705E001, state\[1\], NOT INSTALLED TrustId:\d+\nOverall Trust: No ID$/,
  );
  assert.deepEqual(counts(await say("show license summary")), before);
});

test("[BET-3] [LOG-3] [LOG-4] [LOG-6] a name that does not resolve is told from a server that is silent", async (t) => {
  const failing = async (code: TransportFailureCode) => {
    const exchange = async () => {
      throw new TransportFailure(code);
    };
    const { device, say, log } = await startTestDevice(t, { platform: "c8000v", exchange });
    await say("license smart trust idtoken abc all");
    await device.agent.idle();
    const reason = /COMM_FAILED: .* : (.*)$/.exec(log.find((line) => line.includes("COMM_FAILED")) ?? "")?.[1];
    return [reason, /stage (\w+)/.exec(await say("show license tech support | i Failure Reason: [^<]"))?.[1]];
  };
  assert.deepEqual(await failing("name_not_found"), ["Unable to resolve server hostname/domain name", "name"]);
  assert.deepEqual(await failing("connection_timed_out"), ["Connection timed out", "tcp"]);
  assert.deepEqual(await failing("certificate_untrusted"), [
    "The server's TLS certificate does not end in a trusted root",
    "tls",
  ]);
});

test("[BET-4] the next attempt of a failed trust is shown, and the token is not needed again", async (t) => {
  const { device, say, time } = await startTestDevice(t, { platform: "c8000v" });
  await say("license smart trust idtoken abc all");
  await device.agent.idle();
  assert.match(
    await say("show license tech support | i Next trust"),
    /^Next trust attempt: .* \(1 minutes, 0 seconds remaining\)$/,
  );
  await time.advanceTo(startAtMs + 61_000, () => device.agent.idle());
  assert.match(await say("show license tech support | i Total=2"), /Total=2, Success=0, Fail=2/);
});

test("[BET-1] [MSG-13] a request without an answer stands in the history with how long and why", async (t) => {
  const { device, say } = await startTestDevice(t, { platform: "c8000v" });
  await say("license smart trust idtoken abc all");
  await device.agent.idle();
  assert.match(
    await say("show license history message"),
    /REQUEST: .*\n.*\n {2}NO RESPONSE after \d+ s: Connection timed out/,
  );
});

test("[BET-11] the token stands in no output, no log line and no file that show commands read", async (t) => {
  const { device, say, log } = await startTestDevice(t);
  const canary = "Q2FuYXJ5LXRva2VuLXRoYXQtbXVzdC1ub3QtYmUtc2Vlbg";
  await say(`license smart trust idtoken ${canary} all`);
  await device.agent.idle();
  const shows = ["all", "tech support", "status", "history message", "history message time-ordered", "eventlog"];
  const outputs = await Promise.all(
    shows.flatMap((what) => [say(`show license ${what}`), say(`show license ${what} | json`)]),
  );
  for (const text of [...outputs, ...log]) assert(!text.includes(canary));
  assert.equal(outputs.length, 12);
});

test("[HW-1] [HW-2] [HW-3] factory reset removes licensing, keeps other settings, and asks for a reload", async (t) => {
  const { device, say } = await startTestDevice(t);
  await say("license smart url https://manager.example/licservice/license");
  await say("hostname edge-7");
  await say("license smart trust idtoken abc all");
  await device.agent.idle();
  assert.match(await say("license smart factory reset"), /^%Warning: reload required/);
  const tech = readTechSupport(await say("show license tech support"));
  assert.equal((tech.other_info as Record<string, unknown>).overall_trust, "No ID");
  assert.match(
    await say("show license history message"),
    /^Message History[\s\S]*Trust Establishment:\n {2}No past history/,
  );
  const status = JSON.parse(await say("show license status | json"));
  assert.deepEqual(
    [status.hostname, status.transport.url, status.reloadRequired],
    ["edge-7", "https://manager.example/licservice/license", true],
  );
  assert.equal(status.trust.attempt, null);
  await device.reload();
  assert.equal(JSON.parse(await say("show license status | json")).reloadRequired, false);
});

test("[BET-10] a reset of trust alone is shown before it is done, keeps the policy and needs no reload", async (t) => {
  const { device, say } = await startTestDevice(t, { platform: "c8000v", features: ["network-advantage"] });
  const before = device.agent.state();
  assert.equal(
    await say("license smart factory reset trust preview"),
    [
      "Removes:",
      "  trust of 0 of 1 devices, with their keys and the account names",
      "Keeps:",
      `  policy "${before.policy.inForce.name}"`,
      "  0 reports that no ACK has taken, and 1 open ones",
      "  the use of 1 entitlements",
      "  transport, addresses, privacy and all other settings",
      "Reload required: no",
    ].join("\n"),
  );
  assert.match(await say("license smart factory reset preview"), /Reload required: yes$/);
  assert.deepEqual(device.agent.state(), before);
  assert.equal(await say("license smart factory reset trust"), "");
  assert.equal(JSON.parse(await say("license smart factory reset policy preview | json")).reloadRequired, false);
  assert.equal(JSON.parse(await say("show license status | json")).reloadRequired, false);
});

test("[GEN-8] [GEN-12] [POL-2] no trust, no answer and an overdue acknowledgement stop nothing", async (t) => {
  const { device, say, time, log } = await startTestDevice(t, { platform: "c8000v", features: ["dna-advantage"] });
  await time.advanceTo(startAtMs + 100 * 86_400_000, () => device.agent.idle());
  assert(log.some((line) => line.includes("acknowledgement is overdue")));
  assert.deepEqual(counts(await say("show license summary")), { DNA_P_250M_A: 1 });
  await device.configureFeatures(["network-advantage", "dna-advantage"]);
  assert.deepEqual(counts(await say("show license summary")), { ESR_P_250M_A: 1, DNA_P_250M_A: 1 });
  assert.match(await say("show license status"), /Next ACK deadline: Apr 24 /);
});

test("[REP-10] the scheduled jobs stand in the field's order, also those that never run here", async (t) => {
  const { device, say } = await startTestDevice(t, { platform: "c8000v" });
  const jobs = async () => {
    const text = await say("show license tech support | begin Upcoming Scheduled Jobs");
    const [block = ""] = text.split("\n\n");
    return block
      .split("\n")
      .slice(3)
      .map((line) => /^(.*?): (.*)$/.exec(line)?.slice(1) ?? [line]);
  };
  const never = "Expired Not Rescheduled";
  const until = (days: number) =>
    days === 1
      ? "Jan 25 23:02:12 2031 UTC (1 days, 0 hours, 0 minutes, 0 seconds remaining)"
      : "Apr 24 23:02:12 2031 UTC (90 days, 0 hours, 0 minutes, 0 seconds remaining)";
  assert.deepEqual(await jobs(), [
    ["Daily", until(1)],
    ["Authorization Renewal", never],
    ["Init Flag Check", never],
    ["Register Period Expiration Check", never],
    ["Ack Expiration Check", until(90)],
    ["Reservation configuration mismatch between nodes in HA mode", never],
    ["Retrieve data processing result", never],
    ["Start Utility Measurements", "Jan 24 23:17:12 2031 UTC (15 minutes, 0 seconds remaining)"],
    ["Send Utility RUM reports", never],
    ["Save unreported RUM Reports", "Not Available"],
    ["Process Utility RUM reports", until(1)],
    ["Telemetry Reporting", never],
    ["Authorization Code Process", never],
    ["Data Synchronization", never],
    ["External Event", never],
    ["Operational Model", never],
    ["Hello Message", never],
  ]);
  await say("license smart trust idtoken abc all");
  await device.agent.idle();
  const all = await jobs();
  assert.deepEqual(all.at(-1)?.[0], "Next trust attempt");
});

test("[SEC-15] [LOG-20] [SHO-17] a key that cannot be read at the start is in the event log and in tech support until it can", async (t) => {
  const stateDirectory = temporaryFolder(t);
  const options = { stateDirectory, platform: "c8000v", opensControlSocket: false };
  const before = await startTestDevice(t, options);
  await before.say("license smart trust idtoken abc all");
  await before.device.agent.idle();
  await before.device.stop();
  const key = join(stateDirectory, "agent", "keys", "key-1.pem");
  renameSync(key, `${stateDirectory}/aside.pem`);
  mkdirSync(key);
  const { device, say, time } = await startTestDevice(t, options);
  const pass = (seconds: number) => time.advanceTo(time.now() + seconds * 1000, () => device.agent.idle());
  const reason = "key-1 cannot be read (EISDIR)";
  await pass(31);
  assert.equal(
    await say("show license tech support | include Init|Trusted|trust attempt"),
    [
      "Init Flag Check: Jan 24 23:03:13 2031 UTC (30 seconds remaining)",
      "Next trust attempt: Jan 24 23:03:13 2031 UTC (30 seconds remaining)",
      "Trusted Store Interface: False",
      `Crypto Initialization: has not been completed after 3 attempts: ${reason}`,
    ].join("\n"),
  );
  const { cryptographyRefusal } = JSON.parse(await say("show license tech support | json"));
  assert.deepEqual(cryptographyRefusal, { attempts: 3, reason, nextAttempt: "2031-01-24T23:03:13.000Z" });
  const refused = readEventLog(await say("show license eventlog severity warnings")).filter((line) =>
    line.startsWith("SAEVT_INIT_CRYPTO"),
  );
  assert.deepEqual(refused, [
    `SAEVT_INIT_CRYPTO success="False" error="Crypto Initialization has not been completed" reason="${reason}" attempt="3"`,
  ]);
  rmdirSync(key);
  renameSync(`${stateDirectory}/aside.pem`, key);
  await pass(30);
  assert.equal(
    await say("show license tech support | include Init|Trusted"),
    "Init Flag Check: Expired Not Rescheduled\nTrusted Store Interface: True",
  );
  assert.equal(
    (await say("show license eventlog | include INIT_C")).split("\n").at(-1)?.slice(-19),
    "SAEVT_INIT_COMPLETE",
  );
  assert.equal(device.agent.state().communication.statistics.trust_establishment.total, 2);
});

test("[SHO-28] [LOG-19] [LOG-20] the event log of the last day begins with the agent's version and its cryptography", async (t) => {
  const { say } = await startTestDevice(t, { platform: "c8000v" });
  const [start, crypto] = readEventLog(await say("show license eventlog 1"));
  assert.match(start ?? "", /^SAEVT_INIT_START version="[^"]+"$/);
  assert.match(crypto ?? "", /^SAEVT_INIT_CRYPTO success="True"$/);
});

test("[TRN-2] settings reach the agent: privacy, url by transport, both halves of a proxy", async (t) => {
  const { say } = await startTestDevice(t);
  const status = async () => JSON.parse(await say("show license status | json"));
  await say("license smart privacy hostname");
  await say("license smart proxy address proxy.example");
  assert.deepEqual((await status()).transport.proxy, {
    address: "proxy.example",
    port: null,
    username: null,
    hasPassword: false,
  });
  await say("license smart proxy port 8080");
  assert.equal((await status()).transport.proxy.port, 8080);
  assert.deepEqual((await status()).privacy, { hostname: true, version: false });
  await say("license smart transport cslu");
  await say("license smart url http://127.0.0.1:8182/cslu/v1/pi");
  assert.equal((await status()).transport.url, "http://127.0.0.1:8182/cslu/v1/pi");
  assert.match(
    await say("show license status"),
    /Type: cslu\n {2}Cslu address: http:\/\/127\.0\.0\.1:8182\/cslu\/v1\/pi/,
  );
  await say("license smart transport smart");
  await say("license smart url default");
  assert.equal((await status()).transport.url, "https://smartreceiver.cisco.com/licservice/license");
  assert.match(await say("license smart url ftp://x"), /^% This is no address/);
  assert.match(await say("license smart url https://user:secret@x/"), /^% This is no address/);
});

test("[SHO-24] [LOG-8] dates and log lines carry the zone of the device", async (t) => {
  const zone = { label: "CET", offsetMinutes: 60 };
  const { say, log } = await startTestDevice(t, { zone, clockIsAuthoritative: true });
  assert.match(log[0] ?? "", /^Jan 25 00:02:12\.000: %SMART_LIC-6-AGENT_READY: /);
  assert.match(await say("show license status"), /Next ACK deadline: .* 2031 CET/);
});

test("usage is saved as a licence file inside the flash, and nowhere else", async (t) => {
  const state = temporaryFolder(t);
  const { device, say, time } = await startTestDevice(t, { stateDirectory: state, platform: "c8000v" });
  await time.advanceTo(startAtMs + 3_600_000, () => device.agent.idle());
  assert.equal(await say("license smart save usage all file bootflash:reports/all.xml"), "");
  const file = decodeLicenseFile(readFileSync(join(state, "flash", "reports", "all.xml")));
  const tags = file.reports.map((report) => decodeRumReport(report.payload).meta.entitlement_tag);
  assert.equal(new Set(tags).size, 2);
  assert.match(await say("show license rum id all"), /\d+ +UNACK +N +network-advantage_250M/);
  symlinkSync("/tmp", join(state, "flash", "out"));
  for (const path of ["../x", "flash:../x", "/flash/../../x", "out/x", "a//b", "flash:"]) {
    const { outcome, json } = await device.execute(`license smart save usage all file ${path}`);
    assert.equal(outcome, "refused", path);
    assert.equal((json as { code: string }).code, "path_outside_flash");
  }
  assert.equal(await say("license smart save usage rum-id 1 file x"), "% The requested item was not found");
  assert.deepEqual(readdirSync(state).sort(), ["agent", "control.sock", "device.json", "flash", "https-identity.pem"]);
});

test("a device that keeps everything in memory has no flash and no control socket", async (t) => {
  const { device } = await startTestDevice(t);
  assert.equal(device.controlSocketPath, null);
  const { json } = await device.execute("license smart save usage all file x");
  assert.equal((json as { code: string }).code, "no_flash");
});

test("a stopped device is taken up again as it was, and answers show commands meanwhile", async (t) => {
  const state = temporaryFolder(t);
  const first = await startTestDevice(t, { stateDirectory: state, hostname: "first" });
  await first.device.switchover();
  await first.say("license smart usage interval 7");
  await first.say("write memory");
  const running = await executeOnDevice(state, "show license udi");
  assert.equal(running.output, await first.say("show license udi"));
  assert.equal(lstatSync(first.device.controlSocketPath ?? "").mode & 0o777, 0o600);
  await first.device.stop();

  const stored = await executeOnDevice(state, "show license udi");
  assert.deepEqual(stored, running);
  readStatus((await executeOnDevice(state, "show license status")).output);
  readTechSupport((await executeOnDevice(state, "show license tech support")).output);
  const refused = await executeOnDevice(state, "license smart sync all");
  assert.equal(refused.outcome, "refused");
  assert.equal((refused.json as { code: string }).code, "device_not_running");
  const before = readdirSync(join(state, "agent")).sort();
  await executeOnDevice(state, "show license all");
  assert.deepEqual(readdirSync(join(state, "agent")).sort(), before);

  const second = await startTestDevice(t, { stateDirectory: state, hostname: "ignored", platform: "c9300-stack" });
  assert.equal(second.device.hostname, "first");
  assert.equal(second.device.slots[0]?.udi.serialNumber, "CSL2701A002");
  assert.match(await second.say("show license status"), /push interval: 7 {2}days/);
});

test("a second process on the same folder is refused and changes nothing", async (t) => {
  const state = temporaryFolder(t);
  const { device } = await startTestDevice(t, { stateDirectory: state });
  const description = readFileSync(join(state, "device.json"), "utf8");
  const again = startDevice({
    stateDirectory: state,
    trustAnchors: [],
    defaultSmartUrl: "https://other.example/",
    exchange: noAnswer,
  });
  await assert.rejects(again, { code: "directory_in_use" });
  assert.equal(readFileSync(join(state, "device.json"), "utf8"), description);
  assert.equal((await executeOnDevice(state, "show license udi")).outcome, "done");
  assert.equal((await device.execute("show license udi")).outcome, "done");
});

test("[GEN-2] software of before smart licensing is not started as if it had it, and what it has is named; each version has its own model", async (t) => {
  for (const [platform, softwareVersion, has] of [
    ["c9300-stack", "16.8.1", /in right-to-use mode.*smart licensing begins with 16\.9\.1/],
    ["c9800-cl", "16.9.1", /does not exist for it/],
  ] as const) {
    const started = startDevice({ stateDirectory: temporaryFolder(t), platform, softwareVersion, exchange: noAnswer });
    t.after(() => started.then((device) => device.stop()).catch(() => undefined));
    await assert.rejects(started, { code: "software_without_policy_mode", message: has });
  }
  const { say } = await startTestDevice(t, { platform: "c9800-cl", softwareVersion: "17.3.2" });
  assert.match(await say("show license status"), /^Smart Licensing Using Policy:\n {2}Status: ENABLED$/m);
});

test("what cannot be started or shown is refused with its code", async (t) => {
  const state = temporaryFolder(t);
  await assert.rejects(startDevice({ stateDirectory: state }), { code: "no_device_here" });
  await assert.rejects(executeOnDevice(state, "show license udi"), { code: "no_device_here" });
  await assert.rejects(startDevice({ stateDirectory: state, platform: "c1" }), { code: "platform_unknown" });
  const { device } = await startTestDevice(t, { stateDirectory: state });
  await device.stop();
  await assert.rejects(device.execute("show license udi"), { code: "device_stopped" });
  await assert.rejects(startDevice({ stateDirectory: state, platform: "c8000v" }), { code: "platform_differs" });
  writeFileSync(join(state, "device.json"), '{"formatVersion":1');
  await assert.rejects(startDevice({ stateDirectory: state }), { code: "device_state_unreadable" });
  const deep = join(state, "d".repeat(60), "e".repeat(60));
  mkdirSync(deep, { recursive: true });
  await assert.rejects(startDevice({ stateDirectory: deep, platform: "generic", exchange: noAnswer }), {
    code: "control_path_too_long",
  });
});

test("[CLI-11] what was saved stands after a reload and after a start, what was not is lost and that is logged", async (t) => {
  const state = temporaryFolder(t);
  const first = await startTestDevice(t, { stateDirectory: state });
  const url = async ({ say }: TestDevice) => JSON.parse(await say("show license status | json")).transport.url;
  await first.say("license smart url https://saved.example/licservice/license");
  assert.equal(
    await first.say("show running-config | i url"),
    "license smart url smart https://saved.example/licservice/license",
  );
  assert.doesNotMatch(await first.say("show startup-config"), /saved\.example/);
  assert.equal(await first.say("copy running-config startup-config"), "Building configuration...\n[OK]");
  assert.match(await first.say("show startup-config"), /^Using \d+ bytes\n[\s\S]*saved\.example[\s\S]*\nend$/);
  await first.say("license smart url https://lost.example/licservice/license");
  await first.say("hostname lost");
  await first.say("reload");
  assert.equal(first.log.filter((line) => /%SMART_LIC-4-CONFIG_NOT_SAVED: /.test(line)).length, 1);
  assert.deepEqual(
    [await url(first), first.device.hostname],
    ["https://saved.example/licservice/license", "c9300-stack"],
  );
  await first.say("license smart usage interval 7");
  await first.device.stop();
  const second = await startTestDevice(t, { stateDirectory: state });
  assert.equal(await url(second), "https://saved.example/licservice/license");
  assert.equal(await second.say("show running-config | i interval"), "");
});

test("what the start says of the transport holds against what was saved", async (t) => {
  const transport = { type: "smart", url: "https://first.example/licservice/license" } as const;
  const { device, say } = await startTestDevice(t, { transport });
  const url = async () => JSON.parse(await say("show license status | json")).transport.url;
  assert.equal(await url(), transport.url);
  await say("license smart url https://second.example/licservice/license");
  await say("write memory");
  await device.reload();
  assert.equal(await url(), "https://second.example/licservice/license");
});

test("show commands during a reload wait for it instead of failing", async (t) => {
  const { device } = await startTestDevice(t);
  const reload = device.execute("reload");
  const shown = await Promise.all([device.execute("show license udi"), device.execute("show license summary")]);
  assert.deepEqual(
    shown.map(({ outcome }) => outcome),
    ["done", "done"],
  );
  assert.equal((await reload).outcome, "done");
});

/** Refuses every message and notes where it went, and by which proxy. */
function notedExchange(sent: string[]): Exchange {
  return async (url, _body, { proxy }) => {
    sent.push(`${url} ${proxy === null ? "directly" : `by ${proxy.address}:${proxy.port}`}`);
    throw new TransportFailure("connection_timed_out");
  };
}

test("[TRN-3] [TRN-4] [TRN-5] transport cslu goes to the address that was given, and to the name of a relay when none was", async (t) => {
  const sent: string[] = [];
  const { device, say } = await startTestDevice(t, { exchange: notedExchange(sent) });
  const next = async (line: string): Promise<string> => {
    await say(line);
    await say("license smart trust idtoken abc all force");
    await device.agent.idle();
    return sent.splice(0).at(-1) ?? "";
  };
  assert.equal(await next("license smart transport cslu"), "http://cslu-local:8182/cslu/v1/pi directly");
  const relay = "http://10.0.0.1:8182/cslu/v1/pi";
  assert.equal(await next(`license smart url cslu ${relay}`), `${relay} directly`);
  const onPremises = "https://onprem.test/cslu/v1/pi/North%20Lab-1";
  assert.equal(await next(`license smart url cslu ${onPremises}`), `${onPremises} directly`);
  assert.match(
    await say("show license status"),
    /^ {2}Cslu address: https:\/\/onprem\.test\/cslu\/v1\/pi\/North%20Lab-1$/m,
  );
});

test("[TRN-26] [CLI-16] [DIA-29] [DIA-30] [LOG-17] Call Home has its own address and proxy, survives a reload when saved, and without a profile sends nothing", async (t) => {
  const sent: string[] = [];
  const { device, say, log } = await startTestDevice(t, { exchange: notedExchange(sent) });
  const session = openTestSession(device);
  const type = async (...lines: readonly string[]): Promise<void> => {
    for (const line of lines) await session.type(`${line}\r`);
  };
  const next = async (): Promise<string> => {
    sent.length = 0;
    await say("license smart trust idtoken abc all force");
    await device.agent.idle();
    return sent.join();
  };
  await type("enable", "debug call-home smart-licensing");
  await type("conf t", "license smart proxy address other.test", "license smart proxy port 8080");
  await type("license smart transport callhome", "call-home", "profile CiscoTAC-1");
  const standard = "https://tools.cisco.com/its/service/oddce/services/DDCEService";
  assert.equal(await next(), `${standard} directly`);
  assert.match(
    log.join("\n"),
    /%CALL_HOME-5-SL_MESSAGE_FAILED: Fail to send out Smart Licensing message to: https:\/\/tools\.cisco\.com\/its\/service\/oddce\/services\/DDCEService \(ERR tcp : Connection timed out\)$/m,
  );
  const debugged = log
    .filter((line) => line.includes(": smart-agent: "))
    .map((line) => line.split(": smart-agent: ")[1]);
  assert.equal(debugged.length, 2, "what was sent, and what went wrong");
  assert.match(
    debugged.join("\n"),
    /^request ID_TOKEN_TRUST .* to https:\/\/tools\.cisco\.com\/.*\nno answer to ID_TOKEN_TRUST /,
  );
  assert.equal(
    await say("show platform software trace message ios switch active R0"),
    await say("show logging process iosrp"),
  );
  const gateway = "https://onprem.test/Transportgateway/services/DeviceRequestHandler";
  await type(`destination address http ${gateway}`, "exit", "http-proxy proxy.test port 3128", "end", "write memory");
  assert.equal(await next(), `${gateway} by proxy.test:3128`);
  await type("conf t", "no service call-home");
  assert.equal(await next(), "");
  assert.match(
    await say("show license tech support"),
    /^ {4}Failure Reason: The communications transport is not available \(no active Call Home profile/m,
  );
  await say("reload");
  assert.equal(await next(), `${gateway} by proxy.test:3128`);
  await say("license smart transport smart");
  assert.equal(await next(), "https://smartreceiver.cisco.com/licservice/license by other.test:8080");
});
