// How many connections a process keeps to a manager, and what becomes of them.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type TestContext, test } from "node:test";
import type { ConnectionSettings } from "../ports.ts";
import { closedPort, startHttpsServer } from "../test-support/https-server.ts";
import { issueTestCertificate } from "../test-support/test-certificates.ts";
import type { ConnectionEvent } from "../trace.ts";
import { TransportFailure } from "../transport-failure.ts";
import { connectionsMax } from "./connections.ts";
import { SmartTransport, systemConnection } from "./smart-transport.ts";

const dayMs = 86_400_000;
const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs };
const root = issueTestCertificate({ name: "Root", isAuthority: true, ...validity });
const identity = issueTestCertificate({ name: "server", issuer: root, names: ["localhost"], ...validity });

/** A transport, and what its connections tell. */
function createTransport(t: TestContext, change: Partial<ConnectionSettings> = {}) {
  const events: ConnectionEvent[] = [];
  const observer = { tell: (event: ConnectionEvent) => void events.push(event), seesBytes: false };
  const settings = { ...systemConnection([root.certificate.toString()]), observer, ...change };
  const transport = new SmartTransport({
    connection: () => settings,
    timeouts: { connectMs: 20_000, totalMs: 20_000 },
  });
  t.after(() => transport.close());
  const post = async (url: string, signal = new AbortController().signal) =>
    Buffer.from(await transport.exchange(url, Buffer.from("{}"), { proxy: null, signal })).toString();
  const handshakes = () => events.filter(({ type }) => type === "handshake done");
  return { transport, post, handshakes, events };
}

/** Answers from which of its connections a message came. */
function countingListener(): RequestListener {
  const seen = new Map<Socket, number>();
  return (request, response) => {
    const number = seen.get(request.socket) ?? seen.size;
    seen.set(request.socket, number);
    response.end(String(number));
  };
}

test("messages that follow each other take the same connection", async (t) => {
  const { url } = await startHttpsServer(t, identity, [], countingListener());
  const { post, handshakes } = createTransport(t);
  assert.deepEqual([await post(url), await post(url), await post(url)], ["0", "0", "0"]);
  assert.equal(handshakes().length, 1);
});

test("an answer with an HTTP error leaves the connection for the next message", async (t) => {
  const answer = countingListener();
  const { url } = await startHttpsServer(t, identity, [], (request, response) => {
    response.statusCode = 503;
    answer(request, response);
  });
  const { post, handshakes } = createTransport(t);
  for (const _ of [1, 2]) await assert.rejects(post(url), { code: "http_status" });
  assert.equal(handshakes().length, 1);
});

test("a connection that the server closed is not taken again, and the next takes the TLS session up", async (t) => {
  const { url } = await startHttpsServer(t, identity, [], (request, response) => {
    response.setHeader("connection", "close");
    response.end(request.headers.host);
  });
  const { post, handshakes } = createTransport(t);
  assert.equal(await post(url), new URL(url).host);
  assert.equal(await post(url), new URL(url).host);
  assert.deepEqual(
    handshakes().map((done) => done.type === "handshake done" && done.chain.length),
    [2, 0],
  );
});

test("whoever looks at certificates is shown them on every connection", async (t) => {
  const { url } = await startHttpsServer(t, identity, [], (_request, response) => {
    response.setHeader("connection", "close");
    response.end("x");
  });
  const chains: number[] = [];
  const { post } = createTransport(t, { checkServer: async (chain) => void chains.push(chain.length) });
  await post(url);
  await post(url);
  assert.deepEqual(chains, [2, 2]);
});

/** Holds its answers back until `count` messages are there; those that come later are answered at once. */
function holdingListener(count: number) {
  const answers: (() => void)[] = [];
  const full = Promise.withResolvers<void>();
  let isOpen = false;
  const listener: RequestListener = (_request, response) => {
    if (isOpen) return void response.end("x");
    answers.push(() => void response.end("x"));
    if (answers.length === count) full.resolve();
  };
  const open = () => {
    isOpen = true;
    for (const answer of answers) answer();
  };
  return { listener, full: full.promise, open };
}

test("as many messages as there may be connections leave at once; one more waits for one of them", async (t) => {
  const { listener, full, open } = holdingListener(connectionsMax);
  const { url } = await startHttpsServer(t, identity, [], listener);
  const { post, handshakes } = createTransport(t);
  const sent = Array.from({ length: connectionsMax + 1 }, () => post(url));
  await full;
  assert.equal(handshakes().length, connectionsMax);
  open();
  await Promise.all(sent);
  assert.equal(handshakes().length, connectionsMax);
});

test("a message that waits for a connection can be stopped, and takes nobody's turn", async (t) => {
  const { listener, full, open } = holdingListener(connectionsMax);
  const { url } = await startHttpsServer(t, identity, [], listener);
  const { post } = createTransport(t);
  const sent = Array.from({ length: connectionsMax }, () => post(url));
  await full;
  const abort = new AbortController();
  const waiting = post(url, abort.signal);
  const behind = post(url);
  abort.abort();
  await assert.rejects(waiting, { code: "aborted" });
  open();
  await Promise.all([...sent, behind]);
});

test("failures give their turn back", async (t) => {
  const url = `https://localhost:${await closedPort()}/`;
  const { post } = createTransport(t);
  const sent = Array.from({ length: connectionsMax + 1 }, () => post(url));
  for (const result of await Promise.allSettled(sent)) {
    assert.ok(result.status === "rejected" && result.reason instanceof TransportFailure);
    assert.equal(result.reason.code, "connection_refused");
  }
});

test("an answer that is cut short is a connection that was reset, not an empty answer", async (t) => {
  const { url } = await startHttpsServer(t, identity, [], (_request, response) => {
    response.writeHead(200, { "content-length": "10" });
    response.write("12345", () => response.socket?.end());
  });
  await assert.rejects(createTransport(t).post(url), { code: "connection_reset" });
});

test("plain HTTP and HTTPS never share a connection, and a tapped one is kept like any other", async (t) => {
  const server = createServer(countingListener()).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const seen: string[] = [];
  const observer = {
    seesBytes: true,
    tell: (event: ConnectionEvent) => {
      if (event.type === "bytes" && event.isSent) seen.push(Buffer.from(event.bytes).toString().split("\r\n")[0] ?? "");
    },
  };
  const { post } = createTransport(t, { observer });
  assert.deepEqual([await post(`http://localhost:${port}/a`), await post(`http://localhost:${port}/b`)], ["0", "0"]);
  await assert.rejects(post(`https://localhost:${port}/c`), { code: "tls_handshake_failed" });
  assert.deepEqual(
    seen.filter((line) => line.startsWith("POST")),
    ["POST /a HTTP/1.1", "POST /b HTTP/1.1"],
  );
});

test("a transport that is closed leaves no connection behind", async (t) => {
  const closed = Promise.withResolvers<void>();
  const { url } = await startHttpsServer(t, identity, [], (request, response) => {
    request.socket.once("close", () => closed.resolve());
    response.end("x");
  });
  const { post, transport } = createTransport(t);
  await post(url);
  transport.close();
  await closed.promise;
});
