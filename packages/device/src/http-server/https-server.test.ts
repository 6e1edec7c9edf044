// The HTTPS server of a device with real connections: who may do what, what is refused, and that nothing is told to nobody.

import assert from "node:assert/strict";
import { once } from "node:events";
import { lstatSync, readFileSync } from "node:fs";
import { Agent } from "node:https";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { httpsClient, rightPassword, startHttpsDevice } from "../test-support/https-client.ts";
import { startTestDevice } from "../test-support/test-device.ts";
import { wrongAttemptsPerAddressMax, wrongAttemptsSeconds } from "../wrong-attempts.ts";
import { Authentication } from "./authentication.ts";
import {
  bodyBytesMax,
  connectionsMax,
  headerBytesMax,
  sessionIdleSeconds,
  sessionSeconds,
  sessionsMax,
  targetBytesMax,
  wrongAttemptsPerConnectionMax,
} from "./http-limits.ts";
import type { HttpProblem } from "./http-problem.ts";
import { httpRoutes } from "./http-routes.ts";

const noStream = { listen: () => assert.fail("nobody listens") };
const noSessions = { authenticates: () => true, open: async () => null, end: () => undefined };
const codeOf = (text: string): string => {
  const body = JSON.parse(text) as Record<string, { code?: string; error?: { "error-app-tag": string }[] }>;
  return body.error?.code ?? body["ietf-restconf:errors"]?.error?.[0]?.["error-app-tag"] ?? "";
};

test("each route lets in exactly whom it declares: nobody, a reader, one who may change", async (t) => {
  const { ask } = await startHttpsDevice(t);
  const routes = httpRoutes(noSessions, noStream);
  assert(routes.length > 10);
  const open = routes.filter(({ authorization }) => authorization === "anybody");
  assert.deepEqual(
    open.map(({ method, path }) => `${method} ${path}`),
    openRoutes,
  );
  for (const { method: declared, path, authorization } of routes) {
    // The answer of the stream has no end.
    const method = path.startsWith("/restconf/streams/") ? "HEAD" : declared;
    const target = path
      .replace("{n}", "5")
      .replace("{id}", "1")
      .replace(/\{\w+\.\.\.\}/, "nothing");
    const statuses: number[] = [];
    for (const user of [null, "eve", "bob"]) statuses.push((await ask(method, target, { user })).status);
    const [nobody, powerless, reader] = statuses;
    const name = `${method} ${target}`;
    if (authorization === "anybody") {
      assert(nobody !== 403, name);
      continue;
    }
    assert.deepEqual([nobody, powerless], [401, 403], name);
    assert.equal(reader === 403, authorization === "changing", name);
    assert.notEqual((await ask(method, target)).status % 400, 1, `${name} as one who may change`);
    assert.notEqual((await ask(method, target)).status, 403, `${name} as one who may change`);
  }
  assert.deepEqual(
    [(await ask("GET", "/none", { user: null })).status, (await ask("GET", "/none")).status],
    [401, 404],
  );
});

/** Without a login: these, and no others. */
const openRoutes = ["GET /", "POST /session", "DELETE /session"];

test("nobody is let in until authentication is configured, and the server is off until it is switched on", async (t) => {
  const { say, ask, device } = await startHttpsDevice(t);
  assert.equal(await say("no ip http authentication"), "");
  assert.equal(codeOf((await ask("GET", "/smartlic-service/list")).text), "authentication_not_configured");
  assert.equal(await say("ip http authentication local"), "");
  assert.equal((await ask("GET", "/smartlic-service/list")).status, 200);
  assert.equal(await say("no ip http secure-server"), "");
  assert.equal(device.https, null);
  await assert.rejects(ask("GET", "/smartlic-service/list"), { code: "ECONNREFUSED" });
});

test("[TRN-10] settings of the HTTP server and of the HTTP client never change each other", async (t) => {
  const { say, device } = await startHttpsDevice(t);
  const lines = async (begin: string) =>
    (await say("show running-config")).split("\n").filter((line) => line.startsWith(begin));
  await say("ip http client proxy-server proxy.example proxy-port 3128");
  await say("ip http client source-interface GigabitEthernet0/0");
  const client = await lines("ip http client");
  assert.equal(client.length, 2);
  const server = async () => (await lines("ip http ")).filter((line) => !line.startsWith("ip http client"));
  const port = device.https?.port;
  assert.deepEqual(await server(), [
    "ip http authentication local",
    "ip http secure-server",
    `ip http secure-port ${port}`,
  ]);
  const [before] = [await server()];
  await say("no ip http client proxy-server");
  await say("no ip http client source-interface");
  assert.deepEqual(await server(), before);
  await say("ip http client proxy-server proxy.example proxy-port 3128");
  await say("ip http client source-interface GigabitEthernet0/0");
  await say("no ip http secure-server");
  await say("no ip http secure-port");
  await say("no ip http authentication local");
  assert.deepEqual(await lines("ip http client"), client);
  assert.deepEqual(await server(), []);
});

