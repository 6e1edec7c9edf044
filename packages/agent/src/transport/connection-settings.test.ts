// Where connections leave from, which addresses are tried, and who looks at the server's certificate.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { ConnectionSettings } from "../ports.ts";
import { startHttpsServer } from "../test-support/https-server.ts";
import { issueTestCertificate } from "../test-support/test-certificates.ts";
import type { ConnectionEvent } from "../trace.ts";
import { TransportFailure } from "../transport-failure.ts";
import { SmartTransport, systemConnection } from "./smart-transport.ts";

const dayMs = 86_400_000;
const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs };
const root = issueTestCertificate({ name: "Root", isAuthority: true, ...validity });
const server = issueTestCertificate({ name: "server", issuer: root, names: ["manager.test"], ...validity });

/** What the server sees of a message to `manager.test`. */
async function postWith(t: TestContext, change: Partial<ConnectionSettings>, host = "manager.test") {
  const { port } = await startHttpsServer(t, server, [], (request, response) => {
    response.end(request.socket.remoteAddress);
  });
  const settings = {
    ...systemConnection([root.certificate.toString()]),
    resolve: async () => ["127.0.0.1"],
    ...change,
  };
  const transport = new SmartTransport({
    connection: () => settings,
    timeouts: { connectMs: 5_000, totalMs: 5_000 },
  });
  t.after(() => transport.close());
  const options = { proxy: null, signal: new AbortController().signal };
  return Buffer.from(await transport.exchange(`https://${host}:${port}/`, Buffer.from("{}"), options)).toString();
}

function failsWith(code: string) {
  return (error: unknown) => error instanceof TransportFailure && error.code === code;
}

test("[TRN-8] a connection leaves from the given local address", async (t) => {
  assert.equal(await postWith(t, { localAddress: "127.0.0.77" }), "127.0.0.77");
});

test("[TRN-7] every address of a name is tried, until one answers", async (t) => {
  const addresses = ["127.0.0.61", "127.0.0.62", "127.0.0.63", "127.0.0.1"];
  assert.equal(await postWith(t, { resolve: async () => addresses }), "127.0.0.1");
  assert.equal(await postWith(t, { resolve: async () => addresses, localAddress: "127.0.0.77" }), "127.0.0.77");
  await assert.rejects(postWith(t, { resolve: async () => addresses.slice(0, 3) }), failsWith("connection_refused"));
});

test("[TRN-11] an address without a port is TCP 443 with HTTPS; TCP 80 is where plain HTTP is written out", async () => {
  const dialled: (number | string)[] = [];
  const observer = {
    seesBytes: false,
    tell: (event: ConnectionEvent) => {
      if (event.type === "dialled") dialled.push(event.remote.port);
    },
  };
  // Nobody has this address.
  const settings = { ...systemConnection([]), observer, resolve: async () => ["127.0.0.99"] };
  const transport = new SmartTransport({ connection: () => settings, timeouts: { connectMs: 300, totalMs: 2_000 } });
  const place = async (address: string) => {
    const asked = transport.exchange(address, Buffer.from("{}"), { proxy: null, signal: AbortSignal.timeout(5_000) });
    return asked.then(
      () => assert.fail(),
      (error: Error) => /\((.*)\)/.exec(error.message)?.[1],
    );
  };
  assert.equal(await place("https://manager.test/licservice/license"), "manager.test:443");
  assert.equal(await place("http://manager.test/"), "manager.test:80");
  assert.equal(await place("https://manager.test:8443/"), "manager.test:8443");
  assert.deepEqual(dialled, [443, 80, 8443]);
  transport.close();
});

test("addresses of another family than the source's are no way", async (t) => {
  const settings = { resolve: async () => ["::1"], localAddress: "127.0.0.77" };
  await assert.rejects(postWith(t, settings), failsWith("host_unreachable"));
});

test("[SEC-13] the name in the certificate is checked unless that is switched off", async (t) => {
  await assert.rejects(postWith(t, {}, "other.test"), failsWith("certificate_name_mismatch"));
  assert.equal(await postWith(t, { checksServerIdentity: false }, "other.test"), "127.0.0.1");
});

test("the certificates are shown before anything is sent, from the server's to its root; a refusal is the failure", async (t) => {
  const seen: string[] = [];
  const checkServer = async (chain: readonly Uint8Array[]) => {
    seen.push(...chain.map((der) => new X509Certificate(der).subject));
    throw new TransportFailure("certificate_revoked");
  };
  await assert.rejects(postWith(t, { checkServer }), failsWith("certificate_revoked"));
  assert.deepEqual(seen, ["CN=server", "CN=Root"]);
});
