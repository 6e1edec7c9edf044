// PostgreSQL does what every storage has to do, and whatever is proved of the manager on SQLite holds on it too: the tests of
// the use cases run again here, on a real server.

import { after } from "node:test";
import type { Storage } from "../../storage-ports.ts";
import { makeTestManagersOn } from "../../test-support/core-manager.ts";
import { PostgresqlServer } from "../../test-support/postgresql-server.ts";
import { describeStorage } from "../../test-support/storage-conformance.ts";
import { openPostgresqlStorage } from "./postgresql-storage.ts";

const server = await PostgresqlServer.start();
const opened: Storage[] = [];
// Its tables are made once, by the storage itself; every test gets a copy.
const likeNew = await server.createDatabase();
await (await openPostgresqlStorage({ url: likeNew })).close();
after(async () => {
  await Promise.all(opened.map((storage) => storage.close()));
  await server.stop();
});

describeStorage("PostgreSQL", async () => {
  const storage = await openPostgresqlStorage({ url: await server.createDatabase(likeNew) });
  return { storage, dispose: () => storage.close() };
});

/** More than one test has; the rest is given back, because a server takes only so many connections. */
const openMax = 4;

makeTestManagersOn(async () => {
  if (opened.length === openMax) await opened.shift()?.close();
  const storage = await openPostgresqlStorage({ url: await server.createDatabase(likeNew), connectionsMax: 4 });
  opened.push(storage);
  return storage;
});
const subjects = [
  ...["accept-usage-report", "administer-operators", "administration", "establish-trust", "poll-result"],
  ...["ledger", "purge-report-bodies", "sync-trust", "license-management", "classic-registration"],
];
for (const subject of subjects) {
  await import(`../../use-cases/${subject}.test.ts`);
}
