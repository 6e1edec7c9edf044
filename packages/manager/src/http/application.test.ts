import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { type TestManager, withManager } from "../test-support/test-manager.ts";
import { acceptWholeAnswers, answerBytesMax } from "./whole-answers.ts";

async function openSocket({ running }: TestManager): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port: running.port,
    ca: running.rootCertificatePem,
    servername: "localhost",
  });
  await once(socket, "secureConnect");
  return socket;
}

/** Everything the other side sends until it ends the connection. */
async function readToEnd(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

suite("health and metrics", () => {
  test("health names every dependency with its state, and tells 503 when one fails", async () => {
    await withManager({}, async (manager) => {
      const { status, text } = await manager.call("GET", "/health");
      const health = JSON.parse(text);
      assert.deepEqual([status, health.status], [200, "ok"]);
      assert.deepEqual(Object.keys(health.dependencies), ["storage", "certificates", "disk"]);
    });
    await withManager({ diskFreeMebibytesMin: 1_048_576 * 1 }, async (manager) => {
      const { status, text } = await manager.call("GET", "/health");
      assert.deepEqual([status, JSON.parse(text).dependencies.disk.state], [503, "failing"]);
    });
  });

  test("health fails when the database cannot be used, and keeps the reason for the log", async () => {
    await withManager({}, async (manager) => {
      const database = new DatabaseSync(join(manager.dataDirectory, "manager.sqlite"));
      database.exec("DROP TABLE schema_migrations");
      database.close();
      const { status, text } = await manager.call("GET", "/health");
      assert.deepEqual(
        [status, JSON.parse(text).dependencies.storage],
        [503, { state: "failing", detail: "see the log" }],
      );
      assert.match(manager.logText(), /"reason":"storage".*no such table/);
    });
  });

  test("health fails once a certificate in use has ended", async () => {
    let now = Date.parse("2031-05-01T00:00:00Z");
    await withManager({ clock: { now: () => now } }, async ({ running: { manager } }) => {
      assert.equal((await manager.health()).status, "ok");
      now += 400 * 86_400_000;
      assert.match((await manager.health()).dependencies.certificates?.detail ?? "", /the tls certificate has expired/);
      await manager.renewCertificates();
      assert.equal((await manager.health()).status, "ok");
    });
  });

  test("metrics count requests by type and outcome, under names of known types only", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      await device.enrol(await manager.token());
      await device.ask("HELLO", device.hello());
      await manager.call("POST", "/licservice/license", { body: "{" });
      const strange = (await device.encode("HELLO", device.hello())).replaceAll("HELLO", "STRANGE_1");
      await manager.call("POST", "/licservice/license", { body: strange });
      const { text } = await manager.call("GET", "/metrics");
      assert.match(text, /countersign_requests_total\{type="HELLO",outcome="ok"\} 1/);
      assert.match(text, /countersign_requests_total\{type="ID_TOKEN_TRUST",outcome="ok"\} 1/);
      assert.match(text, /countersign_requests_total\{type="unknown",outcome="unreadable"\} 1/);
      assert.match(text, /countersign_request_duration_seconds_count\{type="HELLO"\} 1/);
      assert.match(text, /countersign_requests_in_flight 0/);
      assert.doesNotMatch(text, /STRANGE/);
    });
  });
});

