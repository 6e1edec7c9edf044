// What the server remembers of passwords and attempts, at its limits, and what a failure tells.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { test } from "node:test";
import type { DeviceControl } from "../device-control.ts";
import { openIdentities } from "../pki/own-identities.ts";
import { startHttpsDevice } from "../test-support/https-client.ts";
import { temporaryFolder } from "../test-support/test-device.ts";
import { rememberedAddressesMax, wrongAttemptsPerAddressMax } from "../wrong-attempts.ts";
import { Authentication, basicCredentials } from "./authentication.ts";
import { importBytesMax, rightPasswordSeconds, rightPasswordsMax } from "./http-limits.ts";
import { HttpProblem, problemJson, restconfErrors } from "./http-problem.ts";
import { openHttpsServer } from "./https-server.ts";
import { loginBytesMax } from "./session-routes.ts";

function counted() {
  const seen = { hashed: 0, nowMs: 0 };
  const matches = async (password: string) => {
    seen.hashed += 1;
    return password === "right";
  };
  const users = { find: async () => ({ privilege: 1, passwordVersion: "one", matches }) };
  const authentication = new Authentication({ users, monotonicMs: () => seen.nowMs, note: () => undefined });
  return {
    seen,
    login: (name: string, password: string, address = "a") => authentication.loginWith({ name, password }, address),
  };
}

test("a right password is hashed again when its time is over, or when too many others came", async () => {
  const { seen, login } = counted();
  await login("ada", "right");
  seen.nowMs = rightPasswordSeconds * 1000 - 1;
  await login("ada", "right");
  assert.equal(seen.hashed, 1);
  seen.nowMs += 1;
  await login("ada", "right");
  assert.equal(seen.hashed, 2);
  for (let count = 1; count < rightPasswordsMax; count += 1) await login(`user${count}`, "right");
  seen.hashed = 0;
  await login("ada", "right");
  assert.equal(seen.hashed, 0, "as many as are remembered");
  await login("one more", "right");
  await login("ada", "right");
  assert.equal(seen.hashed, 2);
});

test("attempts of as many addresses as the limit says are remembered, the latest first", async () => {
  const { login } = counted();
  const spend = async (address: string) => {
    for (let count = 0; count < wrongAttemptsPerAddressMax; count += 1) await login("ada", "wrong", address);
  };
  await spend("first");
  for (let count = 1; count < rememberedAddressesMax; count += 1) await login("ada", "wrong", `address ${count}`);
  await assert.rejects(login("ada", "right", "first"), { code: "too_many_attempts" });
  await login("ada", "wrong", "one more");
  assert.deepEqual(await login("ada", "right", "first"), { name: "ada", privilege: 1 });
});

test("bodies of a login and of an import end at their limits", async (t) => {
  const { ask } = await startHttpsDevice(t);
  const login = (bytes: number) => ask("POST", "/session", { user: null, body: "x".repeat(bytes) });
  assert.deepEqual([(await login(loginBytesMax)).status, (await login(loginBytesMax + 1)).status], [400, 413]);
  const bring = (bytes: number) => ask("POST", "/smartlic-service/import", { body: Buffer.alloc(bytes, "x") });
  assert.equal((await bring(importBytesMax)).status, 409);
  const refused = await bring(importBytesMax + 1).catch((error: NodeJS.ErrnoException) => error.code);
  assert(typeof refused === "string" ? /^(EPIPE|ECONNRESET)$/.test(refused) : refused?.status === 413);
});

async function selfSignedPem(stateDirectory: string): Promise<string> {
  const udi = { pid: "C9300-48P", serialNumber: "EDGE0000001" };
  const names = ["edge-1", "127.0.0.1"];
  const [own] = await openIdentities(stateDirectory, { udi, names, hasManufacturerCertificate: false });
  return own?.pem ?? "";
}

test("a failure that nobody expected is noted, and its text goes nowhere", async (t) => {
  const failures: unknown[] = [];
  const identity = await selfSignedPem(temporaryFolder(t));
  const never = () => Promise.reject(new Error("canary-internal-8128"));
  const server = await openHttpsServer({ host: "127.0.0.1", port: 0 }, identity, {
    users: { find: async () => ({ privilege: 15, passwordVersion: "one", matches: async () => true }) },
    control: {} as DeviceControl,
    reader: never,
    authenticates: () => true,
    monotonicMs: () => 0,
    start: () => () => undefined,
    note: () => undefined,
    failed: (error) => failures.push(error),
    refusalOf: () => null,
  });
  t.after(() => server.close());
  const text = await new Promise<string>((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port: server.port,
      path: "/session",
      ca: identity,
      auth: "ada:x",
      agent: false,
    };
    const sent = request(options, async (response) => resolve((await response.toArray()).join("")));
    sent.on("error", reject);
    sent.end();
  });
  assert.equal((JSON.parse(text) as { error: { code: string } }).error.code, "device_failed");
  assert.doesNotMatch(text, /canary/);
  assert.equal(failures.length, 1);
});

test("a refusal of the device keeps the device's code; other refusals have their own", () => {
  const facts = { message: "No.", remedy: "Do.", deviceCode: "vrf_unknown" };
  assert.deepEqual(problemJson(new HttpProblem("change_refused", facts)).error, {
    code: "vrf_unknown",
    message: "No.",
    remedy: "Do.",
  });
  for (const code of ["change_refused", "not_found", "privilege_missing"] as const) {
    const [error] = restconfErrors(new HttpProblem(code))["ietf-restconf:errors"].error;
    assert.equal(error?.["error-app-tag"], code);
  }
  const page = readFileSync(new URL("../../page/device.html", import.meta.url), "utf8");
  assert.doesNotMatch(page, / on\w+="| style="/, "nothing in line that the policy would stop");
});

test("what is no Basic authentication is nobody", () => {
  assert.deepEqual(basicCredentials("Basic YWRhOmE6Yg=="), { name: "ada", password: "a:b" });
  for (const header of [null, "", "Bearer YWRhOmE=", "Basic", "Basic %", "Basic YWRh"])
    assert.equal(basicCredentials(header), null);
});
