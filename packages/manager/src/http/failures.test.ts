import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { type TestManager, withManager } from "../test-support/test-manager.ts";
import { internalFailureText } from "../trust/refusal-texts.ts";

/** Breaks the storage under a running manager in a way that only an administrator's mistake would. */
function dropTables({ dataDirectory }: TestManager): void {
  const database = new DatabaseSync(join(dataDirectory, "manager.sqlite"));
  const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%token%'").all();
  assert.ok(names.length > 0);
  for (const { name } of names) database.exec(`PRAGMA foreign_keys = OFF; DROP TABLE "${name}"`);
  database.close();
}

suite("failures of the manager itself", () => {
  test("a device gets the documented sentence and an incident id; the cause stands in the log under it", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const token = await manager.token();
      dropTables(manager);
      const answer = await device.ask("ID_TOKEN_TRUST", device.trustRequest(token));
      assert.ok(answer.statusCode === "FAILED");
      assert.equal(answer.statusMessage, internalFailureText);
      assert.ok(answer.retryTimeSeconds > 0);
      const { code, incident_id: incidentId } = answer.data ?? {};
      assert.equal(code, "internal");
      assert.match(incidentId ?? "", /^[0-9a-f-]{36}$/);
      assert.doesNotMatch(JSON.stringify(answer), /table|sqlite/i);
      const line = manager
        .logText()
        .split("\n")
        .find((each) => each.includes(incidentId ?? "?"));
      assert.match(line ?? "", /"event":"request_failed"/);
      assert.match(line ?? "", /no such table/);
    });
  });

  test("an operator gets an incident id, too, and no internal text", async () => {
    await withManager({}, async (manager) => {
      dropTables(manager);
      const { status, text } = await manager.call("GET", "/api/v1/tokens", {
        bearer: manager.init.operator?.bearer ?? "",
      });
      const problem = JSON.parse(text);
      assert.deepEqual([status, problem.code], [500, "internal"]);
      assert.doesNotMatch(text, /table|sqlite/i);
      assert.ok(manager.logText().includes(problem.incidentId));
    });
  });
});

suite("secrets", () => {
  test("tokens, bearers, keys, certificate requests and file contents stand in no log line, whatever happens", async () => {
    await withManager({ logLevel: "debug" }, async (manager) => {
      const bearer = manager.init.operator?.bearer ?? "";
      const token = await manager.token(2);
      const device = manager.device();
      const request = device.trustRequest(token);
      await device.ask("ID_TOKEN_TRUST", request);
      await device.ask("ID_TOKEN_TRUST", { ...device.trustRequest(token), token: `${token}canary-wrong-token` });
      await manager
        .device(`PID:C9300-48UN,SN:${device.udi.serialNumber}`)
        .ask("ID_TOKEN_TRUST", device.trustRequest(token));
      await manager.call("POST", "/licservice/license", { body: `{"token":"canary-in-broken-json` });
      await manager.call("POST", "/api/v1/tokens", { bearer, body: '{"description":"canary-description"}' });
      await manager.call("POST", "/api/v1/tokens", { bearer, body: '{"canary-member":1}' });
      await manager.call("POST", "/api/v1/purchases/import", { bearer, body: "canary-file" });
      await manager.call("GET", "/api/v1/accounts?smartAccount=canary-query", { bearer: "canary-bearer" });
      await manager.call("GET", "/canary-path", { headers: { cookie: "canary-cookie" } });
      dropTables(manager);
      await device.ask("ID_TOKEN_TRUST", device.trustRequest(token));
      const log = manager.logText();
      assert.match(log, /request_answered/);
      assert.match(log, /request_failed/);
      assert.match(log, /bearer_refused/);
      const csr = request.device_list[0]?.csr ?? "?";
      for (const secret of [token.slice(0, 30), bearer.slice(-20), csr.slice(40, 80), "canary", "PRIVATE KEY"]) {
        assert.equal(log.includes(secret), false, secret.slice(0, 12));
      }
      for (const key of privateKeysOf(manager)) assert.equal(log.includes(key), false);
    });
  });

  test("no answer before authorization holds a secret of the installation", async () => {
    await withManager({}, async (manager) => {
      const device = manager.device();
      const answers = [
        await manager.call("GET", "/health"),
        await manager.call("GET", "/metrics"),
        await manager.call("GET", "/api/v1/tokens"),
        await manager.call("POST", "/licservice/license", { body: await device.encode("HELLO", device.hello()) }),
        await manager.call("GET", "/certificates/signing.pem"),
        await manager.call("GET", "/..%2fcertificates%2fsigning.pem"),
        await manager.call("GET", "/%zz"),
      ];
      const bearer = manager.init.operator?.bearer ?? "?";
      for (const { text } of answers) {
        assert.doesNotMatch(text, /PRIVATE KEY/);
        for (const secret of [bearer, manager.dataDirectory, ...privateKeysOf(manager)])
          assert.equal(text.includes(secret), false);
      }
    });
  });
});

function privateKeysOf({ dataDirectory }: TestManager): readonly string[] {
  const folder = join(dataDirectory, "certificates");
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const holders = texts.filter((text) => text.includes("PRIVATE KEY"));
  assert.equal(holders.length, 4);
  return holders.map((pem) =>
    createPrivateKey(pem).export({ type: "pkcs8", format: "der" }).toString("base64").slice(60, 100),
  );
}
