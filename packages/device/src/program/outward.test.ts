// What is configured at the console about log lines and SNMP, and what show commands tell of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestDevice, temporaryFolder } from "../test-support/test-device.ts";

const lines = [
  "logging buffered 8192 warnings",
  "logging trap errors",
  "logging facility local3",
  "logging format rfc5424",
  "logging origin-id hostname",
  "logging source-interface Vlan10",
  "logging host 192.0.2.1",
  "logging host log.example transport tls port 7000 trustpoint LOG-CA",
  "snmp-server group ops v3 priv",
  "snmp-server community reading ro",
  "snmp-server listen 127.0.0.1 port 0",
  "snmp-server trap-source Vlan10",
  "snmp-server location Room 3",
  "snmp-server contact Ada",
  "snmp-server enable traps license",
  "snmp-server host 192.0.2.2 traps version 2c told",
  "snmp-server host 192.0.2.2 informs version 3 priv mon udp-port 1162",
];

test("[LOG-8] what is configured stands in the running configuration, and no takes each line away", async (context) => {
  const { say } = await startTestDevice(context);
  await say("crypto pki trustpoint LOG-CA");
  const before = await say("show running-config | begin license smart transport");
  for (const line of lines) assert.equal(await say(line), "", line);
  const running = (await say("show running-config")).split("\n");
  for (const line of lines) assert.ok(running.includes(line), line);
  for (const line of lines) {
    if (line.startsWith("snmp-server host")) continue;
    const taken = line.startsWith("logging host")
      ? line
      : line.replace(/ (8192|errors|local3|rfc5424|hostname|Vlan10)( \w+)?$/, "");
    assert.equal(await say(`no ${taken.replace(/ (127\S+ port 0|Room 3|Ada)$/, "")}`), "", line);
  }
  assert.equal(await say("no snmp-server host 192.0.2.2"), "");
  assert.equal(await say("logging buffered"), "");
  assert.equal(await say("show running-config | begin license smart transport"), before);
});

test("the configuration of log lines and SNMP is lost at a reload unless it was saved; SNMP users stay", async (context) => {
  const stateDirectory = temporaryFolder(context);
  const { say, device } = await startTestDevice(context, { stateDirectory });
  await say("logging trap errors");
  await say("write memory");
  await say("logging trap debugging");
  await say("snmp-server user mon ops v3 auth sha-2 256 passphrase-1 priv aes 128 passphrase-2");
  await say("reload");
  assert.match(await say("show running-config"), /logging trap errors/);
  assert.match(await say("show snmp user"), /User name: mon\n.*\nAuthentication Protocol: SHA256/);
  await device.stop();
});

test("[LOG-8] show logging tells level, receivers and lines; clear logging forgets the lines", async (context) => {
  const { say, time, device } = await startTestDevice(context);
  await time.advanceTo(time.now() + 1_000, () => device.agent.idle());
  const shown = await say("show logging");
  assert.match(shown, /^Syslog logging: enabled \(0 messages dropped, 0 flushes, 0 overruns\)\n/);
  assert.match(shown, /Trap logging: level informational, 3 message lines logged\n/);
  assert.match(shown, /Log Buffer \(65536 bytes\):\n\n\*Jan 24 23:02:12\.000: %SMART_LIC-6-AGENT_READY: /);
  // A subscription is in use, though a perpetual licence was asked for first.
  assert.match(shown, /REPORTING_REQUIRED: A Usage report acknowledgement will be required in 89 days\.$/m);
  assert.equal(await say("clear logging"), "");
  assert.match(await say("show logging"), /Log Buffer \(65536 bytes\):\n\s*$/);
  await say("no logging buffered");
  assert.match(await say("show logging"), /Buffer logging: {2}disabled/);
});

test("limits, bad names and short passphrases are refused with the reason", async (context) => {
  const { say } = await startTestDevice(context);
  for (let count = 1; count <= 8; count += 1) assert.equal(await say(`logging host 192.0.2.${count}`), "");
  assert.equal(await say("logging host 192.0.2.9"), "% Log lines go to at most 8 receivers.");
  assert.equal(await say("no logging host 192.0.2.77"), "% There is no such receiver.");
  for (let count = 1; count <= 8; count += 1) assert.equal(await say(`snmp-server group g${count} v3 priv`), "");
  assert.equal(await say("snmp-server group g9 v3 priv"), "% There are at most 8 groups.");
  const user = "snmp-server user mon g1 v3 auth sha passphrase-1 priv aes 128";
  assert.equal(await say(`${user} 1234567`), "% A passphrase has at least 8 characters.");
  assert.equal(await say(`${user} 12345678`), "");
  assert.equal(await say("snmp-server listen nowhere port 0"), "% This is no IP address.");
  assert.match(await say("snmp-server community reading rw"), /% Invalid input/);
});
