// A process that copies a manager's data directory to PostgreSQL, to be killed while it does:
// `node migrating-child.ts <data directory> <database URL>`.

import { migrateDatabase } from "../program/migrate-database.ts";

const [dataDirectory = "", databaseUrl = ""] = process.argv.slice(2);
await migrateDatabase({ dataDirectory, databaseUrl, isOnline: false, now: Date.now(), onTable: () => undefined });
