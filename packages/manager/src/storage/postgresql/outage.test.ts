// A manager whose database goes away and comes back: what devices, operators and balancers are answered meanwhile, and that
// the same message is taken once afterwards.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PostgresqlServer } from "../../test-support/postgresql-server.ts";
import { withManager } from "../../test-support/test-manager.ts";

const server = await PostgresqlServer.start();
after(() => server.stop());

test("[I1] [I2] while the database is away devices are asked to come again, operators get 503, and afterwards all is taken once", async () => {
  const database = await server.createDatabase();
  await withManager({ database, databaseWaitSeconds: 1 }, async (manager) => {
    const bearer = manager.init.operator?.bearer ?? "";
    const device = manager.device();
    await device.enrol(await manager.token());
    const other = manager.device();
    const token = await manager.token();
    const usage = await device.usage([device.reportPayload(1, 5)]);
    const started = manager.logText().length;
    await server.crash();
    try {
      const answers = await Promise.all([
        device.ask("LICENSE_USAGE", usage),
        other.ask("ID_TOKEN_TRUST", other.trustRequest(token)),
      ]);
      for (const { statusCode, retryTimeSeconds, data } of answers) {
        assert.deepEqual([statusCode, data && "code" in data && data.code], ["OK_TRY_AGAIN", "storage_unavailable"]);
        assert.ok(retryTimeSeconds > 0);
      }
      const listed = await manager.call("GET", "/api/v1/tokens", { bearer });
      assert.deepEqual([listed.status, JSON.parse(listed.text).code], [503, "storage_unavailable"]);
      const health = await manager.call("GET", "/health");
      assert.deepEqual([health.status, JSON.parse(health.text).dependencies.storage.state], [503, "failing"]);
      assert.match(manager.logText().slice(started), /ECONNREFUSED/, "the log does not say why");
    } finally {
      await server.run();
    }
    assert.equal((await manager.call("GET", "/health")).status, 200);
    for (let time = 1; time <= 2; time += 1) assert.equal((await device.ask("LICENSE_USAGE", usage)).statusCode, "OK");
    assert.equal((await other.ask("ID_TOKEN_TRUST", other.trustRequest(token))).statusCode, "OK");
    const { administration } = manager.running.manager;
    assert.deepEqual(
      (await administration.listReports({ instance: device.identifier, limit: 10 })).map(({ reportId }) => reportId),
      [1],
    );
  });
});
