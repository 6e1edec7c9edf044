// Devices of an installation and their license levels, as the console changes and shows them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeLicenseFile, decodeRumReport } from "@countersign/protocol";
import { readSummary } from "../parity/strict-reader.ts";
import { startTestDevice, temporaryFolder } from "../test-support/test-device.ts";
import { accessPointsMax } from "./change-installation.ts";

/** Counts of the summary by entitlement. */
function counts(summary: string): Record<string, number> {
  const rows = readSummary(summary).license_usage as Record<string, { count: string }>;
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, Number(row.count)]));
}

const hint = "% use 'write' command to make license boot config take effect on next boot";

test("[CNT-1] a boot level counts from the next boot on, when it was saved; show version has both levels", async (t) => {
  const { say, device } = await startTestDevice(t, { stateDirectory: temporaryFolder(t) });
  const before = counts(await say("show license summary"));
  assert.equal(await say("license boot level network-essentials"), hint);
  assert.match(await say("show running-config"), /^license boot level network-essentials$/m);
  assert.match(await say("show version"), /^network-advantage +Smart License +network-advantage$/m);
  await device.reload();
  assert.deepEqual(counts(await say("show license summary")), before, "not saved, so lost at the reload");
  await say("license boot level network-essentials");
  await say("write memory");
  assert.match(await say("show version"), /^network-advantage +Smart License +network-essentials$/m);
  assert.match(await say("show version"), /^dna-advantage +Subscription Smart License +None$/m);
  assert.deepEqual(counts(await say("show license summary")), before, "in force after the boot only");
  await device.reload();
  assert.deepEqual(counts(await say("show license summary")), {
    "C9300-24 Network Essen...": 1,
    "C9300-48 Network Essen...": 2,
  });
  assert.match(await say("show version"), /^network-essentials +Smart License +network-essentials$/m);
});

test("a controller has air levels instead, and no license boot level", async (t) => {
  const { say, device } = await startTestDevice(t, { platform: "c9800-40" });
  await device.changeAccessPoints({ join: [{ pid: "C9130AXI-B", serialNumber: "AP1" }] });
  assert.match(await say("license boot level network-advantage"), /% Invalid input/);
  assert.match(await say("show version"), /^AIR License Level: AIR DNA Advantage$/m);
  assert.equal(await say("no license air level"), hint);
  await say("write memory");
  assert.match(await say("show version"), /^Next reload AIR license Level: AIR Network Essentials$/m);
  await device.reload();
  assert.deepEqual(counts(await say("show license summary")), { "air-network-essentials": 1 });
});

test("levels of newer software are no commands of an older one", async (t) => {
  const older = await startTestDevice(t, { platform: "c9350" });
  assert.match(await older.say("license boot level essentials"), /% Invalid input/);
  const newer = await startTestDevice(t, { platform: "c9350", softwareVersion: "17.18.1" });
  assert.equal(await newer.say("license boot level essentials"), hint);
});

test("[GEN-11] the Catalyst 9000 switches run 17.9.1, and the help of each platform offers what that platform has", async (t) => {
  for (const platform of ["c9200", "c9300-stack", "c9407r", "c9500", "c9600"]) {
    const { say } = await startTestDevice(t, { platform, softwareVersion: "17.9.1" });
    assert.match(await say("show version"), /17\.0?9\.0?1/, platform);
    assert.match(await say("show license status"), /^Smart Licensing Using Policy:\n {2}Status: ENABLED$/m, platform);
    const help = await say("license ?");
    assert.match(help, /^ {2}boot /m, platform);
    assert.doesNotMatch(help, /^ {2}air /m, platform);
    assert.match(await say("license boot level ?"), /^ {2}network-advantage /m, platform);
  }
  const controller = await startTestDevice(t, { platform: "c9800-40" });
  const help = await controller.say("license ?");
  assert.match(help, /^ {2}air /m);
  assert.doesNotMatch(help, /^ {2}boot /m);
});

