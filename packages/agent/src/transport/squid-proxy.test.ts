// The transport through a real proxy: Squid, with and without authentication. Needs the Debian package squid.

import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import type { ProxyConfiguration } from "../lifecycle/state.ts";
import { closedPort, startHttpsServer } from "../test-support/https-server.ts";
import { authenticatedRules, squidPassword as canary, openRules, startSquid } from "../test-support/squid.ts";
import { issueTestCertificate } from "../test-support/test-certificates.ts";
import { TransportFailure, type TransportFailureCode } from "../transport-failure.ts";
import { SmartTransport, systemConnection } from "./smart-transport.ts";

const dayMs = 86_400_000;
const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs };
const root = issueTestCertificate({ name: "Root", isAuthority: true, ...validity });
const server = issueTestCertificate({ name: "server", issuer: root, names: ["localhost"], ...validity });

const open = await startSquid(openRules, after);
const authenticated = await startSquid(authenticatedRules, after);
const closed = await startSquid("http_access deny all", after);

function proxyAt(port: number, credentials: { username: string; password: string } | null): ProxyConfiguration {
  return {
    address: "127.0.0.1",
    port,
    username: credentials?.username ?? null,
    password: credentials?.password ?? null,
  };
}

async function postThrough(t: TestContext, proxy: ProxyConfiguration) {
  const manager = await startHttpsServer(t, server, [], (_request, response) => void response.end("answer"));
  const timeouts = { connectMs: 5_000, totalMs: 10_000 };
  const settings = systemConnection([root.certificate.toString()]);
  const transport = new SmartTransport({ connection: () => settings, timeouts });
  t.after(() => transport.close());
  return transport.exchange(manager.url, Buffer.from("{}"), { proxy, signal: new AbortController().signal });
}

function failsWith(code: TransportFailureCode) {
  return (error: unknown) => {
    assert.ok(error instanceof TransportFailure, String(error));
    assert.deepEqual([error.code, error.stage], [code, "proxy"], error.message);
    assert.doesNotMatch(`${error.message} ${error.detail}`, new RegExp(canary));
    return true;
  };
}

test("[TOP-9] [TRN-20] a message goes through a proxy, in a tunnel that the proxy cannot read", async (t) => {
  const answer = await postThrough(t, proxyAt(open.port, null));
  assert.equal(Buffer.from(answer).toString(), "answer");
});

test("[TRN-22] [BET-7] a proxy that demands a password gets it from the configuration", async (t) => {
  const answer = await postThrough(t, proxyAt(authenticated.port, { username: "licensing", password: canary }));
  assert.equal(Buffer.from(answer).toString(), "answer");
});

test("without a password the proxy's demand is named", async (t) => {
  await assert.rejects(postThrough(t, proxyAt(authenticated.port, null)), failsWith("proxy_authentication_needed"));
});

test("a wrong password is told apart from a missing one", async (t) => {
  const proxy = proxyAt(authenticated.port, { username: "licensing", password: "wrong" });
  await assert.rejects(postThrough(t, proxy), failsWith("proxy_authentication_refused"));
});

test("a proxy that does not let us through is named with its status", async (t) => {
  await assert.rejects(postThrough(t, proxyAt(closed.port, null)), failsWith("proxy_refused"));
});

test("a proxy that is not there is told apart from a manager that is not there", async (t) => {
  await assert.rejects(postThrough(t, proxyAt(await closedPort(), null)), failsWith("proxy_unreachable"));
});

test("[TRN-21] a proxy whose name does not exist is named", async (t) => {
  const proxy = { ...proxyAt(3128, null), address: "no-such-proxy.invalid" };
  await assert.rejects(postThrough(t, proxy), failsWith("proxy_name_not_found"));
});
