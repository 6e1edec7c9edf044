// Captures of real TLS conversations, and of what networks do to them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect, createServer as createTlsServer, type TlsOptions } from "node:tls";
import { issueCertificate, serverAuthUsage, type TestIdentity } from "@countersign/protocol/test-support/certificates";
import fc from "fast-check";
import { diagnose } from "../diagnosis/diagnose.ts";
import {
  captureBytesMax,
  certificatesPerChainMax,
  connectionsMax,
  packetsMax,
  segmentsMax,
  streamBytesMax,
} from "./capture-limits.ts";
import {
  conversation,
  flags,
  framesOf,
  type Made,
  type Network,
  pcap,
  pcapng,
  recorded,
  type Said,
  type Wish,
} from "./frames.test-support.ts";
import { readCapture } from "./read-capture.ts";
import { Stream } from "./stream.ts";
import { certificatesOf } from "./tls-records.ts";

const dayMs = 86_400_000;
const now = Date.UTC(2026, 10, 30, 12);
const validity = { notBefore: now - dayMs, notAfter: now + 400 * dayMs };
const root = issueCertificate({ name: "Licensing Root", issuer: null, isAuthority: true, ...validity });
const firewall = issueCertificate({ name: "FortiGate CA", issuer: null, isAuthority: true, ...validity });
const server = issueCertificate({ name: "licences.example.org", issuer: root, usages: [serverAuthUsage], ...validity });
const opened = issueCertificate({
  name: "licences.example.org",
  issuer: firewall,
  usages: [serverAuthUsage],
  ...validity,
});
const device = issueCertificate({ name: "TP-self-signed-1", issuer: null, ...validity });

const pem = ({ keys, certificate }: TestIdentity) => ({
  key: keys.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  cert: certificate.toString(),
});

async function spoken(
  settings: TlsOptions,
  shown: TestIdentity | null,
  version: "TLSv1.2" | "TLSv1.3" = "TLSv1.2",
): Promise<readonly Said[]> {
  const answering = createTlsServer({ ...settings, maxVersion: version, rejectUnauthorized: false }, (socket) => {
    socket.on("error", () => undefined).once("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\n{}"));
  });
  answering.listen(0, "127.0.0.1");
  await once(answering, "listening");
  const { port } = answering.address() as AddressInfo;
  const said = await recorded(port, async (gate) => {
    const own = shown === null ? {} : pem(shown);
    const socket = connect({
      ...own,
      port: gate,
      host: "127.0.0.1",
      servername: "licences.example.org",
      rejectUnauthorized: false,
    });
    socket.once("secureConnect", () => socket.write("POST /licservice/license HTTP/1.1\r\n\r\n"));
    socket.resume();
    await once(socket, "close");
  });
  answering.close();
  return said;
}

const good = await spoken({ ...pem(server), requestCert: true }, device);

const read = (wishes: readonly Wish[], network?: Network) => readCapture(pcap(framesOf(wishes, network)), "x.pcap");
const codesOf = (wishes: readonly Wish[], network?: Network) =>
  diagnose(read(wishes, network).facts).map(({ code }) => code);
const syn: Wish = { isClient: true, flags: flags.syn };
const say = (isClient: boolean, text: string): Said => ({ isClient, bytes: Buffer.from(text) });

test("[DIA-18] a good exchange is seen from SYN to FIN, with the certificates of both sides, and nothing is found wrong", () => {
  const { connections, facts } = read(conversation(good));
  const [only, ...more] = connections;
  assert.equal(more.length, 0);
  assert.deepEqual([only?.client, only?.server, only?.reached], ["192.0.2.10:22425", "198.51.100.7:443", "end"]);
  assert.deepEqual(
    [only?.serverName, only?.tlsVersion, only?.clientCertificate],
    ["licences.example.org", "TLS 1.2", "shown"],
  );
  assert.equal(only?.chain[0]?.issuer, "CN=Licensing Root");
  assert.deepEqual(diagnose(facts), []);
});

test("[DIA-21] repeated and late segments, window updates, tags of VLANs and the form of the file change nothing", async () => {
  const wishes = conversation(good);
  const { connections } = read(wishes);
  const pieces = (size: number) =>
    good.flatMap(({ isClient, bytes }) =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => ({
        isClient,
        bytes: bytes.subarray(n * size, (n + 1) * size),
      })),
    );
  const small = conversation(pieces(100)).flatMap((wish) => [wish, { isClient: !wish.isClient, flags: flags.ack }]);
  const told = (capture: Buffer) => readCapture(capture, "x").connections.map(({ firstFrame, ...rest }) => rest);
  const expected = connections.map(({ firstFrame, ...rest }) => rest);
  const repeated = framesOf(small).flatMap((made, index) => (index % 3 === 0 ? [made, made] : [made]));
  const swapped = [...repeated];
  for (let at = 6; at + 1 < swapped.length - 6; at += 4)
    [swapped[at], swapped[at + 1]] = [swapped[at + 1] as Made, swapped[at] as Made];
  for (const frames of [repeated, swapped]) assert.deepEqual(told(pcap(frames)), expected);
  const frames = framesOf(wishes);
  for (const form of [{ isBig: true }, { isNano: true }, { isBig: true, isNano: true }])
    assert.deepEqual(told(pcap(frames, form)), expected);
  assert.deepEqual(told(pcapng(frames)), expected);
  for (const link of ["vlan", "raw", "cooked"] as const)
    assert.deepEqual(told(pcap(framesOf(wishes, { link }), { link })), expected);
  const [six] = told(pcap(framesOf(wishes, { isVersionSix: true })));
  assert.deepEqual([six?.server, six?.reached], ["2001:db8:0:0:0:0:0:7:443", "end"]);
});

