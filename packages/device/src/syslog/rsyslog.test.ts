// Log lines of a device at a real rsyslog, field by field. Needs the Debian packages rsyslog and rsyslog-gnutls.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { createServer } from "node:tls";
import { type Rsyslog, startRsyslog } from "../test-support/rsyslog-receiver.ts";
import { makeServerCertificate } from "../test-support/server-certificate.ts";
import { startTestDevice } from "../test-support/test-device.ts";

const certificate = makeServerCertificate();
const ofDevices = await startRsyslog({ ...certificate, readsDeviceFormat: true });
const ofStandard = await startRsyslog({ ...certificate, readsDeviceFormat: false });
after(() => Promise.all([ofDevices.stop(), ofStandard.stop()]));

const transports = ["udp", "tcp", "tls"] as const;

function hostLine(rsyslog: Rsyslog, transport: (typeof transports)[number], host = "127.0.0.1"): string {
  const port = { udp: rsyslog.udpPort, tcp: rsyslog.tcpPort, tls: rsyslog.tlsPort }[transport];
  return `logging host ${host} transport ${transport} port ${port}`;
}

test("[LOG-8] rsyslog reads the device format over UDP, TCP and TLS", async (context) => {
  const { say } = await startTestDevice(context, { hostname: "edge-1", trustAnchors: certificate.authority });
  await say("logging facility local5");
  await say("logging origin-id hostname");
  for (const transport of transports) assert.equal(await say(hostLine(ofDevices, transport)), "");
  await say("write memory");
  await say("reload");
  for (const via of transports) {
    const message = await ofDevices.received(
      (one) => one.via === via && one.tag.includes("AGENT_READY") && one.raw.includes("edge-1"),
    );
    assert.equal(message.facility, "local5");
    assert.equal(message.severity, "info");
    assert.equal(message.host, "edge-1");
    assert.equal(message.tag, "%SMART_LIC-6-AGENT_READY:");
    assert.equal(message.text.trim(), "Smart Agent for Licensing is initialized");
    assert.match(message.raw, /^<174>\d+: edge-1: \*Jan 24 23:02:12\.\d{3}: %SMART_LIC-6-AGENT_READY: Smart Agent/);
  }
});

test("rsyslog reads RFC 5424 with its structured data over UDP, TCP and TLS", async (context) => {
  const { say } = await startTestDevice(context, { hostname: "edge-2", trustAnchors: certificate.authority });
  await say("logging format rfc5424");
  for (const transport of transports) await say(hostLine(ofStandard, transport));
  await say("write memory");
  await say("reload");
  for (const via of transports) {
    const message = await ofStandard.received((one) => one.via === via && one.messageId === "AGENT_READY");
    assert.equal(message.facility, "local7");
    assert.equal(message.severity, "info");
    assert.equal(message.host, "edge-2");
    assert.equal(message.app, "SMART_LIC");
    assert.equal(message.text.trim(), "Smart Agent for Licensing is initialized");
    assert.match(message.data, /\[timeQuality tzKnown="1" isSynced="0"\]\[meta sequenceId="\d+"\]\[origin software=/);
    assert.match(message.data, /\[event@32473 facility="SMART_LIC" severity="6" mnemonic="AGENT_READY"\]$/);
  }
});

test("a TLS receiver whose authority or name is another one gets nothing, and that is said", async (context) => {
  const stranger = makeServerCertificate();
  const wrongAuthority = await startTestDevice(context, { trustAnchors: stranger.authority });
  await wrongAuthority.say(hostLine(ofDevices, "tls"));
  const refused = await logged(wrongAuthority.log, "LOGGINGHOST_FAIL");
  assert.match(refused, /failed: .*(certificate|unable to verify)/i);
  const misnamed = makeServerCertificate("DNS:other.example");
  let bytesReceived = 0;
  const server = createServer({ cert: misnamed.certificate, key: misnamed.key }, (socket) => {
    socket
      .on("error", () => {})
      .on("data", (bytes: Buffer) => {
        bytesReceived += bytes.length;
      });
  }).listen(0, "127.0.0.1");
  context.after(() => server.close());
  await once(server, "listening");
  const wrongName = await startTestDevice(context, { trustAnchors: misnamed.authority });
  await wrongName.say(`logging host 127.0.0.1 transport tls port ${(server.address() as AddressInfo).port}`);
  assert.match(await logged(wrongName.log, "LOGGINGHOST_FAIL"), /failed: .*altnames/);
  assert.equal(bytesReceived, 0);
  const noAuthority = await startTestDevice(context);
  await noAuthority.say(hostLine(ofDevices, "tls"));
  assert.match(await logged(noAuthority.log, "LOGGINGHOST_FAIL"), /trustpoint SLA-TrustPoint has no certificate/);
  assert.match(await noAuthority.say("show logging"), /Logging to 127\.0\.0\.1 {2}\(tls port \d+, link down\),/);
});

test("a TLS receiver with a name of the device's own is believed under the trustpoint that is configured for it", async (context) => {
  const receiver = makeServerCertificate("DNS:log.example");
  let text = "";
  const server = createServer({ cert: receiver.certificate, key: receiver.key }, (socket) => {
    socket.on("error", () => {}).on("data", (bytes: Buffer) => (text += bytes.toString()));
  }).listen(0, "127.0.0.1");
  context.after(() => server.close());
  await once(server, "listening");
  const systemClock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  // A certificate is taken only while it is valid, and openssl made this one now.
  const { device, log, say } = await startTestDevice(context, { clock: systemClock });
  const terminal = { user: "ada", privilege: 15, columns: 0, rows: 0, idleSeconds: null } as const;
  const session = device.openSession({ ...terminal, write: () => {}, close: () => {} });
  const trustpoint = ["crypto pki trustpoint LOG-CA", "enrollment terminal", "revocation-check none", "exit"];
  const certificate = ["crypto pki authenticate LOG-CA", ...receiver.authority.trim().split("\n"), "quit", "yes"];
  const host = `logging host log.example transport tls port ${(server.address() as AddressInfo).port} trustpoint`;
  const lines = [
    "enable",
    "configure terminal",
    "ip host log.example 127.0.0.1",
    ...trustpoint,
    `${host} LOG-CA`,
    ...certificate,
  ];
  session.input(Buffer.from(lines.map((line) => `${line}\r`).join("")));
  assert.match(await logged(log, "LOGGINGHOST_FAIL"), /trustpoint LOG-CA has no certificate/);
  await logged(log, "LOGGINGHOST_STARTSTOP");
  while (!text.includes("%SYS-6-LOGGINGHOST_STARTSTOP: Logging to host log.example"))
    await new Promise((resolve) => setImmediate(resolve));
  assert.match(await say(`${host} OTHER`), /% Trustpoint OTHER does not exist\./);
});

/** The first log line with this mnemonic; waits for it. */
async function logged(log: readonly string[], mnemonic: string): Promise<string> {
  for (;;) {
    const line = log.find((one) => one.includes(mnemonic));
    if (line !== undefined) return line;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
