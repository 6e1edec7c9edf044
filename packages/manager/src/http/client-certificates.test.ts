// What a device shows in the TLS handshake, against a real manager: asked for, judged by its dates alone, and never in the way
// of a session that is resumed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, suite, test } from "node:test";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { TestDevice } from "../test-support/test-device.ts";
import { type TestManager, withManager } from "../test-support/test-manager.ts";

type Shown = { readonly key: string; readonly cert: string };
const dayMs = 86_400_000;
let shown: Shown;

before(() => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-client-"));
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key"];
  const names = ["-subj", "/CN=TP-self-signed-1234567890", "-days", "2", "-out", "certificate"];
  execFileSync("openssl", ["req", "-x509", ...newKey, ...names], { cwd: folder, stdio: "pipe" });
  shown = { key: readFileSync(join(folder, "key"), "utf8"), cert: readFileSync(join(folder, "certificate"), "utf8") };
  rmSync(folder, { recursive: true });
});

/** The newest session of each connection: before the end of the handshake or after it, by version. */
const sessions = new WeakMap<TLSSocket, Buffer>();

async function handshake({ running }: TestManager, options: ConnectionOptions): Promise<TLSSocket> {
  const ca = running.rootCertificatePem;
  const socket = connect({ host: "127.0.0.1", port: running.port, ca, servername: "localhost", ...options });
  socket.on("session", (session) => sessions.set(socket, session));
  await once(socket, "secureConnect");
  return socket;
}

/** The HELLO of a device over this connection, and what the manager says: the status and, where it refuses, why. */
async function ask(manager: TestManager, socket: TLSSocket, now = Date.now): Promise<readonly [string, string]> {
  const exchange = async (body: string): Promise<Uint8Array> => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const head = ["POST /licservice/license HTTP/1.1", "Host: localhost", "Connection: close"];
    socket.write([...head, `Content-Length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"));
    await once(socket, "end");
    const said = Buffer.concat(chunks).toString();
    return Buffer.from(said.slice(said.indexOf("\r\n\r\n") + 4));
  };
  const udi = "PID:C9300-48P,SN:CLIENTCERT1";
  const device = new TestDevice(udi, manager.init.rootCertificatePem, exchange, now);
  const answer = await device.ask("HELLO", device.hello());
  return [answer.statusCode, answer.statusCode === "FAILED" ? (answer.data?.code ?? "") : ""];
}

suite("certificates of clients", () => {
  test("[SEC-1] [SEC-2] a self-signed one is taken while it is in force, and refused in words when it has expired", async () => {
    let aheadMs = 0;
    const now = () => Date.now() + aheadMs;
    await withManager({ clock: { now } }, async (manager) => {
      for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
        const socket = await handshake(manager, { ...shown, maxVersion });
        // Only a server that asked for it knows the client's certificate, and only then it is sent.
        assert.notEqual(Object.keys(socket.getCertificate() ?? {}).length, 0);
        assert.deepEqual(await ask(manager, socket, now), ["OK", ""]);
      }
      assert.deepEqual(await ask(manager, await handshake(manager, {}), now), ["OK", ""], "none is shown");
      aheadMs = 3 * dayMs;
      const refusal = ["FAILED", "client_cert_expired"];
      assert.deepEqual(await ask(manager, await handshake(manager, shown), now), refusal);
      assert.match(manager.logText(), /"code":"client_cert_expired"/);
      assert.deepEqual(await ask(manager, await handshake(manager, {}), now), ["OK", ""]);
    });
  });

  test("a manager that requires one refuses none in words, and knows it again when the session is resumed", async () => {
    await withManager({ clientCertificates: "require" }, async (manager) => {
      assert.deepEqual(await ask(manager, await handshake(manager, {})), ["FAILED", "client_cert_missing"]);
      for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
        const first = await handshake(manager, { ...shown, maxVersion });
        assert.deepEqual(await ask(manager, first), ["OK", ""]);
        const session = sessions.get(first);
        assert.ok(session !== undefined);
        const second = await handshake(manager, { ...shown, maxVersion, session });
        assert.equal(second.isSessionReused(), true, maxVersion);
        assert.deepEqual(await ask(manager, second), ["OK", ""], maxVersion);
      }
      const { status } = await manager.call("GET", "/health");
      assert.equal(status, 200, "whoever sends no message needs none");
    });
  });

  test("a manager that does not ask takes whatever a balancer before it shows", async () => {
    const now = () => Date.now() + 3 * dayMs;
    await withManager({ clientCertificates: "off", clock: { now } }, async (manager) => {
      const socket = await handshake(manager, { ...shown, rejectUnauthorized: false });
      assert.deepEqual(await ask(manager, socket, now), ["OK", ""]);
    });
  });
});
