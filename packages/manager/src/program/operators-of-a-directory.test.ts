// The file of version 1 in a data directory, as a manager of this version finds it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { withManager } from "../test-support/test-manager.ts";

test("[I6] operators of a file get in as before, are taken over as an act, and a file that comes back brings nobody back", async () => {
  await withManager({}, async (manager) => {
    const file = join(manager.dataDirectory, "operators.json");
    const putAside = `${file}.taken-over`;
    const bearer = "countersign-operator-of-version-1";
    const tokenSha256 = createHash("sha256").update(bearer).digest("hex");
    const bob = { name: "bob", tokenSha256, createdAtMs: 5 };
    writeFileSync(file, JSON.stringify({ version: 1, operators: [bob] }), { mode: 0o600 });
    assert.equal((await manager.call("GET", "/api/v1/accounts", { bearer })).status, 401);
    await manager.restart();
    assert.equal((await manager.call("GET", "/api/v1/accounts", { bearer })).status, 200);
    assert.deepEqual([existsSync(file), existsSync(putAside)], [false, true]);
    const { administration } = manager.running.manager;
    const [act] = await administration.listAuditEntries({ manager: true });
    assert.deepEqual([act?.act, act?.by.kind, act?.changes.length], ["take_over_operators", "system", 1]);
    await administration.removeOperator({ name: "bob", cause: { kind: "local" } });
    copyFileSync(putAside, file);
    await manager.restart();
    assert.equal((await manager.call("GET", "/api/v1/accounts", { bearer })).status, 401);
    assert.equal(existsSync(file), false);
  });
});
