// SNMP of a device with the tools that people use: snmpwalk, snmpget, snmpset, snmptrapd, smilint.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import type { LicenseView } from "../license-view.ts";
import type { SnmpView } from "../outward-view.ts";
import { authorizedRouter, nowMs, refusedRouter } from "../test-support/fixture-views.ts";
import { mibFile, mibFolders, snmpTools } from "../test-support/net-snmp-tools.ts";
import { startTestDevice, type TestDevice, temporaryFolder } from "../test-support/test-device.ts";
import { entitlementColumns, exchangeColumns, instanceColumns, scalars } from "./license-mib.ts";
import { notificationOf } from "./notifications.ts";

const module = "COUNTERSIGN-LICENSE-MIB";
const user = [
  "-v3",
  "-l",
  "authPriv",
  "-u",
  "mon",
  "-a",
  "SHA",
  "-A",
  "passphrase-1",
  "-x",
  "AES",
  "-X",
  "passphrase-2",
];
const settings = [
  "snmp-server listen 127.0.0.1 port 0",
  "snmp-server community reading ro",
  "snmp-server group ops v3 priv",
  "snmp-server user mon ops v3 auth sha passphrase-1 priv aes 128 passphrase-2",
];

async function configure({ device, say }: TestDevice, lines: readonly string[] = settings): Promise<string> {
  for (const line of lines) assert.equal(await say(line), "", line);
  const { listening } = (await device.execute("show snmp")).json as SnmpView;
  return `127.0.0.1:${listening?.port}`;
}

test("the MIB module has no mistake that smilint knows of", async (context) => {
  const { run } = snmpTools(context);
  const { output, exitCode } = await run("env", `SMIPATH=${mibFolders[0]}`, "smilint", "-l", "6", "-s", mibFile);
  assert.equal(output, "");
  assert.equal(exitCode, 0);
});

test("snmpwalk reads every object of the MIB by its name, with what show commands show", async (context) => {
  const started = await startTestDevice(context, { hostname: "edge-1" });
  const { run, withMib } = snmpTools(context);
  const { output } = await run("snmpwalk", "-v2c", "-c", "reading", ...withMib, await configure(started), "1.3.6.1");
  const named = [...scalars, ...entitlementColumns, ...instanceColumns, ...exchangeColumns].map(({ name }) => name);
  for (const name of named) assert.match(output, new RegExp(`${module}::${name}\\.\\d+ = `), name);
  assert.match(output, /sysName\.0 = STRING: edge-1/);
  assert.match(output, /csLicTrustState\.0 = INTEGER: none\(1\)/);
  assert.match(output, /csLicEntName\.1 = STRING: network-advantage\n/);
  assert.match(output, /csLicEntCount\.3 = Gauge32: 2\n/);
  assert.match(output, /csLicEntStatus\.3 = INTEGER: inUse\(15\)/);
  assert.match(output, /csLicInstRole\.2 = INTEGER: standby\(2\)/);
  assert.match(output, /csLicAckDeadline\.0 = STRING: 2031-4-24,23:2:12\.0,\+0:0/);
  assert.match(output, /csLicAckRemaining\.0 = INTEGER: 7776000 seconds/);
});

test("snmpwalk shows what is asked for and what no authorization code covers", async (context) => {
  const features = ["network-advantage", "hseck9"];
  const started = await startTestDevice(context, { platform: "c8000v", features });
  const { run, withMib } = snmpTools(context);
  const at = await configure(started);
  const walk = async () =>
    (await run("snmpwalk", "-v2c", "-c", "reading", ...withMib, at, `${module}::csLicObjects`)).output;
  const before = await walk();
  assert.match(before, /csLicAuthState\.0 = INTEGER: none\(1\)/);
  assert.match(before, /csLicEntAuthorized\.\d = INTEGER: notAuthorized\(3\)/);
  assert.match(before, /csLicEntAuthorized\.\d = INTEGER: notNeeded\(1\)/);
  assert.match(before, /csLicInstAuthConfirmed\.1 = INTEGER: none\(1\)/);
  assert.equal(await started.say("license smart authorization request add hseck9 local"), "");
  const after = await walk();
  assert.match(after, /csLicAuthState\.0 = INTEGER: asked\(2\)/);
  assert.match(after, /csLicAuthNextAttempt\.0 = STRING: 0-0-0,0:0:0\.0/, "there is no date before trust");
});

