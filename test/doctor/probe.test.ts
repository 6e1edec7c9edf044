// The doctor's live probe against a real manager, name server and proxy, and against servers of every bad kind; all on loopback.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { diagnose, type ProbeOptions, probe } from "@countersign/doctor";
import { decodeRequest, encodeAnswer } from "@countersign/protocol";
import { issueCertificate, serverAuthUsage, type TestIdentity } from "@countersign/protocol/test-support/certificates";
import { authority, manager as foreignManager } from "@countersign/protocol/test-support/parties";
import { agentConnectInfo } from "@countersign/protocol/test-support/samples";
import { managerName, serveManager, startNameServer } from "../device/served-manager.test-support.ts";
import { closedPort, proxyPassword, startSquid } from "./squid.test-support.ts";

const dayMs = 86_400_000;
const soon = { notBefore: Date.now() - dayMs, notAfter: Date.now() + 365 * dayMs };
const root = issueCertificate({
  name: "Test Root",
  issuer: null,
  isAuthority: true,
  ...soon,
  notAfter: soon.notAfter + 365 * dayMs,
});
const rootPem = root.certificate.toString();

async function probed(url: string, options: Partial<ProbeOptions> = {}) {
  const given = { url: new URL(url), proxy: null, sourceAddress: null, nameServer: null, roots: [rootPem] };
  const sources = { now: () => Date.now(), elapsed: () => performance.now(), randomBytes };
  const { stages, facts } = await probe({ ...given, expectedIssuer: null, timeoutMs: 5_000, ...options }, sources);
  const failed = stages.filter(({ outcome }) => outcome === "failed").map(({ stage, code }) => `${stage} ${code}`);
  const passed = stages.filter(({ outcome }) => outcome === "passed").map(({ stage }) => stage);
  const findings = diagnose(facts);
  return {
    failed,
    passed,
    stages,
    codes: findings.map(({ code }) => code),
    findings,
    text: JSON.stringify({ stages, facts }),
  };
}

