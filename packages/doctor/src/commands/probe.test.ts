import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { called } from "../test-support/called.ts";
import { probe } from "./probe.ts";

test("doctor probe refuses a command line that is wrong or would show a password, with exit code 2", async () => {
  const wrong: readonly (readonly [readonly string[], Readonly<Record<string, string | string[]>>, RegExp])[] = [
    [[], {}, /exactly one URL/],
    [["https://a.test", "https://b.test"], {}, /exactly one URL/],
    [["ftp://a.test"], {}, /begins with https/],
    [["https://ada:canary@a.test"], {}, /no user name or password/],
    [["https://a.test"], { proxy: "http://ada:canary@proxy.test" }, /--proxy-password-file/],
    [["https://a.test"], { timeout: "0" }, /--timeout/],
    [["https://a.test"], { timeout: "300.1" }, /--timeout/],
    [["https://a.test"], { root: ["/nowhere/root.pem"] }, /ENOENT/],
  ];
  for (const [positionals, values, problem] of wrong) {
    const { exitCode, err, out } = await called(probe, positionals, { values });
    assert.deepEqual([exitCode, out], [2, ""]);
    assert.match(err, problem);
    assert.doesNotMatch(err, /canary/);
  }
});

test("doctor probe shows each stage with its time in 80 columns, and the same as JSON", async () => {
  const server = createServer((_request, response) => void response.writeHead(503).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { exitCode, out } = await called(probe, [url]);
    assert.equal(exitCode, 1);
    assert.match(out, /^Stage +Outcome +ms +Detail\nname +passed +[\d.]+ +127\.0\.0\.1\ntcp +passed/);
    assert.match(out, /\nhttp +failed +[\d.]+ +The server answered with an HTTP error \(HTTP 503\)\n/);
    for (const line of out.split("\n")) assert.ok(line.length <= 80, line);
    const { target, stages, findings } = JSON.parse((await called(probe, [url], { json: true })).out);
    assert.equal(target, `${url}/licservice/license`);
    assert.deepEqual(
      stages.map(({ stage, outcome }: { stage: string; outcome: string }) => `${stage} ${outcome}`),
      ["name passed", "tcp passed", "proxy skipped", "tls skipped", "http failed"],
    );
    assert.deepEqual(findings[0].code, "http_error");
  } finally {
    server.close();
  }
});
