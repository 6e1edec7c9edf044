// Sessions as a person sees them. The transcripts are golden files: UPDATE_GOLDEN=1 rewrites them; look at the difference.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startTestDevice, temporaryFolder } from "../../test-support/test-device.ts";
import { openTestSession } from "../../test-support/test-session.ts";

/** What is typed line by line; a pair also says how the screen must end before the next. */
type Step = string | readonly [keys: string, until: RegExp];

const transcripts: Readonly<Record<string, readonly Step[]>> = {
  "[CLI-28] direct recipe": [
    "enable\r",
    "configure terminal\r",
    "ip http client source-interface Vlan10\r",
    "ip http client secure-trustpoint SLA-TrustPoint\r",
    "license smart transport smart\r",
    "license smart url default\r",
    "exit\r",
    "write memory\r",
    "show running-config | begin hostname\r",
  ],
  "[CLI-11] [CLI-20] [CLI-25] system commands": [
    "en\r",
    "show version\r",
    "show inventory\r",
    "show clock\r",
    "show license udi\r",
    "show startup-config\r",
    "conf t\r",
    "host edge-9\r",
    "do show running-config | include hostname\r",
    "no license smart url\r",
    "end\r",
    ["copy running-config startup-config\r", /\?$/],
    "\r",
    "show startup-config | include hostname\r",
  ],
  "[CLI-18] [SHO-30] [TRN-12] [TRN-15] [TRN-16] [TRN-17] network configuration": [
    "en\r",
    "conf t\r",
    "vrf definition Blue\r",
    "address-family ipv4\r",
    "exit-address-family\r",
    "interface vlan 20\r",
    "vrf forwarding Blue\r",
    "ip address 127.0.0.20 255.0.0.0\r",
    "ip address 203.0.113.1 255.255.255.0\r",
    "int lo0\r",
    "ip address 127.0.0.9 255.255.255.255\r",
    "shutdown\r",
    "interface TenGigabitEthernet1/1/1\r",
    "no vrf definition Green\r",
    "ip domain-lookup source-interface Vlan10\r",
    "ip domain name lab.test\r",
    "ip name-server 127.0.0.53 127.0.0.54\r",
    "ip name-server vrf Blue 127.0.0.55\r",
    "ip name-server vrf Green 127.0.0.55\r",
    "ip name-server dns.lab.test\r",
    "ip host manager.lab.test 127.0.0.80 127.0.0.81\r",
    "ip http client proxy-server proxy.lab.test proxy-port 3128\r",
    "ip http client source-interface gi9/9\r",
    "ip http client secure-trustpoint Nobody\r",
    "license smart vrf Green\r",
    "license smart vrf Blue\r",
    "no license smart server-identity-check\r",
    "license smart proxy username licensing\r",
    "end\r",
    "show running-config\r",
    "show startup-config | count interface\r",
    "show ip interface brief | exclude DHCP\r",
    "show hosts\r",
    "show vrf\r",
    "show ip route vrf Blue\r",
    "show ip http client all\r",
    "conf t\r",
    "int vlan20\r",
    "no vrf forwarding\r",
    "no interface Vlan20\r",
    "no ip domain lookup\r",
    "no ip host manager.lab.test\r",
    "no ip name-server\r",
    "no ip http client proxy-server\r",
    "do show hosts\r",
    "do telnet manager.lab.test 443\r",
    "do show ip arp 10.0.0.1\r",
    "do show mac address-table\r",
    "no license smart vrf\r",
    "int vlan10\r",
    "shutdown\r",
    "do show ip cef 127.0.0.1\r",
    "end\r",
  ],
  "[CLI-15] [CLI-16] [CLI-17] [SHO-12] [SHO-13] [TRN-19] [TRN-23] [TRN-24] [TRN-28] [FAIL-34] call home": [
    "en\r",
    "show call-home\r",
    "show call-home profile all\r",
    "show call-home smart-licensing\r",
    "conf t\r",
    "call-home\r",
    "contact-email-addr nobody\r",
    "contact-email-addr network@lab.test\r",
    "http-proxy proxy.lab.test port 3128\r",
    "no http secure server-identity-check\r",
    "source-interface gi9/9\r",
    "source-interface vlan 10\r",
    "vrf Green\r",
    "vrf Mgmt-vrf\r",
    'profile "CiscoTAC-1"\r',
    "destination address http ftp://manager.lab.test\r",
    "destination address http https://manager.lab.test/SmartTransport\r",
    "destination address email network@lab.test\r",
    "destination transport-method http\r",
    "destination transport-method email\r",
    "destination preferred-msg-format xml\r",
    "destination preferred-msg-format short-text\r",
    "destination preferred-msg-format long-text\r",
    "reporting smart-call-home-data\r",
    "reporting all\r",
    "profile Second\r",
    "destination address http https://second.lab.test/SmartTransport\r",
    "active\r",
    "reporting smart-licensing-data\r",
    "do show call-home profile second\r",
    "do show call-home profile Third\r",
    "profile ciscotac-1\r",
    "no reporting smart-licensing-data\r",
    "no active\r",
    "profile Second\r",
    "reporting smart-licensing-data\r",
    "license smart transport callhome\r",
    "do show license status | section Transport\r",
    "do show license tech support | include Server Identity|Transport: Callhome\r",
    "do show call-home\r",
    "do show running-config | section call-home\r",
    "call-home\r",
    "no profile CiscoTAC-1\r",
    "no profile Second\r",
    "do show license status | section Transport\r",
    "do show call-home smart-licensing\r",
    "profile CiscoTAC-1\r",
    "active\r",
    "reporting smart-licensing-data\r",
    "no destination address http https://manager.lab.test/SmartTransport\r",
    "no destination address http\r",
    "exit\r",
    "http secure server-identity-check\r",
    "no contact-email-addr\r",
    "no http-proxy\r",
    "no source-interface\r",
    "no vrf\r",
    "exit\r",
    "no service call-home\r",
    "do show call-home smart-licensing\r",
    "do show running-config | include call-home\r",
    "service call-home\r",
    "do show run all | in destination address http\r",
    "do show running-config all\r",
    "end\r",
  ],
  "[CLI-22] mistakes and help": [
    "show licence\r",
    "show license\r",
    "configure terminal\r",
    ["show license e?", /license e$/],
    ["v\t\x15", /c9300-stack>$/],
    ["show license eventlog ?", /eventlog$/],
    ["| ?", /\|$/],
    "\x15\r",
    "enable\r",
    "conf t\r",
    "license smart trans pigeon\r",
    "do show lisense\r",
    ["do show clo?", /do show clo$/],
    "\x15s\r",
    "\x1a",
  ],
};