test("certificate and settings outlive a restart, a port that is taken is refused, and a reload ends connections only", async (t) => {
  const { device, stateDirectory, say, ask } = await startHttpsDevice(t);
  const identity = join(stateDirectory, "https-identity.pem");
  assert.equal(lstatSync(identity).mode & 0o777, 0o600);
  const made = readFileSync(identity, "utf8");
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => void taken.close());
  const address = taken.address();
  assert(typeof address === "object" && address !== null);
  const running = await say("show running-config");
  assert.match(await say(`ip http secure-port ${address.port}`), /^% Port \d+ cannot be had: something else listens/);
  assert.equal(await say("show running-config"), running);
  await say("reload");
  assert.equal((await ask("GET", "/smartlic-service/list")).status, 200);
  const { port = 0 } = device.https ?? {};
  await device.stop();
  const again = await startTestDevice(t, { stateDirectory });
  assert.equal(again.device.https?.port, port);
  assert.equal(readFileSync(identity, "utf8"), made);
  assert.equal((await httpsClient(stateDirectory, port)("GET", "/smartlic-service/list")).status, 200);
});

test("a device without a state folder has no HTTPS server, and says why", async (t) => {
  const { say } = await startTestDevice(t);
  assert.match(await say("ip http secure-server"), /^% A device without a state folder has no users/);
  const options = { https: { port: 0 } };
  await assert.rejects(startTestDevice(t, options), { code: "https_unavailable" });
});

test("wrong passwords are counted by connection and by address, and stand in no log", async (t) => {
  const { ask, log, time, stateDirectory } = await startHttpsDevice(t);
  const wrong = { password: "canary-wrong-2718" };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const path = "/smartlic-service/list";
  const connections: (string | undefined)[] = [];
  for (let count = 1; count <= wrongAttemptsPerConnectionMax; count += 1) {
    const answer = await ask("GET", path, { ...wrong, agent });
    assert.equal(answer.status, 401);
    assert.match(answer.headers["www-authenticate"] ?? "", /^Basic /);
    connections.push(Object.keys(agent.freeSockets).at(0));
  }
  assert.equal(log.filter((line) => line.includes("LOGIN_FAILED")).length, wrongAttemptsPerConnectionMax);
  for (let count = wrongAttemptsPerConnectionMax; count < wrongAttemptsPerAddressMax - 1; count += 1) {
    assert.equal((await ask("GET", path, wrong)).status, 401);
  }
  assert.equal((await ask("GET", path)).status, 200, "one attempt is left");
  assert.equal((await ask("GET", path, wrong)).status, 401);
  const refused = await ask("GET", path);
  assert.equal(codeOf(refused.text), "too_many_attempts");
  assert.equal(refused.headers["retry-after"], String(wrongAttemptsSeconds));
  await time.advanceTo(time.now() + wrongAttemptsSeconds * 1000 - 1);
  assert.equal((await ask("GET", path)).status, 429);
  await time.advanceTo(time.now() + 1);
  assert.equal((await ask("GET", path)).status, 200);
  const kept = [log.join("\n"), readFileSync(join(stateDirectory, "device.json"), "utf8")].join("\n");
  assert.doesNotMatch(kept, /canary/);
  assert.match(log.join("\n"), /%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success \[user: ada\] \[Source: 127\.0\.0\.1\]/);
});

