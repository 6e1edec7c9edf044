import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { messageBytesMax } from "@countersign/protocol";
import { closedPort, startHttpsServer, startTcpServer } from "../test-support/https-server.ts";
import { issueTestCertificate, type TestIdentity } from "../test-support/test-certificates.ts";
import { TransportFailure, type TransportFailureCode } from "../transport-failure.ts";
import { SmartTransport, systemConnection } from "./smart-transport.ts";

const dayMs = 86_400_000;
const now = Date.now();
const validity = { notBeforeMs: now - dayMs, notAfterMs: now + 30 * dayMs };
const serverAuth = "1.3.6.1.5.5.7.3.1";
const root = issueTestCertificate({ name: "Root", isAuthority: true, ...validity });
const otherRoot = issueTestCertificate({ name: "Other Root", isAuthority: true, ...validity });

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
type Setup = {
  readonly listener?: Listener;
  readonly identity?: TestIdentity;
  readonly trusted?: TestIdentity;
  readonly host?: string;
};

function serverCertificate(wish: { names?: string[]; notBeforeMs?: number; notAfterMs?: number } = {}) {
  const names = ["localhost", "127.0.0.1"];
  return issueTestCertificate({
    name: "server",
    issuer: root,
    extendedKeyUsage: serverAuth,
    names,
    ...validity,
    ...wish,
  });
}

function createTransport(
  t: TestContext,
  trusted: TestIdentity = root,
  timeouts = { connectMs: 2_000, totalMs: 5_000 },
) {
  const settings = systemConnection([trusted.certificate.toString()]);
  const transport = new SmartTransport({ connection: () => settings, timeouts });
  t.after(() => transport.close());
  return transport;
}

function post(transport: SmartTransport, url: string, body = "{}", signal = new AbortController().signal) {
  return transport.exchange(url, Buffer.from(body), { proxy: null, signal });
}

async function postTo(t: TestContext, setup: Setup) {
  const listener = setup.listener ?? ((_request, response) => void response.end("{}"));
  const server = await startHttpsServer(t, setup.identity ?? (await serverCertificate()), [], listener);
  return post(createTransport(t, setup.trusted), server.url.replace("localhost", setup.host ?? "localhost"));
}

function failsWith(code: TransportFailureCode, stage: string, text: RegExp = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof TransportFailure, String(error));
    assert.deepEqual([error.code, error.stage], [code, stage], error.message);
    assert.match(error.message, text);
    return true;
  };
}

test("[REP-1] [MSG-1] a message is a POST of JSON over verified TLS, and the answer's bytes come back untouched", async (t) => {
  const listener: Listener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      response.end(JSON.stringify([method, url, headers["content-type"], Buffer.concat(chunks).toString()]));
    });
  };
  const server = await startHttpsServer(t, await serverCertificate(), [], listener);
  const bytes = await post(createTransport(t), server.url, '{"request":"x"}');
  assert.deepEqual(JSON.parse(Buffer.from(bytes).toString()), [
    "POST",
    "/licservice/license",
    "application/json",
    '{"request":"x"}',
  ]);
});

test("a server whose root is not trusted is refused before anything is sent", async (t) => {
  let requests = 0;
  const listener: Listener = (_request, response) => {
    requests += 1;
    response.end("{}");
  };
  await assert.rejects(postTo(t, { listener, trusted: otherRoot }), failsWith("certificate_untrusted", "tls"));
  assert.equal(requests, 0);
});

test("a server certificate for another name is refused", async (t) => {
  const identity = await serverCertificate({ names: ["elsewhere.test"] });
  await assert.rejects(postTo(t, { identity }), failsWith("certificate_name_mismatch", "tls"));
});

test("[BET-26] a server that has only an address is taken by the address in its certificate; one for another address, or for a name alone, is refused", async (t) => {
  const host = "127.0.0.1";
  assert.equal((await postTo(t, { host, identity: await serverCertificate({ names: [host] }) })).length, 2);
  for (const name of ["127.0.0.2", "manager.test"]) {
    const identity = await serverCertificate({ names: [name] });
    await assert.rejects(postTo(t, { host, identity }), failsWith("certificate_name_mismatch", "tls"));
  }
});

