// A process for crash tests: one device reports without pause to a manager on the given database file, several messages at a
// time. Prints a line for every acknowledged report, as soon as its answer is made: `<identifier> <report id> <hash> <leaf>`.

import { keepCompiledCode } from "@countersign/terminal";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import { acknowledgementOf, createTrustedDevice } from "./core-device.ts";
import { createTestManager, operator } from "./core-manager.ts";

// Made to be killed, so it would compile itself anew in every round.
keepCompiledCode();
const [path = "", serialPrefix = ""] = process.argv.slice(2);
const messagesAtOnce = 12;
const reportsPerMessage = 3;

const storage = openSqliteStorage(path);
const isNew = (await storage.read.accounts.listSmartAccounts()).length === 0;
const manager = await createTestManager({ storage, withAccount: false });
if (isNew) await manager.useCases.createSmartAccount({ name: "Example", cause: operator });
const device = await createTrustedDevice(manager, undefined, serialPrefix);

let nextId = 1;
const report = async (): Promise<never> => {
  for (;;) {
    const ids = Array.from({ length: reportsPerMessage }, () => nextId++);
    const reports = await Promise.all(
      ids.map((reportId) => device.report({ reportId, count: reportId % 17, fromSeconds: reportId })),
    );
    const { acknowledgement } = acknowledgementOf((await device.sendReports(reports)).answer);
    for (const entry of acknowledgement.reports) {
      if (entry.outcome === "refused") throw new Error(`report ${entry.report_id} was refused: ${entry.code}`);
      process.stdout.write(`${device.identifier} ${entry.report_id} ${entry.payload_sha256} ${entry.leaf_index}\n`);
    }
  }
};
await Promise.all(Array.from({ length: messagesAtOnce }, report));
