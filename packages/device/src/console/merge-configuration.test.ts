import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ManualTime } from "@countersign/simulation";
import { makeServerCertificate } from "../test-support/server-certificate.ts";
import { startTestDevice, temporaryFolder } from "../test-support/test-device.ts";
import { openTestSession } from "../test-support/test-session.ts";

async function deviceWithFlash(context: TestContext) {
  const stateDirectory = temporaryFolder(context);
  const flash = join(stateDirectory, "flash");
  mkdirSync(flash, { mode: 0o700 });
  // Certificates of a test are of today.
  const clock = new ManualTime(Date.now() + 60_000);
  const options = { platform: "c8000v", stateDirectory, opensControlSocket: false, clock, timers: clock };
  const started = await startTestDevice(context, options);
  return { ...started, flash };
}

const configured = `
hostname edge
service internal
clock timezone CET 1
vrf definition Blue
exit
interface GigabitEthernet1
vrf forwarding Blue
ip address 127.0.0.9 255.0.0.0
exit
ip host manager.lab.test 127.0.0.8
ip name-server 127.0.0.7
ip name-server vrf Blue 127.0.0.6
ip domain name lab.test
crypto pki trustpoint LicRoot
enrollment terminal
revocation-check none
exit
license smart privacy all
license smart proxy address proxy.lab.test
license smart proxy port 3128
license smart url cslu http://relay.lab.test:8182/cslu/v1/pi
license smart usage interval 20
license smart transport cslu
logging host 127.0.0.1
snmp-server community lab-only RO
ntp server 127.0.0.5
call-home
profile Lab
destination address http https://manager.lab.test/
end
`;

test("a configuration that was copied into a file makes another device what the first one was", async (t) => {
  const [one, other] = [await deviceWithFlash(t), await deviceWithFlash(t)];
  const { authority } = makeServerCertificate();
  const session = openTestSession(one.device);
  await session.type("enable\rconfigure terminal\r", /\(config\)#$/);
  for (const line of configured.trim().split("\n")) await session.type(`${line}\r`);
  await session.type("configure terminal\r");
  await session.type("crypto pki authenticate LicRoot\r", /^$/);
  await session.type(`${authority.trim().replaceAll("\n", "\r")}\rquit\r`, /\]: ?$/);
  await session.type("yes\r");
  await session.type("end\r");
  assert.doesNotMatch(session.screen(), /^%(?! Certificate successfully| Do you accept)/m);
  await one.say("copy running-config flash:all.cfg");

  const text = readFileSync(join(one.flash, "all.cfg"), "utf8");
  writeFileSync(join(other.flash, "all.cfg"), text);
  const before = await other.say("show running-config");
  const said = await other.say("copy flash:all.cfg running-config");
  const level = "% use 'write' command to make license boot config take effect on next boot";
  assert.equal(said, `${level}\n${Buffer.byteLength(text)} bytes copied`);
  const after = await other.say("show running-config");
  assert.equal(after, await one.say("show running-config"));
  assert.notEqual(after, before);
  assert.equal(await other.say("show startup-config | include hostname"), before.match(/^hostname .*$/m)?.[0]);
  assert.match(other.log.at(-1) ?? "", /%SYS-5-CONFIG_I: Configured from flash:all.cfg by \S+$/);
});

test("what a file does not name stays, what it names changes, and a line that is refused stops none behind it", async (t) => {
  const { device, flash, say } = await deviceWithFlash(t);
  await say("license smart privacy hostname");
  const lines = [
    "! a part of a configuration",
    "license smart usage interval 9",
    "interface GigabitEthernet1",
    " ip address 127.0.0.9 255.0.0.0",
    " nonsense here",
    "license smart transport pigeon",
    "hostname merged",
    "end",
    "hostname never",
  ];
  writeFileSync(join(flash, "part.cfg"), lines.join("\r\n"));
  const { outcome, output, json } = await device.execute("copy flash:part.cfg running-config");
  assert.equal(outcome, "refused");
  assert.deepEqual(json, { outcome: "refused", bytes: lines.join("\r\n").length, lines: 7, refused: 2 });
  assert.deepEqual(output.split("\n").slice(-7), [
    " nonsense here",
    " ^",
    "% Invalid input detected at '^' marker.",
    "license smart transport pigeon",
    "                        ^",
    "% Invalid input detected at '^' marker.",
    `${lines.join("\r\n").length} bytes copied`,
  ]);
  const running = await say("show running-config");
  for (const kept of ["hostname merged", "license smart privacy hostname", "license smart usage interval 9"])
    assert.match(running, new RegExp(`^${kept}$`, "m"));
});

test("a file gives no commands of privileged EXEC", async (t) => {
  const { device, flash } = await deviceWithFlash(t);
  const { agent } = device;
  writeFileSync(join(flash, "do.cfg"), "do reload\n DO license smart factory reset\nhostname after\n");
  const { output, json } = await device.execute("copy flash:do.cfg running-config");
  assert.equal(output.match(/^% A file configures/gm)?.length, 2);
  assert.deepEqual(json, { outcome: "refused", bytes: 57, lines: 3, refused: 2 });
  assert.equal(device.agent, agent);
  assert.equal(device.agent.state().installation.reloadRequired, false);
  assert.equal(device.hostname, "after");
});

test("a file that is no text changes nothing", async (t) => {
  const { flash, say } = await deviceWithFlash(t);
  writeFileSync(join(flash, "image.bin"), Buffer.from([0x7f, 0x45, 0, 1]));
  assert.equal(await say("copy flash:image.bin running-config"), "%Error reading flash:image.bin (It is no text)");
});