test("of TLS 1.3 what is hidden is not told", async () => {
  const [only] = read(conversation(await spoken({ ...pem(server), requestCert: true }, device, "TLSv1.3"))).connections;
  assert.deepEqual([only?.tlsVersion, only?.clientCertificate, only?.chain], ["TLS 1.3", null, []]);
});

test("[FAIL-12] SYN without an answer, and silence after the first message, are told from a refusal", () => {
  assert.deepEqual(codesOf([syn, { ...syn, atMs: 1_000 }, { ...syn, atMs: 3_000 }]), ["connection_timed_out"]);
  assert.deepEqual(codesOf([syn]), []);
  const [hello] = good;
  assert.ok(hello);
  const silent = [
    ...conversation([hello], false),
    { isClient: true, flags: flags.data, bytes: hello.bytes, offset: 0, atMs: 4_000 },
  ];
  assert.deepEqual(codesOf(silent), ["no_answer"]);
  assert.deepEqual(codesOf([syn, { isClient: false, flags: flags.rst }]), ["connection_refused"]);
});

test("[FAIL-12] a reset that comes over other hops than the server is a firewall's", () => {
  const start = conversation(good.slice(0, 1), false);
  const own = [...start, { isClient: false, flags: flags.rst }];
  assert.deepEqual(codesOf(own), ["connection_reset"]);
  assert.deepEqual(codesOf([...start, { isClient: false, flags: flags.rst, timeToLive: 49 }]), ["connection_reset"]);
  assert.deepEqual(codesOf([...start, { isClient: false, flags: flags.rst, timeToLive: 62 }]), [
    "connection_reset",
    "firewall_resets",
  ]);
  assert.deepEqual(codesOf([...conversation(good), { isClient: false, flags: flags.rst }]), []);
});

test("[FAIL-14] [FAIL-33] the issuer of the certificate on the way betrays who opens TLS; an old one is told by the capture's own time", async () => {
  assert.deepEqual(codesOf(conversation(await spoken(pem(opened), null))), ["tls_intercepted"]);
  const old = issueCertificate({
    name: "old.test",
    issuer: root,
    usages: [serverAuthUsage],
    notBefore: now - 9 * dayMs,
    notAfter: now - dayMs,
  });
  assert.deepEqual(codesOf(conversation(await spoken(pem(old), null))), ["server_certificate_refused"]);
  assert.deepEqual(codesOf(conversation(await spoken({ ...pem(server), requestCert: true }, null))), [
    "client_certificate_empty",
  ]);
});

