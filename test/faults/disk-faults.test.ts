// The real server on a disk that fails under it: system calls on its write-ahead log are made to fail, then healed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { initManager } from "@countersign/manager";
import { type KeepAliveConnection, openConnection } from "../../bench/load/keep-alive-connection.ts";
import { AcknowledgedList } from "../torture/acknowledged-list.ts";
import { type Audit, audit } from "../torture/audit.ts";
import { createTortureToken } from "../torture/create-token.ts";
import { enrolClients } from "../torture/enrol-clients.ts";
import type { ReportingClient } from "../torture/reporting-client.ts";
import { ServedManager } from "../torture/served-manager.ts";
import { type SystemCallFault, SystemCallWatch } from "./system-call-faults.ts";

type Scene = {
  readonly client: ReportingClient;
  readonly connection: KeepAliveConnection;
  readonly watch: (fault?: SystemCallFault) => Promise<SystemCallWatch>;
  /** Kills the manager, once. */
  readonly end: () => Promise<void>;
  readonly judge: () => Audit & { readonly acknowledged: number };
};

async function openScene(directory: string): Promise<Scene> {
  const dataDirectory = join(directory, "manager");
  const { rootCertificatePem } = await initManager({ dataDirectory, smartAccount: "Faults" });
  const token = await createTortureToken(dataDirectory);
  const manager = ServedManager.spawn(dataDirectory);
  const target = { port: await manager.listening(), rootCertificatePem };
  const list = new AcknowledgedList(join(directory, "acknowledged.jsonl"));
  const [client] = await enrolClients(target, token, 1, (entries) => list.add(entries));
  const connection = await openConnection(target);
  let ending: Promise<void> | undefined;
  const log = join(dataDirectory, "manager.sqlite-wal");
  return {
    client: client as ReportingClient,
    connection,
    watch: (fault) => SystemCallWatch.attach(manager.pid, log, join(directory, "calls.txt"), fault),
    end: () => {
      connection.close();
      ending ??= manager.kill();
      return ending;
    },
    judge: () => ({ acknowledged: list.length, ...audit(join(dataDirectory, "manager.sqlite"), list.all()) }),
  };
}

const mayWatch = spawnSync("strace", ["-qq", "-e", "trace=none", process.execPath, "--version"]).status === 0;
const skip = mayWatch ? false : "the system does not let processes be watched (ptrace)";
const messages = 12;

suite("the real server on a failing disk", { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-faults-"));
  let scene: Scene;
  before(async () => {
    scene = await openScene(directory);
  });
  after(async () => {
    await scene?.end();
    rmSync(directory, { recursive: true, force: true });
  });

  test("[I5] every acknowledged message has waited for a flush of the write-ahead log", async (t) => {
    const { client, connection } = scene;
    const watched = await scene.watch();
    for (let sent = 0; sent < messages; sent += 1)
      assert.equal((await client.report(connection)).outcome, "acknowledged");
    const { flushes } = await watched.detach();
    assert.ok(flushes >= messages, `${flushes} flushes for ${messages} messages`);
    t.diagnostic(`${flushes} flushes for ${messages} messages, one after the other`);
  });

  for (const fault of [
    { call: "fsync", error: "EIO" },
    { call: "pwrite64", error: "ENOSPC" },
  ] as const) {
    test(`[I5] while ${fault.call} fails with ${fault.error} no ACK leaves and the device is asked to come again; healed, it is served`, async () => {
      const { client, connection } = scene;
      const failing = await scene.watch(fault);
      for (let sent = 0; sent < 3; sent += 1)
        assert.deepEqual(await client.report(connection), { outcome: "deferred", code: "ack_storage_failed" });
      assert.ok((await failing.detach()).failed >= 3);
      for (let sent = 0; sent < 3; sent += 1) assert.equal((await client.report(connection)).outcome, "acknowledged");
    });
  }

  for (const [call, error] of [
    ["pwrite64", "ENOSPC"],
    ["fsync", "EIO"],
  ] as const) {
    test(`[I5] a message whose nth ${call} fails with ${error} is put off, n rising until none fails, and is acknowledged when it comes again`, async (t) => {
      const { client, connection } = scene;
      let nth = 0;
      for (let failed = 1; failed > 0; ) {
        nth += 1;
        const failing = await scene.watch({ call, error, when: String(nth) });
        const { outcome } = await client.report(connection);
        ({ failed } = await failing.detach());
        assert.equal(outcome, failed === 0 ? "acknowledged" : "deferred", `${call} ${nth}`);
        if (failed > 0) assert.equal((await client.report(connection)).outcome, "acknowledged");
      }
      assert.ok(nth > 1);
      t.diagnostic(`${nth - 1} calls of ${call} failed, one after the other`);
    });
  }

  test("[I5] where every third flush fails, each message is acknowledged or put off, never anything else", async () => {
    const { client, connection } = scene;
    const failing = await scene.watch({ call: "fsync", error: "EIO", when: "2+3" });
    const outcomes: string[] = [];
    for (let sent = 0; sent < 30; sent += 1) outcomes.push((await client.report(connection)).outcome);
    await failing.detach();
    assert.deepEqual([...new Set(outcomes)].toSorted(), ["acknowledged", "deferred"]);
    while ((await client.report(connection)).outcome !== "acknowledged");
  });

  test("[I1] [I2] [I3] after all these faults and a kill, what was acknowledged is there, once, and the ledger recomputes", async () => {
    await scene.end();
    const { acknowledged, ...judged } = scene.judge();
    assert.deepEqual(judged, { lost: 0, doubled: 0, integrity: "ok" });
    assert.ok(acknowledged > messages, `only ${acknowledged} reports were acknowledged`);
  });
});