test("[HW-7] [CNT-2] a switchover from the console changes the roles and no count, and is shown with its reason", async (t) => {
  const { say, log } = await startTestDevice(t, { platform: "c9600" });
  const before = counts(await say("show license summary"));
  assert.match(await say("show redundancy"), /Switchovers system experienced = 0\n[\s\S]*Active Location = slot 3/);
  assert.equal(await say("redundancy force-switchover"), "");
  const shown = await say("show redundancy");
  assert.match(shown, /Switchovers system experienced = 1\n +Last switchover reason = user forced\n/);
  assert.match(shown, /Active Location = slot 4\n[\s\S]*Standby Location = slot 3/);
  assert.deepEqual(counts(await say("show license summary")), before);
  assert(log.some((line) => line.endsWith("%REDUNDANCY-3-SWITCHOVER: RP switchover (user forced)")));
});

test("[CNT-4] [HW-7] a failed supervisor is not counted, is shown as failed, and comes back in its slot", async (t) => {
  const { say } = await startTestDevice(t, { platform: "c9407r" });
  await say("test platform member fail 3");
  assert.deepEqual(counts(await say("show license summary")), {
    "C9400 Network Advantage": 1,
    "C9400 DNA Advantage": 1,
  });
  assert.match(await say("show module"), /^3 +Failed +none/m);
  assert.match(await say("show module"), /^4 +Active +sso/m);
  assert.match(await say("redundancy force-switchover"), /^% No standby is there/);
  assert.equal(await say("test platform member add C9407R CSL2702B001"), "");
  assert.deepEqual(counts(await say("show license summary")), {
    "C9400 Network Advantage": 2,
    "C9400 DNA Advantage": 1,
  });
  assert.match(await say("show module"), /^3 +Standby +sso/m);
  assert.match(await say("show license udi"), /Active:PID:C9407R,SN:CSL2702B001\n +Standby:PID:C9407R,SN:CSL2702B001/);
});

test("[HW-8] [LOG-23] a member that joins or leaves is logged with its slot; one of another platform is refused", async (t) => {
  const { say, log } = await startTestDevice(t);
  assert.equal(await say("test platform member add C9300-24UX CSL2701A009"), "");
  assert.match(await say("show switch"), /^ 4 +Member +0200\.[0-9a-f]{4}\.[0-9a-f]{4} +1 +V00 +Ready$/m);
  assert.match(
    await say("show license eventlog"),
    /SAEVT_PLATFORM eventSource="INFRA_SL" eventName="INFRA_SL_EVLOG_OIR_ADD" MSG="OIR Add evt 100 with slot-id 4"\n.*SAEVT_PLATFORM eventSource="INFRA_SL" eventName="INFRA_SL_EVLOG_SYSDATA_FAIL" MSG="Get-SDL: not the active switch"/,
  );
  assert(log.some((line) => line.endsWith("%OIR-6-INSCARD: PID:C9300-24UX,SN:CSL2701A009 inserted in slot 4")));
  assert.match(await say("test platform member add C9500-40X CSL1"), /^% A device of this product id cannot join/);
  await say("test platform member remove 4");
  assert.doesNotMatch(await say("show switch"), /^ 4/m);
  await say("test platform member fail 1");
  assert.match(await say("show switch"), /^ 1 .* Removed$/m);
  assert.match(await say("show switch"), /^\*2 +Active /m);
});

test("reload slot of the active device is a switchover, of another one no change of licensing", async (t) => {
  const { say } = await startTestDevice(t);
  const before = counts(await say("show license summary"));
  await say("reload slot 3");
  assert.match(await say("show license udi"), /^UDI: PID:C9300-48P,SN:CSL2701A001/);
  await say("reload slot 1");
  assert.match(await say("show license udi"), /^UDI: PID:C9300-48P,SN:CSL2701A002/);
  assert.deepEqual(counts(await say("show license summary")), before);
  assert.match(await say("reload slot 9"), /^% No slot has this number/);
});

test("access points join and leave by number or by name, within the limit of a controller", async (t) => {
  const { say } = await startTestDevice(t, { platform: "c9800-80" });
  const joined = async () => counts(await say("show license summary"))["air-network-advantage"] ?? 0;
  assert.equal(await say(`test platform access-point join count ${accessPointsMax - 1}`), "");
  assert.equal(await say("test platform access-point join C9120AXI-B AP1"), "");
  assert.equal(await joined(), accessPointsMax);
  assert.match(await say("test platform access-point join count 1"), /^% This controller takes 6000 access points/);
  assert.match(await say("test platform access-point leave C9120AXI-B AP2"), /^% This access point has not joined/);
  assert.equal(await say("test platform access-point leave count 5999"), "");
  assert.match(await say("test platform access-point leave count 2"), /^% Only 1 access points have joined/);
  assert.equal(await joined(), 1);
});