test("an expired server certificate is refused", async (t) => {
  const identity = await serverCertificate({ notBeforeMs: now - 10 * dayMs, notAfterMs: now - dayMs });
  await assert.rejects(postTo(t, { identity }), failsWith("certificate_expired", "tls"));
});

test("a server certificate that is not valid yet is refused, with a word on clocks", async (t) => {
  const identity = await serverCertificate({ notBeforeMs: now + dayMs });
  await assert.rejects(postTo(t, { identity }), failsWith("certificate_not_yet_valid", "tls", /clocks/));
});

test("a port that speaks no TLS is a failed handshake", async (t) => {
  const server = await startTcpServer(t, (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await assert.rejects(post(createTransport(t), server.url), failsWith("tls_handshake_failed", "tls"));
});

test("a closed port is a refused connection", async (t) => {
  const url = `https://127.0.0.1:${await closedPort()}/`;
  await assert.rejects(post(createTransport(t), url), failsWith("connection_refused", "tcp"));
});

test("[BET-18] a name that does not exist is told in the documented words", async (t) => {
  const refused = failsWith("name_not_found", "name", /^Unable to resolve server hostname\/domain name/);
  await assert.rejects(post(createTransport(t), "https://no-such-host.invalid/"), refused);
});

test("[TRU-7] [BET-33] a server that accepts and stays silent is given up after the time that was set", async (t) => {
  const silent = await startTcpServer(t, () => undefined);
  const transport = createTransport(t, root, { connectMs: 60, totalMs: 5_000 });
  await assert.rejects(post(transport, silent.url), failsWith("connection_timed_out", "tcp", /^Connection timed out/));
});

test("[TRU-7] [BET-33] a server that takes the request and never answers is given up after the time that was set", async (t) => {
  const server = await startHttpsServer(t, await serverCertificate(), [], () => undefined);
  const transport = createTransport(t, root, { connectMs: 2_000, totalMs: 150 });
  await assert.rejects(post(transport, server.url), failsWith("answer_timed_out", "http", /^Connection timed out/));
});

test("a server that dribbles its answer for ever is given up too", async (t) => {
  const listener: Listener = (_request, response) => {
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  };
  const server = await startHttpsServer(t, await serverCertificate(), [], listener);
  const transport = createTransport(t, root, { connectMs: 2_000, totalMs: 200 });
  await assert.rejects(post(transport, server.url), failsWith("answer_timed_out", "http"));
});

test("an HTTP error is told with its status", async (t) => {
  const listener: Listener = (_request, response) => void response.writeHead(503).end("busy");
  await assert.rejects(postTo(t, { listener }), failsWith("http_status", "http", /HTTP 503/));
});

test("an empty answer is told in the documented words", async (t) => {
  const listener: Listener = (_request, response) => void response.end();
  const empty = failsWith("empty_answer", "http", /^Received empty response from server/);
  await assert.rejects(postTo(t, { listener }), empty);
});

test("a connection that is closed without an answer counts as an empty answer", async (t) => {
  const listener: Listener = (request) => void request.socket.end();
  await assert.rejects(postTo(t, { listener }), failsWith("empty_answer", "http"));
});

test("an answer larger than any message is cut off", async (t) => {
  const listener: Listener = (_request, response) => void response.end(Buffer.alloc(messageBytesMax + 1, 32));
  await assert.rejects(postTo(t, { listener }), failsWith("answer_too_large", "http"));
  const largest: Listener = (_request, response) => void response.end(Buffer.alloc(messageBytesMax, 32));
  assert.equal((await postTo(t, { listener: largest })).length, messageBytesMax);
});

test("an address that is none is refused without a connection", async (t) => {
  const malformed = failsWith("address_malformed", "name");
  await assert.rejects(post(createTransport(t), "manager.test"), malformed);
  await assert.rejects(post(createTransport(t), "ftp://manager.test/"), malformed);
});

test("an exchange can be stopped from outside", async (t) => {
  const abort = new AbortController();
  const listener: Listener = () => abort.abort();
  const server = await startHttpsServer(t, await serverCertificate(), [], listener);
  await assert.rejects(post(createTransport(t), server.url, "{}", abort.signal), failsWith("aborted", "http"));
});
