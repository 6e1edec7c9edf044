// Captures of a device's licensing connections, read by tshark: it must find what it finds in any capture, and nothing wrong.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ConnectionEvent } from "@countersign/agent";
import type { Device, DeviceOptions } from "../program/device-options.ts";
import { startDevice } from "../program/start-device.ts";
import { makeServerCertificate } from "../test-support/server-certificate.ts";
import { encodeCapture } from "./pcapng-file.ts";
import { TcpFrames } from "./tcp-frames.ts";

const { authority, certificate, key } = makeServerCertificate("DNS:localhost");
const canaryPassword = "canary-proxy-password-2718";
const canaryToken = "canary-token-1618";

type Captured = {
  readonly device: Device;
  say(line: string): Promise<string>;
  failed(): Promise<void>;
  file(name: string): string;
};

async function startCaptured(t: TestContext, url: string, options: Partial<DeviceOptions> = {}): Promise<Captured> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-capture-"));
  let wake = (): void => undefined;
  const device = await startDevice({
    stateDirectory: folder,
    platform: "c8000v",
    hostname: "edge-1",
    keyType: "p-256",
    opensControlSocket: false,
    trustAnchors: authority,
    defaultSmartUrl: url,
    onLog: (text) => {
      if (text.includes("COMM_FAILED")) wake();
    },
    ...options,
  });
  t.after(async () => {
    await device.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const say = async (line: string) => (await device.execute(line)).output;
  return {
    device,
    say,
    failed: () => new Promise<void>((resolve) => (wake = resolve)),
    file: (name) => join(folder, "flash", name),
  };
}

async function listen(t: TestContext, server: TcpServer | Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Answers every message with 503, over TLS 1.2, and closes. It asks who connects, as managers do. */
async function startBusyManager(t: TestContext, maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.2"): Promise<number> {
  const own = { cert: certificate + authority, key };
  const server = createServer(
    { ...own, maxVersion, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      request.resume();
      request.once("end", () => response.writeHead(503, { connection: "close" }).end("busy"));
    },
  );
  return listen(t, server);
}

function tshark(path: string, port: number, ...given: readonly string[]): string {
  const checks = ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-d", `tcp.port==${port},tls`];
  return execFileSync("tshark", ["-n", "-r", path, ...checks, ...given], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Bad checksums, malformed packets, and everything that tshark wonders about a connection. */
function complaints(path: string, port: number): string {
  return tshark(
    path,
    port,
    "-Y",
    "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.flags",
  );
}

async function captureExchange(captured: Captured): Promise<void> {
  const { say } = captured;
  assert.equal(await say("monitor capture CSSM interface Gi1 both match any"), "");
  assert.equal(await say("monitor capture CSSM start"), "Started capture point : CSSM");
  const failed = captured.failed();
  await say(`license smart trust idtoken ${canaryToken} all`);
  await failed;
}

async function exportCapture({ say, file }: Captured): Promise<string> {
  assert.equal(await say("monitor capture CSSM stop"), "Stopped capture point : CSSM");
  assert.equal(await say("monitor capture CSSM export location flash:cssm.pcap"), "Export Started Successfully");
  return file("cssm.pcap");
}

test("[DIA-23] [DIA-18] [DIA-19] [SEC-1] a capture shows TCP, the handshake, the messages and the end, without a wrong header", async (t) => {
  const port = await startBusyManager(t);
  const captured = await startCaptured(t, `https://localhost:${port}/licservice/license`);
  await captureExchange(captured);
  const path = await exportCapture(captured);
  assert.equal(complaints(path, port), "");
  const fields = [
    "-T",
    "fields",
    "-E",
    "separator=|",
    "-e",
    "tcp.flags.str",
    "-e",
    "tls.handshake.type",
    "-e",
    "tls.record.content_type",
  ];
  const rows = tshark(path, port, ...fields)
    .trim()
    .split("\n")
    .map((row) => row.replaceAll("·", ""));
  assert.deepEqual(rows.slice(0, 3), ["S||", "AS||", "A||"]);
  const handshake = rows.flatMap((row) => (row.split("|")[1] ?? "").split(",")).filter((type) => type !== "");
  // ClientHello; ServerHello, Certificate, ServerKeyExchange, CertificateRequest, ServerHelloDone; Certificate, ClientKeyExchange,
  // CertificateVerify. What follows is encrypted but for the ticket of the session.
  assert.deepEqual(handshake.slice(0, 9), ["1", "2", "11", "12", "13", "14", "11", "16", "15"]);
  assert.ok(handshake.slice(9).includes("4"), "New Session Ticket");
  const serialNumbers = tshark(
    path,
    port,
    "-Y",
    "tls.handshake.type == 11",
    "-T",
    "fields",
    "-e",
    "x509af.serialNumber",
  );
  assert.equal(serialNumbers.trim().split("\n").length, 2, "both sides show one");
  const firstData = rows.findIndex((row) => row.split("|")[2]?.includes("23"));
  const lastHandshake = rows.findLastIndex((row) => row.split("|")[1] === "16");
  assert.ok(firstData > lastHandshake, rows.join("\n"));
  assert.ok(rows.filter((row) => row.startsWith("AF|")).length >= 1, rows.join("\n"));
  const versions = tshark(path, port, "-Y", "tls.handshake.type == 2", "-T", "fields", "-e", "tls.handshake.version");
  assert.equal(versions.trim(), "0x0303");
  // The check itself: a single changed byte does not escape it.
  const spoilt = readFileSync(path);
  spoilt.writeUInt8((spoilt.at(-20) ?? 0) ^ 0xff, spoilt.length - 20);
  writeFileSync(path, spoilt);
  assert.notEqual(complaints(path, port), "");
});

test("[DIA-23] [DIA-25] [BET-11] through a proxy the capture begins with CONNECT, and no password is in it", async (t) => {
  const port = await startBusyManager(t, "TLSv1.3");
  const proxy = createHttpServer();
  proxy.on("connect", (_request, caller) => {
    const inner = connect(port, "127.0.0.1", () => {
      caller.write("HTTP/1.1 200 Connection established\r\n\r\n");
      inner.pipe(caller).pipe(inner);
    });
    inner.on("error", () => caller.destroy());
    caller.on("error", () => inner.destroy());
  });
  const proxyPort = await listen(t, proxy);
  const captured = await startCaptured(t, `https://localhost:${port}/licservice/license`);
  await captured.say("license smart proxy address 127.0.0.1");
  await captured.say(`license smart proxy port ${proxyPort}`);
  await captured.say("license smart proxy username licensing");
  await captured.say(`license smart proxy password ${canaryPassword}`);
  await captureExchange(captured);
  const path = await exportCapture(captured);
  const asHttp = ["-d", `tcp.port==${proxyPort},http`];
  const wrong = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.flags";
  assert.equal(tshark(path, port, ...asHttp, "-Y", wrong), "");
  const fields = ["http.request.method", "http.request.uri", "http.proxy_authorization", "tls.handshake.type"];
  const wanted = ["-Y", "http.request || tls.handshake.type == 1", "-T", "fields"];
  const rows = tshark(path, port, ...asHttp, ...wanted, ...fields.flatMap((field) => ["-e", field])).split("\n");
  assert.match(rows[0] ?? "", new RegExp(`^CONNECT\\tlocalhost:${port}\\tBasic \\*+\\t$`));
  assert.match(rows[1] ?? "", /^\t\t\t1$/);
});

test("[DIA-23] [FAIL-22] a port that nobody listens on shows as SYN and RST", async (t) => {
  const server = createTcpServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const captured = await startCaptured(t, `https://127.0.0.1:${port}/`);
  await captureExchange(captured);
  const path = await exportCapture(captured);
  const flags = tshark(path, port, "-T", "fields", "-e", "tcp.flags.str", "-e", "tcp.dstport").trim().split("\n");
  assert.equal(flags[0]?.replaceAll("·", ""), `S\t${port}`);
  assert.match(flags[1]?.replaceAll("·", "") ?? "", /^AR\t/);
});

test("[DIA-23] frames of IPv6, and of a message of many segments, are in order", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-capture-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [local, remote] = [
    { address: "2001:db8::1:2", port: 22_425 },
    { address: "::ffff:192.0.2.7", port: 443 },
  ];
  const frames = new TcpFrames(() => true);
  const opened = { connectionId: 1, local, remote } as const;
  const bytes = (isSent: boolean, count: number) =>
    ({ type: "bytes", connectionId: 1, isSent, bytes: new Uint8Array(count).fill(7) }) as const;
  const events: readonly ConnectionEvent[] = [
    { type: "dialled", ...opened },
    { type: "connected", ...opened },
    ...[bytes(true, 200_001), bytes(false, 100_000)],
    { type: "finished", connectionId: 1, isSent: false },
    { type: "finished", connectionId: 1, isSent: true },
  ];
  const made = events.flatMap((event) => frames.framesOf(event)).map((frame, atMs) => ({ ...frame, atMs }));
  const path = join(folder, "six.pcap");
  writeFileSync(path, encodeCapture(made, { comment: "c", application: "a", interfaceName: "Vlan10" }));
  assert.equal(complaints(path, 4433), "");
  const lengths = tshark(path, 4433, "-Y", "ipv6.src == 2001:db8::1:2", "-T", "fields", "-e", "tcp.len")
    .trim()
    .split("\n");
  assert.equal(
    lengths.reduce((sum, length) => sum + Number(length), 0),
    200_001,
  );
});