const file = (title: string) => `${title.replace(/^(\[[^\]]*\] )*/, "").replaceAll(" ", "-")}.txt`;

for (const [title, steps] of Object.entries(transcripts)) {
  test(`${title}: the session is what its golden file holds`, async (t) => {
    const { device } = await startTestDevice(t);
    const session = openTestSession(device);
    for (const step of steps) await (typeof step === "string" ? session.type(step) : session.type(...step));
    const path = join(import.meta.dirname, "golden", file(title));
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, `${session.screen()}\n`);
    assert.equal(`${session.screen()}\n`, readFileSync(path, "utf8"));
  });
}

test("a long answer stops at --More--: a blank brings a screen, enter a line, any other key the prompt", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device, { rows: 6 });
  await session.type("show license status\r", /--More--$/);
  assert.equal(session.screen().split("\n").length, 1 + 5 + 1);
  await session.type("\r", /--More--$/);
  assert.equal(session.screen().split("\n").length, 1 + 6 + 1);
  await session.type(" ", /--More--$/);
  assert.equal(session.screen().split("\n").length, 1 + 11 + 1);
  await session.type("q");
  assert.doesNotMatch(session.screen(), /More/);
  await session.type("terminal length 0\r");
  await session.type("show license status\r");
  assert.match(session.screen(), /Trust Code Installed: <none>/);
});

test("what is typed while a command runs is taken after it", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type(
    "enable\rconfigure terminal\rhostname one\rhostname two\rend\rshow running-config | i hostname\r",
    /^two#$/,
  );
  await session.type("");
  assert.match(
    session.screen(),
    /one\(config\)#hostname two\ntwo\(config\)#end\ntwo#show running-config \| i hostname\nhostname two\ntwo#$/,
  );
});

test("[CLI-10] log lines stand above the line that is being typed, after terminal monitor and not before", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  const change = () => device.execute("license smart trust idtoken abc all");
  await change();
  await device.agent.idle();
  assert.doesNotMatch(session.screen(), /SMART_LIC/);
  await session.type("terminal monitor\r");
  await session.type("show lic", /show lic$/);
  const other = openTestSession(device);
  await other.type("enable\r");
  await other.type("reload\r", /confirm\]$/);
  await other.type("\r");
  assert.match(
    session.screen(),
    /^\*\w{3} \d+ [\d:.]+: %SYS-5-RELOAD: Reload requested by ada\.\nc9300-stack>show lic\nThe device reloads\./m,
  );
  assert.deepEqual([session.isClosed(), other.isClosed()], [true, true]);
});

test("[CLI-21] reload asks about what is not saved, then for confirmation; another key keeps the device running", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type("enable\rconf t\rhostname edge\r", /^edge\(config\)#$/);
  await session.type("end\rreload\r", /\[yes\/no\]:$/);
  await session.type("maybe\r", /\[yes\/no\]:$/);
  await session.type("yes\r", /\[confirm\]$/);
  await session.type("n");
  assert.equal(session.isClosed(), false);
  const { agent } = device;
  await session.type("reload\r", /\[confirm\]$/);
  await session.type("y");
  assert.equal(session.isClosed(), true);
  await device.execute("show clock");
  assert.notEqual(device.agent, agent);
  assert.equal(device.hostname, "edge");
});

test("a user of low privilege sees, and changes nothing", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device, { privilege: 1 });
  await session.type("enable\r");
  for (const line of ["license smart sync all", "show running-config", "show license udi"]) {
    await session.type(`${line}\r`);
  }
  assert.match(session.screen(), /enable\n% Access denied\n/);
  assert.equal(session.screen().match(/% Invalid input detected/g)?.length, 2);
  assert.match(session.screen(), /UDI: PID:C9300-48P,SN:CSL2701A001/);
});

test("exit leaves one mode after the other and at last the session; history and editing recall lines", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type("show clok\x1b[Dc\r");
  await session.type("\x1b[A\x01\x0b\x1b[A\x1b[B\x10\x17history\r");
  assert.match(session.screen(), /\n {2}show clock\n {2}show history\nc9300-stack>$/);
  await session.type("enable\rconf t\rexit\r", /^c9300-stack#$/);
  await session.type("exit\r");
  assert.equal(session.isClosed(), true);
});

test("redirect puts what a command prints into a file of the flash", async (t) => {
  const state = temporaryFolder(t);
  const { device } = await startTestDevice(t, { stateDirectory: state });
  const session = openTestSession(device);
  await session.type("enable\r");
  await session.type("show license udi | redirect flash:udi.txt\r");
  assert.match(readFileSync(join(state, "flash", "udi.txt"), "utf8"), /^UDI: PID:C9300-48P,SN:CSL2701A001\n/);
  await session.type("show clock | redirect ../x\r");
  assert.match(session.screen(), /% The path does not lie in the flash/);
});