test("the numbers of an installed, an asked for and a refused code are those of the module", () => {
  const numbers = ({ authorization, ...view }: LicenseView) => {
    const whole = { authorization, ...view };
    const scalarOf = (name: string) => scalars.find((one) => one.name === name)?.value(whole, nowMs);
    const confirmed = instanceColumns.find(({ name }) => name === "csLicInstAuthConfirmed");
    const [slot] = whole.slots;
    return [scalarOf("csLicAuthState"), scalarOf("csLicAuthReason"), slot && confirmed?.value(slot)];
  };
  const { authorization } = refusedRouter;
  const onlyRefused = { ...refusedRouter, authorization: { ...authorization, attempt: null } };
  assert.deepEqual(numbers(authorizedRouter), [1, "", 3]);
  assert.deepEqual(numbers(refusedRouter), [2, "Connection timed out", 1]);
  assert.deepEqual(numbers(onlyRefused), [3, "The device may not use export-controlled functions.", 1]);
});

test("version 3 answers with authentication and encryption, and nothing else is let in or written", async (context) => {
  const started = await startTestDevice(context);
  const { run, withMib } = snmpTools(context);
  const at = await configure(started);
  const object = `${module}::csLicTransport.0`;
  const once = ["-r", "0", "-t", "1"];
  const walked = await run("snmpbulkwalk", "-Cr1000000", ...user, ...withMib, at, `${module}::csLicEntitlementTable`);
  assert.match(walked.output, /csLicEntClass\.4 = STRING: subscription$/m);
  const [v1, stranger, weak, wrongKey, written] = await Promise.all([
    run("snmpget", "-v1", "-c", "reading", ...once, ...withMib, at, object),
    run("snmpget", "-v2c", "-c", "public", ...once, ...withMib, at, object),
    run("snmpget", "-v3", "-l", "noAuthNoPriv", "-u", "mon", ...once, ...withMib, at, object),
    run("snmpget", ...user, "-A", "passphrase-3", ...once, ...withMib, at, object),
    run("snmpset", "-v2c", "-c", "reading", ...once, at, "1.3.6.1.2.1.1.5.0", "s", "other"),
  ]);
  for (const refused of [v1, stranger, weak, wrongKey]) {
    assert.equal(refused.exitCode, 1, refused.output);
    assert.doesNotMatch(refused.output, /INTEGER/);
  }
  assert.match(written.output, /notWritable/);
  assert.match(started.log.join("\n"), /%SNMP-3-AUTHFAIL: Authentication failure for SNMP req from host 127\.0\.0\.1/);
  assert.doesNotMatch(await started.say("show running-config"), /passphrase/);
});

test("a request whose number is too large to be answered costs no more than itself", async (context) => {
  const started = await startTestDevice(context);
  const { run, withMib } = snmpTools(context);
  const at = await configure(started);
  // GetRequest of sysDescr.0 with the right community, and six bytes of a request id.
  const packet = "302c020101040772656164696e67a01e0206030405060708020100020100300e300c06082b060102010105000500";
  const socket = createSocket("udp4");
  context.after(() => socket.close());
  const port = Number(at.split(":")[1]);
  await new Promise((sent) => socket.send(Buffer.from(packet, "hex"), port, "127.0.0.1", sent));
  const asked = await run(
    "snmpget",
    "-v2c",
    "-c",
    "reading",
    "-r",
    "3",
    "-t",
    "1",
    ...withMib,
    at,
    `${module}::csLicTransport.0`,
  );
  assert.match(asked.output, /csLicTransport\.0 = INTEGER: smart\(1\)/);
  const { counters } = (await started.device.execute("show snmp")).json as SnmpView;
  assert.equal(counters.refusedRequests, 1);
});