test("[REP-6] every eight hours a controller logs its access points, report or not", async (t) => {
  const { say, device, time } = await startTestDevice(t, { platform: "c9800-l" });
  await say("test platform access-point join count 3");
  await time.advanceTo(time.now() + 17 * 3_600_000, () => device.agent.idle());
  const lines = (await say("show license eventlog | include ERM_RESET|ENDPOINT_USAGE")).split("\n");
  assert.equal(lines.length, 6);
  const [reset, network, dna] = lines.map((line) => line.slice(line.indexOf("SAEVT")));
  assert.equal(
    reset,
    'SAEVT_PLATFORM eventSource="INFRA_SL" eventName="INFRA_SL_EVLOG_ERM_RESET" MSG="ERM-Reset: Client 0, AP-GROUP group, 2 features air-network-advantage,air-dna-advantage"',
  );
  assert.match(
    network ?? "",
    /^SAEVT_ENDPOINT_USAGE count="3" entitlementTag="regid\.2018-06\.com\.cisco\.DNA_NWStack,/,
  );
  assert.match(dna ?? "", /^SAEVT_ENDPOINT_USAGE count="3" entitlementTag="regid\.2017-08\.com\.cisco\.AIR-DNA-A,/);
});

test("[POL-3] [GEN-10] the virtual controller says from 17.7.1 that its ACK is mandatory, and until when", async (t) => {
  const notices: unknown[] = [];
  const on = { deadline: (notice: object) => notices.push(notice) };
  const { say, device, time, log } = await startTestDevice(t, { platform: "c9800-cl", softwareVersion: "17.7.1", on });
  await say("test platform access-point join count 1");
  await time.advanceTo(time.now() + 60_000, () => device.agent.idle());
  assert.match(await say("show license status"), /Reporting ACK required: yes \(Product default\)/);
  const until = /RUM acknowledgement mandatory\.+: yes, until (.*)/.exec(await say("show license all"))?.[1];
  assert.match(until ?? "", /Apr 24 2031$/);
  assert.deepEqual(
    notices.map((notice) => (notice as { isMandatory: boolean }).isMandatory),
    [true],
  );
  await time.advanceTo(time.now() + 92 * 86_400_000, () => device.agent.idle());
  assert(log.some((line) => line.includes("A mandatory Usage report acknowledgement is overdue")));
  const older = await startTestDevice(t, { platform: "c9800-cl", softwareVersion: "17.6.4" });
  await older.say("test platform access-point join count 1");
  assert.match(await older.say("show license status"), /Reporting ACK required: yes \(CISCO default\)/);
  assert.doesNotMatch(await older.say("show license all"), /mandatory/);
});

test("[REP-9] a measurement names the access points that came or went with it, each once, and counts them", async (t) => {
  const stateDirectory = temporaryFolder(t);
  const { say, device, time } = await startTestDevice(t, { stateDirectory, platform: "c9800-cl" });
  const later = () => time.advanceTo(time.now() + 60_000, () => device.agent.idle());
  for (const change of ["join X AP1", "join X AP2", "leave X AP1"]) {
    await say(`test platform access-point ${change}`);
    await later();
  }
  await say("license smart save usage all file flash:usage.xml");
  const { reports } = decodeLicenseFile(readFileSync(join(stateDirectory, "flash", "usage.xml")));
  assert.equal(reports.length, 2);
  for (const { payload } of reports) {
    const named = decodeRumReport(payload).measurements.map(({ meta, value }) => [
      value.value,
      (meta.added_sudi_list ?? []).map((sudi) => sudi.udi_serial_number).join(),
      (meta.removed_sudi_list ?? []).map((sudi) => sudi.udi_serial_number).join(),
    ]);
    assert.deepEqual(named, [
      ["1", "AP1", ""],
      ["2", "AP2", ""],
      ["1", "", "AP1"],
    ]);
  }
});