test("the page's session: one password, a cookie that no script reads, and an end", async (t) => {
  const { ask, device } = await startHttpsDevice(t);
  const login = (name: string, password: string) =>
    ask("POST", "/session", { user: null, body: JSON.stringify({ name, password }) });
  assert.equal(codeOf((await login("ada", "canary-wrong")).text), "login_needed");
  const opened = await login("ada", rightPassword);
  assert.deepEqual(JSON.parse(opened.text), { name: "ada", privilege: 15 });
  const [cookie = ""] = opened.headers["set-cookie"] ?? [];
  assert.match(cookie, /^__Host-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  const headers = { cookie: `other=1; ${cookie.split(";")[0]}`, "sec-fetch-mode": "cors" };
  assert.equal((await ask("GET", "/session", { user: null, headers })).status, 200);
  const origin = `https://127.0.0.1:${device.https?.port}`;
  const close = (more: Record<string, string>) =>
    ask("POST", "/smartlic-service/close-reports", { user: null, headers: { ...headers, ...more } });
  assert.equal((await close({ origin, "sec-fetch-site": "same-origin" })).status, 200);
  assert.equal(codeOf((await close({ origin: "https://elsewhere.example" })).text), "request_from_elsewhere");
  assert.equal(codeOf((await close({ "sec-fetch-site": "cross-site" })).text), "request_from_elsewhere");
  assert.equal((await ask("DELETE", "/session", { user: null, headers })).status, 204);
  const over = await ask("GET", "/session", { user: null, headers });
  assert.deepEqual([over.status, over.headers["www-authenticate"]], [401, undefined]);
});

test("what is too long, too large, not allowed or no JSON is refused at its limit, and not before", async (t) => {
  const { ask } = await startHttpsDevice(t);
  const path = "/smartlic-service/list?";
  const exact = path + "x".repeat(targetBytesMax - path.length);
  assert.equal((await ask("GET", exact)).status, 200);
  assert.equal(codeOf((await ask("GET", `${exact}x`)).text), "target_too_long");
  assert.equal(codeOf((await ask("GET", "/smartlic-service/%zz")).text), "request_malformed");
  const close = "/smartlic-service/close-reports";
  assert.equal((await ask("POST", close, { body: Buffer.alloc(bodyBytesMax) })).status, 200);
  assert.equal(codeOf((await ask("POST", close, { body: Buffer.alloc(bodyBytesMax + 1) })).text), "body_too_large");
  assert.equal((await ask("GET", path, { headers: { filler: "x".repeat(headerBytesMax) } })).status, 431);
  const deleted = await ask("DELETE", "/smartlic-service/all-reports");
  assert.deepEqual([codeOf(deleted.text), deleted.headers.allow], ["method_not_allowed", "GET, HEAD"]);
  assert.equal(codeOf((await ask("POST", "/session", { body: "{" })).text), "request_malformed");
  assert.equal(codeOf((await ask("POST", "/session", { body: '{"name":1}' })).text), "value_invalid");
  const head = await ask("HEAD", "/smartlic-service/list");
  assert.deepEqual([head.status, head.text], [200, ""]);
  assert.equal(head.headers["cache-control"], "no-store");
});

test("more connections than the limit are closed at once", async (t) => {
  const { device, ask } = await startHttpsDevice(t);
  const { port = 0 } = device.https ?? {};
  const sockets = await Promise.all(
    Array.from({ length: connectionsMax }, async () => {
      const socket = connect(port, "127.0.0.1");
      t.after(() => void socket.destroy());
      await once(socket, "connect");
      return socket;
    }),
  );
  await assert.rejects(ask("GET", "/session"), { code: "ECONNRESET" });
  const [first] = sockets;
  assert(first !== undefined);
  first.destroy();
  await once(first, "close");
  const isServed = async () => (await ask("GET", "/session").catch(() => null))?.status === 200;
  let served = false;
  for (let tries = 0; tries < 50 && !served; tries += 1) served = await isServed();
  assert(served, "a place that became free is taken");
});

// Node's own limit is two minutes.
test("who connects and does not begin with TLS is sent away", { timeout: 60_000 }, async (t) => {
  const { device } = await startHttpsDevice(t);
  const silent = connect(device.https?.port ?? 0, "127.0.0.1");
  t.after(() => void silent.destroy());
  silent.on("error", () => undefined).resume();
  await once(silent, "close");
});

test("sessions end when they are idle, old, too many, or when the password changes", async () => {
  let nowMs = 0;
  let passwordVersion = "one";
  const parts = { monotonicMs: () => nowMs, note: () => undefined };
  const users = { find: async () => ({ privilege: 15, passwordVersion, matches: async () => true }) };
  const authentication = new Authentication({ ...parts, users });
  const open = async () => (await authentication.openSession({ name: "ada", password: "x" }, "a"))?.secret ?? "";
  const isOpen = async (secret: string) => (await authentication.loginOfSession(secret)) !== null;
  const idle = await open();
  nowMs += sessionIdleSeconds * 1000;
  assert(await isOpen(idle));
  nowMs += sessionIdleSeconds * 1000 + 1;
  assert(!(await isOpen(idle)));
  const old = await open();
  const startedAtMs = nowMs;
  while (nowMs + sessionIdleSeconds * 1000 <= startedAtMs + sessionSeconds * 1000) {
    nowMs += sessionIdleSeconds * 1000;
    assert(await isOpen(old));
  }
  nowMs = startedAtMs + sessionSeconds * 1000 + 1;
  assert(!(await isOpen(old)));
  const first = await open();
  for (let count = 1; count < sessionsMax; count += 1) await open();
  assert(await isOpen(first));
  const second = await open();
  for (let count = 1; count < sessionsMax; count += 1) await open();
  assert.deepEqual([await isOpen(first), await isOpen(second)], [false, true]);
  passwordVersion = "two";
  assert(!(await isOpen(second)));
});

test("no more passwords are hashed at a time than the device has memory for", async () => {
  let running = 0;
  let most = 0;
  const finish: (() => void)[] = [];
  const matches = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => finish.push(resolve));
    running -= 1;
    return true;
  };
  const users = { find: async (name: string) => ({ privilege: 1, passwordVersion: name, matches }) };
  const authentication = new Authentication({ users, monotonicMs: () => 0, note: () => undefined });
  const results: Promise<string>[] = [];
  for (let count = 0; count < 18; count += 1) {
    const login = authentication.loginWith({ name: `user${count}`, password: "x" }, `address ${count}`);
    results.push(
      login.then(
        () => "in",
        (error: HttpProblem) => error.code,
      ),
    );
  }
  assert.equal(await results[17], "device_busy");
  for (let count = 0; count < 17; count += 1) {
    while (finish.length === 0) await Promise.resolve();
    finish.shift()?.();
  }
  assert.deepEqual(new Set(await Promise.all(results.slice(0, 17))), new Set(["in"]));
  assert.equal(most, 1);
});