test("[FAIL-13] [FAIL-22] a TLS alert is told with who sent it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-alerts-"));
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [key, cert, ca] = [
    put("key", pem(server).key),
    put("cert", pem(server).cert),
    put("ca", firewall.certificate.toString()),
  ];
  const [ownKey, ownCert] = [put("own-key", pem(device).key), put("own-cert", pem(device).cert)];
  try {
    const port = await freePort();
    const demanding = spawn(
      "openssl",
      [
        "s_server",
        "-accept",
        `127.0.0.1:${port}`,
        "-key",
        key,
        "-cert",
        cert,
        "-tls1_2",
        "-Verify",
        "1",
        "-verify_return_error",
        "-CAfile",
        ca,
      ],
      { stdio: ["pipe", "pipe", "ignore"] },
    );
    for await (const chunk of demanding.stdout) if (String(chunk).includes("ACCEPT")) break;
    const client = (gate: number, ...words: string[]) =>
      once(
        spawn("openssl", ["s_client", "-connect", `127.0.0.1:${gate}`, "-tls1_2", ...words], {
          stdio: ["ignore", "ignore", "ignore"],
        }),
        "exit",
      );
    const refusedDevice = await recorded(port, (gate) => client(gate, "-key", ownKey, "-cert", ownCert));
    const refusedServer = await recorded(port, (gate) => client(gate, "-CAfile", ca, "-verify_return_error"));
    demanding.kill("SIGKILL");
    await once(demanding, "exit");
    assert.deepEqual(codesOf(conversation(refusedDevice)), ["client_certificate_refused"]);
    assert.deepEqual(codesOf(conversation(refusedServer)), ["server_certificate_refused"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

test("[DIA-25] [FAIL-25] through a proxy: CONNECT, its answer, then TLS; a refusal is the proxy's", () => {
  const asked = say(true, "CONNECT licences.example.org:443 HTTP/1.1\r\nHost: licences.example.org:443\r\n\r\n");
  const through = read(conversation([asked, say(false, "HTTP/1.1 200 Connection established\r\n\r\n"), ...good]), {
    serverPort: 3_128,
  });
  assert.deepEqual(
    through.connections.map(({ reached, serverName }) => [reached, serverName]),
    [["end", "licences.example.org"]],
  );
  assert.deepEqual(diagnose(through.facts), []);
  const refusal = (status: string) =>
    codesOf(conversation([asked, say(false, `HTTP/1.1 ${status}\r\n\r\n`)]), { serverPort: 9_999 });
  assert.deepEqual(refusal("407 Proxy Authentication Required"), ["proxy_wants_password"]);
  assert.deepEqual(refusal("403 Forbidden"), ["proxy_refuses"]);
  const plain = conversation([
    say(true, "POST /licservice/license HTTP/1.1\r\n\r\n{}"),
    say(false, "HTTP/1.1 200 OK\r\n\r\n{}"),
  ]);
  assert.deepEqual(codesOf(plain, { serverPort: 80 }), ["plain_http"]);
});

test("only what can be licensing is judged, or what is asked for by address or name", () => {
  const elsewhere = framesOf([syn, { ...syn, atMs: 3_000 }], { serverPort: 22 });
  const both = pcap([...framesOf(conversation(good)), ...elsewhere]);
  const reached = (...hosts: string[]) => readCapture(both, "x", hosts).connections.map((one) => one.reached);
  assert.deepEqual(reached(), ["end"]);
  assert.deepEqual(reached("198.51.100.7"), ["end", "SYN"]);
  assert.deepEqual(reached("LICENCES.example.org"), ["end"]);
  assert.deepEqual(reached("203.0.113.1"), []);
});

test("a capture that is cut off gives what is before the cut, and what is no capture is said to be none", () => {
  const whole = pcap(framesOf(conversation(good)));
  const cut = readCapture(whole.subarray(0, whole.length - 1), "x");
  assert.deepEqual([cut.connections[0]?.reached, cut.leftOut], ["end", ["the file is cut off in its last packet"]]);
  assert.equal(readCapture(Buffer.from("no capture at all, but long enough to be one"), "x").isCapture, false);
  assert.equal(readCapture(Buffer.alloc(3), "x").isCapture, false);
});

test("any bytes and any damage to a capture are read without an error", () => {
  const seeds = [pcap(framesOf(conversation(good))), pcapng(framesOf(conversation(good)))];
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), damage, (seed, changes) => {
      const bytes = Buffer.from(seed);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      diagnose(readCapture(bytes, "x").facts);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => void readCapture(bytes, "x")));
});

test("what is beyond the limits is said or left, and nothing before it", () => {
  const fileHead = pcap([]);
  const empty = (count: number) => Buffer.concat([fileHead, Buffer.alloc(16 * count)]);
  assert.deepEqual(readCapture(empty(packetsMax), "x").leftOut, []);
  assert.equal(readCapture(empty(packetsMax + 1), "x").leftOut.length, 1);
  const filled = (size: number) => {
    const bytes = Buffer.alloc(size);
    fileHead.copy(bytes);
    bytes.writeUInt32LE(size - fileHead.length - 16, fileHead.length + 8);
    return bytes;
  };
  assert.deepEqual(readCapture(filled(captureBytesMax), "x").leftOut, []);
  assert.equal(readCapture(filled(captureBytesMax + 1), "x").leftOut.length, 2);
  const many = (count: number) =>
    pcap(Array.from({ length: count }, (_, index) => framesOf([syn], { clientPort: 1_024 + index })).flat());
  assert.equal(readCapture(many(connectionsMax), "x").leftOut.length, 0);
  assert.equal(readCapture(many(connectionsMax + 1), "x").leftOut.length, 1);
  const segment = (sequence: number, size: number) => ({
    ...{ frame: 1, atMs: 0, from: "a", to: "b", fromPort: 1, toPort: 2, flags: 0, hops: 0 },
    sequence,
    payload: Buffer.alloc(size),
  });
  const streamOf = (...sizes: readonly number[]) => {
    const stream = new Stream();
    let sequence = 7;
    for (const size of sizes) {
      stream.add(segment(sequence, size));
      sequence += size;
    }
    return stream.assembled().bytes.length;
  };
  assert.deepEqual(
    [streamOf(streamBytesMax - 1), streamOf(streamBytesMax), streamOf(streamBytesMax + 1), streamOf(streamBytesMax, 1)],
    [streamBytesMax - 1, streamBytesMax, streamBytesMax, streamBytesMax],
  );
  assert.deepEqual(
    [streamOf(...Array(segmentsMax).fill(1)), streamOf(...Array(segmentsMax + 1).fill(1))],
    [segmentsMax, segmentsMax],
  );
  const chain = (count: number) =>
    certificatesOf({
      type: 11,
      at: 0,
      body: Buffer.concat([Buffer.alloc(3), ...Array(count).fill(Buffer.from([0, 0, 1, 9]))]),
    }).length;
  assert.deepEqual(
    [chain(certificatesPerChainMax), chain(certificatesPerChainMax + 1)],
    [certificatesPerChainMax, certificatesPerChainMax],
  );
});