suite("the HTTPS server", () => {
  test("proves its name to whoever trusts the root, for every way to name this machine", async () => {
    await withManager({ serverNames: ["licences.example.com"] }, async ({ running }) => {
      for (const servername of ["localhost", "licences.example.com"]) {
        const socket = connect({ host: "127.0.0.1", port: running.port, ca: running.rootCertificatePem, servername });
        await once(socket, "secureConnect");
        assert.equal(socket.authorized, true);
        socket.destroy();
      }
      const refused = connect({
        host: "127.0.0.1",
        port: running.port,
        ca: running.rootCertificatePem,
        servername: "other.example.com",
      });
      const [error] = await once(refused, "error");
      assert.equal(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
    });
  });

  test("a client that sends its request too slowly is cut off", async () => {
    await withManager({ requestTimeoutSeconds: 1 }, async (manager) => {
      for (const start of [
        "POST /licservice/license HTTP/1.1\r\nHost: localhost\r\n",
        "POST /licservice/license HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
      ]) {
        const socket = await openSocket(manager);
        socket.write(start);
        assert.match(await readToEnd(socket), /^HTTP\/1\.1 408 /);
      }
    });
  });

  test("a client that goes away within its body is counted, and is no incident", async () => {
    await withManager({ logLevel: "debug" }, async (manager) => {
      const bearer = manager.init.operator?.bearer ?? "";
      const authorization = `Authorization: Bearer ${bearer}\r\nContent-Type: application/json\r\n`;
      for (const [path, headers, body] of [
        ["/licservice/license", "", '{"request":"'],
        ["/licservice/license", "Transfer-Encoding: chunked\r\n", "c\r\n{"],
        ["/api/v1/tokens", authorization, "{"],
      ] as const) {
        const length = headers.includes("chunked") ? "" : "Content-Length: 999\r\n";
        const socket = await openSocket(manager);
        socket.on("error", () => undefined);
        socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}${length}\r\n${body}`);
        socket.destroy();
      }
      while (!(await manager.call("GET", "/metrics")).text.includes("\ncountersign_requests_cut_total 3\n"));
      const log = manager.logText();
      assert.equal(log.match(/"event":"request_cut"/g)?.length, 3);
      assert.match(log, /"level":"debug"[^\n]*"method":"POST","route":"\/licservice\/license","event":"request_cut"/);
      assert.doesNotMatch(log, /request_failed|incidentId|"stack"/);
      assert.equal((await manager.call("GET", "/health")).status, 200);
    });
  });

  test("bodies that arrive take no more room than there is; who brings more is told so and cut off", async () => {
    const bytesMax = 4 * 1024 * 1024;
    const settings = { requestMebibytesReceivedMax: 4, requestTimeoutSeconds: 3600 };
    await withManager(settings, async (manager) => {
      const device = manager.device();
      const hello = await device.encode("HELLO", device.hello());
      const ask = () => manager.call("POST", "/licservice/license", { body: hello });
      const received = async (bytes: number) => {
        const line = `\ncountersign_request_bytes_received ${bytes}\n`;
        while (!(await manager.call("GET", "/metrics")).text.includes(line));
      };
      const [one, other] = [await openSocket(manager), await openSocket(manager)];
      for (const socket of [one, other])
        socket.write("POST /licservice/license HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3145728\r\n\r\n");
      const held = bytesMax - hello.length;
      one.write(Buffer.alloc(Math.floor(held / 2)));
      other.write(Buffer.alloc(held - Math.floor(held / 2)));
      await received(held);
      assert.equal((await ask()).status, 200);
      await received(held);

      one.write(Buffer.alloc(1));
      await received(held + 1);
      const refused = await ask();
      assert.deepEqual([refused.status, JSON.parse(refused.text).code], [503, "overloaded"]);
      assert.equal(refused.headers.connection, "close");
      await received(held + 1);

      const said = readToEnd(other);
      other.write(Buffer.alloc(hello.length));
      assert.match(await said, /^HTTP\/1\.1 503 /);
      assert.equal((await ask()).status, 200);
      assert.doesNotMatch(manager.logText(), /incidentId/);
      one.destroy();
      await received(0);
    });
  });

  test("a connection takes the largest answer at once, so that the next request on it is never cut off", async () => {
    await withManager({}, async (manager) => {
      const server = createServer(manager.running.manager.authority.tlsIdentity());
      acceptWholeAnswers(server);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const connected = once(server, "secureConnection");
      const { port } = server.address() as AddressInfo;
      const ca = manager.running.rootCertificatePem;
      const socket = connect({ host: "127.0.0.1", port, ca, servername: "localhost" });
      const [accepted] = (await connected) as [TLSSocket];
      assert.equal(accepted.writableHighWaterMark, answerBytesMax);
      server.close();
      socket.destroy();
    });
  });

  test("connections beyond the limit are closed at once, and say so in the log", async () => {
    await withManager({ connectionsMax: 1 }, async (manager) => {
      const first = await openSocket(manager);
      await assert.rejects(openSocket(manager), { code: "ECONNRESET" });
      assert.match(manager.logText(), /too many connections/);
      first.destroy();
      await once(first, "close");
    });
  });

  test("bytes that are no HTTP end the connection and nothing else", async () => {
    await withManager({}, async (manager) => {
      const socket = await openSocket(manager);
      socket.write("\u0000\u0001 not http at all\r\n\r\n");
      assert.match(await readToEnd(socket), /^HTTP\/1\.1 400 /);
      assert.equal((await manager.call("GET", "/health")).status, 200);
    });
  });

  test("stopping finishes the request in progress and takes no new one", async () => {
    // A connection that stayed open would keep the test waiting this long.
    await withManager({ stopTimeoutSeconds: 600 }, async (manager) => {
      const device = manager.device();
      const body = await device.encode("HELLO", device.hello());
      const socket = await openSocket(manager);
      const headers = `POST /licservice/license HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`;
      socket.write(headers);
      // The manager asks for the body: the request is in progress from now on.
      const [asked] = await once(socket, "data");
      assert.match(String(asked), /100 Continue/);
      const stopped = manager.running.stop();
      const answer = readToEnd(socket);
      socket.write(body);
      assert.match(await answer, /^HTTP\/1\.1 200 [\s\S]*HELLO/);
      await stopped;
      await assert.rejects(manager.call("GET", "/health"), { code: "ECONNREFUSED" });
      assert.match(manager.logText(), /manager_stopped/);
    });
  });

  test("paths and methods that no route has are answered without a word about what there is", async () => {
    await withManager({}, async (manager) => {
      for (const [method, path] of [
        ["GET", "/"],
        ["PUT", "/licservice/license"],
        ["GET", "/api/v1/nothing"],
      ] as const) {
        const { status, text } = await manager.call(method, path);
        assert.deepEqual([status, JSON.parse(text).code], [404, "route_unknown"]);
      }
      for (const [method, body] of [
        ["POST", '{"cut'],
        ["PUT", ""],
      ] as const) {
        const { status, text } = await manager.call(method, "/nothing", { body });
        assert.deepEqual([status, JSON.parse(text).code], [404, "route_unknown"]);
      }
      assert.equal((await manager.call("GET", "/%zz")).status, 400);
      assert.doesNotMatch(manager.logText(), /incidentId/);
    });
  });
});

suite("the administration API", () => {
  test("input that a route does not know is refused with its path, nothing is ignored", async () => {
    await withManager({}, async (manager) => {
      const bearer = manager.init.operator?.bearer ?? "";
      const call = async (method: string, path: string, body?: string) => {
        const { status, text } = await manager.call(method, path, { bearer, ...(body === undefined ? {} : { body }) });
        return [status, JSON.parse(text).code, JSON.parse(text).message];
      };
      const wrong = "The input does not have the right shape. Wrong:";
      assert.deepEqual(await call("GET", "/api/v1/tokens?virtualAcount=x"), [
        400,
        "input_invalid",
        `${wrong} query.virtualAcount.`,
      ]);
      assert.deepEqual(await call("POST", "/api/v1/tokens", '{"uses":1}'), [
        400,
        "input_invalid",
        `${wrong} body.uses.`,
      ]);
      assert.deepEqual(await call("POST", "/api/v1/tokens", '{"usesMax":"1"}'), [
        400,
        "input_invalid",
        `${wrong} body.usesMax.`,
      ]);
      assert.deepEqual((await call("POST", "/api/v1/tokens", "{"))[1], "invalid_json");
      assert.deepEqual((await call("GET", "/api/v1/instances/unknown")).slice(0, 2), [404, "instance_unknown"]);
      assert.deepEqual((await call("POST", "/api/v1/virtual-accounts", '{"name":"Lab"}')).slice(0, 2), [
        409,
        "account_exists",
      ]);
      const csv = await manager.call("POST", "/api/v1/tokens", {
        bearer,
        body: "a,b",
        headers: { "content-type": "text/csv" },
      });
      assert.equal(csv.status, 415);
    });
  });
});