async function listening(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function https(t: TestContext, identity: TestIdentity, settings: object = {}): Promise<string> {
  const key = identity.keys.privateKey.export({ type: "pkcs8", format: "pem" });
  const cert = identity.certificate.toString();
  const server = createHttpsServer({ cert, key, ...settings }, (request, response) => {
    request.resume();
    response.end();
  });
  return `https://localhost:${await listening(t, server)}/licservice/license`;
}

async function http(t: TestContext, answer: RequestListener): Promise<string> {
  return `http://localhost:${await listening(t, createHttpServer(answer))}/licservice/license`;
}

test("a live probe names the stage at which the way to a manager ends", async (t) => {
  let listStatus = 200;
  const lists = await listening(
    t,
    createHttpServer((_request, response) => void response.writeHead(listStatus).end("list")),
  );
  const served = await serveManager(t, () => `http://127.0.0.1:${lists}/issuing.crl`);
  const names = await startNameServer(
    t,
    `address=/${managerName}/127.0.0.1`,
    `address=/two.lab.test/127.0.0.77`,
    `address=/two.lab.test/127.0.0.1`,
  );
  const nameServer = `127.0.0.1:${names.port}`;
  const nobody = await closedPort();
  const squid = await startSquid(t, nobody);
  const well = { nameServer, roots: [served.rootCertificatePem] };

  await t.test(
    "[BET-13] [DIA-1] name, port, TLS, HTTP and message are tried in their order, up to a signed answer",
    async () => {
      const { passed, failed, codes, stages } = await probed(served.url, well);
      assert.deepEqual(
        [passed, failed, codes],
        [["name", "tcp", "tls", "http", "envelope", "signature"], [], []],
        JSON.stringify(stages),
      );
      assert.ok(stages.every(({ milliseconds }) => milliseconds >= 0));
      assert.ok((await probed(served.url, { ...well, sourceAddress: "127.0.0.33" })).passed.includes("signature"));
    },
  );

  await t.test(
    "[FAIL-10] a name that no server knows, and a name server that is not there, are stage name",
    async () => {
      const unknown = await probed(`https://nobody.lab.test:${served.port}/`, well);
      assert.deepEqual([unknown.failed, unknown.codes], [["name name_not_found"], ["name_not_resolved"]]);
      const dead = await probed(served.url, { ...well, nameServer: `127.0.0.1:${nobody}` });
      assert.deepEqual([dead.failed, dead.codes], [["name name_not_found"], ["name_not_resolved"]]);
    },
  );

  await t.test("[TRN-7] every address of a name is tried, and a closed port is stage tcp", async () => {
    const { stages } = await probed(`https://two.lab.test:${served.port}/licservice/license`, well);
    const tcp = stages.find(({ stage }) => stage === "tcp");
    assert.match(tcp?.detail ?? "", /127\.0\.0\.1 open$/);
    const refused = await probed(`https://${managerName}:${nobody}/`, well);
    assert.deepEqual([refused.failed, refused.codes], [["tcp connection_refused"], ["connection_refused"]]);
    const elsewhere = await probed(served.url, { ...well, sourceAddress: "192.0.2.1" });
    assert.deepEqual([elsewhere.failed, elsewhere.codes], [["tcp host_unreachable"], ["connection_timed_out"]]);
  });

  await t.test(
    "[FAIL-25] a proxy that wants a password, one that forbids, and one that is not there are told apart",
    async () => {
      const proxy = { host: "127.0.0.1", port: squid, username: null, password: null };
      const known = { ...proxy, username: "licensing", password: proxyPassword };
      const local = served.url.replace(managerName, "localhost");
      const through = async (url: string, given: ProbeOptions["proxy"]) => probed(url, { ...well, proxy: given });
      const asked = await through(local, proxy);
      assert.deepEqual([asked.failed, asked.codes], [["proxy proxy_authentication_needed"], ["proxy_wants_password"]]);
      const wrong = await through(local, { ...known, password: "wrong" });
      assert.deepEqual(wrong.failed, ["proxy proxy_authentication_refused"]);
      const forbidden = await through(`https://localhost:${nobody}/`, known);
      assert.deepEqual([forbidden.failed, forbidden.codes], [["proxy proxy_refused"], ["proxy_refuses"]]);
      const absent = await through(local, { ...known, port: nobody });
      assert.deepEqual([absent.failed, absent.codes], [["proxy proxy_unreachable"], ["proxy_unreachable"]]);
      const right = await through(local, known);
      assert.deepEqual([right.failed, right.passed.slice(0, 2)], [[], ["proxy", "tls"]]);
      for (const { text } of [asked, wrong, right]) assert.ok(!text.includes(proxyPassword));
    },
  );

  await t.test("[FAIL-15] a revocation list that does not come is named with its address", async () => {
    listStatus = 404;
    const { codes, findings } = await probed(served.url, well);
    listStatus = 200;
    assert.deepEqual(codes, ["crl_unreachable"]);
    assert.match(findings[0]?.evidence[0]?.text ?? "", /issuing\.crl: HTTP 404/);
  });

  await t.test(
    "[FAIL-14] [FAIL-33] a certificate of another issuer than expected is decryption on the way",
    async () => {
      const foreign = await probed(served.url, { nameServer });
      assert.deepEqual(
        [foreign.failed, foreign.codes],
        [["tls certificate_untrusted"], ["server_certificate_refused"]],
      );
      const expected = await probed(served.url, { nameServer, expectedIssuer: "Public CA" });
      assert.deepEqual(expected.codes, ["tls_intercepted"]);
      const firewall = issueCertificate({ name: "FortiGate CA", issuer: null, isAuthority: true, ...soon });
      const opened = issueCertificate({ name: "localhost", issuer: firewall, usages: [serverAuthUsage], ...soon });
      assert.deepEqual((await probed(await https(t, opened))).codes, ["tls_intercepted"]);
    },
  );

  await t.test("each thing that can be wrong with a certificate has its own code", async () => {
    const wish = { issuer: root, usages: [serverAuthUsage], ...soon };
    const cases: readonly [string, TestIdentity, string][] = [
      [
        "tls certificate_expired",
        issueCertificate({ ...wish, name: "localhost", notAfter: Date.now() - 1_000 }),
        "server_certificate_refused",
      ],
      [
        "tls certificate_not_yet_valid",
        issueCertificate({ ...wish, name: "localhost", notBefore: Date.now() + dayMs }),
        "clock_wrong",
      ],
      [
        "tls certificate_name_mismatch",
        issueCertificate({ ...wish, name: "other.test" }),
        "server_certificate_refused",
      ],
    ];
    for (const [failure, identity, code] of cases) {
      const { failed, codes } = await probed(await https(t, identity));
      assert.deepEqual([failed, codes], [[failure], [code]]);
    }
    const last = issueCertificate({ ...wish, name: "localhost", notAfter: Date.now() + 3 * dayMs });
    const ending = await probed(await https(t, last));
    assert.deepEqual(
      [ending.failed, ending.codes],
      [["http empty_answer"], ["empty_answer", "server_certificate_expires"]],
    );
  });

  await t.test("TCP that opens without TLS behind it, and a reset in the handshake, are told apart", async () => {
    const silent = await listening(
      t,
      createServer(() => undefined),
    );
    const quiet = await probed(`https://localhost:${silent}/`, { timeoutMs: 200 });
    assert.deepEqual([quiet.failed, quiet.passed], [["tls connection_timed_out"], ["name", "tcp"]]);
    const resetting = await listening(
      t,
      createServer((socket) => void socket.once("data", () => socket.resetAndDestroy())),
    );
    const cut = await probed(`https://localhost:${resetting}/`);
    assert.deepEqual([cut.failed, cut.codes], [["tls connection_reset"], ["connection_reset"]]);
    const plain = await listening(
      t,
      createServer((socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
    );
    const noTls = await probed(`https://localhost:${plain}/`);
    assert.deepEqual([noTls.failed, noTls.codes], [["tls tls_handshake_failed"], ["tls_handshake_failed"]]);
  });

  await t.test("what answers HTTP and is no manager is not believed, with the stage at which it shows", async () => {
    const cases: readonly [RequestListener, string, string][] = [
      [(_request, response) => void response.writeHead(503).end("busy"), "http http_status", "http_error"],
      [(_request, response) => void response.end(), "http empty_answer", "empty_answer"],
      [(_request, response) => void response.end("<html>please log in</html>"), "envelope invalid_json", "http_error"],
      [answerOf(null), "signature certificate_foreign", "answer_signature_refused"],
    ];
    for (const [answer, failure, code] of cases) {
      const { failed, codes } = await probed(await http(t, answer));
      assert.deepEqual([failed, codes], [[failure], [code]]);
    }
    const silence = await probed(await http(t, () => undefined), { timeoutMs: 200 });
    assert.deepEqual([silence.failed, silence.codes], [["http answer_timed_out"], ["no_answer"]]);
  });

  await t.test(
    "[FAIL-3a] a clock that is more than an hour off is measured at the server's, and a refusal is shown with its words",
    async () => {
      const late = new Date(Date.now() + 2 * 3_600_000);
      const url = await http(
        t,
        (_request, response) => void response.writeHead(503, { date: late.toUTCString() }).end(),
      );
      const { codes, findings } = await probed(url);
      assert.deepEqual(codes, ["http_error", "clock_wrong"]);
      assert.match(findings[1]?.evidence[0]?.text ?? "", /clock is -7\d\d\d s ahead/);
      const refusal = "The device date '1' is offset beyond the allowed tolerance limit.";
      const refused = await probed(await http(t, answerOf(refusal)), {
        roots: [authority.root.certificate.toString()],
      });
      assert.deepEqual([refused.failed, refused.codes], [["refused refused"], ["clock_wrong"]]);
    },
  );
});

/** An answer of a manager that is not below the root given. */
function answerOf(refusal: string | null): RequestListener {
  return async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { header } = decodeRequest(Buffer.concat(chunks));
    const context = { header, productInstanceIdentifier: "", connectInfo: agentConnectInfo, now: Date.now() };
    const content = {
      ...{ statusCode: refusal === null ? ("OK" as const) : ("FAILED" as const), statusMessage: refusal ?? "" },
      ...{ retryTimeSeconds: 0, data: null },
    };
    response.end(await encodeAnswer(content, context, foreignManager));
  };
}
