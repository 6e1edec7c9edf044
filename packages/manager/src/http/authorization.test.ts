import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fastify } from "fastify";
import { type TestManager, withManager } from "../test-support/test-manager.ts";
import { buildApplication } from "./application.ts";
import { type DeclaredRoute, requireAuthorization } from "./authorization.ts";

const openRoutes = [
  "GET /health",
  "GET /metrics",
  "GET /pki/issuing-ca.crl",
  "GET /portal",
  "GET /portal/",
  "GET /portal/:page",
  "GET /portal/assets/:file",
  "POST /SmartTransport",
  "POST /Transportgateway/services/DeviceRequestHandler",
  "POST /api/v1/session",
  "POST /cslu/v1/pi",
  "POST /cslu/v1/pi/:tenant",
  "POST /cslu/v1/relay",
  "POST /its/service/oddce/services/DDCEService",
  "POST /licservice/license",
  "POST /premises/v1/register",
  "POST /premises/v1/sync",
];

async function routesOf({ running: { manager } }: TestManager): Promise<readonly DeclaredRoute[]> {
  const application = await buildApplication(manager.applicationPorts, manager.configuration, "https", null);
  await application.ready();
  const routes = [...application.declaredRoutes];
  await application.close();
  return routes;
}

const pathOf = (url: string) => url.replace(/:(\w+)/g, "00000000-0000-4000-8000-000000000001");
const codeOf = (text: string): string => JSON.parse(text).code;

suite("authorization of routes", () => {
  test("only health, metrics, the revocation list, the device paths, the portal's files and its sign-in answer without an operator", async () => {
    await withManager({ bearerFailuresPerMinuteMax: 10_000 }, async (manager) => {
      const routes = await routesOf(manager);
      const open = routes.filter(({ authorization }) => authorization === "public" || authorization === "message");
      assert.deepEqual(open.map(({ method, url }) => `${method} ${url}`).sort(), openRoutes);
      const closed = routes.filter((route) => !open.includes(route));
      assert.ok(closed.length > 20);
      for (const { method, url } of closed) {
        const without = await manager.call(method, pathOf(url));
        assert.deepEqual([without.status, codeOf(without.text)], [401, "bearer_missing"], `${method} ${url}`);
        const wrong = await manager.call(method, pathOf(url), { bearer: "wrong" });
        assert.deepEqual([wrong.status, codeOf(wrong.text)], [401, "bearer_unknown"], `${method} ${url}`);
      }
    });
  });

  test("an operator passes every operator route and no owner route", async () => {
    await withManager({}, async (manager) => {
      const bearer = manager.init.operator?.bearer ?? "";
      for (const { method, url, authorization } of await routesOf(manager)) {
        if (authorization !== "operator" && authorization !== "owner") continue;
        const { status } = await manager.call(method, pathOf(url), { bearer });
        if (authorization === "owner") assert.equal(status, 403, `${method} ${url}`);
        else assert.ok(status !== 401 && status !== 403 && status < 500, `${method} ${url}: ${status}`);
      }
    });
  });

  test("a route that declares no authorization cannot be registered", () => {
    const application = fastify();
    const limiter = { isBlocked: () => false, countFailure: () => undefined };
    requireAuthorization(application, {
      channel: "https",
      findOperator: async () => undefined,
      findSignedIn: async () => undefined,
      limiter,
      onRefused: () => undefined,
    });
    assert.throws(() => application.get("/forgotten", async () => ""), /declares no authorization/);
  });

  test("after too many wrong tokens an address is refused unread, the right token included", async () => {
    await withManager({ bearerFailuresPerMinuteMax: 3 }, async (manager) => {
      const bearer = manager.init.operator?.bearer ?? "";
      for (let i = 0; i < 3; i += 1)
        assert.equal((await manager.call("GET", "/api/v1/accounts", { bearer: "wrong" })).status, 401);
      const blocked = await manager.call("GET", "/api/v1/accounts", { bearer });
      assert.deepEqual(
        [blocked.status, codeOf(blocked.text), blocked.headers["retry-after"]],
        [429, "bearer_attempts_exceeded", "60"],
      );
      assert.equal((await manager.call("GET", "/health")).status, 200);
    });
  });

  test("two installations share no credential and no certificate", async () => {
    await withManager({}, async (one) => {
      await withManager({}, async (other) => {
        const bearer = one.init.operator?.bearer ?? "";
        assert.equal((await one.call("GET", "/api/v1/accounts", { bearer })).status, 200);
        assert.equal((await other.call("GET", "/api/v1/accounts", { bearer })).status, 401);
        assert.notEqual(one.init.rootFingerprintSha256, other.init.rootFingerprintSha256);
      });
    });
  });
});
