// A device whose clock is wrong, against a real manager: what is said, what heals it, and what debugs and trace show of it.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { type Console, managerName, serveManager, startSwitch } from "./served-manager.test-support.ts";

const installed = /%SMART_LIC-6-TRUST_INSTALL_SUCCESS/;
const named = ["enable", "configure terminal", `ip host ${managerName} 127.0.0.1`, "license smart url default", "end"];

/** `clock set` to so many hours from now, as the field writes it. */
function clockSet(hours: number): string {
  const date = new Date(Date.now() + hours * 3_600_000);
  const month = date.toLocaleString("en", { month: "long", timeZone: "UTC" });
  return `clock set ${date.toISOString().slice(11, 19)} ${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
}

/** Answers with the machine's time, stratum 2. */
async function startTimeServer(t: TestContext): Promise<number> {
  const server = createSocket("udp4");
  server.on("message", (question, from) => {
    const answer = Buffer.alloc(48);
    answer.writeUInt8(0x24, 0);
    answer.writeUInt8(2, 1);
    answer.set([192, 0, 2, 7], 12);
    question.copy(answer, 24, 40, 48);
    for (const at of [32, 40]) answer.writeUInt32BE(Math.round(Date.now() / 1000 + 2_208_988_800) % 2 ** 32, at);
    server.send(answer, from.port, from.address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return server.address().port;
}

async function seekTrust({ type }: Console, token: string): Promise<void> {
  assert.match(await type(`license smart trust idtoken ${token} all force`), /^\[OK\]/);
}

test("[FAIL-3a] [FAIL-3b] [BET-29] [MGR-14] [CLI-20] [LOG-8] [SHO-29] a wrong clock is refused in words; set right, trust comes", async (t) => {
  const served = await serveManager(t);
  const console = await startSwitch(t, served);
  const { type, log, logged } = console;
  await type(...named);
  assert.equal(await type(clockSet(3)), "");
  await logged(/%SYS-6-CLOCKUPDATE: System clock has been updated from .* configured from console by lab\./);
  await logged(/^\*.*%SMART_LIC-5-SYSTEM_CLOCK_CHANGED/);
  assert.match(await type("show clock detail"), /^\*\d.*\nTime source is user configuration\n/);
  const token = await served.token();
  await seekTrust(console, token);
  const words = await logged(/The device's clock is (3 hours|2 hours 59 minutes).* ahead of the manager's/);
  assert.match(words, /Set it with "clock set" and "clock calendar-valid", or let NTP set it\./);
  assert.ok(!log.some((line) => installed.test(line)));
  await type(clockSet(0), "configure terminal", "clock calendar-valid", "end");
  assert.match(await type("show clock"), /^\d/);
  await seekTrust(console, token);
  assert.doesNotMatch(await logged(installed), /^\*/);
});

test("[CLI-20] [SEC-14] [DIA-27] [DIA-26] [DIA-28] [BET-36] NTP heals a clock, and debugs and trace show what is done, without the token", async (t) => {
  const served = await serveManager(t);
  const console = await startSwitch(t, served, { timeServerPort: await startTimeServer(t) });
  const { type, log, logged } = console;
  await type(...named, clockSet(3), "configure terminal", "ntp server 127.0.0.1", "end");
  await logged(/%NTP-5-PEERSYNC: NTP synced to peer 127\.0\.0\.1/);
  assert.match(await type("show ntp status"), /^Clock is synchronized, stratum 3, reference is 127\.0\.0\.1\n/);
  assert.match(await type("show ntp associations"), /^\*~127\.0\.0\.1 +192\.0\.2\.7 +2 .* 1 /m);
  const { offsetMs } = (await console.device.execute("show clock")).json as { readonly offsetMs: number };
  assert.ok(Math.abs(offsetMs) < 60_000, `${offsetMs} ms`);
  await type(
    "debug license agent all",
    "debug ip http client all",
    "debug ssl openssl states",
    "debug ssl openssl msg",
  );
  await type("debug crypto pki messages", "debug crypto pki transactions");
  const token = await served.token();
  await seekTrust(console, token);
  await logged(installed);
  const lines = log.join("\n");
  for (const pattern of [
    /: smart-agent: request ID_TOKEN_TRUST \(trust_establishment\) to https:\/\/manager\.lab\.test:\d+\/licservice\/license, \d+ bytes/,
    /: smart-agent: answer to ID_TOKEN_TRUST \(trust_establishment\) accepted: /,
    /: smart-agent: state machine: event trust-requested -> /,
    /: http-client: name manager\.lab\.test is 127\.0\.0\.1/,
    /: http-client: TCP 127\.0\.0\.21:\d+ connected to 127\.0\.0\.1:\d+/,
    /: http-client: HTTP 200, \d+ bytes after \d+ ms/,
    /: ssl: handshake with manager\.lab\.test is done: TLSv1\.3, TLS_/,
    /: ssl: >>> Handshake, length \d+, ClientHello/,
    /: ssl: <<< Handshake, length \d+, ServerHello/,
    /: crypto-pki: certificate 0: subject .*, issuer .*, valid .* to /,
    /: crypto-pki: chain of \d certificates ends in a trusted root/,
  ])
    assert.match(lines, pattern);
  const traced = await type("show logging process iosrp start last 5 minutes | include smart-agent");
  assert.match(
    traced,
    /^\d{4}\/\d\d\/\d\d [\d:.]+ \{iosrp_R0-0\}\{1\}: \[smart-agent\] \(debug\): request ID_TOKEN_TRUST/m,
  );
  assert.doesNotMatch(traced, /http-client/);
  const everything = `${lines}\n${await type("show logging")}\n${await type("show logging process smart-agent")}`;
  assert.ok(!everything.includes(token) && !everything.includes(encodeURIComponent(token)));
  assert.equal(await type("u all"), "All possible debugging has been turned off");
  assert.equal((await type("show debugging")).trim(), "");
});