test("a message of an earlier start is answered with the time, not with values", async (context) => {
  const stateDirectory = temporaryFolder(context);
  const first = await startTestDevice(context, { stateDirectory });
  await configure(first);
  await first.say("write memory");
  await first.device.stop();
  const second = await startTestDevice(context, { stateDirectory });
  const { run, withMib } = snmpTools(context);
  const at = await configure(second, []);
  const { engineIdHex } = (await second.device.execute("show snmp")).json as SnmpView;
  const object = `${module}::csLicTransport.0`;
  const known = ["-e", `0x${engineIdHex}`, "-Z", "1,5"];
  const replayed = await run("snmpget", ...user, ...known, "-r", "0", "-t", "1", ...withMib, at, object);
  assert.match(
    replayed.output,
    /csLicTransport\.0 = INTEGER: smart\(1\)/,
    "an honest manager takes the time and asks again",
  );
});

test("snmptrapd gets a trap, an inform of version 2c and one of version 3 for a change of use", async (context) => {
  const started = await startTestDevice(context);
  const tools = snmpTools(context);
  const receiver = await tools.receiver(
    [
      "createUser mon SHA passphrase-1 AES passphrase-2",
      "authUser log mon priv",
      "authCommunity log told",
      "authCommunity log informed",
    ].join("\n"),
  );
  const host = (words: string) => `snmp-server host 127.0.0.1 ${words} udp-port ${receiver.port}`;
  await configure(started, [
    ...settings,
    "snmp-server enable traps license",
    host("traps version 2c told"),
    host("informs version 2c informed"),
    host("informs version 3 priv mon"),
  ]);
  await started.device.configureFeatures(["network-advantage"]);
  for (const way of [
    "TRAP2, SNMP v2c, community told",
    "INFORM, SNMP v2c, community informed",
    "INFORM, SNMP v3, user mon",
  ]) {
    const line = await receiver.heard((one) => one.includes(way) && one.includes("csLicUsageChanged"));
    assert.match(line, /csLicEntTag\.2 = STRING: regid\.\S+dna_advantage/);
    assert.match(line, /csLicEntCount\.2 = Gauge32: 0/);
  }
});

test("snmptrapd is told of a licence that is in use without its authorization code", async (context) => {
  const features = ["network-advantage"];
  const started = await startTestDevice(context, { platform: "c8000v", features });
  const tools = snmpTools(context);
  const receiver = await tools.receiver("authCommunity log told");
  await configure(started, [
    ...settings,
    "snmp-server enable traps license",
    `snmp-server host 127.0.0.1 traps version 2c told udp-port ${receiver.port}`,
  ]);
  await started.device.configureFeatures([...features, "hseck9"]);
  const line = await receiver.heard((one) => one.includes("csLicAuthMissing"));
  assert.match(line, /csLicEntTag\.\d = STRING: regid\.\S+/);
  assert.match(line, /csLicEntAuthorized\.\d = INTEGER: notAuthorized\(3\)/);
});

test("each change of an authorization code has its notification", () => {
  const udi = "PID:C8000V,SN:CSL2705E001";
  const [tag = ""] = authorizedRouter.licenses
    .filter(({ licenseClass }) => licenseClass === "export")
    .map((one) => one.tag);
  const refused = { code: "authorization_not_purchased", message: "No purchase covers it.", udis: [udi], final: true };
  const told = (
    [
      { type: "authorization-installed", udi, tags: [tag] },
      { type: "authorization-refused", ...refused },
      { type: "authorization-removed", udi, reason: "withdrawn" },
      { type: "not-authorized", tag },
      { type: "authorized", tag },
    ] as const
  ).map((notice) => notificationOf(notice, authorizedRouter));
  assert.deepEqual(
    told.map((one) => [one?.name, one?.oid.split(".").at(-1), one?.bindings.map(({ value }) => value)]),
    [
      ["csLicAuthInstalledNotice", "12", [udi]],
      ["csLicAuthFailed", "13", [udi, "No purchase covers it."]],
      ["csLicAuthRemoved", "14", [udi]],
      ["csLicAuthMissing", "15", [tag, 3]],
      ["csLicAuthCovered", "16", [tag, 2]],
    ],
  );
});
